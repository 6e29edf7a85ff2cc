// What must never be kept or said: card numbers, and every secret that passes through. Each is put
// wherever one could be put, and then looked for in every row, log line, event and number.
#include <gtest/gtest.h>

#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

using namespace std::string_literals;

// The same card as its owner, a form and a spreadsheet would write it.
const std::vector<std::string> spellings = {
    "4111111111111111",           "4111 1111 1111 1111",
    "4111-1111-1111-1111",        "card: 4111111111111111.",
    "4111111111111111 12/29 123", "%B4111111111111111^DOE/JANE^2912101?"};

bool holds(const std::string& text) {
  return text.find("4111111111111111") != std::string::npos ||
         text.find("4111 1111 1111 1111") != std::string::npos ||
         text.find("4111-1111-1111-1111") != std::string::npos;
}

void expect_nowhere() {
  EXPECT_FALSE(holds(target().log())) << "in the log";
  EXPECT_FALSE(holds(dump(target()))) << "in the database";
}

void expect_refused(const JsonAnswer& answer, const std::string& where) {
  EXPECT_EQ(answer.status, 400) << where << ": " << answer.text;
  EXPECT_EQ(code_of(answer), "card_number_not_accepted") << where;
  EXPECT_FALSE(holds(answer.text)) << where << " is repeated";
}

TEST(CardNumberAttack, D11_no_free_text_takes_one) {
  const std::string before = count_of("payments");
  for (const std::string& card : spellings) {
    for (const Json& more :
         {Json({{"description", card}}), Json({{"external_id", card}}),
          Json({{"metadata", {{"note", card}}}}), Json({{"metadata", {{card, "x"}}}}),
          Json({{"customer", {{"name", card}}}}), Json({{"customer", {{"external_id", card}}}}),
          Json({{"customer", {{"email", card + "@a.example"}}}}),
          Json({{"payment_method", {{"type", "card"}, {"token", card}}}, {"confirm", true}}),
          Json({{"return_url", "https://shop.example/?" + card}}), Json({{"nothing_known", card}}),
          Json({{card, "x"}})}) {
      expect_refused(target().post("/v1/payments", small_payment(more)), write_json(more));
    }
    expect_refused(target().post("/v1/customers", {{"name", card}}), "customer");
    expect_refused(target().post("/v1/webhook_endpoints", {{"url", "https://shop.example/" + card},
                                                           {"enabled_events", {"*"}}}),
                   "endpoint");
  }
  EXPECT_EQ(count_of("payments"), before);
  expect_nowhere();
}

TEST(CardNumberAttack, D11_no_later_call_takes_one) {
  const JsonAnswer paid = target().pay(stripe_card());
  const JsonAnswer open = target().post("/v1/payments", small_payment());
  const JsonAnswer waiting = target().pay(transfer);
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  const std::string card = "4111111111111111";
  const std::string of_paid = "/v1/payments/" + id_of(paid),
                    of_open = "/v1/payments/" + id_of(open);
  const std::string of_waiting = "/v1/payments/" + id_of(waiting);
  expect_refused(target().call("PATCH", of_open, {{"description", card}}), "update");
  expect_refused(target().post(of_open + "/confirm",
                               {{"payment_method", {{"type", "card"}, {"token", card}}}}),
                 "confirm");
  expect_refused(target().post(of_paid + "/refunds", {{"amount", 1}, {"description", card}}),
                 "refund");
  expect_refused(target().post(of_paid + "/refunds", {{"amount", 1}, {"external_id", card}}),
                 "refund");
  expect_refused(
      target().post(of_waiting + "/transfer/confirm", {{"amount", 4999}, {"bank_reference", card}}),
      "transfer");
  expect_refused(target().post(of_waiting + "/transfer/reject", {{"reason", card}}), "transfer");
  expect_nowhere();
}

TEST(CardNumberAttack, D11_no_header_path_or_query_keeps_one) {
  const std::string body = write_json(small_payment());
  for (const std::string name : {"Idempotency-Key", "X-Idempotency-Key"}) {
    const RawAnswer answer = create_raw(body, name + ": order-4111111111111111\r\n");
    EXPECT_EQ(answer.status, 400) << name << answer.body;
    EXPECT_EQ(answer.code, "card_number_not_accepted") << name;
  }
  // Headers that mean nothing here are let be, and kept nowhere.
  for (const std::string name : {"Request-Id", "X-Request-Id", "User-Agent", "X-Card", "Cookie",
                                 "Traceparent", "Referer", "Origin", "Prefer"}) {
    const RawAnswer answer =
        create_raw(body, name + ": 4111111111111111\r\nIdempotency-Key: " + name + "\r\n");
    EXPECT_EQ(answer.status, 201) << name << answer.body;
    EXPECT_FALSE(holds(answer.head + answer.body)) << name;
  }
  for (const std::string path :
       {"/v1/payments?external_id=4111111111111111", "/v1/payments?4111111111111111=x",
        "/v1/payments/4111111111111111", "/v1/customers/4111%201111%201111%201111",
        "/4111111111111111", "/return/4111111111111111.x", "/webhooks/4111111111111111"}) {
    const RawAnswer answer = send_raw(request_bytes("GET", path));
    EXPECT_TRUE(answer.status == 400 || answer.status == 404 || answer.status == 405) << path;
    EXPECT_FALSE(holds(answer.head + answer.body)) << path;
  }
  send_raw(request_bytes("GET", "/healthz", "", "X-A: 4111111111111111\x01\r\n"));
  expect_nowhere();
}

// Numbers that merchants do send, and that are no cards.
TEST(CardNumberAttack, D11_order_numbers_and_uuids_are_taken) {
  for (const std::string name :
       {"0e248279-2737-4241-3cc8-945124e21b4f", "d6ee3d70-606e-493b-a539-025469112053",
        "4b387a25fc28a4d9a25c5405ecd5667c653f45159282335216d6f4155d921aca", "20261120-000042",
        "1767225600000"}) {
    const JsonAnswer answer = target().post("/v1/payments", small_payment({{"external_id", name}}),
                                            {{"Idempotency-Key", name}});
    EXPECT_EQ(answer.status, 201) << name << answer.text;
  }
}

// A day in the life of a payment with a secret in every place that has one.
TEST(LeakAttack, K2_K5_O14_no_secret_is_in_a_row_a_line_an_event_or_a_number) {
  Stack& stack = target();
  const JsonAnswer made = stack.post("/v1/payments", small_payment());
  const JsonAnswer paid =
      stack.pay(stripe_card(), {{"metadata", {{"order", "1"}}}}, {{"Idempotency-Key", "leak-1"}});
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  stack.pay(example_card("tok_declined"), at_example);
  stack.pay(phone("mtn", "+231881111003"));
  stack.post("/v1/payments/" + id_of(paid) + "/refunds", {{"amount", 100}});
  const JsonAnswer endpoint = stack.post(
      "/v1/webhook_endpoints", {{"url", "https://shop.example/hooks"}, {"enabled_events", {"*"}}});
  ASSERT_EQ(endpoint.status, 201) << endpoint.text;
  send_raw(request_bytes("GET", "/v1/payments?api_key=" + stack.keys().secret));
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id_of(paid), "payment.succeeded"); }));

  const std::string client_secret = text_at(made.body, "client_secret");
  ASSERT_NE(client_secret, "");
  const std::map<std::string, std::string> secrets = {
      {"a secret key", stack.keys().secret},
      {"a publishable key", stack.keys().publishable},
      {"a client secret", client_secret.substr(client_secret.find("_secret_"))},
      {"an endpoint's secret", text_at(endpoint.body, "secret")},
      {"the master key", std::string(64, 'a')},
      {"Stripe's secret key", "sk_test_shop"},
      {"Stripe's webhook secret", "whsec_sandbox"},
      {"MintCash's signing secret", "demo-signing-secret-91ab"},
      {"Soxara's webhook secret", "whsec_test_soxara_77d0"},
      {"Example Pay's webhook key", "whk_example"},
      {"a card token", "tok_visa"},
  };
  const std::string rows = dump(stack), log = stack.log();
  RawClient operations(target_port() + 1);
  const std::string numbers = operations.ask("GET /metrics HTTP/1.1\r\nHost: shop.example\r\n\r\n");
  ASSERT_NE(numbers.find("http_requests_total"), std::string::npos);
  const std::string events = stack.get("/v1/events?limit=100").text;
  for (const auto& [name, secret] : secrets) {
    ASSERT_GE(secret.size(), 8u) << name;
    EXPECT_EQ(rows.find(secret), std::string::npos) << name << " is in the database";
    EXPECT_EQ(log.find(secret), std::string::npos) << name << " is in the log";
    EXPECT_EQ(numbers.find(secret), std::string::npos) << name << " is in the metrics";
    EXPECT_EQ(events.find(secret), std::string::npos) << name << " is in an event";
  }
  EXPECT_NE(log.find("http.answered"), std::string::npos) << "the log was written at all";
  for (const Json& each : stack.received_events(id_of(paid)))
    EXPECT_EQ(write_json(member_at(each, "event")).find("_secret_"), std::string::npos);
}

TEST(LeakAttack, K13_a_value_stays_on_its_line_of_the_log) {
  send_raw("GET /healthz HTTP/1.1\r\nHost: a\r\nRequest-Id: x\",\"level\":\"forged\r\n\r\n");
  send_raw("GET /a%0a{\"what\":\"forged\"} HTTP/1.1\r\nHost: a\r\n\r\n");
  target().post("/v1/payments", small_payment({{"description", "\n{\"what\":\"forged\"}\u001b"}}));
  std::istringstream lines(target().log());
  int count = 0;
  for (std::string line; std::getline(lines, line);) {
    // Before the log begins come the configuration's warnings.
    if (count == 0 && line.find(".toml:") != std::string::npos) continue;
    ++count;
    const Json fact = parse_json(line);
    EXPECT_TRUE(fact.is_object()) << line;
    EXPECT_NE(text_at(fact, "what"), "forged") << line;
    EXPECT_NE(text_at(fact, "level"), "forged") << line;
  }
  EXPECT_GE(count, 3) << "each request leaves a line";
}

}  // namespace
}  // namespace switchyard::testing
