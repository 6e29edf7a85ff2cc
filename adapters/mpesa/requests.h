// What every request to M-Pesa is made of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "adapters/adapter.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard::mpesa_pay {

inline HttpRequest post(const Account& account, const std::string& path, const Json& body) {
  return with_json({.method = "POST", .url = account.base_url + path, .token = "oauth"}, body);
}

// "20231201120000": the hour in Nairobi, which knows no summer time.
inline std::string timestamp(Time now) {
  std::string time = to_rfc3339(now + std::chrono::hours(3)).substr(0, 19);
  std::erase_if(time, [](char c) { return c < '0' || c > '9'; });
  return time;
}

inline Json signed_body(const Account& account, Time now) {
  const std::string& short_code = account.setting("short_code");
  const std::string time = timestamp(now);
  return {{"BusinessShortCode", short_code},
          {"Password", to_base64(short_code + account.setting("passkey") + time)},
          {"Timestamp", time}};
}

inline bool sells_goods(const Account& account) {
  return account.setting("transaction_type") == "CustomerBuyGoodsOnline";
}

inline std::int64_t whole_shillings(const Money& money) {
  return with_exponent(money, 0).value_or(0);
}

// Twelve characters are too few for our reference: its end, by which a person finds the payment.
inline std::string account_reference(const Charge& charge) {
  const std::string& id = charge.attempt_id;
  return id.substr(id.size() - std::min<std::size_t>(id.size(), 12));
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

// The query about a prompt: the one question that is answered at once.
inline HttpRequest build_lookup(const Account& account, const Charge& charge) {
  Json body = signed_body(account, charge.now);
  body["CheckoutRequestID"] = charge.provider_reference;
  return post(account, "/mpesa/stkpushquery/v1/query", body);
}

}  // namespace switchyard::mpesa_pay
