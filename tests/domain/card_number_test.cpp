#include "domain/card_number.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace switchyard {
namespace {

// The prefix, then zeros, then the digit that makes the whole pass Luhn.
std::string number_with(std::string prefix, std::size_t length) {
  prefix.append(length - 1 - prefix.size(), '0');
  int sum = 0;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    const int digit = prefix[prefix.size() - 1 - i] - '0';
    const int value = i % 2 == 0 ? 2 * digit : digit;
    sum += value / 10 + value % 10;
  }
  return prefix + static_cast<char>('0' + (10 - sum % 10) % 10);
}

TEST(CardNumber, D11_is_recognized_for_every_issuer) {
  for (const auto text : {
           "4242424242424242", "4000056655665556",    // Visa
           "5555555555554444", "2223003122003222",    // Mastercard
           "378282246310005", "341111111111111",      // American Express
           "6011111111111117", "6445644564456445",    // Discover
           "3566002020360505",                        // JCB
           "30569309025904", "36227206271667",        // Diners Club
           "6200000000000005", "6205500000000000004"  // UnionPay
       })
    EXPECT_TRUE(holds_card_number(text)) << text;
}

TEST(CardNumber, follows_the_bounds_of_the_issuers_ranges) {
  for (const auto prefix :
       {"4",    "51",   "55",  "2221", "2720", "34", "37", "6011", "644", "649", "65",
        "3528", "3589", "300", "305",  "36",   "38", "39", "50",   "56",  "58",  "62"}) {
    const std::string number =
        number_with(prefix, prefix == std::string("34") || prefix == std::string("37") ? 15 : 16);
    EXPECT_TRUE(holds_card_number(number)) << number;
  }
  for (const auto prefix : {"0", "1", "7", "8", "9", "2220", "2721", "20", "30600", "3099", "31",
                            "32", "33", "3527", "3590"}) {
    const std::string number = number_with(prefix, 16);
    EXPECT_FALSE(holds_card_number(number)) << number;
  }
}

TEST(CardNumber, has_fourteen_to_nineteen_digits) {
  for (const std::size_t length : {14, 15, 16, 17, 18, 19})
    EXPECT_TRUE(holds_card_number(number_with("4", length))) << length;
  for (const std::size_t length : {8, 12, 13, 20, 21, 32})
    EXPECT_FALSE(holds_card_number(number_with("4", length))) << length;
}

TEST(CardNumber, of_american_express_has_fifteen) {
  EXPECT_TRUE(holds_card_number(number_with("34", 15)));
  EXPECT_TRUE(holds_card_number(number_with("37", 15)));
  EXPECT_FALSE(holds_card_number(number_with("34", 16)));
  EXPECT_FALSE(holds_card_number(number_with("37", 14)));
}

TEST(CardNumber, may_hold_single_spaces_and_dashes) {
  EXPECT_TRUE(holds_card_number("4242 4242 4242 4242"));
  EXPECT_TRUE(holds_card_number("4242-4242-4242-4242"));
  EXPECT_TRUE(holds_card_number("4242-4242 4242-4242"));
  EXPECT_TRUE(holds_card_number("3782 822463 10005"));
  EXPECT_TRUE(holds_card_number("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2"));
  EXPECT_FALSE(holds_card_number("4242  4242  4242  4242"));
  EXPECT_FALSE(holds_card_number("4242.4242.4242.4242"));
  EXPECT_FALSE(holds_card_number("4242, 4242, 4242, 4242"));
}

TEST(CardNumber, D11_is_found_inside_other_text) {
  EXPECT_TRUE(holds_card_number("card: 4242424242424242, thanks"));
  EXPECT_TRUE(holds_card_number("pan=4242424242424242"));
  EXPECT_TRUE(holds_card_number("x4242424242424242x"));
  EXPECT_TRUE(holds_card_number("Bestellung für 4242 4242 4242 4242."));
  EXPECT_TRUE(holds_card_number("no card 1234, but 5555555555554444"));
}

TEST(CardNumber, is_not_hidden_by_an_expiry_or_a_security_code_beside_it) {
  EXPECT_TRUE(holds_card_number("4242424242424242 12/27 123"));
  EXPECT_TRUE(holds_card_number("4242 4242 4242 4242 12/27"));
  EXPECT_TRUE(holds_card_number("3782 822463 10005 123"));
  EXPECT_TRUE(holds_card_number("3056 930902 5904 12/27"));
  EXPECT_TRUE(holds_card_number("12/27 4242 4242 4242 4242"));
  EXPECT_TRUE(holds_card_number("123 4242424242424242"));
}

TEST(CardNumber, is_not_seen_in_longer_numbers) {
  EXPECT_FALSE(holds_card_number("42424242424242420000"));
  EXPECT_FALSE(holds_card_number("00004242424242424242"));
  EXPECT_FALSE(holds_card_number("4242 4242 4242 4242 4242"));
  EXPECT_FALSE(holds_card_number("4242424242424242424242424242424242424242"));
}

TEST(CardNumber, is_not_seen_in_bank_account_numbers) {
  EXPECT_FALSE(holds_card_number("DE89 3704 0044 0532 0130 00"));
  EXPECT_FALSE(holds_card_number("DE89370400440532013000"));
  EXPECT_FALSE(holds_card_number("AT00 4242 4242 4242 4242"));  // four fours behind check digits
}

TEST(CardNumber, must_pass_luhn) {
  EXPECT_FALSE(holds_card_number("4242424242424241"));
  EXPECT_FALSE(holds_card_number("378282246310006"));
  EXPECT_FALSE(holds_card_number("4242424242424224"));  // two digits swapped
}

TEST(CardNumber, is_not_seen_in_what_merchants_usually_write) {
  for (const auto text : {"", "Order 123", "order_20261120070000", "+231881111003", "2026-11-20",
                          "pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E", "1767225600000", "0811-2233-4455"})
    EXPECT_FALSE(holds_card_number(text)) << text;
}

// Each of these holds sixteen digits that begin like a card and pass Luhn.
TEST(CardNumber, D11_is_not_seen_in_uuids_and_digests) {
  for (const auto text :
       {"0e248279-2737-4241-3cc8-945124e21b4f", "d6ee3d70-606e-493b-a539-025469112053",
        "E5B64F1E-8C1D-4BCD-2442-3298625837BA", "order 0ef897a5-ed36-4900-7087-2958d3533327, paid",
        "f783340ec399011b903818a5c106c507e6404de9c66b573384469179136261eb",
        "sha256=4b387a25fc28a4d9a25c5405ecd5667c653f45159282335216d6f4155d921aca"})
    EXPECT_FALSE(holds_card_number(text)) << text;
  for (const auto text :
       {"4242424242424242-0e248279-2737-4241-3cc8-945124e21b4f", "abc-4242424242424242",
        "0e248279-2737-4241-3cc8-945124e21b4f 4242424242424242", "42424242-4242-4242",
        "cafe4242424242424242cafe", "4242 4242 4242 4242"})
    EXPECT_TRUE(holds_card_number(text)) << text;
}

RC_GTEST_PROP(CardNumberProperty, one_wrong_digit_makes_it_something_else, ()) {
  std::string number = "4000000000000000";
  for (std::size_t i = 1; i < 15; ++i)
    number[i] = static_cast<char>('0' + *rc::gen::inRange(0, 10));
  number = number_with(number.substr(0, 15), 16);
  RC_ASSERT(holds_card_number(number));
  const auto at = *rc::gen::inRange<std::size_t>(1, 16);
  const int wrong = (number[at] - '0' + *rc::gen::inRange(1, 10)) % 10;
  number[at] = static_cast<char>('0' + wrong);
  RC_ASSERT(!holds_card_number(number));
}

}  // namespace
}  // namespace switchyard
