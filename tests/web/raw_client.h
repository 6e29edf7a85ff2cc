// A client that sends exactly the bytes it is told to, on a socket of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard {

class RawClient {
 public:
  explicit RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { leave(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }

  // One whole answer, head and body by its Content-Length; "" when there is none within 10 s.
  std::string answer() {
    std::size_t end;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos)
      if (!read_more()) return {};
    std::size_t whole = end + 4;
    // HAProxy writes all names in lower case.
    const std::size_t at = std::min(read_.find("Content-Length: "), read_.find("content-length: "));
    if (at < end && !is_head_) {
      std::size_t length = 0;
      std::from_chars(read_.data() + at + 16, read_.data() + end, length);
      whole += length;
    }
    while (read_.size() < whole)
      if (!read_more()) return {};
    std::string one = read_.substr(0, whole);
    read_.erase(0, whole);
    return one;
  }
  std::string ask(std::string_view bytes) { return send(bytes) ? answer() : ""; }
  std::string ask_head(std::string_view bytes) {
    is_head_ = true;
    std::string head = ask(bytes);
    is_head_ = false;
    return head;
  }

  // Whatever comes until the server ends the connection, or says nothing for so long.
  std::string everything(std::chrono::milliseconds patience) {
    while (read_more(static_cast<int>(patience.count()))) continue;
    return std::exchange(read_, {});
  }

  // True when the server ends the connection within 10 s and has sent nothing more.
  bool is_closed() {
    while (read_more()) {
    }
    return is_ended_ && read_.empty();
  }
  void leave() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  int socket() const { return socket_; }

 private:
  bool read_more(int patience_ms = 10'000) {
    pollfd polled{.fd = socket_, .events = POLLIN, .revents = 0};
    if (is_ended_ || poll(&polled, 1, patience_ms) != 1) return false;
    char bytes[16384];
    const ssize_t size = ::recv(socket_, bytes, sizeof bytes, 0);
    is_ended_ = size <= 0;
    if (size > 0) read_.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }

  int socket_;
  bool is_connected_ = false;
  bool is_ended_ = false;
  bool is_head_ = false;
  std::string read_;
};

inline int status_of(std::string_view answer) {
  int status = 0;
  if (answer.size() > 12) std::from_chars(answer.data() + 9, answer.data() + 12, status);
  return status;
}

inline std::string header_of(std::string_view answer, std::string_view name) {
  const std::string line = "\r\n" + std::string(name) + ": ";
  const std::size_t at = answer.find(line);
  if (at == std::string_view::npos || at > answer.find("\r\n\r\n")) return {};
  const std::size_t from = at + line.size();
  return std::string(answer.substr(from, answer.find("\r\n", from) - from));
}

inline std::string body_of(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  return end == std::string_view::npos ? "" : std::string(answer.substr(end + 4));
}

}  // namespace switchyard
