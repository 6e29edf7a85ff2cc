// Providers that want an access token: one that ends before its time, one that is revoked, one that
// cannot be had. And a page that was opened, of which nobody has heard.
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

const Json francs = {{"currency", "XOF"}, {"amount", 5000}};

constexpr const char* pages_at_orange_first = R"(
[[rule]]
name = "pages"
when = { method = "hosted_page" }
use = ["orange_money", "example"]
)";

// At MTN's page of that phone.
void enter_pin(Stack& stack, const std::string& msisdn) {
  Browser handset = stack.browser();
  ASSERT_TRUE(handset.open(stack.sandbox().url() + "/mtn_momo/phone/" + msisdn));
  const auto entered = handset.press("approve");
  ASSERT_TRUE(entered) << entered.error().message << "\n" << handset.page();
}

void pay_at_orange(Stack& stack, const std::string& url) {
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(url));
  const auto paid = browser.press("pay", {{"msisdn", "7701100100"}, {"otp", "123456"}});
  ASSERT_TRUE(paid) << paid.error().message << "\n" << browser.page();
}

TEST(TokenJourney, one_that_ends_before_its_time_is_renewed_and_lost_callbacks_are_made_up_for) {
  Stack stack;
  stack.set_simulator({{"mtn_momo.outcome", "pending"}, {"mtn_momo.token_ends_s", "60"}});
  stack.order_fault(all_webhooks_lost("mtn_momo"));
  const JsonAnswer answer = stack.pay(phone("mtn", "+46733123499"), {{"currency", "EUR"}});
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  EXPECT_EQ(text_at(answer.body, "provider"), "mtn_momo");
  ASSERT_TRUE(stack.sandbox().control().post("/clock", {{"advance_sec", 60}}).is_success());
  enter_pin(stack, "46733123499");
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(TokenJourney, one_that_is_revoked_is_renewed_and_a_forged_callback_decides_nothing) {
  Stack stack;
  stack.set_simulator({{"orange_money.forged_notification", "true"}});
  const JsonAnswer answer = stack.pay(phone("orange", "+2250701100100"), francs);
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  EXPECT_EQ(text_at(answer.body, "provider"), "orange_money");
  EXPECT_TRUE(wait_until([&] {
    return stack.value(
               "SELECT count(*) FROM provider_webhooks WHERE proof = 'unproven' AND state "
               "= 'done'") == "1";
  }));
  EXPECT_TRUE(wait_until([&] { return stack.value("SELECT lookups > 0 FROM attempts") == "t"; }));
  EXPECT_EQ(text_at(stack.payment(id_of(answer)), "status"), "requires_action");

  ASSERT_TRUE(stack.sandbox().control().post("/orange_money/revoke").is_success());
  pay_at_orange(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(TokenJourney, a_charge_that_was_refused_for_its_token_goes_once_more_with_another) {
  Stack stack;
  ASSERT_EQ(status_of(stack.pay(phone("orange", "+2250701100100"), francs)), "requires_action");
  ASSERT_TRUE(stack.sandbox().control().post("/orange_money/revoke").is_success());
  const JsonAnswer answer = stack.pay(phone("orange", "+2250701100100"), francs);
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  EXPECT_EQ(answer.body.at("attempts").size(), 1u);
  pay_at_orange(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

TEST(TokenJourney, without_one_nothing_is_sent_and_the_next_account_is_asked) {
  Stack stack({.config = pages_at_orange_first});
  stack.set_simulator({{"orange_money.revoked_client", "demo-client"}});
  const JsonAnswer answer = stack.pay(hosted_page, francs);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "attempts.0.account"), "orange_money");
  EXPECT_EQ(text_at(answer.body, "attempts.0.status"), "not_sent");
  EXPECT_EQ(text_at(answer.body, "attempts.0.decline_code"), "provider_unavailable");
  EXPECT_EQ(text_at(answer.body, "attempts.1.account"), "example");
  pay_page(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.sandbox().ledger("orange_money").size(), 0u);
  stack.expect_sound(id_of(answer));
}

// Orange answers only who knows the page's token, and that was in the answer. Nobody has seen the
// page, so nobody can pay there.
TEST(TokenJourney, a_page_whose_answer_is_lost_is_left_behind_and_another_account_is_asked) {
  Stack stack({.config = pages_at_orange_first});
  stack.order_fault(lost_answer("orange_money", "/webpayment"));
  const JsonAnswer answer = stack.pay(hosted_page, francs);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(status_of(answer), "requires_action");
  EXPECT_EQ(text_at(answer.body, "attempts.0.account"), "orange_money");
  EXPECT_EQ(text_at(answer.body, "attempts.0.decline_code"), "provider_unavailable");
  EXPECT_EQ(text_at(answer.body, "attempts.1.account"), "example");
  EXPECT_EQ(
      stack.value("SELECT sends FROM steps WHERE name = 'create' ORDER BY created_at LIMIT 1"),
      "1");
  pay_page(stack, redirect_of(answer));
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.sandbox().ledger().size(), 1u);
  stack.expect_sound(id_of(answer));
}

}  // namespace
}  // namespace switchyard::testing
