// PayPal's amounts: decimal text in major units, {"currency_code": "EUR", "value": "49.90"}.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/money.h"

namespace switchyard::paypal_words {

// Two of them have decimals everywhere else.
inline bool has_no_decimals(Currency currency) {
  static constexpr std::string_view all[] = {"HUF", "JPY", "TWD"};
  return std::ranges::find(all, currency.code()) != std::end(all);
}

// False where PayPal has no such amount: HUF 12.50.
inline bool can_be_sent(Money money) {
  return !has_no_decimals(money.currency) || with_exponent(money, 0).has_value();
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
  const auto currency = find_currency(text_at(said, "currency_code"));
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(decimal_at(said, "value"), currency->exponent());
  if (!amount) return std::nullopt;
  return Money{*amount, *currency};
}

}  // namespace switchyard::paypal_words
