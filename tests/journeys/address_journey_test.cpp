// Each attempt has an address of its own, which only its provider is told: what comes there makes
// us look and decides nothing, and what comes anywhere else is not heard at all.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

const Json francs = {{"currency", "XOF"}, {"amount", 5000}};

JsonAnswer open_page(Stack& stack) {
  const JsonAnswer answer = stack.pay(phone("orange", "+2250701100100"), francs);
  EXPECT_EQ(status_of(answer), "requires_action") << answer.text;
  EXPECT_EQ(text_at(answer.body, "provider"), "orange_money");
  return answer;
}

// As the provider was told; seen when it sends its first message there.
std::string address_of(Stack& stack, const std::string& attempt_id) {
  std::string address;
  EXPECT_TRUE(wait_until([&] {
    for (const Json& sent : stack.sandbox().webhooks_sent())
      if (text_at(sent, "url").find(attempt_id) != std::string::npos)
        address = text_at(sent, "url");
    return !address.empty();
  }));
  return address;
}

int say_paid(Stack& stack, const std::string& url) {
  return stack.http()
      .send({.method = "POST",
             .url = url,
             .headers = {{"Content-Type", "application/json"}},
             .body = R"({"status":"SUCCESS","notif_token":"0","txnid":"MP261128.1200.A00001"})"},
            {.fresh_connection = true})
      .response.status;
}

void expect_messages(Stack& stack, const std::string& count) {
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM provider_webhooks WHERE state = 'done'") == count;
  }));
  EXPECT_EQ(stack.value("SELECT count(*) FROM provider_webhooks"), count);
}

TEST(AddressJourney, what_comes_to_any_other_address_is_not_heard) {
  Stack stack;
  stack.set_simulator({{"orange_money.forged_notification", "true"}});  // tells the addresses
  const JsonAnswer mine = open_page(stack), other = open_page(stack);
  const std::string attempt = text_at(mine.body, "attempts.0.id");
  const std::string address = address_of(stack, attempt);
  const std::string others = address_of(stack, text_at(other.body, "attempts.0.id"));
  ASSERT_NE(address, "");
  ASSERT_NE(others, "");
  expect_messages(stack, "2");

  const std::string account = stack.url() + "/webhooks/orange_money";
  EXPECT_TRUE(address.starts_with(account + "/" + attempt + ".")) << address;
  for (const std::string& wrong :
       {account, account + "/" + attempt, account + "/" + attempt + "." + std::string(26, 'a'),
        account + "/" + attempt + others.substr(others.rfind('.')), address + "a",
        address.substr(0, address.size() - 1)})
    EXPECT_EQ(say_paid(stack, wrong), 404) << wrong;
  expect_messages(stack, "2");

  EXPECT_EQ(say_paid(stack, address), 200);
  expect_messages(stack, "3");
  for (const JsonAnswer* each : {&mine, &other})
    EXPECT_EQ(text_at(stack.payment(id_of(*each)), "status"), "requires_action");
  EXPECT_EQ(stack.sandbox().ledger().size(), 0u);
  stack.expect_sound(id_of(mine));
}

// MTN calls back once, by PUT in some countries, and does not sign it.
TEST(AddressJourney, a_callback_there_makes_us_look_at_once) {
  Stack stack({.config = "[payments]\nlook_up_speed = 0.001\n"});  // own looks come after hours
  stack.set_simulator({{"mtn_momo.outcome", "pending"}, {"mtn_momo.callback_method", "PUT"}});
  const JsonAnswer answer = stack.pay(phone("mtn", "+46733123499"), {{"currency", "EUR"}});
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  const std::string reference = text_at(answer.body, "attempts.0.provider_reference");
  const SendOutcome entered =
      stack.http().send({.method = "POST",
                         .url = stack.sandbox().url() + "/mtn_momo/phone/46733123499",
                         .body = "id=" + reference + "&decision=approve"},
                        {.fresh_connection = true});
  ASSERT_EQ(entered.response.status, 303) << entered.problem;
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.value("SELECT method || ' ' || proof FROM provider_webhooks"), "PUT unproven");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(AddressJourney, a_refund_that_nobody_answered_or_called_back_about_is_found_by_its_key) {
  Stack stack;
  const std::string id = id_of(stack.pay(phone("mtn", "+46733123499"), {{"currency", "EUR"}}));
  stack.wait_for_status(id, "succeeded");
  stack.order_fault(all_webhooks_lost("mtn_momo"));
  stack.order_fault(lost_answer("mtn_momo", "/refund"));
  const JsonAnswer asked = stack.post(
      "/v1/refunds", {{"payment", id}, {"amount", 1500}, {"reason", "requested_by_customer"}});
  EXPECT_TRUE(asked.is_success()) << asked.text;
  EXPECT_TRUE(wait_until([&] { return integer_at(stack.payment(id), "amount_refunded") == 1500; }));
  EXPECT_EQ(stack.ledger_of(id, "refund").size(), 1u);
  EXPECT_EQ(stack.value("SELECT count(*) FROM steps WHERE name = 'refund'"), "1");
  stack.expect_sound(id);
}

// M-Pesa names no reference of ours, so that only the address says whom a message is about. One
// that names what another payment was made of pays for nothing here, whatever amount it has.
TEST(AddressJourney, one_prompt_pays_for_one_payment) {
  const Json shillings = {{"currency", "KES"}, {"amount", 15000}};
  Stack stack;
  const JsonAnswer other = stack.pay(phone("mpesa", "+254711000001"), shillings);
  const std::string others_prompt = text_at(other.body, "attempts.0.provider_reference");
  ASSERT_NE(others_prompt, "") << other.text;

  stack.order_fault(all_webhooks_lost("mpesa"));
  stack.order_fault(lost_answer("mpesa", "/mpesa/stkpush/v1/processrequest"));
  const std::string id = id_of(stack.pay(phone("mpesa", "+254708374149"), shillings));
  const std::string attempt = text_at(stack.payment(id), "attempts.0.id");
  const std::string address = address_of(stack, attempt);  // of a message that was lost
  Json message;
  for (const Json& sent : stack.sandbox().webhooks_sent())
    if (text_at(sent, "url") == address) message = parse_json(text_at(sent, "body"));
  const auto say = [&](const Json& body) {
    return stack.http()
        .send({.method = "POST", .url = address, .body = write_json(body)},
              {.fresh_connection = true})
        .response.status;
  };

  Json astray = message;
  astray["Body"]["stkCallback"]["CheckoutRequestID"] = others_prompt;
  EXPECT_EQ(say(astray), 200);
  expect_messages(stack, "1");
  EXPECT_EQ(text_at(stack.payment(id), "attempts.0.provider_reference"), "");
  EXPECT_EQ(stack.value("SELECT what FROM anomalies WHERE payment_id = '" + id + "'"),
            "hint about another attempt");

  EXPECT_EQ(say(message), 200);
  stack.wait_for_status(id, "succeeded");
  EXPECT_EQ(stack.ledger_of(id, "charge").size(), 1u);
  EXPECT_EQ(text_at(stack.payment(id_of(other)), "status"), "requires_action");
  stack.expect_sound(id);
}

}  // namespace
}  // namespace switchyard::testing
