// The happy path on every rail, and the payer's "no".
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

void visit(Stack& stack, const std::string& url, const std::string& button,
           const Headers& fields = {}) {
  Browser browser = stack.browser();
  const auto opened = browser.open(url);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto pressed = browser.press(button, fields);
  ASSERT_TRUE(pressed) << pressed.error().message << "\n" << browser.page();
}

const Headers mintcash_card = {{"card", "5519283812030000"}, {"expiry", "12/31"}, {"cvv", "123"}};
const Headers mintcash_3ds_card = {
    {"card", "5123817234060000"}, {"expiry", "12/31"}, {"cvv", "123"}};

TEST(RailsJourney, a_card_by_stripe) {
  Stack stack;
  const JsonAnswer answer = stack.pay(stripe_card());
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(status_of(answer), "succeeded");
  EXPECT_EQ(text_at(answer.body, "provider"), "stripe");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_card_that_the_bank_wants_to_see_first) {
  Stack stack;
  const JsonAnswer answer = stack.pay(stripe_card("pm_card_authenticationRequired"));
  ASSERT_EQ(answer.status, 201) << answer.text;
  ASSERT_EQ(status_of(answer), "requires_action");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 0u);
  visit(stack, redirect_of(answer), "approve");
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_payer_who_fails_3d_secure_may_use_another_card) {
  Stack stack;
  const JsonAnswer answer = stack.pay(stripe_card("pm_card_authenticationRequired"));
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  visit(stack, redirect_of(answer), "fail");
  const Json failed = stack.wait_for_status(id_of(answer), "failed");
  EXPECT_EQ(text_at(failed, "last_error.decline_code"), "authentication_failed");
  const JsonAnswer again =
      stack.post("/v1/payments/" + id_of(answer) + "/confirm", {{"payment_method", stripe_card()}});
  EXPECT_EQ(status_of(again), "succeeded") << again.text;
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_page_by_stripe_checkout) {
  Stack stack;
  const JsonAnswer answer = stack.pay(hosted_page, {{"currency", "EUR"}});
  ASSERT_EQ(answer.status, 201) << answer.text;
  visit(stack, redirect_of(answer), "card", {{"number", "4242424242424242"}});
  const Json paid = stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(text_at(paid, "provider"), "stripe");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_page_by_mintcash) {
  Stack stack;
  const JsonAnswer answer = stack.pay(hosted_page);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "provider"), "mintcash");
  visit(stack, redirect_of(answer), "Pay", mintcash_card);
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_page_by_mintcash_with_3d_secure) {
  Stack stack;
  const JsonAnswer answer = stack.pay(hosted_page);
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  Browser browser = stack.browser();
  ASSERT_TRUE(browser.open(redirect_of(answer)));
  ASSERT_TRUE(browser.press("Pay", mintcash_3ds_card)) << browser.page();
  const auto approved = browser.press("approve");
  ASSERT_TRUE(approved) << approved.error().message;
  EXPECT_NE(browser.url().find("/merchant/return?payment_id=" + id_of(answer)), std::string::npos)
      << browser.url();
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

class PhoneJourney : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(PhoneJourney, a_prompt_is_approved) {
  Stack stack({.speed = "0.05"});
  const auto [network, number] = GetParam();
  const JsonAnswer answer =
      stack.pay(phone(network, number), {{"currency", "LRD"}, {"amount", 150000}});
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "next_action.type"), "approve_on_phone");
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(Networks, PhoneJourney,
                         ::testing::Values(std::pair{"mtn", "+231881111000"},
                                           std::pair{"orange", "+231771111000"}));

TEST(RailsJourney, a_prompt_that_the_payer_refuses) {
  Stack stack({.speed = "0.05"});
  const JsonAnswer answer = stack.pay(phone("mtn", "+231881111001"));
  ASSERT_EQ(answer.status, 201) << answer.text;
  const Json failed = stack.wait_for_status(id_of(answer), "failed");
  EXPECT_EQ(text_at(failed, "last_error.decline_code"), "payer_rejected");
  EXPECT_EQ(failed["attempts"].size(), 1u) << "nobody else asks a payer who has said no";
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_wallet_by_soxara) {
  Stack stack({.speed = "0.05"});
  const JsonAnswer answer =
      stack.pay({{"type", "wallet"}, {"kind", "soxara_wallet"}, {"phone_number", "+231880000001"}});
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "next_action.type"), "approve_in_app");
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(RailsJourney, a_payment_is_confirmed_from_the_browser) {
  Stack stack;
  const JsonAnswer made = stack.post("/v1/payments", {{"amount", 4999}, {"currency", "USD"}});
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(status_of(made), "requires_payment_method");
  const std::string path = "/v1/payments/" + id_of(made) + "/confirm";
  const Json body = {{"payment_method", stripe_card()}};
  const auto confirm = [&](const std::string& secret) {
    return stack.call("POST", path, body, {{"Switchyard-Client-Secret", secret}},
                      stack.keys().publishable);
  };
  EXPECT_EQ(confirm(id_of(made) + "_secret_00000000000000000000000000").status, 404);
  const JsonAnswer confirmed = confirm(text_at(made.body, "client_secret"));
  ASSERT_EQ(confirmed.status, 200) << confirmed.text;
  EXPECT_EQ(status_of(confirmed), "succeeded");
  stack.expect_sound(id_of(made));
}

TEST(RailsJourney, an_account_that_needs_more_than_is_known_is_passed_over) {
  Stack stack;
  EXPECT_EQ(text_at(stack.pay(hosted_page).body, "provider"), "mintcash");
  const JsonAnswer answer = stack.pay(hosted_page, {{"customer", {{"external_id", "nameless"}}}});
  EXPECT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "provider"), "stripe");
}

}  // namespace
}  // namespace switchyard::testing
