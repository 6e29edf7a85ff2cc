// PayPal's amounts: decimal text in major units, {"currency_code": "EUR", "value": "49.90"}.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/wire.h"
#include "base/json.h"
#include "domain/money.h"

namespace switchyard::paypal_words {

// Two of them have decimals everywhere else.
inline bool has_no_decimals(Currency currency) {
  return is_listed("HUF, JPY, TWD", currency.code());
}

// What cannot be sent is written as it is: PayPal refuses it, and nothing else is taken instead.
inline Json amount_json(Money money) {
  const auto whole = has_no_decimals(money.currency) ? with_exponent(money, 0) : std::nullopt;
  return {{"currency_code", money.currency.code()},
          {"value", whole ? std::to_string(*whole) : money.decimal()}};
}

// "49.90" and "49.9" are the same.
inline std::optional<Money> money_at(const Json& json, std::string_view path) {
  const Json& said = member_at(json, path);
  return money_from(decimal_at(said, "value"), text_at(said, "currency_code"));
}

}  // namespace switchyard::paypal_words
