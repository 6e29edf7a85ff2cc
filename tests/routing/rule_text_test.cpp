#include "routing/rule_text.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

const Rule liberia{.name = "liberia",
                   .when = {.method = {Rail::mobile_money}, .currency = {"LRD", "USD"}},
                   .use = {"mtn_lr", "soxara_main"}};
const Rule cards{.name = "cards",
                 .when = {.amount_from = 100, .metadata = {{"tier", {"pro"}}}},
                 .split = {{"stripe_us", 70}, {"pudgy_main", 30}},
                 .then = {"mintcash_main"}};

TEST(RuleText, tells_conditions_in_words) {
  EXPECT_EQ(describe_when(liberia.when), "method is mobile_money, currency is LRD or USD");
  EXPECT_EQ(describe_when(cards.when), "metadata.tier is pro, amount is from 100");
  EXPECT_EQ(describe_when({.amount_from = 1, .amount_below = 5}), "amount is from 1 to below 5");
  EXPECT_EQ(describe_when({.amount_below = 5}), "amount is below 5");
  EXPECT_EQ(describe_when({}), "any payment");
}

TEST(RuleText, tells_accounts_in_words) {
  EXPECT_EQ(describe_accounts(liberia), "mtn_lr, then soxara_main");
  EXPECT_EQ(describe_accounts(cards),
            "70 of 100 to stripe_us, 30 of 100 to pudgy_main, then mintcash_main");
}

TEST(RuleText, a_version_is_twelve_hex_digits_of_the_rules_alone) {
  const RuleBook book = make_rule_book({liberia, cards});
  EXPECT_EQ(book.version.size(), 12u);
  EXPECT_EQ(book.version.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(make_rule_book({liberia, cards}).version, book.version);
  EXPECT_EQ(book.rules.size(), 2u);
}

TEST(RuleText, any_change_that_can_move_a_payment_changes_the_version) {
  const std::string version = make_rule_book({liberia, cards}).version;
  const auto version_after = [](auto change) {
    std::vector<Rule> rules = {liberia, cards};
    change(rules);
    return make_rule_book(std::move(rules)).version;
  };
  EXPECT_NE(version_after([](auto& rules) { std::swap(rules[0], rules[1]); }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[0].name = "other"; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[0].when.currency = {"LRD"}; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[0].when.mode = {Mode::live}; }), version);
  EXPECT_NE(version_after([](auto& rules) { std::swap(rules[0].use[0], rules[0].use[1]); }),
            version);
  EXPECT_NE(version_after([](auto& rules) { rules[1].when.amount_from = 101; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[1].when.amount_below = 900; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[1].when.metadata["tier"] = {"free"}; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[1].split[0].weight = 71; }), version);
  EXPECT_NE(version_after([](auto& rules) { rules[1].then.clear(); }), version);
}

TEST(RuleText, the_order_of_values_and_shares_is_no_change) {
  Rule liberia_again = liberia;
  std::swap(liberia_again.when.currency[0], liberia_again.when.currency[1]);
  Rule cards_again = cards;
  std::swap(cards_again.split[0], cards_again.split[1]);
  EXPECT_EQ(make_rule_book({liberia_again, cards_again}).version,
            make_rule_book({liberia, cards}).version);
}

}  // namespace
}  // namespace switchyard
