// Stripe's own table of minor units, smallest and largest amounts. It is not ISO 4217's and not
// ours. docs.stripe.com/currencies, read 2026-11.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/money.h"

namespace switchyard::stripe_api {

// What Stripe takes somewhere in the world. Which of these one account may charge depends on its
// country, so an account narrows the list with `currencies`.
inline const std::vector<std::string> currencies = {
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD",
    "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP",
    "CNY", "COP", "CRC", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ETB", "EUR", "FJD",
    "FKP", "GBP", "GEL", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR",
    "ILS", "INR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KRW", "KWD", "KYD",
    "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP",
    "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR",
    "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR",
    "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SZL", "THB", "TJS", "TND", "TOP",
    "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VND", "VUV", "WST", "XAF",
    "XCD", "XOF", "XPF", "YER", "ZAR", "ZMW"};

// ISK and UGX have no minor unit but are sent in hundredths; HUF and TWD are whole only in payouts.
// Our IDR has no decimals, Stripe's has two.
inline int exponent_of(std::string_view currency) {
  constexpr std::string_view none = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";
  constexpr std::string_view three = "BHD JOD KWD OMR TND";
  if (none.find(currency) != std::string_view::npos) return 0;
  return three.find(currency) != std::string_view::npos ? 3 : 2;
}

// In Stripe's unit. Nullopt where it cannot be done exactly, or where the last of three decimals
// is not 0, which Stripe refuses.
inline std::optional<std::int64_t> stripe_amount(const Money& money) {
  const int exponent = exponent_of(money.currency.code());
  const auto amount = with_exponent(money, exponent);
  if (amount && exponent == 3 && *amount % 10 != 0) return std::nullopt;
  return amount;
}

inline std::optional<Money> our_money(std::int64_t amount, const Currency& currency) {
  return from_exponent(amount, exponent_of(currency.code()), currency);
}

// Cards take twelve digits.
constexpr std::int64_t largest_amount = 999'999'999'999;

// In Stripe's unit. Stripe compares after converting to the currency it pays out in, so a payment
// above these may still be refused; one below is refused for certain.
struct SmallestAmount {
  std::string_view currency;
  std::int64_t amount;
};
// clang-format off
constexpr SmallestAmount smallest_amounts[] = {
    {"USD", 50},   {"AED", 200},  {"ARS", 50},   {"AUD", 50},   {"BRL", 50},   {"CAD", 50},
    {"CHF", 50},   {"COP", 50},   {"CZK", 1500}, {"DKK", 250},  {"EUR", 50},   {"GBP", 30},
    {"HKD", 400},  {"HUF", 17500},{"IDR", 50},   {"ILS", 50},   {"INR", 50},   {"JPY", 50},
    {"KRW", 50},   {"MXN", 1000}, {"MYR", 200},  {"NOK", 300},  {"NZD", 50},   {"PHP", 50},
    {"PLN", 200},  {"RON", 200},  {"RUB", 50},   {"SEK", 300},  {"SGD", 50},   {"THB", 1000},
    {"ZAR", 50},
};
// clang-format on

inline std::int64_t smallest_amount(std::string_view currency) {
  for (const SmallestAmount& row : smallest_amounts)
    if (row.currency == currency) return row.amount;
  return 1;
}

}  // namespace switchyard::stripe_api
