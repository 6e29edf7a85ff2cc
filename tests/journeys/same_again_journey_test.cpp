// The same request again: by its idempotency key, and by the merchant's own order id.
#include <atomic>
#include <thread>

#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

TEST(SameAgainJourney, the_same_key_gets_the_same_bytes) {
  Stack stack;
  const JsonAnswer first = stack.pay(stripe_card(), Json::object(), key("order-1"));
  ASSERT_EQ(first.status, 201) << first.text;
  const JsonAnswer again = stack.pay(stripe_card(), Json::object(), key("order-1"));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(header_of(again.headers, "Idempotent-Replayed"), "true");
  EXPECT_EQ(header_of(first.headers, "Idempotent-Replayed"), "");
  EXPECT_EQ(stack.ledger_of(id_of(first), "charge").size(), 1u);
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
  stack.expect_sound(id_of(first));
}

TEST(SameAgainJourney, a_decline_is_replayed_too) {
  Stack stack;
  const Json card = stripe_card("tok_visa_chargeDeclinedInsufficientFunds");
  const JsonAnswer first = stack.pay(card, Json::object(), key("order-1"));
  ASSERT_EQ(first.status, 402) << first.text;
  EXPECT_EQ(stack.pay(card, Json::object(), key("order-1")).text, first.text);
  EXPECT_EQ(stack.value("SELECT count(*) FROM attempts"), "1");
}

TEST(SameAgainJourney, the_same_key_for_something_else_is_refused) {
  Stack stack;
  stack.pay(stripe_card(), Json::object(), key("order-1"));
  const JsonAnswer other = stack.pay(stripe_card(), {{"amount", 5000}}, key("order-1"));
  EXPECT_EQ(other.status, 422) << other.text;
  EXPECT_EQ(text_at(other.body, "error.code"), "idempotency_key_reused");
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
}

TEST(SameAgainJourney, C4_two_merchants_do_not_share_keys) {
  Stack stack;
  const Keys other = stack.make_merchant("Other");
  const Json body = {{"amount", 100}, {"currency", "USD"}};
  const JsonAnswer ours = stack.post("/v1/payments", body, key("order-1"));
  const JsonAnswer theirs = stack.call("POST", "/v1/payments", body, key("order-1"), other.secret);
  EXPECT_EQ(theirs.status, 201) << theirs.text;
  EXPECT_NE(id_of(theirs), id_of(ours));
  EXPECT_EQ(stack.call("GET", "/v1/payments/" + id_of(ours), nullptr, {}, other.secret).status,
            404);
}

TEST(SameAgainJourney, twenty_at_once_are_one_payment) {
  Stack stack;
  stack.order_fault({{"provider", "example"}, {"method", "POST"}, {"action", "slow:500"}});
  std::vector<std::thread> clients;
  std::vector<JsonAnswer> answers(20);
  for (int i = 0; i < 20; ++i)
    clients.emplace_back([&, i] {
      Headers headers = key("order-1");
      headers.emplace_back("Prefer", "wait=10");
      answers[i] = stack.pay(example_card(), at_example, headers);
    });
  for (std::thread& client : clients) client.join();
  for (const JsonAnswer& answer : answers) {
    EXPECT_EQ(answer.status, 201) << answer.text;
    EXPECT_EQ(answer.text, answers[0].text);
  }
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
  EXPECT_EQ(stack.ledger_of(id_of(answers[0]), "charge").size(), 1u);
}

TEST(SameAgainJourney, while_the_first_one_runs_the_second_is_told_to_wait) {
  Stack stack;
  stack.order_fault({{"provider", "example"}, {"method", "POST"}, {"action", "slow:1500"}});
  std::thread first(
      [&] { EXPECT_EQ(stack.pay(example_card(), at_example, key("order-1")).status, 201); });
  EXPECT_TRUE(
      wait_until([&] { return stack.value("SELECT count(*) FROM idempotency_keys") == "1"; }));
  const JsonAnswer second = stack.pay(example_card(), at_example, key("order-1"));
  EXPECT_EQ(second.status, 409) << second.text;
  EXPECT_EQ(text_at(second.body, "error.code"), "idempotency_key_in_use");
  EXPECT_NE(header_of(second.headers, "Retry-After"), "");
  first.join();
}

TEST(SameAgainJourney, the_same_order_is_the_same_payment) {
  Stack stack;
  const Json order = {{"external_id", "order_123"}};
  const JsonAnswer first = stack.pay(stripe_card(), order);
  ASSERT_EQ(first.status, 201) << first.text;
  const JsonAnswer again = stack.pay(stripe_card(), order);
  EXPECT_EQ(again.status, 200) << again.text;
  EXPECT_EQ(id_of(again), id_of(first));
  EXPECT_EQ(header_of(again.headers, "Switchyard-Existing"), "true");
  const JsonAnswer other = stack.pay(stripe_card(), {{"external_id", "order_123"}, {"amount", 1}});
  EXPECT_EQ(other.status, 409) << other.text;
  EXPECT_EQ(text_at(other.body, "error.code"), "external_id_conflict");
  EXPECT_EQ(stack.ledger_of(id_of(first), "charge").size(), 1u);
}

TEST(SameAgainJourney, twenty_orders_at_once_with_one_number_are_one_payment) {
  Stack stack;
  std::vector<std::thread> clients;
  std::atomic<int> created = 0;
  for (int i = 0; i < 20; ++i)
    clients.emplace_back([&] {
      const JsonAnswer answer = stack.pay(
          example_card(), {{"external_id", "order_9"}, {"metadata", {{"provider", "example"}}}});
      EXPECT_TRUE(answer.is_success()) << answer.text;
      created += answer.status == 201;
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
}

}  // namespace
}  // namespace switchyard::testing
