// Pudgy's message about a refund names the charge, and neither the refund nor the amount.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

const Json at_pudgy = {
    {"currency", "USD"}, {"amount", 5000}, {"metadata", {{"provider", "pudgy"}}}};

std::string refund_of(Stack& stack, const std::string& payment, int amount) {
  const JsonAnswer asked = stack.post("/v1/refunds", {{"payment", payment}, {"amount", amount}});
  EXPECT_TRUE(asked.is_success()) << asked.text;
  return id_of(asked);
}

std::string status_of_refund(Stack& stack, const std::string& refund) {
  return text_at(stack.get("/v1/refunds/" + refund).body, "status");
}

// Somebody at Pudgy's own pages.
void refund_in_dashboard(Stack& stack, int amount) {
  const std::string charge =
      stack.value("SELECT provider_reference FROM attempts WHERE operation = 'charge'");
  const SendOutcome sent =
      stack.http().send({.method = "POST",
                         .url = stack.sandbox().url() + "/pudgy/v1/refunds",
                         .headers = {{"Authorization", "Bearer sk_test_dashboard"},
                                     {"Content-Type", "application/x-www-form-urlencoded"},
                                     {"Idempotency-Key", "dashboard-1"}},
                         .body = "charge=" + charge + "&amount=" + std::to_string(amount)});
  ASSERT_EQ(sent.response.status, 200) << sent.response.body;
}

bool is_noted(Stack& stack) {
  return stack.value(
             "SELECT count(*) > 0 FROM anomalies WHERE what = 'a refund that cannot be "
             "recorded'") == "t";
}

TEST(PudgyJourney, a_refund_that_waits_is_ended_by_a_message_that_does_not_name_it) {
  Stack stack;
  stack.set_simulator({{"pudgy.refund_result", "pending"}});
  const JsonAnswer paid = stack.pay(stripe_card(), at_pudgy);
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  const std::string refund = refund_of(stack, id_of(paid), 2000);
  EXPECT_TRUE(wait_until([&] { return status_of_refund(stack, refund) == "succeeded"; }));
  EXPECT_EQ(integer_at(stack.payment(id_of(paid)), "amount_refunded"), 2000);
  EXPECT_EQ(stack.sandbox().ledger("pudgy").size(), 2u) << "one charge, one refund";
}

TEST(PudgyJourney, a_refund_of_somebody_elses_ends_none_of_ours) {
  Stack stack;
  const JsonAnswer paid = stack.pay(stripe_card(), at_pudgy);
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  refund_in_dashboard(stack, 500);
  EXPECT_TRUE(wait_until([&] { return is_noted(stack); }));

  // One of ours that succeeds at once, and whose message must not end the next one.
  stack.order_fault({{"provider", "pudgy"}, {"webhook", "delay:1500"}});
  const std::string first = refund_of(stack, id_of(paid), 1000);
  EXPECT_TRUE(wait_until([&] { return status_of_refund(stack, first) == "succeeded"; }));
  stack.set_simulator({{"pudgy.refund_result", "pending_fail"}});
  const std::string second = refund_of(stack, id_of(paid), 2000);
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM provider_webhooks WHERE state = 'done'") == "3";
  }));
  EXPECT_EQ(status_of_refund(stack, second), "pending");
  EXPECT_EQ(integer_at(stack.payment(id_of(paid)), "amount_refunded"), 1000);
}

}  // namespace
}  // namespace switchyard::testing
