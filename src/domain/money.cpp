#include "domain/money.h"

#include <algorithm>
#include <iterator>

namespace switchyard {

// The active currencies of ISO 4217, without funds codes, metals and test codes, which nobody pays
// in. The exponent is the one people use: ISO gives IDR and MGA minor units that no payer has.
struct CurrencyTable {
  // clang-format off
  static constexpr Currency rows[] = {
      {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2}, {"AWG", 2},
      {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BHD", 3}, {"BIF", 0}, {"BMD", 2}, {"BND", 2},
      {"BOB", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2}, {"BYN", 2}, {"BZD", 2}, {"CAD", 2},
      {"CDF", 2}, {"CHF", 2}, {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"CRC", 2}, {"CUP", 2}, {"CVE", 2},
      {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2},
      {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2},
      {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HTG", 2}, {"HUF", 2}, {"IDR", 0},
      {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3}, {"JPY", 0},
      {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3}, {"KYD", 2},
      {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3}, {"MAD", 2},
      {"MDL", 2}, {"MGA", 0}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2}, {"MUR", 2},
      {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2}, {"NGN", 2}, {"NIO", 2},
      {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2}, {"PGK", 2}, {"PHP", 2},
      {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2}, {"RUB", 2}, {"RWF", 0},
      {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2}, {"SHP", 2}, {"SLE", 2},
      {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2}, {"SYP", 2}, {"SZL", 2}, {"THB", 2},
      {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2}, {"TTD", 2}, {"TWD", 2}, {"TZS", 2},
      {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"UYU", 2}, {"UZS", 2}, {"VED", 2}, {"VES", 2}, {"VND", 0},
      {"VUV", 0}, {"WST", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2},
      {"ZAR", 2}, {"ZMW", 2}, {"ZWG", 2},
  };
  // clang-format on
};

namespace {

constexpr bool each_code_is_after_the_one_before() {
  for (std::size_t i = 1; i < std::size(CurrencyTable::rows); ++i)
    if (!(CurrencyTable::rows[i - 1].code() < CurrencyTable::rows[i].code())) return false;
  return true;
}
static_assert(each_code_is_after_the_one_before(), "find_currency searches by halves");

bool fits(std::int64_t amount) { return amount <= max_amount && amount >= -max_amount; }

std::optional<std::int64_t> rescaled(std::int64_t amount, int from, int to) {
  for (; from < to; ++from)
    if (!fits(amount) || __builtin_mul_overflow(amount, std::int64_t{10}, &amount)) return {};
  for (; from > to; --from) {
    if (amount % 10 != 0) return {};
    amount /= 10;
  }
  if (!fits(amount)) return {};
  return amount;
}

// The absolute value as text, with at least one digit before the point.
std::string whole_digits(std::int64_t amount, int exponent) {
  std::string digits = std::to_string(amount);
  if (amount < 0) digits.erase(0, 1);
  const auto least = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
  return digits;
}

std::string with_point(std::int64_t amount, int exponent, std::string_view separator) {
  std::string digits = whole_digits(amount, exponent);
  const std::size_t whole = digits.size() - static_cast<std::size_t>(exponent);
  if (exponent > 0) digits.insert(whole, 1, '.');
  for (std::size_t at = whole; at > 3; at -= 3) digits.insert(at - 3, separator);
  return amount < 0 ? "-" + digits : digits;
}

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Currency> find_currency(std::string_view code) {
  const auto rows = all_currencies();
  const auto found = std::ranges::lower_bound(rows, code, {}, &Currency::code);
  if (found == rows.end() || found->code() != code) return {};
  return *found;
}

std::span<const Currency> all_currencies() { return CurrencyTable::rows; }

std::string Money::decimal() const { return with_point(amount, currency.exponent(), ""); }

std::string Money::display() const {
  return std::string(currency.code()) + " " + with_point(amount, currency.exponent(), ",");
}

std::optional<std::int64_t> amount_from_decimal(std::string_view text, int exponent) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (!are_digits(whole) || (point < text.size() && !are_digits(fraction))) return {};

  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (exponent < 0 || fraction.size() > static_cast<std::size_t>(exponent)) return {};

  std::string digits(whole);
  digits.append(fraction).append(static_cast<std::size_t>(exponent) - fraction.size(), '0');
  std::int64_t amount = 0;
  for (const char digit : digits) {
    amount = amount * 10 + (digit - '0');
    if (!fits(amount)) return {};
  }
  return is_negative ? -amount : amount;
}

std::optional<std::int64_t> with_exponent(Money money, int exponent) {
  return rescaled(money.amount, money.currency.exponent(), exponent);
}

std::optional<Money> from_exponent(std::int64_t amount, int exponent, Currency currency) {
  const auto ours = rescaled(amount, exponent, currency.exponent());
  if (!ours) return {};
  return Money{*ours, currency};
}

}  // namespace switchyard
