// PayPal: the payer agrees to an order on PayPal's page, which moves nothing; our capture, which
// follows, takes the money. It happens once, or not at all.
#include <thread>

#include "base/certificate.h"
#include "base/crypto.h"
#include "tests/http/raw_server.h"
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

JsonAnswer open_order(Stack& stack) {
  const JsonAnswer order =
      stack.pay({{"type", "wallet"}, {"kind", "paypal"}}, {{"currency", "EUR"}});
  EXPECT_EQ(status_of(order), "requires_action") << order.text;
  return order;
}

// One of the buttons of PayPal's page; where the browser is then.
std::string decide(Stack& stack, const JsonAnswer& order, const std::string& decision) {
  Browser browser = stack.browser();
  EXPECT_TRUE(browser.open(redirect_of(order)));
  const auto decided = browser.press(decision);
  EXPECT_TRUE(decided) << decided.error().message << "\n" << browser.page();
  return browser.url();
}

std::string captures_of(Stack& stack, const std::string& id) {
  return stack.value("SELECT count(*) FROM steps WHERE name = 'capture' AND payment_id = '" + id +
                     "'");
}

void expect_taken_once(Stack& stack, const std::string& id) {
  stack.wait_for_status(id, "succeeded");
  EXPECT_EQ(captures_of(stack, id), "1");
  EXPECT_EQ(stack.ledger_of(id, "charge").size(), 1u);
  stack.expect_sound(id);
}

void expect_not_taken(Stack& stack, const std::string& id) {
  EXPECT_EQ(stack.ledger_of(id, "charge").size(), 0u);
  stack.expect_sound(id);
}

TEST(PaypalJourney, money_is_taken_once_though_message_return_and_look_come_at_the_same_time) {
  Stack stack({.config = "[payments]\nlook_up_speed = 1000\n"});
  stack.order_fault({{"provider", "paypal"}, {"webhook", "double"}, {"times", 0}});
  const JsonAnswer order = open_order(stack);
  const SendOutcome agreed =
      stack.http().send({.method = "POST", .url = redirect_of(order), .body = "decision=approve"},
                        {.fresh_connection = true});
  ASSERT_EQ(agreed.response.status, 303) << agreed.problem;
  const std::string back = header_of(agreed.response.headers, "Location");
  std::vector<std::thread> tabs;
  for (int i = 0; i < 8; ++i) tabs.emplace_back([&] { EXPECT_TRUE(stack.browser().open(back)); });
  for (std::thread& tab : tabs) tab.join();
  expect_taken_once(stack, id_of(order));
}

TEST(PaypalJourney, a_capture_whose_answer_is_lost_is_found_out_about) {
  Stack stack;
  stack.order_fault(all_webhooks_lost("paypal"));
  stack.order_fault(lost_answer("paypal", "/capture"));
  const JsonAnswer order = open_order(stack);
  decide(stack, order, "approve");
  expect_taken_once(stack, id_of(order));
}

TEST(PaypalJourney, a_payer_who_cancels_may_still_agree_on_the_same_page) {
  Stack stack;
  const JsonAnswer order = open_order(stack);
  const std::string at = decide(stack, order, "cancel");
  EXPECT_NE(at.find("/merchant/return?payment_id=" + id_of(order)), std::string::npos) << at;
  EXPECT_EQ(text_at(stack.payment(id_of(order)), "status"), "requires_action");
  EXPECT_EQ(captures_of(stack, id_of(order)), "0");
  decide(stack, order, "approve");
  expect_taken_once(stack, id_of(order));
}

TEST(PaypalJourney, an_order_of_a_canceled_payment_is_not_captured_however_the_payer_agrees) {
  Stack stack;
  const JsonAnswer order = open_order(stack);
  const JsonAnswer canceled = stack.post("/v1/payments/" + id_of(order) + "/cancel");
  ASSERT_EQ(canceled.status, 200) << canceled.text;
  EXPECT_EQ(status_of(canceled), "canceled");
  decide(stack, order, "approve");
  // The message is true, so we look; and leave it at that.
  EXPECT_TRUE(wait_until([&] { return stack.value("SELECT lookups FROM attempts") == "1"; }));
  EXPECT_EQ(text_at(stack.payment(id_of(order)), "status"), "canceled");
  EXPECT_EQ(captures_of(stack, id_of(order)), "0");
  expect_not_taken(stack, id_of(order));
}

TEST(PaypalJourney, a_capture_that_is_declined_ends_the_attempt_and_is_not_repeated) {
  Stack stack;
  const JsonAnswer order = open_order(stack);
  decide(stack, order, "decline");
  const Json failed = stack.wait_for_status(id_of(order), "failed");
  EXPECT_EQ(text_at(failed, "last_error.decline_code"), "card_declined");
  EXPECT_EQ(text_at(failed, "attempts.0.status"), "refused");
  EXPECT_EQ(captures_of(stack, id_of(order)), "1");
  expect_not_taken(stack, id_of(order));
}

// There is no list of refunds to find it in.
TEST(PaypalJourney, a_refund_whose_answer_is_lost_goes_again_under_the_same_key) {
  Stack stack;
  const JsonAnswer order = open_order(stack);
  decide(stack, order, "approve");
  expect_taken_once(stack, id_of(order));
  stack.order_fault(all_webhooks_lost("paypal"));
  // Not a broken connection, after which curl may send the bytes again by itself.
  stack.order_fault({{"provider", "paypal"},
                     {"method", "POST"},
                     {"path", "/refund"},
                     {"when", "after"},
                     {"action", "status:503"}});
  const JsonAnswer asked = stack.post(
      "/v1/refunds", {{"payment", id_of(order)}, {"amount", 2000}, {"reason", "duplicate"}});
  EXPECT_TRUE(asked.is_success()) << asked.text;
  EXPECT_TRUE(wait_until(
      [&] { return integer_at(stack.payment(id_of(order)), "amount_refunded") == 2000; }));
  EXPECT_EQ(stack.value("SELECT count(*) || ' ' || bool_and(sends > 1) FROM steps WHERE name = "
                        "'refund'"),
            "1 true");
  EXPECT_EQ(stack.ledger_of(id_of(order), "refund").size(), 1u);
  stack.expect_sound(id_of(order));
}

// ---- how a message is proven

constexpr const char* own_looks_after_hours = "[payments]\nlook_up_speed = 0.001\n";

TEST(PaypalJourney, a_message_that_cannot_be_judged_is_not_taken_and_comes_again) {
  Stack stack({.config = own_looks_after_hours});
  stack.order_fault({{"provider", "paypal"},
                     {"path", "/verify-webhook-signature"},
                     {"when", "before"},
                     {"action", "status:503"}});
  const JsonAnswer order = open_order(stack);
  decide(stack, order, "leave");
  expect_taken_once(stack, id_of(order));
  EXPECT_EQ(text_at(stack.sandbox().webhooks_sent(), "0.outcome"), "503");
  EXPECT_EQ(stack.value("SELECT count(*) FROM provider_webhooks WHERE proof = 'rejected'"), "0");
}

// An account that proves messages by PayPal's certificate, which it fetches from the sandbox.
std::string account_with_certificate(Stack& stack, const std::string& certificate) {
  const std::string url = stack.sandbox().url();
  return R"(
[[account]]
id = "proven"
adapter = "paypal"
mode = "test"
base_url = "SANDBOX/paypal"
client_id = "paypal-sandbox-client"
client_secret = "paypal-sandbox-secret"
webhook_id = "8PT597110X687430L"
certificate_name = ".simulator.test"
certificate_hosts = ")" +
         url.substr(url.find("//") + 2) + "\"\ncertificate_roots = \"\"\"\n" + certificate +
         R"("""

[[rule]]
name = "all"
use = ["proven"]

)" + own_looks_after_hours;
}

// A message as PayPal signs it, by whoever.
int say_agreed(Stack& stack, const JsonAnswer& order, const CertificateSigner& signer,
               const std::string& certificate_url) {
  const std::string body = write_json(
      {{"id", "WH-FORGED"},
       {"event_type", "CHECKOUT.ORDER.APPROVED"},
       {"resource",
        {{"id", text_at(order.body, "attempts.0.provider_reference")}, {"status", "APPROVED"}}}});
  const std::string message =
      "transmission|2026-11-28T12:00:00Z|8PT597110X687430L|" + std::to_string(crc32_of(body));
  return stack.http()
      .send({.method = "POST",
             .url = stack.url() + "/webhooks/proven",
             .headers = {{"Content-Type", "application/json"},
                         {"Paypal-Transmission-Id", "transmission"},
                         {"Paypal-Transmission-Time", "2026-11-28T12:00:00Z"},
                         {"Paypal-Transmission-Sig", to_base64(signer.sign(message))},
                         {"Paypal-Cert-Url", certificate_url},
                         {"Paypal-Auth-Algo", "SHA256withRSA"}},
             .body = body},
            {.fresh_connection = true})
      .response.status;
}

TEST(PaypalJourney, a_message_is_proven_by_paypals_certificate_and_none_is_fetched_elsewhere) {
  Stack stack;
  const std::string url = stack.sandbox().url() + "/paypal/v1/notifications/certs/CERT-SANDBOX";
  const SendOutcome certificate = stack.http().send({.url = url}, {.fresh_connection = true});
  ASSERT_EQ(certificate.response.status, 200) << certificate.problem;
  stack.change_config(account_with_certificate(stack, certificate.response.body));
  stack.restart_router();
  stack.set_simulator({{"paypal.webhook_url", stack.url() + "/webhooks/proven"}});
  const JsonAnswer order = open_order(stack);

  const CertificateSigner forger("messageverificationcerts.simulator.test");
  RawServer foreign(always(ok(forger.certificate())));
  EXPECT_EQ(say_agreed(stack, order, forger, foreign.url("/paypal/v1/notifications/certs/C")), 401);
  EXPECT_EQ(foreign.connections(), 0);
  EXPECT_EQ(say_agreed(stack, order, forger, url), 401) << "not signed with that certificate's key";
  EXPECT_EQ(stack.value("SELECT count(*) FROM provider_webhooks WHERE proof = 'rejected'"), "2");
  EXPECT_EQ(captures_of(stack, id_of(order)), "0");

  decide(stack, order, "leave");
  expect_taken_once(stack, id_of(order));
}

}  // namespace
}  // namespace switchyard::testing
