#include "sandbox/merchant.h"

#include <charconv>

#include "base/clock.h"
#include "base/crypto.h"
#include "sandbox/wire.h"

namespace switchyard::sandbox {
namespace {

constexpr std::int64_t tolerance_sec = 300;

std::int64_t number_in(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Where the payer's browser ends up: a shop would ask us for the payment and show its status.
Reply return_page(const Request& request) {
  const std::string payment = html_escaped(request.query_value("payment_id"));
  const std::string status = html_escaped(request.query_value("status"));
  return {.body =
              "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Demo shop</title>"
              "<h1>Thank you for your order</h1><p>Payment <code id=\"payment_id\">" +
              payment + "</code> <span id=\"status\">" + status +
              "</span></p><p>The shop now waits for the event, and does not believe this page.</p>",
          .content_type = "text/html; charset=utf-8"};
}

Reply problem(int status, std::string message) {
  return {.status = status, .body = write_json({{"error", std::move(message)}})};
}

}  // namespace

Reply Merchant::handle(const Request& request) {
  const auto is = [&](std::string_view method, std::string_view path) {
    return request.method == method && request.path == path;
  };
  if (is("POST", "/events")) return receive(request);
  if (is("GET", "/events")) return list(request);
  if (is("POST", "/secret")) return add_secret(request);
  if (is("POST", "/fail")) return fail_for_a_while(request);
  if (is("GET", "/return")) return return_page(request);
  if (is("DELETE", "/events")) {
    const std::lock_guard lock(mutex_);
    events_.clear();
    return {.body = "{}"};
  }
  return problem(404, "the demo merchant has no such page");
}

// "v1,BASE64 v1,BASE64" over "ID.TIMESTAMP.BODY"; any of our keys, any of the signatures.
bool Merchant::is_signed_by_ours(const Request& request) const {
  const std::string_view time = request.header("webhook-timestamp");
  if (std::abs(number_in(time) - unix_time_()) > tolerance_sec) return false;
  const std::string content =
      std::string(request.header("webhook-id")) + "." + std::string(time) + "." + request.body;
  const std::string signatures = " " + std::string(request.header("webhook-signature")) + " ";
  for (const std::string& key : keys_)
    if (signatures.find(" v1," + to_base64(hmac_sha256(key, content)) + " ") != std::string::npos)
      return true;
  return false;
}

Reply Merchant::receive(const Request& request) {
  const std::lock_guard lock(mutex_);
  const bool is_failing = failures_left_ > 0;
  if (is_failing) --failures_left_;
  const bool is_verified = is_signed_by_ours(request);
  const int status = is_failing ? failure_status_ : is_verified ? 200 : 401;
  const Json body = parse_json(request.body);
  events_.push_back({
      {"seq", events_.size() + 1},
      {"at", to_rfc3339(SystemClock().now())},
      {"webhook_id", request.header("webhook-id")},
      {"webhook_timestamp", request.header("webhook-timestamp")},
      {"type", text_at(body, "type")},
      {"verified", is_verified},
      {"answered", status},
      {"event", body},
      {"raw", request.body},
  });
  return {.status = status, .body = "{}"};
}

Reply Merchant::list(const Request& request) const {
  const std::lock_guard lock(mutex_);
  Json found = Json::array();
  const std::int64_t after = number_in(request.query_value("after"));
  for (const Json& each : events_)
    if (integer_at(each, "seq").value_or(0) > after) found.push_back(each);
  return {.body = write_json({{"events", std::move(found)}})};
}

Reply Merchant::add_secret(const Request& request) {
  const std::string secret = text_at(parse_json(request.body), "secret");
  const auto key = from_base64(secret.starts_with("whsec_") ? secret.substr(6) : secret);
  if (!key || key->empty()) return problem(400, "secret is whsec_ and standard base64");
  const std::lock_guard lock(mutex_);
  keys_.push_back(*key);
  return {.body = "{}"};
}

Reply Merchant::fail_for_a_while(const Request& request) {
  const Json body = parse_json(request.body);
  const std::lock_guard lock(mutex_);
  failures_left_ = integer_at(body, "times").value_or(1);
  failure_status_ = static_cast<int>(integer_at(body, "status").value_or(500));
  return {.body = "{}"};
}

}  // namespace switchyard::sandbox
