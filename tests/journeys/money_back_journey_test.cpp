// Captures, cancels, refunds and late money.
#include <thread>

#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

JsonAnswer refund(Stack& stack, const std::string& id, std::int64_t amount) {
  return stack.post("/v1/refunds",
                    {{"payment", id}, {"amount", amount}, {"reason", "requested_by_customer"}});
}

const Json held = {{"capture_method", "manual"}};

TEST(MoneyBackJourney, a_payment_is_refunded_in_parts) {
  Stack stack;
  const std::string id = id_of(stack.pay(stripe_card()));
  const JsonAnswer first = refund(stack, id, 1000);
  ASSERT_EQ(first.status, 201) << first.text;
  EXPECT_EQ(status_of(first), "succeeded");
  EXPECT_EQ(integer_at(stack.payment(id), "amount_refunded"), 1000);
  const JsonAnswer rest = stack.post("/v1/refunds", {{"payment", id}, {"reason", "duplicate"}});
  ASSERT_EQ(rest.status, 201) << rest.text;
  EXPECT_EQ(integer_at(rest.body, "amount"), 3999);
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.refunded"); }));
  EXPECT_TRUE(stack.has_received(id, "payment.partially_refunded"));
  const JsonAnswer more = refund(stack, id, 1);
  EXPECT_EQ(more.status, 422) << more.text;
  EXPECT_EQ(text_at(more.body, "error.code"), "amount_exceeds_remaining");
  EXPECT_EQ(status_of({.body = stack.payment(id)}), "succeeded");
  stack.expect_sound(id);
}

TEST(MoneyBackJourney, a_refund_goes_to_the_account_that_took_the_money) {
  Stack stack;
  const std::string id = id_of(stack.pay(example_card(), at_example));
  ASSERT_EQ(refund(stack, id, 4999).status, 201);
  EXPECT_EQ(stack.ledger_of(id, "refund").size(), 1u);
  EXPECT_EQ(text_at(stack.ledger_of(id, "refund"), "0.provider"), "example");
  stack.expect_sound(id);
}

TEST(MoneyBackJourney, D6_twenty_refunds_at_once_never_give_back_more_than_was_taken) {
  Stack stack;
  const std::string id = id_of(stack.pay(example_card(), at_example));
  std::vector<std::thread> clerks;
  std::vector<JsonAnswer> answers(20);
  for (int i = 0; i < 20; ++i) clerks.emplace_back([&, i] { answers[i] = refund(stack, id, 500); });
  for (std::thread& clerk : clerks) clerk.join();
  int taken = 0;
  for (const JsonAnswer& answer : answers) {
    taken += answer.is_success();
    if (!answer.is_success()) {
      EXPECT_EQ(text_at(answer.body, "error.code"), "amount_exceeds_remaining") << answer.text;
    }
  }
  EXPECT_EQ(taken, 9);  // of 4999
  EXPECT_TRUE(wait_until([&] { return integer_at(stack.payment(id), "amount_refunded") == 4500; }));
  EXPECT_EQ(stack.ledger_of(id, "refund").size(), 9u);
  stack.expect_sound(id);
}

TEST(MoneyBackJourney, a_provider_that_allows_one_refund_at_a_time_gets_them_one_by_one) {
  Stack stack({.speed = "0.05"});
  stack.set_simulator({{"mintcash.refund_result", "pending"}});
  const JsonAnswer made = stack.pay(hosted_page);
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(redirect_of(made)));
  ASSERT_TRUE(
      browser.press("Pay", {{"card", "5519283812030000"}, {"expiry", "12/31"}, {"cvv", "123"}}));
  stack.wait_for_status(id_of(made), "succeeded");
  for (int i = 0; i < 3; ++i) {
    const JsonAnswer asked = refund(stack, id_of(made), 1000);
    EXPECT_TRUE(asked.is_success()) << asked.text;
  }
  EXPECT_TRUE(wait_until(
      [&] { return integer_at(stack.payment(id_of(made)), "amount_refunded") == 3000; }));
  EXPECT_EQ(stack.ledger_of(id_of(made), "refund").size(), 3u);
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, a_refund_whose_answer_is_lost_is_made_once) {
  Stack stack;
  const std::string id = id_of(stack.pay(example_card(), at_example));
  stack.order_fault(all_webhooks_lost("example"));
  stack.order_fault(lost_answer("example", "/refunds"));
  const JsonAnswer asked = refund(stack, id, 2000);
  EXPECT_TRUE(asked.is_success()) << asked.text;
  EXPECT_TRUE(wait_until([&] { return integer_at(stack.payment(id), "amount_refunded") == 2000; }));
  EXPECT_EQ(stack.ledger_of(id, "refund").size(), 1u);
  stack.expect_sound(id);
}

TEST(MoneyBackJourney, a_refund_that_fails_gives_its_amount_free_again) {
  Stack stack({.speed = "0.05"});
  const std::string id = id_of(stack.pay(example_card("tok_ok_refund_fails"), at_example));
  const JsonAnswer asked = refund(stack, id, 4999);
  EXPECT_EQ(asked.status, 202) << asked.text;
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "refund.failed"); }));
  EXPECT_EQ(integer_at(stack.payment(id), "amount_refunded"), 0);
  EXPECT_TRUE(refund(stack, id, 4999).is_success());
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM refunds WHERE status = 'failed' AND payment_id = '" +
                       id + "'") == "2";
  }));
  stack.expect_sound(id);
}

TEST(MoneyBackJourney, money_is_held_and_captured_later_in_part) {
  Stack stack;
  const JsonAnswer made = stack.pay(stripe_card(), held);
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(status_of(made), "requires_capture");
  EXPECT_EQ(integer_at(made.body, "amount_capturable"), 4999);
  EXPECT_EQ(integer_at(made.body, "amount_received"), 0);
  const JsonAnswer captured =
      stack.post("/v1/payments/" + id_of(made) + "/capture", {{"amount", 3000}});
  ASSERT_EQ(captured.status, 200) << captured.text;
  EXPECT_EQ(status_of(captured), "succeeded");
  EXPECT_EQ(integer_at(captured.body, "amount_received"), 3000);
  EXPECT_EQ(stack.ledger_of(id_of(made), "capture").size(), 1u);
  EXPECT_EQ(refund(stack, id_of(made), 3001).status, 422);
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, held_money_is_let_go_by_a_cancel) {
  Stack stack;
  const JsonAnswer made = stack.pay(
      example_card(), {{"capture_method", "manual"}, {"metadata", {{"provider", "example"}}}});
  ASSERT_EQ(status_of(made), "requires_capture") << made.text;
  const JsonAnswer canceled = stack.post("/v1/payments/" + id_of(made) + "/cancel");
  ASSERT_EQ(canceled.status, 200) << canceled.text;
  EXPECT_EQ(status_of(canceled), "canceled");
  EXPECT_EQ(stack.ledger_of(id_of(made), "cancel").size(), 1u);
  EXPECT_EQ(stack.post("/v1/payments/" + id_of(made) + "/capture").status, 409);
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, a_capture_whose_answer_is_lost_happens_once) {
  Stack stack;
  const JsonAnswer made = stack.pay(
      example_card(), {{"capture_method", "manual"}, {"metadata", {{"provider", "example"}}}});
  stack.order_fault(all_webhooks_lost("example"));
  stack.order_fault(lost_answer("example", "/capture"));
  const JsonAnswer captured = stack.post("/v1/payments/" + id_of(made) + "/capture");
  EXPECT_TRUE(captured.is_success()) << captured.text;
  stack.wait_for_status(id_of(made), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(made), "capture").size(), 1u);
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, a_payment_that_nobody_was_asked_for_is_canceled_at_once) {
  Stack stack;
  const JsonAnswer made = stack.post("/v1/payments", {{"amount", 4999}, {"currency", "USD"}});
  const JsonAnswer canceled = stack.post("/v1/payments/" + id_of(made) + "/cancel");
  EXPECT_EQ(canceled.status, 200) << canceled.text;
  EXPECT_EQ(status_of(canceled), "canceled");
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, an_open_page_is_closed_before_the_payment_is_canceled) {
  Stack stack;
  const JsonAnswer made = stack.pay(hosted_page, {{"currency", "EUR"}});
  const JsonAnswer canceled = stack.post("/v1/payments/" + id_of(made) + "/cancel");
  ASSERT_EQ(canceled.status, 200) << canceled.text;
  EXPECT_EQ(status_of(canceled), "canceled");
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(redirect_of(made)));
  EXPECT_FALSE(browser.press("card")) << "the page can still be paid";
  stack.expect_sound(id_of(made));
}

// The payer enters the PIN just after the merchant has canceled.
TEST(MoneyBackJourney, M8_late_money_after_a_cancel_goes_back_by_itself) {
  Stack stack({.speed = "0.3"});
  stack.set_simulator({{"soxara.late_success", "true"}});
  const JsonAnswer made = stack.pay(phone("mtn", "+231881111000"));
  ASSERT_EQ(status_of(made), "requires_action") << made.text;
  const JsonAnswer canceled = stack.post("/v1/payments/" + id_of(made) + "/cancel");
  EXPECT_EQ(status_of(canceled), "canceled") << canceled.text;
  const Json late = stack.wait_for_status(id_of(made), "succeeded");
  EXPECT_EQ(bool_at(late, "late"), true);
  EXPECT_TRUE(wait_until(
      [&] { return integer_at(stack.payment(id_of(made)), "amount_refunded") == 4999; }));
  EXPECT_EQ(stack.ledger_of(id_of(made), "charge").size(), 1u);
  EXPECT_EQ(stack.ledger_of(id_of(made), "refund").size(), 1u);
  stack.expect_sound(id_of(made));
}

TEST(MoneyBackJourney, late_money_is_kept_where_the_operator_says_so) {
  Stack stack({.config = "[late_money]\nafter_cancel = \"keep\"\n", .speed = "0.3"});
  stack.set_simulator({{"soxara.late_success", "true"}});
  const JsonAnswer made = stack.pay(phone("mtn", "+231881111000"));
  EXPECT_EQ(status_of(stack.post("/v1/payments/" + id_of(made) + "/cancel")), "canceled");
  stack.wait_for_status(id_of(made), "succeeded");
  stack.expect_sound(id_of(made));
  EXPECT_EQ(stack.value("SELECT count(*) FROM refunds"), "0");
}

}  // namespace
}  // namespace switchyard::testing
