#include "routing/reach.h"

#include <gtest/gtest.h>

#include <random>

#include "question.h"

namespace switchyard {
namespace {

using Names = std::vector<std::string>;

Names hiding(const std::vector<When>& above, const When& when) {
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < above.size(); ++i)
    rules.push_back({.name = "rule " + std::to_string(i + 1), .when = above[i]});
  return rules_that_hide(rules, {.name = "last", .when = when});
}

TEST(Reach, the_first_rule_is_always_reached) { EXPECT_EQ(hiding({}, {}), Names{}); }

TEST(Reach, nothing_comes_after_a_rule_that_takes_everything) {
  EXPECT_EQ(hiding({{}}, {.currency = {"USD"}}), Names{"rule 1"});
  EXPECT_EQ(hiding({{}}, {}), Names{"rule 1"});
}

TEST(Reach, a_wider_rule_is_reached_by_what_the_narrow_one_leaves) {
  EXPECT_EQ(hiding({{.currency = {"USD"}}}, {}), Names{});
  EXPECT_EQ(hiding({{.currency = {"USD"}}}, {.currency = {"USD", "EUR"}}), Names{});
  EXPECT_EQ(hiding({{.currency = {"USD"}, .country = {"LR"}}}, {.currency = {"USD"}}), Names{});
}

TEST(Reach, several_rules_can_hide_one_together) {
  const When both{.currency = {"USD", "EUR"}};
  EXPECT_EQ(hiding({{.currency = {"USD"}}, {.currency = {"GBP"}}, {.currency = {"EUR"}}}, both),
            (Names{"rule 1", "rule 3"}));
}

TEST(Reach, all_methods_or_both_modes_are_the_same_as_none_named) {
  const When all_methods{.method = {Rail::card, Rail::hosted_page, Rail::mobile_money, Rail::wallet,
                                    Rail::manual_transfer}};
  EXPECT_EQ(hiding({all_methods}, {}), Names{"rule 1"});
  EXPECT_EQ(hiding({{.mode = {Mode::test}}, {.mode = {Mode::live}}}, {}),
            (Names{"rule 1", "rule 2"}));
}

TEST(Reach, a_network_implies_mobile_money_and_a_kind_a_wallet) {
  EXPECT_EQ(hiding({{.method = {Rail::mobile_money}}}, {.network = {"mtn"}}), Names{"rule 1"});
  EXPECT_EQ(hiding({{.method = {Rail::wallet}}}, {.kind = {"example_wallet"}}), Names{"rule 1"});
  EXPECT_EQ(hiding({{.method = {Rail::card}}}, {.network = {"mtn"}}), Names{});
}

TEST(Reach, amounts_are_compared_with_their_ends) {
  const When narrow{.amount_from = 100, .amount_below = 200};
  EXPECT_EQ(hiding({{.amount_from = 100, .amount_below = 200}}, narrow), Names{"rule 1"});
  EXPECT_EQ(hiding({{.amount_below = 200}}, narrow), Names{"rule 1"});
  EXPECT_EQ(hiding({{.amount_from = 101}}, narrow), Names{});
  EXPECT_EQ(hiding({{.amount_below = 199}}, narrow), Names{});
  EXPECT_EQ(hiding({narrow}, {.amount_from = 100}), Names{});
  EXPECT_EQ(hiding({{.amount_from = 0}}, {}), Names{"rule 1"});
}

TEST(Reach, metadata_hides_only_the_same_key_and_values) {
  const When pro{.metadata = {{"tier", {"pro"}}}};
  EXPECT_EQ(hiding({pro}, {}), Names{});
  EXPECT_EQ(hiding({pro}, {.metadata = {{"plan", {"pro"}}}}), Names{});
  EXPECT_EQ(hiding({pro}, {.metadata = {{"plan", {"a"}}, {"tier", {"pro"}}}}), Names{"rule 1"});
  EXPECT_EQ(hiding({pro}, {.metadata = {{"tier", {"free", "pro"}}}}), Names{});
}

// A small world, so that chance meets every case: conditions and payments of few values each.
class World {
 public:
  explicit World(unsigned seed) : chance_(seed) {}

  When when() {
    When when;
    some(when.currency, {"USD", "EUR", "LRD"});
    some(when.country, {"LR", "US"});
    some(when.network, {"mtn", "orange"});
    some(when.mode, {Mode::test, Mode::live});
    some(when.method, {Rail::card, Rail::mobile_money});
    if (below(3) == 0) when.amount_from = below(3);
    if (below(3) == 0) when.amount_below = 1 + below(3);
    if (below(4) == 0) some(when.metadata["tier"], {"pro", "free"});
    return when;
  }

  RouteQuestion question() {
    RouteQuestion question{.payment_id = "pay_1", .merchant_id = "mer_1"};
    question.money = {below(4), *find_currency(one_of<std::string>({"USD", "EUR", "LRD"}))};
    question.country = one_of<std::string>({"", "LR", "US"});
    question.mode = one_of<Mode>({Mode::test, Mode::live});
    question.method.rail = one_of<Rail>({Rail::card, Rail::mobile_money, Rail::wallet});
    if (question.method.rail == Rail::mobile_money)
      question.method.network = one_of<std::string>({"mtn", "orange"});
    if (below(2) == 0) question.metadata["tier"] = one_of<std::string>({"pro", "free"});
    return question;
  }

 private:
  int below(int end) { return static_cast<int>(chance_() % static_cast<unsigned>(end)); }
  template <class Value>
  Value one_of(std::vector<Value> values) {
    return values[chance_() % values.size()];
  }
  template <class Value>
  void some(std::vector<Value>& target, std::vector<Value> values) {
    if (below(3) != 0) return;
    for (const Value& value : values)
      if (below(2) == 0) target.push_back(value);
  }

  std::mt19937 chance_;
};

TEST(Reach, no_payment_ever_reaches_a_hidden_rule) {
  World world(42);
  int hidden = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Rule> rules;
    for (int i = 0; i < 3; ++i) rules.push_back({.name = std::to_string(i), .when = world.when()});
    const Rule last{.name = "last", .when = world.when()};
    if (rules_that_hide(rules, last).empty()) continue;
    ++hidden;
    rules.push_back(last);
    const RuleBook book{.rules = rules};
    for (int i = 0; i < 50; ++i)
      ASSERT_NE(find_route(book, world.question(), no_objection).rule, "last");
  }
  EXPECT_GT(hidden, 100);  // or the test would say nothing
}

}  // namespace
}  // namespace switchyard
