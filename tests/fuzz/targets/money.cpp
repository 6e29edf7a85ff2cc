// Money text: "49.99" and back, in every exponent there is, against a second reader.
#include "domain/money.h"

#include "../fuzz.h"

namespace switchyard {
namespace {

// The digits of the amount in the smallest unit, as text; "" when it is not one.
std::string digits_of(std::string_view text, std::size_t exponent) {
  if (text.starts_with('-')) text.remove_prefix(1);
  std::string whole(text.substr(0, text.find('.')));
  std::string fraction;
  if (text.find('.') != std::string_view::npos) {
    fraction = text.substr(text.find('.') + 1);
    if (fraction.empty()) return "";
  }
  if (whole.empty() || (whole + fraction).find_first_not_of("0123456789") != std::string::npos)
    return "";
  while (fraction.size() > exponent && fraction.ends_with('0')) fraction.pop_back();
  if (fraction.size() > exponent) return "";
  std::string digits = whole + fraction + std::string(exponent - fraction.size(), '0');
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

bool fits(const std::string& digits) {
  const std::string most = std::to_string(max_amount);
  return !digits.empty() &&
         (digits.size() < most.size() || (digits.size() == most.size() && digits <= most));
}

void check_text(std::string_view text, int exponent) {
  const auto amount = amount_from_decimal(text, exponent);
  const std::string digits = digits_of(text, static_cast<std::size_t>(exponent));
  require(amount.has_value() == fits(digits), "both readers take it, or neither");
  if (!amount) return;
  require(std::to_string(std::abs(*amount)) == digits, "both readers read the same");
  require(*amount == 0 || (*amount < 0) == text.starts_with('-'), "the sign stays");
}

void check_money(Money money) {
  const int exponent = money.currency.exponent();
  require(amount_from_decimal(money.decimal(), exponent) == money.amount, "written and read again");
  std::string shown = money.display();
  std::erase(shown, ',');
  require(shown == std::string(money.currency.code()) + " " + money.decimal(), "shown as it is");
  for (int other = 0; other <= 5; ++other) {
    const auto there = with_exponent(money, other);
    if (!there) continue;
    require(from_exponent(*there, other, money.currency) == money, "there and back is the same");
    require(std::abs(*there) <= max_amount, "never beyond the largest amount");
  }
}

}  // namespace

void fuzz_money(std::string_view input) {
  for (int exponent = 0; exponent <= 4; ++exponent) check_text(input, exponent);
  std::string_view rest = input;
  const std::string_view code = take_word(rest);
  if (const auto currency = find_currency(code))
    require(currency->code() == code, "a currency is as written");
  const auto currency =
      pick(all_currencies(), code, [](const Currency& each) { return each.code(); });
  if (const auto amount = amount_from_decimal(rest, currency.exponent()))
    check_money({*amount, currency});
}

}  // namespace switchyard
