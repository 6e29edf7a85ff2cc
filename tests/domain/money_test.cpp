#include "domain/money.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace switchyard {
namespace {

Currency currency(std::string_view code) { return find_currency(code).value(); }
Money money(std::int64_t amount, std::string_view code) { return {amount, currency(code)}; }

std::int64_t any_amount() { return *rc::gen::inRange<std::int64_t>(-max_amount, max_amount + 1); }
Currency any_currency() {
  const auto all = all_currencies();
  return all[*rc::gen::inRange<std::size_t>(0, all.size())];
}

TEST(Money, has_no_minor_units_where_nobody_uses_them) {
  const std::set<std::string_view> whole = {"BIF", "CLP", "DJF", "GNF", "IDR", "ISK",
                                            "JPY", "KMF", "KRW", "MGA", "PYG", "RWF",
                                            "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
  const std::set<std::string_view> thousandths = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  std::set<std::string_view> seen;
  for (const Currency& each : all_currencies()) {
    const int expected = whole.contains(each.code())         ? 0
                         : thousandths.contains(each.code()) ? 3
                                                             : 2;
    EXPECT_EQ(each.exponent(), expected) << each.code();
    EXPECT_TRUE(seen.insert(each.code()).second) << each.code();
  }
  EXPECT_TRUE(std::ranges::includes(seen, whole));
  EXPECT_TRUE(std::ranges::includes(seen, thousandths));
}

TEST(Money, M7_knows_every_active_currency) {
  const std::set<std::string_view> expected = {
      "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BHD",
      "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF",
      "CLP", "CNY", "COP", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN",
      "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD",
      "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES",
      "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL",
      "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN",
      "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP",
      "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK",
      "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT",
      "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES",
      "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG"};
  std::set<std::string_view> ours;
  for (const Currency& each : all_currencies()) ours.insert(each.code());
  EXPECT_EQ(ours, expected);
}

TEST(Money, finds_each_currency_of_its_table) {
  for (const Currency& each : all_currencies()) {
    const auto found = find_currency(each.code());
    ASSERT_TRUE(found) << each.code();
    EXPECT_EQ(*found, each);
    EXPECT_EQ(found->exponent(), each.exponent());
  }
}

TEST(Money, D4_refuses_what_is_not_a_currency_to_pay_in) {
  for (const auto code : {"", "usd", "Usd", "US", "USDD", "USD ", "XXX", "XTS", "XAU", "XDR", "CLF",
                          "SLL", "ZWL", "AAA", "ZZZ"})
    EXPECT_FALSE(find_currency(code)) << code;
}

TEST(Money, tells_currencies_apart_by_their_code) {
  EXPECT_NE(money(100, "USD"), money(100, "EUR"));
  EXPECT_NE(money(100, "USD"), money(101, "USD"));
  EXPECT_EQ(money(100, "USD"), money(100, "USD"));
  EXPECT_EQ(Currency{}.code(), "");
}

TEST(Money, is_shown_with_separators_and_its_own_decimals) {
  const std::map<std::string, Money> shown = {
      {"IDR 250,000", money(250000, "IDR")},
      {"USD 49.99", money(4999, "USD")},
      {"USD 0.05", money(5, "USD")},
      {"USD 0.00", money(0, "USD")},
      {"JPY 0", money(0, "JPY")},
      {"JPY 999", money(999, "JPY")},
      {"XAF 1,000", money(1000, "XAF")},
      {"USD 999.99", money(99999, "USD")},
      {"USD 1,000.00", money(100000, "USD")},
      {"LRD 1,234,567.89", money(123456789, "LRD")},
      {"KWD 1.234", money(1234, "KWD")},
      {"KWD 1,000.001", money(1000001, "KWD")},
      {"USD -0.05", money(-5, "USD")},
      {"IDR -1,000", money(-1000, "IDR")},
      {"IDR -100", money(-100, "IDR")},
      {"IDR 9,007,199,254,740,991", money(max_amount, "IDR")},
      {"USD 90,071,992,547,409.91", money(max_amount, "USD")},
  };
  for (const auto& [text, each] : shown) EXPECT_EQ(each.display(), text);
}

TEST(Money, M7_is_written_as_a_plain_decimal) {
  EXPECT_EQ(money(4999, "USD").decimal(), "49.99");
  EXPECT_EQ(money(250000, "IDR").decimal(), "250000");
  EXPECT_EQ(money(1, "KWD").decimal(), "0.001");
  EXPECT_EQ(money(100000000, "USD").decimal(), "1000000.00");
  EXPECT_EQ(money(-1, "USD").decimal(), "-0.01");
}

TEST(Money, reads_plain_decimals_exactly) {
  EXPECT_EQ(amount_from_decimal("49.99", 2), 4999);
  EXPECT_EQ(amount_from_decimal("4.35", 2), 435);
  EXPECT_EQ(amount_from_decimal("49.9", 2), 4990);
  EXPECT_EQ(amount_from_decimal("49", 2), 4900);
  EXPECT_EQ(amount_from_decimal("0.05", 2), 5);
  EXPECT_EQ(amount_from_decimal("0", 0), 0);
  EXPECT_EQ(amount_from_decimal("250000", 0), 250000);
  EXPECT_EQ(amount_from_decimal("-3.50", 2), -350);
  EXPECT_EQ(amount_from_decimal("1.234", 3), 1234);
  EXPECT_EQ(amount_from_decimal("9007199254740991", 0), max_amount);
  EXPECT_EQ(amount_from_decimal("90071992547409.91", 2), max_amount);
}

TEST(Money, reads_more_decimals_only_where_they_are_zeros) {
  EXPECT_EQ(amount_from_decimal("10000.00", 0), 10000);
  EXPECT_EQ(amount_from_decimal("49.990000", 2), 4999);
  EXPECT_FALSE(amount_from_decimal("10000.01", 0));
  EXPECT_FALSE(amount_from_decimal("49.999", 2));
  EXPECT_FALSE(amount_from_decimal("49.9900000001", 2));
}

TEST(Money, refuses_what_is_not_a_plain_decimal) {
  for (const auto text : {"", "-", ".", "1.", ".5", "-.5", "+1", "--1", "1e3", "1,000", "1 000",
                          " 1", "1 ", "1.2.3", "0x10", "NaN", "1-", "1.-5", "١"})
    EXPECT_FALSE(amount_from_decimal(text, 2)) << text;
}

TEST(Money, refuses_a_decimal_that_does_not_fit) {
  EXPECT_FALSE(amount_from_decimal("9007199254740992", 0));
  EXPECT_FALSE(amount_from_decimal("90071992547409.92", 2));
  EXPECT_FALSE(amount_from_decimal("18446744073709551617", 0));  // 2^64 + 1 must not become 1
  EXPECT_FALSE(amount_from_decimal(std::string(400, '9'), 2));
  EXPECT_FALSE(amount_from_decimal("-9007199254740992", 0));
}

TEST(Money, M7_converts_to_another_unit_exactly) {
  EXPECT_EQ(with_exponent(money(250000, "IDR"), 2), 25000000);
  EXPECT_EQ(with_exponent(money(4999, "USD"), 2), 4999);
  EXPECT_EQ(with_exponent(money(4900, "USD"), 0), 49);
  EXPECT_EQ(with_exponent(money(1230, "KWD"), 2), 123);
  EXPECT_EQ(from_exponent(500, 2, currency("ISK")), money(5, "ISK"));
  EXPECT_EQ(from_exponent(49, 0, currency("USD")), money(4900, "USD"));
}

TEST(Money, D3_never_rounds) {
  EXPECT_FALSE(with_exponent(money(4999, "USD"), 0));
  EXPECT_FALSE(with_exponent(money(4990, "USD"), 0));
  EXPECT_FALSE(with_exponent(money(1234, "KWD"), 2));
  EXPECT_FALSE(from_exponent(25000050, 2, currency("IDR")));
  EXPECT_FALSE(from_exponent(-1, 2, currency("JPY")));
}

TEST(Money, refuses_a_conversion_that_does_not_fit) {
  EXPECT_FALSE(with_exponent(money(max_amount, "IDR"), 1));
  EXPECT_FALSE(with_exponent(money(-max_amount, "IDR"), 2));
  EXPECT_FALSE(with_exponent(money(1, "IDR"), 19));
  EXPECT_FALSE(from_exponent(max_amount + 1, 2, currency("USD")));
  EXPECT_FALSE(from_exponent(INT64_MAX, 0, currency("USD")));
  EXPECT_FALSE(from_exponent(INT64_MIN, 0, currency("USD")));
  EXPECT_FALSE(from_exponent(INT64_MIN, 0, currency("JPY")));
  EXPECT_EQ(with_exponent(money(max_amount, "IDR"), 0), max_amount);
}

// Whole in every unit that a provider counts in, and small enough for each.
std::int64_t any_convertible_amount() {
  const std::int64_t most = max_amount / 100'000'000;
  return *rc::gen::inRange<std::int64_t>(-most, most + 1) * 10'000;
}

RC_GTEST_PROP(MoneyProperty, what_a_conversion_gives_converts_back, ()) {
  const Money ours{any_convertible_amount(), any_currency()};
  const int exponent = *rc::gen::inRange(0, 5);
  const auto theirs = with_exponent(ours, exponent);
  RC_ASSERT(theirs.has_value());
  RC_ASSERT(from_exponent(*theirs, exponent, ours.currency) == ours);
}

RC_GTEST_PROP(MoneyProperty, what_we_understand_we_can_say_again, ()) {
  const std::int64_t theirs = any_convertible_amount();
  const int exponent = *rc::gen::inRange(0, 5);
  const auto ours = from_exponent(theirs, exponent, any_currency());
  RC_ASSERT(ours.has_value());
  RC_ASSERT(with_exponent(*ours, exponent) == theirs);
}

RC_GTEST_PROP(MoneyProperty, a_finer_unit_is_refused_only_for_its_size, ()) {
  const Money ours{any_amount(), any_currency()};
  const int finer = ours.currency.exponent() + 2;
  const bool has_room = ours.amount <= max_amount / 100 && ours.amount >= -max_amount / 100;
  const auto theirs = with_exponent(ours, finer);
  RC_ASSERT(theirs.has_value() == has_room);
  if (theirs) RC_ASSERT(*theirs == ours.amount * 100);
}

RC_GTEST_PROP(MoneyProperty, a_coarser_unit_is_refused_only_for_its_remainder, ()) {
  const auto amount = *rc::gen::inRange<std::int64_t>(-100000, 100000);
  const auto whole = with_exponent({amount, find_currency("USD").value()}, 0);
  RC_ASSERT(whole.has_value() == (amount % 100 == 0));
  if (whole) RC_ASSERT(*whole * 100 == amount);
}

RC_GTEST_PROP(MoneyProperty, a_decimal_is_read_as_it_was_written, ()) {
  const Money ours{any_amount(), any_currency()};
  RC_ASSERT(amount_from_decimal(ours.decimal(), ours.currency.exponent()) == ours.amount);
}

RC_GTEST_PROP(MoneyProperty, separators_are_all_that_display_adds, ()) {
  const Money ours{any_amount(), any_currency()};
  std::string shown = ours.display();
  std::erase(shown, ',');
  RC_ASSERT(shown == std::string(ours.currency.code()) + " " + ours.decimal());
}

}  // namespace
}  // namespace switchyard
