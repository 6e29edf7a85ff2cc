#include "running_sandbox.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/id.h"

namespace switchyard::sandbox {

using namespace std::chrono_literals;

bool becomes_true(const std::function<bool()>& is_true) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!is_true()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

std::vector<Request> Receiver::wait_for(std::size_t count) const {
  becomes_true([&] { return received().size() >= count; });
  return received();
}

Said RunningSandbox::send(const std::string& method, const std::string& path, const Json& body,
                          Headers headers) {
  HttpRequest request = {method, sandbox_.url() + path, std::move(headers), ""};
  if (!body.is_null()) request.body = write_json(body);
  const SendOutcome outcome = client_.send(std::move(request), {.plain_http_allowed = true});
  if (outcome.transport != Transport::answered) return {};
  return {outcome.response.status, parse_json(outcome.response.body), outcome.response};
}

Said RunningSandbox::ask(const std::string& provider, const std::string& method,
                         const std::string& path, const Json& body, std::string key) {
  if (key.empty()) key = new_uuid();
  Headers headers = {{"Authorization", "Bearer sk_test_shop"}, {"Idempotency-Key", key}};
  return send(method, "/" + provider + path, body, std::move(headers));
}

Json RunningSandbox::charge(const std::string& reference, const Json& source,
                            const std::string& notify_url) {
  return {{"reference", reference},
          {"amount", "49.99"},
          {"currency", "USD"},
          {"source", source},
          {"notify_url", notify_url}};
}

std::string RunningSandbox::wait_for_status(const std::string& charge_id,
                                            const std::string& status) {
  becomes_true([&] { return status_of(charge_id) == status; });
  return status_of(charge_id);
}

RawAnswer exchange_bytes(const std::string& url, const std::string& bytes) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
  RawAnswer answer;
  char buffer[4096];
  ssize_t count;
  while ((count = recv(socket, buffer, sizeof buffer, 0)) > 0)
    answer.bytes.append(buffer, static_cast<std::size_t>(count));
  answer.was_reset = count < 0 && errno == ECONNRESET;
  close(socket);
  return answer;
}

}  // namespace switchyard::sandbox
