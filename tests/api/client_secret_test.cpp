#include "api/client_secret.h"

#include "api/payments.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

class ClientSecretTest : public ::testing::Test {
 protected:
  Json made(const std::string& body) {
    return running.json(running.ask(create_payment_call, {.body = body}));
  }
  Reply browser(ApiHandler handler, const std::string& id, const std::string& secret,
                const std::string& body = "") {
    return running.ask(handler,
                       {.method = body.empty() ? "GET" : "POST",
                        .id = id,
                        .body = body,
                        .headers = {{"switchyard-client-secret", secret}},
                        .api_key = running.publishable_key},
                       Access::publishable);
  }

  const std::string plain = R"({"amount":4999,"currency":"USD"})";
  RunningApi running;
};

TEST_F(ClientSecretTest, A4_lets_a_browser_read_and_confirm_its_payment) {
  const Json payment = made(plain);
  const std::string id = text_at(payment, "id");
  const std::string secret = text_at(payment, "client_secret");
  ASSERT_TRUE(secret.starts_with(id + "_secret_"));
  const std::string method = R"("payment_method":{"type":"card","token":"tok_paid"})";
  const Reply unknown = browser(retrieve_payment_call, "pay_00000000000000000000000000", "x");
  for (const std::string& wrong :
       {std::string(), id, id + "_secret_", secret + "x", secret.substr(0, secret.size() - 1)}) {
    const Reply reply = browser(confirm_payment_call, id, wrong, "{" + method + "}");
    EXPECT_EQ(reply.status, 404) << wrong;
    EXPECT_EQ(text_at(running.json(reply), "error.message"),
              text_at(running.json(unknown), "error.message"));
  }
  const Reply seen = browser(retrieve_payment_call, id, secret);
  EXPECT_EQ(seen.status, 200);
  EXPECT_EQ(seen.body.find("client_secret"), std::string::npos);
  EXPECT_FALSE(running.json(seen).contains("metadata"));
  const Reply confirmed = browser(confirm_payment_call, id, "",
                                  R"({"client_secret":")" + secret + "\"," + method + "}");
  EXPECT_EQ(confirmed.status, 200) << confirmed.body;
  EXPECT_EQ(text_at(running.json(confirmed), "status"), "succeeded");
}

TEST_F(ClientSecretTest, A4_C6_is_counted_when_wrong_and_always_known_when_right) {
  const Json payment = made(plain);
  const std::string id = text_at(payment, "id");
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(browser(retrieve_payment_call, id, "wrong").status, 404) << i;
  EXPECT_EQ(browser(retrieve_payment_call, id, "wrong").status, 429);
  EXPECT_EQ(browser(retrieve_payment_call, id, text_at(payment, "client_secret")).status, 200);
}

TEST_F(ClientSecretTest, tells_a_browser_why_it_was_declined_but_not_by_whom) {
  const Json payment =
      parse_json(running.ask(create_payment_call, {.body = card_payment("tok_declined")})
                     .body)["error"]["payment"];
  ASSERT_EQ(text_at(payment, "last_error.account"), "example_main");
  const Reply seen =
      browser(retrieve_payment_call, text_at(payment, "id"), text_at(payment, "client_secret"));
  EXPECT_NE(text_at(parse_json(seen.body), "last_error.decline_code"), "");
  EXPECT_EQ(text_at(parse_json(seen.body), "last_error.account"), "");
  EXPECT_EQ(seen.body.find("example_main"), std::string::npos);
}

TEST_F(ClientSecretTest, C6_is_never_shown_in_lists_or_events) {
  made(card_payment("tok_paid"));
  const Reply list = running.ask(list_payments_call, {.method = "GET"});
  EXPECT_NE(list.body.find("\"id\":\"pay_"), std::string::npos);
  EXPECT_EQ(list.body.find("_secret_"), std::string::npos);
  EXPECT_EQ(running.value("SELECT count(*) FROM events WHERE body LIKE '%_secret\\_%'"), "0");
}

TEST_F(ClientSecretTest, has_idempotency_keys_beside_the_merchants_own) {
  const Json payment = made(plain);
  const std::string id = text_at(payment, "id");
  const std::string body = R"({"payment_method":{"type":"card","token":"tok_paid"}})";
  const Fields secret = {{"switchyard-client-secret", text_at(payment, "client_secret")}};
  const Ask ask{
      .id = id, .body = body, .key = "k1", .headers = secret, .api_key = running.publishable_key};
  EXPECT_EQ(running.ask(confirm_payment_call, ask, Access::publishable).status, 200);
  EXPECT_EQ(
      header_of(running.ask(confirm_payment_call, ask, Access::publishable), "Idempotent-Replayed"),
      "true");
  EXPECT_EQ(running.ask(create_payment_call, {.body = plain, .key = "k1"}).status, 201);
  EXPECT_EQ(running.provider.charges(), 1);
}

}  // namespace
}  // namespace switchyard::testing
