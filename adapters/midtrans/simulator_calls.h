// Who may call, how Snap and Core say no, and the answers that are given again.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/midtrans/simulator_book.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::midtrans_simulator {

inline Reply answer(int status, const Json& body) {
  return {.status = status, .body = write_json(body)};
}

// The two APIs do not say no in the same shape.
inline Reply snap_error(int status, const std::string& message) {
  return answer(status, {{"error_messages", Json::array({message})}});
}
inline Reply core_error(int http_status, const std::string& code, const std::string& message) {
  return answer(http_status,
                {{"status_code", code}, {"status_message", message}, {"id", new_uuid()}});
}
inline Reply core_invalid(const std::string& message) {
  return answer(400, {{"status_code", "400"},
                      {"status_message", "One or more parameters in the payload is invalid."},
                      {"validation_messages", Json::array({message})},
                      {"id", new_uuid()}});
}
inline Reply not_found() { return core_error(404, "404", "Transaction doesn't exist."); }
inline Reply not_modifiable() {
  return core_error(412, "412", "Merchant cannot modify the status of the transaction");
}

// The Server Key is the user of HTTP Basic, and there is no password: "" for anything else.
inline std::string server_key_of(const Request& request, const std::string& revoked) {
  const std::string header(request.header("authorization"));
  if (!header.starts_with("Basic ")) return {};
  const std::string pair = from_base64(header.substr(6)).value_or("");
  if (!pair.ends_with(':')) return {};
  const std::string key = pair.substr(0, pair.size() - 1);
  const bool is_key = key.starts_with("SB-Mid-server-") || key.starts_with("Mid-server-");
  return is_key && key != revoked ? key : std::string();
}

inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

inline bool is_order_id(std::string_view id) {
  return !id.empty() && id.size() <= 50 &&
         id.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~.") ==
             std::string_view::npos;
}

// A sentence about what is wrong with a new order; "" if nothing.
inline std::string problem_of(const Json& body) {
  const Json& amount = member_at(body, "transaction_details.gross_amount");
  const std::string id = text_at(body, "transaction_details.order_id");
  if (id.empty()) return "transaction_details.order_id is required";
  if (!is_order_id(id)) return "transaction_details.order_id is invalid";
  if (!amount.is_number_integer() || amount.get<std::int64_t>() <= 0)
    return "transaction_details.gross_amount must be a whole number above zero";
  const Json& items = member_at(body, "item_details");
  if (!items.is_array() || items.empty()) return {};
  std::int64_t sum = 0;
  for (const Json& item : items)
    sum += integer_at(item, "price").value_or(0) * integer_at(item, "quantity").value_or(0);
  return sum == amount.get<std::int64_t>()
             ? ""
             : "transaction_details.gross_amount is not equal to the sum of item_details";
}

inline std::int64_t seconds_at(const Json& body, const std::string& name) {
  const std::string unit = text_at(body, name + ".unit");
  const std::int64_t each = unit.starts_with("day") ? 86400 : unit.starts_with("hour") ? 3600 : 60;
  return each * integer_at(body, name + ".duration").value_or(0);
}

inline std::string problem_of_page(const Json& body) {
  const std::int64_t lasts = seconds_at(body, "page_expiry");
  const bool is_right = lasts == 0 || (lasts >= 5 * 60 && lasts <= 7 * 86400);
  return is_right ? "" : "page_expiry has to be between 5 minutes and 7 days";
}

inline Order read_order(const Json& body, const Request& request, const std::string& key,
                        std::int64_t now) {
  Order order = {
      .id = text_at(body, "transaction_details.order_id"), .server_key = key, .token = new_uuid()};
  order.gross = integer_at(body, "transaction_details.gross_amount").value_or(0);
  order.finish_url = text_at(body, "callbacks.finish");
  order.custom_field1 = text_at(body, "custom_field1");
  order.is_authorize = text_at(body, "credit_card.type") == "authorize";
  if (const Json& methods = member_at(body, "enabled_payments"); methods.is_array())
    for (const Json& each : methods)
      if (each.is_string()) order.methods.push_back(each.get<std::string>());
  const std::int64_t lasts = seconds_at(body, "page_expiry");
  const std::int64_t payable = seconds_at(body, "expiry");
  order.page_ends_at = now + (lasts > 0 ? lasts : 86400);
  if (payable > 0)
    order.payment_ends_at = unix_time_of(text_at(body, "expiry.start_time"), now) + payable;
  const std::string_view only = request.header("x-override-notification");
  order.is_only_these_urls = !only.empty();
  order.notify_urls = split(only.empty() ? request.header("x-append-notification") : only, ',');
  if (order.notify_urls.size() > 3) order.notify_urls.resize(3);
  return order;
}

// Core keeps an answer of success for five minutes under its key, whatever is asked with it.
class Answers {
 public:
  template <class Run>
  Reply once(const Request& request, const std::string& server_key, std::int64_t now, Run run) {
    const std::string key(request.header("idempotency-key"));
    if (key.empty() || key.size() > 46) return run();
    const auto found = kept_.find(server_key + " " + key);
    if (found != kept_.end() && now - found->second.at < 5 * 60) return found->second.reply;
    const Reply reply = run();
    const std::string code = text_at(parse_json(reply.body), "status_code");
    if (code == "200" || code == "201") kept_[server_key + " " + key] = {now, reply};
    return reply;
  }

 private:
  struct Kept {
    std::int64_t at = 0;
    Reply reply = {};
  };
  std::map<std::string, Kept> kept_;
};

}  // namespace switchyard::sandbox::midtrans_simulator
