#include "api/authenticate.h"

#include "api/payments.h"
#include "api/refunds.h"
#include "running_api.h"
#include "store/merchants.h"

namespace switchyard::testing {
namespace {

class AuthenticateTest : public ::testing::Test {
 protected:
  Reply list_with(const std::string& authorization) {
    return running.ask(list_payments_call,
                       {.method = "GET", .headers = {{"authorization", authorization}}});
  }
  static std::string basic(const std::string& pair) { return "Basic " + to_base64(pair); }

  RunningApi running;
};

TEST_F(AuthenticateTest, takes_a_key_as_bearer_or_basic) {
  EXPECT_EQ(list_with("Bearer " + running.secret_key).status, 200);
  EXPECT_EQ(list_with("bearer   " + running.secret_key).status, 200);
  EXPECT_EQ(list_with(basic(running.secret_key + ":")).status, 200);
  EXPECT_EQ(list_with(basic(running.publishable_key + ":" + running.secret_key)).status, 200);
}

TEST_F(AuthenticateTest, A1_A2_answers_every_wrong_key_alike) {
  const std::string other = running.new_key(Mode::test, true, running.new_merchant());
  const std::string none = list_with("Bearer").body;
  for (const std::string& header :
       {std::string("Bearer sk_test_unknown"), std::string("Bearer x"),
        std::string("Token ") + running.secret_key, running.secret_key, std::string("Basic !!"),
        basic(":"), basic(""), basic(other + ":" + running.secret_key),
        "Bearer " + running.secret_key + "x"}) {
    const Reply reply = list_with(header);
    EXPECT_EQ(reply.status, 401) << header;
    EXPECT_EQ(reply.body, none) << header;
  }
}

TEST_F(AuthenticateTest, A6_refuses_a_key_in_the_query_even_when_it_is_true) {
  EXPECT_EQ(
      running.ask(list_payments_call, {.method = "GET", .query = {{"key", running.secret_key}}})
          .status,
      401);
  EXPECT_EQ(running.ask(list_payments_call, {.method = "GET", .query = {{"api_key", "x"}}}).status,
            401);
}

TEST_F(AuthenticateTest, A3_keeps_publishable_keys_out_before_anything_is_read) {
  for (const ApiHandler handler :
       {create_payment_call, capture_payment_call, create_refund_call, list_payments_call}) {
    const Reply reply = running.ask(
        handler, {.id = "pay_x", .body = "not even json", .api_key = running.publishable_key});
    EXPECT_EQ(reply.status, 403);
    EXPECT_EQ(code_of(reply), "key_scope");
  }
}

TEST_F(AuthenticateTest, A5_shows_test_keys_test_objects_only) {
  const Reply made = running.ask(create_payment_call, {.body = R"({"amount":1,"currency":"USD"})"});
  const std::string id = text_at(running.json(made), "id");
  const std::string live = running.new_key(Mode::live, false, running.merchant);
  EXPECT_EQ(running.ask(retrieve_payment_call, {.method = "GET", .id = id}).status, 200);
  EXPECT_EQ(running.ask(retrieve_payment_call, {.method = "GET", .id = id, .api_key = live}).status,
            404);
}

TEST_F(AuthenticateTest, A9_forgets_a_revoked_key_within_a_second) {
  ASSERT_EQ(list_with("Bearer " + running.secret_key).status, 200);
  const auto keys = list_keys(running.database, running.merchant).value();
  for (const ApiKey& key : keys) EXPECT_TRUE(revoke_key(running.database, key.id).value());
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(list_with("Bearer " + running.secret_key).status, 401);
}

TEST_F(AuthenticateTest, A8_keeps_keys_as_hashes_and_notes_their_use) {
  EXPECT_EQ(running.value("SELECT count(*) FROM api_keys WHERE hash = '" +
                          sha256_hex(running.secret_key) + "'"),
            "1");
  EXPECT_EQ(running.value("SELECT count(*) FROM api_keys k WHERE k::text LIKE '%" +
                          running.secret_key + "%'"),
            "0");
  EXPECT_EQ(running.value("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"), "0");
  list_with("Bearer " + running.secret_key);
  EXPECT_EQ(running.value("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"), "1");
}

TEST_F(AuthenticateTest, A8_makes_keys_that_say_their_kind_and_cannot_be_guessed) {
  EXPECT_TRUE(running.secret_key.starts_with("sk_test_"));
  EXPECT_TRUE(running.publishable_key.starts_with("pk_test_"));
  EXPECT_TRUE(running.new_key(Mode::live, false, running.merchant).starts_with("sk_live_"));
  EXPECT_GE(running.secret_key.size(), 8u + 22u);  // 22 of 62 characters are 131 bits
  EXPECT_NE(running.new_key(Mode::test, false, running.merchant), running.secret_key);
  EXPECT_FALSE(create_key(running.database, "mer_none", Mode::test, false));
}

TEST(Guarded, tells_the_rate_limit_and_refuses_what_is_above_it) {
  RunningApi running({}, {}, 0, 1);
  const auto ask = [&] {
    return running.ask(create_payment_call, {.body = R"({"amount":1,"currency":"USD"})"});
  };
  const Reply first = ask();
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(header_of(first, "RateLimit-Limit"), "2");
  EXPECT_EQ(header_of(first, "RateLimit-Remaining"), "1");
  Reply last = first;
  for (int i = 0; i < 20 && last.status == 201; ++i) last = ask();
  EXPECT_EQ(last.status, 429);
  EXPECT_EQ(code_of(last), "rate_limited");
  EXPECT_EQ(header_of(last, "Retry-After"), "1");
}

TEST(Guarded, D11_refuses_what_is_not_one_json_object_without_card_numbers) {
  RunningApi running;
  const auto code = [&](const std::string& body) {
    return code_of(running.ask(create_payment_call, {.body = body}));
  };
  EXPECT_EQ(code("{"), "invalid_json");
  EXPECT_EQ(code("[]"), "invalid_json");
  EXPECT_EQ(code(R"({"amount":100,"amount":1})"), "invalid_json");
  EXPECT_EQ(code(R"({"amount":1,"currency":"USD","metadata":{"x":"4242 4242 4242 4242"}})"),
            "card_number_not_accepted");
  EXPECT_EQ(running.value("SELECT count(*) FROM payments"), "0");
}

}  // namespace
}  // namespace switchyard::testing
