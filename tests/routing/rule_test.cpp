#include "routing/rule.h"

#include <gtest/gtest.h>

#include "question.h"

namespace switchyard {
namespace {

bool fits_when(const When& when, const RouteQuestion& question) {
  return fits(Rule{.name = "r", .when = when}, question);
}

TEST(Rule, without_conditions_fits_everything) {
  EXPECT_TRUE(fits_when({}, card_question()));
  EXPECT_TRUE(fits_when({}, RouteQuestion{}));
}

TEST(Rule, fits_any_of_several_values) {
  const When when{.currency = {"LRD", "USD"}};
  RouteQuestion question = card_question();
  EXPECT_TRUE(fits_when(when, question));
  question.money.currency = *find_currency("LRD");
  EXPECT_TRUE(fits_when(when, question));
  question.money.currency = *find_currency("EUR");
  EXPECT_FALSE(fits_when(when, question));
}

// Each condition alone decides: a question that differs only there does not fit.
TEST(Rule, needs_every_condition) {
  const RouteQuestion asked{
      .payment_id = "pay_1",
      .merchant_id = "mer_1",
      .mode = Mode::live,
      .money = usd(500),
      .method = {.rail = Rail::mobile_money, .network = "mtn"},
      .country = "LR",
      .metadata = {{"tier", "pro"}},
  };
  const When when{.merchant = {"mer_1"},
                  .method = {Rail::mobile_money},
                  .network = {"mtn"},
                  .currency = {"USD"},
                  .country = {"LR"},
                  .mode = {Mode::live},
                  .amount_from = 100,
                  .amount_below = 1000,
                  .metadata = {{"tier", {"pro"}}}};
  EXPECT_TRUE(fits_when(when, asked));

  const auto fits_after = [&](auto change) {
    RouteQuestion changed = asked;
    change(changed);
    return fits_when(when, changed);
  };
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.merchant_id = "mer_2"; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.method.rail = Rail::card; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.method.network = "orange"; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.money.currency = *find_currency("EUR"); }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.country = "GN"; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.country = ""; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.mode = Mode::test; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.metadata["tier"] = "free"; }));
  EXPECT_FALSE(fits_after([](RouteQuestion& q) { q.metadata.clear(); }));
}

TEST(Rule, amounts_begin_at_from_and_end_before_below) {
  const When when{.amount_from = 100, .amount_below = 200};
  const auto fits_amount = [&](std::int64_t amount) {
    RouteQuestion question = card_question();
    question.money = usd(amount);
    return fits_when(when, question);
  };
  EXPECT_FALSE(fits_amount(99));
  EXPECT_TRUE(fits_amount(100));
  EXPECT_TRUE(fits_amount(199));
  EXPECT_FALSE(fits_amount(200));
}

TEST(Rule, for_a_wallet_kind_fits_that_wallet_only) {
  RouteQuestion question = card_question();
  EXPECT_FALSE(fits_when({.kind = {"example_wallet"}}, question));
  question.method = {.rail = Rail::wallet, .kind = "example_wallet"};
  EXPECT_TRUE(fits_when({.kind = {"example_wallet"}}, question));
}

}  // namespace
}  // namespace switchyard
