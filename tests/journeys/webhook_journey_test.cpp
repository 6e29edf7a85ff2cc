// What providers tell us: too early, twice, forged, for somebody else, about another amount.
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

int count_of(const std::vector<std::string>& types, const std::string& type) {
  return static_cast<int>(std::count(types.begin(), types.end(), type));
}

TEST(WebhookJourney, P11_it_may_come_before_the_answer) {
  Stack stack;
  stack.restart_router(0, "call.after_response=delay:800");
  const JsonAnswer answer = stack.pay(example_card(), at_example);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(status_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
  EXPECT_EQ(count_of(stack.received_types(id_of(answer)), "payment.succeeded"), 1);
}

TEST(WebhookJourney, P5_the_same_message_twice_changes_nothing) {
  Stack stack({.config = pages_at_example});
  stack.order_fault({{"provider", "example"}, {"webhook", "double"}, {"times", 0}});
  const JsonAnswer answer = stack.pay(hosted_page);
  pay_page(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_TRUE(wait_until([&] {
    return stack.value(
               "SELECT count(*) FROM provider_webhooks WHERE state IN ('waiting', 'parked')") ==
           "0";
  }));
  stack.expect_sound(id_of(answer));
  EXPECT_EQ(count_of(stack.received_types(id_of(answer)), "payment.succeeded"), 1);
}

TEST(WebhookJourney, P1_a_forged_one_does_not_hide_the_true_one) {
  Stack stack({.config = pages_at_example});
  const JsonAnswer answer = stack.pay(hosted_page);
  stack.order_fault({{"provider", "example"}, {"webhook", "forge"}});
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(redirect_of(answer)));
  ASSERT_TRUE(browser.press("pay"));
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM provider_webhooks WHERE proof = 'rejected'") == "1";
  }));
  EXPECT_EQ(stack.value("SELECT count(DISTINCT provider_event_id) FROM provider_webhooks WHERE "
                        "proof = 'verified'"),
            "2");
  stack.expect_sound(id_of(answer));
}

TEST(WebhookJourney, P1_a_wrong_signature_is_kept_and_believed_by_nobody) {
  Stack stack({.config = pages_at_example});
  const JsonAnswer answer = stack.pay(hosted_page);
  EXPECT_EQ(
      send_webhook(stack, "example", says_paid(answer.body, "shop", "49.99"), "whk_wrong").status,
      401);
  EXPECT_EQ(
      send_webhook(stack, "nobody", says_paid(answer.body, "shop", "49.99"), "whk_example").status,
      404);
  EXPECT_EQ(text_at(stack.payment(id_of(answer)), "status"), "requires_action");
  EXPECT_EQ(stack.value("SELECT count(*) FROM provider_webhooks WHERE proof = 'rejected'"), "1");
  EXPECT_EQ(
      stack.value("SELECT count(*) FROM provider_webhooks w WHERE w::text ILIKE '%signature%'"),
      "0")
      << "headers may hold what proves a message, so they are sealed";
}

TEST(WebhookJourney, a_payer_who_reloads_does_not_make_us_ask_the_provider_each_time) {
  Stack stack({.config = pages_at_example});
  const JsonAnswer answer = stack.pay(hosted_page);
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(redirect_of(answer)));
  const std::size_t link = browser.page().find("http", browser.page().find("<a href="));
  const std::string back = browser.page().substr(link, browser.page().find('"', link) - link);
  ASSERT_NE(back.find("/return/"), std::string::npos) << back;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(browser.open(back));
  const auto lookups = [&] { return std::stoi(stack.value("SELECT lookups FROM attempts")); };
  EXPECT_LE(lookups(), 3);
  // As many looks as put the next one hours away: whoever comes back may have paid since.
  stack.change_rows(
      "UPDATE attempts SET lookups = 10, updated_at = updated_at - interval '1 minute'");
  ASSERT_TRUE(browser.open(back));
  EXPECT_TRUE(wait_until([&] { return lookups() < 6; }));
}

TEST(WebhookJourney, C8_one_account_cannot_speak_for_another) {
  Stack stack({.config = second_account});
  stack.set_simulator({{"example.webhook_key.two", "whk_two"}});
  const JsonAnswer answer = stack.pay(hosted_page, {{"currency", "EUR"}});
  ASSERT_EQ(text_at(answer.body, "provider"), "example_two") << answer.text;
  const JsonAnswer taken =
      send_webhook(stack, "example", says_paid(answer.body, "shop", "49.99"), "whk_example");
  EXPECT_EQ(taken.status, 200) << taken.text;
  EXPECT_TRUE(wait_until([&] {
    return stack.value(
               "SELECT state FROM provider_webhooks WHERE provider_event_id = 'evt_of_the_test'") !=
           "waiting";
  }));
  EXPECT_EQ(text_at(stack.payment(id_of(answer)), "status"), "requires_action");
  pay_page(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

TEST(WebhookJourney, P9_another_amount_is_shown_to_a_person) {
  Stack stack({.config = pages_at_example});
  const JsonAnswer answer = stack.pay(hosted_page);
  const std::string id = id_of(answer);
  stack.set_simulator({{"example.lie", "amount"}});
  pay_page(stack, redirect_of(answer));
  EXPECT_TRUE(
      wait_until([&] { return text_at(stack.payment(id), "review") == "amount_mismatch"; }));
  EXPECT_EQ(text_at(stack.payment(id), "status"), "requires_action");
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.review_required"); }));
  EXPECT_FALSE(stack.has_received(id, "payment.succeeded"));

  const JsonAnswer accepted =
      stack.post("/v1/payments/" + id + "/review", {{"decision", "accept"}});
  ASSERT_EQ(accepted.status, 200) << accepted.text;
  EXPECT_EQ(status_of(accepted), "succeeded");
  EXPECT_EQ(text_at(accepted.body, "review"), "");
}

TEST(WebhookJourney, all_of_them_lost_are_made_up_for_by_looking) {
  Stack stack({.speed = "0.05"});
  stack.order_fault(all_webhooks_lost("soxara"));
  const JsonAnswer answer = stack.pay(phone("mtn", "+231881111000"));
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

}  // namespace
}  // namespace switchyard::testing
