#include "routing/route.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <set>

#include "question.h"

namespace switchyard {
namespace {

RuleBook book(std::vector<Rule> rules) { return {.rules = std::move(rules), .version = "v1"}; }

RuleBook split_book(std::vector<Share> split, std::vector<std::string> then = {}) {
  return book({{.name = "cards", .split = std::move(split), .then = std::move(then)}});
}

// Ids as the product makes them differ in few characters; chance of our own makes a failing test
// fail again.
std::string payment_number(int number) { return "pay_01K" + std::to_string(1'000'000 + number); }

TEST(Route, the_first_rule_that_fits_wins) {
  const RuleBook rules = book({{.name = "euros", .when = {.currency = {"EUR"}}, .use = {"a"}},
                               {.name = "dollars", .when = {.currency = {"USD"}}, .use = {"b"}},
                               {.name = "rest", .use = {"c"}}});
  const RouteAnswer answer = find_route(rules, card_question(), no_objection);
  EXPECT_EQ(answer.rule, "dollars");
  EXPECT_EQ(answer.rules_version, "v1");
  EXPECT_EQ(accounts_of(answer), std::vector<std::string>{"b"});
}

TEST(Route, a_later_rule_is_not_tried_when_no_account_of_the_first_can) {
  const RuleBook rules = book({{.name = "first", .use = {"a"}}, {.name = "second", .use = {"b"}}});
  const RouteAnswer answer = find_route(
      rules, card_question(),
      [](const std::string& account, const auto&) { return account == "a" ? "is resting" : ""; });
  EXPECT_EQ(answer.rule, "first");
  EXPECT_TRUE(answer.stops.empty());
  EXPECT_EQ(answer.passed_over, (std::vector<PassedOver>{{"a", "is resting"}}));
}

TEST(Route, has_no_rule_when_none_fits) {
  const RuleBook rules = book({{.name = "euros", .when = {.currency = {"EUR"}}, .use = {"a"}}});
  const RouteAnswer answer = find_route(rules, card_question(), no_objection);
  EXPECT_EQ(answer.rule, "");
  EXPECT_TRUE(answer.stops.empty());
  EXPECT_EQ(answer.rules_version, "v1");
}

TEST(Route, use_keeps_its_order_and_says_so) {
  const RuleBook rules = book({{.name = "r", .use = {"c", "a", "b"}}});
  const std::vector<RouteStop> expected = {
      {"c", "r", "first of use", 1}, {"a", "r", "second of use", 2}, {"b", "r", "third of use", 3}};
  EXPECT_EQ(find_route(rules, card_question(), no_objection).stops, expected);
}

TEST(Route, ranks_close_up_over_accounts_passed_over) {
  const RuleBook rules = book({{.name = "r", .use = {"a", "b", "c"}}});
  const RouteAnswer answer =
      find_route(rules, card_question(), [](const std::string& account, const auto&) {
        return account == "b" ? "takes EUR, not USD" : "";
      });
  const std::vector<RouteStop> expected = {{"a", "r", "first of use", 1},
                                           {"c", "r", "third of use", 2}};
  EXPECT_EQ(answer.stops, expected);
  EXPECT_EQ(answer.passed_over, (std::vector<PassedOver>{{"b", "takes EUR, not USD"}}));
}

TEST(Route, an_account_appears_once_and_is_asked_once) {
  const RuleBook rules = book({{.name = "r", .use = {"a", "b", "a"}}});
  std::map<std::string, int> asked;
  const RouteAnswer answer =
      find_route(rules, card_question(), [&](const std::string& account, const auto&) {
        ++asked[account];
        return std::string(account == "b" ? "no" : "");
      });
  EXPECT_EQ(accounts_of(answer), std::vector<std::string>{"a"});
  EXPECT_EQ(asked, (std::map<std::string, int>{{"a", 1}, {"b", 1}}));
}

TEST(Route, the_objection_sees_the_question) {
  const RuleBook rules = book({{.name = "r", .use = {"a"}}});
  const RouteAnswer answer =
      find_route(rules, card_question("pay_7"), [](const auto&, const RouteQuestion& question) {
        return "asked about " + question.payment_id;
      });
  EXPECT_EQ(answer.passed_over.at(0).reason, "asked about pay_7");
}

TEST(Route, a_split_is_followed_by_then) {
  const RuleBook rules = split_book({{"a", 70}, {"b", 30}}, {"c", "a", "d"});
  const RouteAnswer answer = find_route(rules, card_question(), no_objection);
  ASSERT_EQ(answer.stops.size(), 4u);
  const RouteStop& first = answer.stops[0];
  const RouteStop& second = answer.stops[1];
  EXPECT_EQ(first.reason, first.account == "a" ? "weight 70 of 100" : "weight 30 of 100");
  EXPECT_EQ(second.reason, second.account == "a" ? "weight 70 of 100, second choice"
                                                 : "weight 30 of 100, second choice");
  EXPECT_EQ(answer.stops[2], (RouteStop{"c", "cards", "then 1", 3}));
  EXPECT_EQ(answer.stops[3], (RouteStop{"d", "cards", "then 3", 4}));
}

// If this changes, payments that are under way at an upgrade may be sent elsewhere.
TEST(Route, a_payment_keeps_its_account_from_version_to_version) {
  const RuleBook rules = split_book({{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}});
  std::string firsts;
  for (int i = 0; i < 16; ++i)
    firsts += find_route(rules, card_question(payment_number(i)), no_objection).stops[0].account;
  EXPECT_EQ(firsts, "caaccaadbbadcaca");
}

TEST(Route, a_split_is_sticky_by_payment_and_rule) {
  const RuleBook rules = split_book({{"a", 1}, {"b", 1}, {"c", 1}});
  RuleBook renamed = rules;
  renamed.rules[0].name = "other";
  int moved = 0;
  for (int i = 0; i < 300; ++i) {
    RouteQuestion question = card_question(payment_number(i));
    const RouteAnswer answer = find_route(rules, question, no_objection);
    moved += accounts_of(find_route(renamed, question, no_objection)) != accounts_of(answer);
    question.money = usd(1);
    question.metadata = {{"order", "7"}};
    EXPECT_EQ(find_route(rules, question, no_objection).stops, answer.stops);
  }
  EXPECT_GT(moved, 100);  // one rule's choice says nothing about another's
}

TEST(Route, the_order_in_which_shares_are_listed_changes_nothing) {
  const RuleBook one = split_book({{"a", 5}, {"b", 3}, {"c", 2}});
  const RuleBook other = split_book({{"c", 2}, {"a", 5}, {"b", 3}});
  for (int i = 0; i < 100; ++i) {
    const RouteQuestion question = card_question(payment_number(i));
    EXPECT_EQ(find_route(one, question, no_objection).stops,
              find_route(other, question, no_objection).stops);
  }
}

struct Tally {
  std::map<std::string, int> first;
  int asked = 0;
};

Tally tally(const RuleBook& rules, int count, const Objection& objection) {
  Tally tally{.first = {}, .asked = count};
  for (int i = 0; i < count; ++i)
    ++tally.first
          [find_route(rules, card_question(payment_number(i)), objection).stops.at(0).account];
  return tally;
}

// Within five standard deviations of what the weight promises.
void expect_share(const Tally& tally, const std::string& account, double share) {
  const double expected = tally.asked * share;
  const double spread = std::sqrt(tally.asked * share * (1 - share));
  const auto found = tally.first.find(account);
  EXPECT_NEAR(found == tally.first.end() ? 0 : found->second, expected, 5 * spread + 1) << account;
}

TEST(Route, shares_approach_their_weights_whatever_they_are) {
  std::mt19937 chance(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<Share> split;
    int total = 0;
    const int count = 1 + static_cast<int>(chance() % 6);
    for (int i = 0; i < count; ++i) {
      split.push_back({"account_" + std::to_string(i), 1 + static_cast<int>(chance() % 100)});
      total += split.back().weight;
    }
    const Tally found = tally(split_book(split), 2000, no_objection);
    for (const Share& share : split)
      expect_share(found, share.account, double(share.weight) / total);
  }
}

TEST(Route, who_is_passed_over_leaves_its_share_to_the_others_by_weight) {
  const RuleBook rules = split_book({{"a", 60}, {"b", 30}, {"c", 10}});
  const Tally found = tally(rules, 4000, [](const std::string& account, const auto&) {
    return account == "a" ? "is resting" : "";
  });
  EXPECT_FALSE(found.first.contains("a"));
  expect_share(found, "b", 0.75);
  expect_share(found, "c", 0.25);
}

TEST(Route, every_share_is_somewhere_in_every_route) {
  std::mt19937 chance(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<Share> split;
    std::set<std::string> named;
    const unsigned count = 1 + chance() % 12;
    for (unsigned i = 0; i < count; ++i) {
      split.push_back({"account_" + std::to_string(i), 1 + static_cast<int>(chance() % 1000)});
      named.insert(split.back().account);
    }
    const RouteAnswer answer =
        find_route(split_book(split), card_question(payment_number(round)), no_objection);
    const std::vector<std::string> accounts = accounts_of(answer);
    EXPECT_EQ(std::set<std::string>(accounts.begin(), accounts.end()), named);
    EXPECT_EQ(accounts.size(), named.size());
    for (std::size_t i = 0; i < answer.stops.size(); ++i)
      EXPECT_EQ(answer.stops[i].rank, static_cast<int>(i) + 1);
  }
}

}  // namespace
}  // namespace switchyard
