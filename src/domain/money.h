// A whole amount in a currency's smallest unit in practice, and the one table of exponents.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace switchyard {

// A currency we know. IDR, XAF, XOF, UGX and others have exponent 0 here whatever ISO 4217 says,
// because nobody pays in their minor units.
class Currency {
 public:
  Currency() = default;  // no currency: code() is ""
  constexpr std::string_view code() const { return code_; }
  constexpr int exponent() const { return exponent_; }
  bool operator==(const Currency& other) const { return code_ == other.code_; }

 private:
  friend std::optional<Currency> find_currency(std::string_view);
  friend std::span<const Currency> all_currencies();
  constexpr Currency(std::string_view code, int exponent) : code_(code), exponent_(exponent) {}
  friend struct CurrencyTable;
  std::string_view code_ = {};  // of static storage
  int exponent_ = 0;
};

// Upper-case ISO 4217; nullopt for anything else, XXX and XTS included.
std::optional<Currency> find_currency(std::string_view code);
std::span<const Currency> all_currencies();

struct Money {
  std::int64_t amount = 0;  // never more than 2^53-1 either way
  Currency currency = {};

  bool operator==(const Money&) const = default;
  std::string decimal() const;  // "49.99", "250000": with the currency's exponent
  std::string display() const;  // "USD 49.99", "IDR 250,000"
};

constexpr std::int64_t max_amount = (std::int64_t{1} << 53) - 1;

// "49.99" → 4999 for USD. Nullopt for what is not a plain decimal, has more decimals than the
// exponent (unless they are zeros), or does not fit.
std::optional<std::int64_t> amount_from_decimal(std::string_view text, int exponent);

// The amount in a unit with another exponent, exactly: IDR 250000 → 25000000 sen (exponent 2).
// Nullopt where it cannot be done without rounding or does not fit.
std::optional<std::int64_t> with_exponent(Money money, int exponent);
std::optional<Money> from_exponent(std::int64_t amount, int exponent, Currency currency);

}  // namespace switchyard
