// MintCash's amounts: minor units when asked, major units in webhooks, either one in answers.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/text.h"
#include "domain/account.h"
#include "domain/money.h"

namespace switchyard::mintcash_words {

// MintCash counts as ISO 4217 does, also where nobody pays in minor units (IDR has two for them).
inline int their_exponent(Currency currency) {
  constexpr std::string_view none =
      "BIF, CLP, DJF, GNF, ISK, JPY, KMF, KRW, PYG, RWF, UGX, UYI, VND, VUV, XAF, XOF, XPF";
  constexpr std::string_view three = "BHD, IQD, JOD, KWD, LYD, OMR, TND";
  if (is_listed(none, currency.code())) return 0;
  return is_listed(three, currency.code()) ? 3 : 2;
}

inline std::int64_t minor_units(Money money) {
  const auto amount = with_exponent(money, their_exponent(money.currency));
  assert(amount);  // `objection` has refused what cannot be converted
  return *amount;
}

enum class Unit { minor, major };

// From the decimal text: 4.35 times 100 is not 435 in binary doubles.
inline std::optional<Money> money_at(const Json& body, std::string_view member, Unit unit) {
  const auto currency = find_currency(text_at(body, "currency"));
  if (!currency) return std::nullopt;
  const int exponent = their_exponent(*currency);
  const auto amount =
      amount_from_decimal(decimal_at(body, member), unit == Unit::major ? exponent : 0);
  return amount ? from_exponent(*amount, exponent, *currency) : std::nullopt;
}

// MintCash does not say in which unit an answer's amounts are, but we know what we asked for. What
// fits neither way is read as it is written, so that the core sees that it is not ours.
inline Unit unit_of(const Account& account, const Json& body, Money ours) {
  const std::string& fixed = account.setting("response_amount_unit");
  if (fixed != "auto") return fixed == "major" ? Unit::major : Unit::minor;
  if (money_at(body, "amount", Unit::minor) == ours) return Unit::minor;
  if (money_at(body, "amount", Unit::major) == ours) return Unit::major;
  return decimal_at(body, "amount").find('.') == std::string::npos ? Unit::minor : Unit::major;
}

}  // namespace switchyard::mintcash_words
