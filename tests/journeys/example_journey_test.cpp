// Gate a: the reference provider through everything.
#include <thread>

#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

TEST(ExampleJourney, a_card_is_paid_and_the_merchant_is_told) {
  Stack stack;
  const JsonAnswer answer = stack.pay(example_card(), at_example);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "status"), "succeeded");
  EXPECT_EQ(text_at(answer.body, "attempts.0.route.rule"), "at-example");
  const std::string id = id_of(answer);
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.succeeded"); }));
  EXPECT_EQ(stack.ledger_of(id, "charge").size(), 1u);
  stack.expect_sound(id);
}

TEST(ExampleJourney, a_lost_answer_is_looked_up_and_charged_once) {
  Stack stack;
  stack.order_fault(lost_answer("example", "/charges"));
  stack.order_fault(all_webhooks_lost("example"));
  const JsonAnswer answer = stack.pay(example_card(), at_example);
  ASSERT_EQ(answer.status, 202) << answer.text;
  EXPECT_EQ(text_at(answer.body, "status"), "processing");
  EXPECT_EQ(text_at(answer.body, "attempts.0.certainty"), "unknown");
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(ExampleJourney, an_answer_that_comes_too_late_is_asked_for) {
  Stack stack({.server_keys = "answer_within = \"1s\""});
  stack.order_fault({{"provider", "example"},
                     {"path", "/charges"},
                     {"method", "POST"},
                     {"action", "timeout:3000"}});
  const JsonAnswer answer = stack.pay(example_card(), at_example);
  ASSERT_EQ(answer.status, 202) << answer.text;
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(ExampleJourney, a_call_that_never_arrived_is_sent_again_under_the_same_key) {
  Stack stack;
  stack.order_fault({{"provider", "example"},
                     {"path", "/charges"},
                     {"method", "POST"},
                     {"when", "before"},
                     {"action", "status:503"}});
  const JsonAnswer answer = stack.pay(example_card(), at_example);
  ASSERT_EQ(answer.status, 202) << answer.text;
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  EXPECT_EQ(stack.value("SELECT count(DISTINCT provider_key) FROM steps WHERE payment_id = '" +
                        id_of(answer) + "'"),
            "1");
  stack.expect_sound(id_of(answer));
}

// The kept connection dies after the charge was made; libcurl sends a copy, which nobody takes.
// That "connection refused" says nothing about the first one.
TEST(ExampleJourney, a_copy_that_is_refused_does_not_make_the_first_one_unsent) {
  Stack stack({.config = R"(
[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["example", "stripe"]

[[rule]]
name = "cards"
when = { method = "card" }
use = ["example"]
)"});
  ASSERT_EQ(status_of(stack.pay(example_card())), "succeeded");
  stack.order_fault({{"provider", "example"},
                     {"method", "POST"},
                     {"path", "/charges"},
                     {"action", "slow:20000"}});
  JsonAnswer answer;
  std::thread client([&] { answer = stack.pay(hosted_page); });
  EXPECT_TRUE(wait_until([&] { return stack.sandbox().webhooks_sent().size() == 2; }));
  stack.sandbox().kill();
  client.join();
  ASSERT_EQ(answer.status, 202) << answer.text;
  EXPECT_EQ(text_at(answer.body, "attempts.0.certainty"), "unknown");
  EXPECT_EQ(member_at(answer.body, "attempts").size(), 1u) << "nobody else may be asked";
}

TEST(ExampleJourney, a_page_is_paid_in_the_browser) {
  Stack stack;
  const JsonAnswer answer = stack.pay({{"type", "wallet"}, {"kind", "example_wallet"}});
  ASSERT_EQ(answer.status, 201) << answer.text;
  ASSERT_EQ(text_at(answer.body, "status"), "requires_action");
  const std::string url = text_at(answer.body, "next_action.approve_in_app.url");
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(url)) << answer.text;
  const auto paid = browser.press("pay");
  ASSERT_TRUE(paid) << paid.error().message;
  EXPECT_NE(browser.url().find("/merchant/return?payment_id=" + id_of(answer)), std::string::npos)
      << browser.url();
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

TEST(ExampleJourney, a_decline_is_said_with_its_reason_and_advice) {
  Stack stack;
  const JsonAnswer answer = stack.pay(example_card("tok_insufficient_funds"), at_example);
  ASSERT_EQ(answer.status, 402) << answer.text;
  EXPECT_EQ(text_at(answer.body, "error.code"), "payment_declined");
  EXPECT_EQ(text_at(answer.body, "error.decline_code"), "insufficient_funds");
  const std::string id = text_at(answer.body, "error.payment.id");
  EXPECT_EQ(text_at(answer.body, "error.payment.status"), "failed");
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.failed"); }));
  stack.expect_sound(id);

  // Another card may be tried at the same payment.
  const JsonAnswer again =
      stack.post("/v1/payments/" + id + "/confirm", {{"payment_method", example_card()}});
  ASSERT_EQ(again.status, 200) << again.text;
  EXPECT_EQ(text_at(again.body, "status"), "succeeded");
  stack.expect_sound(id);
}

}  // namespace
}  // namespace switchyard::testing
