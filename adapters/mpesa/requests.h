// What every request to M-Pesa is made of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"
#include "base/crypto.h"

namespace switchyard::mpesa_pay {

inline HttpRequest post(const Account& account, const std::string& path, const Json& body) {
  return {.method = "POST",
          .url = account.base_url + path,
          .headers = {{"Content-Type", "application/json"}},
          .body = write_json(body),
          .token = "oauth"};
}

// "20231201120000": the hour in Nairobi, which knows no summer time.
inline std::string timestamp(Time now) {
  std::string digits;
  for (const char c : to_rfc3339(now + std::chrono::hours(3)).substr(0, 19))
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

inline Json signed_body(const Account& account, Time now) {
  const std::string& short_code = account.setting("short_code");
  const std::string time = timestamp(now);
  Json body = Json::object();
  body["BusinessShortCode"] = short_code;
  body["Password"] = to_base64(short_code + account.setting("passkey") + time);
  body["Timestamp"] = time;
  return body;
}

inline bool sells_goods(const Account& account) {
  return account.setting("transaction_type") == "CustomerBuyGoodsOnline";
}

inline std::int64_t whole_shillings(const Money& money) {
  return with_exponent(money, 0).value_or(0);
}

inline std::string without_plus(const std::string& phone_number) {
  return phone_number.starts_with('+') ? phone_number.substr(1) : phone_number;
}

// Twelve characters are too few for our reference: its end, by which a person finds the payment.
inline std::string account_reference(const Charge& charge) {
  constexpr std::size_t most = 12;
  const std::string& id = charge.attempt_id;
  return id.size() <= most ? id : id.substr(id.size() - most);
}

// Thirteen characters, on an old phone's screen.
inline std::string short_text(const std::string& description) {
  std::string text;
  for (const char c : description) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (text.size() < 13 && (is_plain || (c == ' ' && !text.empty()))) text += c;
  }
  while (text.ends_with(' ')) text.pop_back();
  return text.empty() ? "Payment" : text;
}

// "mpesa,safaricom": the words of a setting.
inline std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (end > 0) words.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return words;
}

// The query about a prompt: the one question that is answered at once.
inline HttpRequest build_lookup(const Account& account, const Charge& charge) {
  Json body = signed_body(account, charge.now);
  body["CheckoutRequestID"] = charge.provider_reference;
  return post(account, "/mpesa/stkpushquery/v1/query", body);
}

}  // namespace switchyard::mpesa_pay
