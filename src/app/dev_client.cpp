#include "app/dev_client.h"

namespace switchyard {

JsonAnswer JsonClient::get(const std::string& path, Headers headers) const {
  return send("GET", path, nullptr, std::move(headers));
}

JsonAnswer JsonClient::post(const std::string& path, const Json& body, Headers headers) const {
  return send("POST", path, body, std::move(headers));
}

JsonAnswer JsonClient::send(const std::string& method, const std::string& path, const Json& body,
                            Headers headers) const {
  HttpRequest request{.method = method, .url = base_url_ + path, .headers = std::move(headers)};
  if (!key_.empty()) request.headers.emplace_back("Authorization", "Bearer " + key_);
  if (!body.is_null()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = write_json(body);
  }
  // libcurl repeats a request by itself when a kept connection dies; whoever counts charges does
  // not want that.
  const SendOutcome outcome = http_.send(
      std::move(request), {.timeout = std::chrono::seconds(60), .fresh_connection = true});
  if (outcome.transport != Transport::answered) return {.text = outcome.problem};
  return {.status = outcome.response.status,
          .body = parse_json(outcome.response.body),
          .headers = outcome.response.headers,
          .text = outcome.response.body};
}

}  // namespace switchyard
