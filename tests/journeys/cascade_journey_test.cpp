// The next account's turn: only when the first one's answer is certain.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

constexpr const char* example_then_soxara = R"(
[[rule]]
name = "phones"
when = { method = "mobile_money" }
use = ["example", "soxara"]
)";

// Nobody listens there; Example Pay knows the other account's key as wrong.
constexpr const char* broken_accounts = R"(
[[account]]
id = "unreachable"
adapter = "example"
mode = "test"
base_url = "http://127.0.0.1:9/example"
api_key = "sk_test_shop"
webhook_key = "whk_example"
)";

TEST(CascadeJourney, a_refusal_is_followed_by_the_next_account) {
  Stack stack({.config = R"(
[[account]]
id = "wrong_key"
adapter = "example"
mode = "test"
base_url = "SANDBOX/example"
api_key = "sk_test_wrong"
webhook_key = "whk_example"

[[rule]]
name = "cards"
when = { method = "card" }
use = ["wrong_key", "example"]
)"});
  const JsonAnswer answer = stack.pay(stripe_card("tok_ok"));
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(status_of(answer), "succeeded");
  ASSERT_EQ(member_at(answer.body, "attempts").size(), 2u);
  EXPECT_EQ(text_at(answer.body, "attempts.0.status"), "refused");
  EXPECT_EQ(text_at(answer.body, "attempts.0.decline_code"), "configuration");
  EXPECT_EQ(text_at(answer.body, "attempts.1.account"), "example");
  EXPECT_EQ(integer_at(answer.body, "attempts.1.route.rank"), 2);
  EXPECT_TRUE(
      wait_until([&] { return stack.has_received(id_of(answer), "payment.attempt_failed"); }));
  EXPECT_FALSE(stack.has_received(id_of(answer), "payment.failed"));
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

TEST(CascadeJourney, a_payer_who_is_not_known_anywhere_is_asked_for_once) {
  Stack stack({.config = example_then_soxara, .speed = "0.05"});
  const JsonAnswer answer = stack.pay(phone("orange", "+231770000005"));
  ASSERT_EQ(answer.status, 402) << answer.text;
  EXPECT_EQ(text_at(answer.body, "error.decline_code"), "payer_not_found");
  EXPECT_EQ(member_at(answer.body, "error.payment.attempts").size(), 1u);
  stack.expect_sound(text_at(answer.body, "error.payment.id"));
}

TEST(CascadeJourney, an_account_that_cannot_be_reached_is_passed) {
  Stack stack({.config = std::string(broken_accounts) +
                         "[[rule]]\nname = \"pages\"\nwhen = { method = \"hosted_page\" }\n"
                         "use = [\"unreachable\", \"example\"]\n"});
  const JsonAnswer answer = stack.pay(hosted_page);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(text_at(answer.body, "attempts.0.status"), "not_sent");
  EXPECT_EQ(text_at(answer.body, "attempts.1.account"), "example");
  EXPECT_EQ(status_of(answer), "requires_action");
  stack.expect_sound(id_of(answer));
}

TEST(CascadeJourney, when_nobody_can_be_reached_it_says_so) {
  Stack stack({.config = std::string(broken_accounts) +
                         "[[rule]]\nname = \"pages\"\nwhen = { method = \"hosted_page\" }\n"
                         "use = [\"unreachable\"]\n"});
  const JsonAnswer answer = stack.pay(hosted_page);
  ASSERT_EQ(answer.status, 402) << answer.text;
  EXPECT_EQ(text_at(answer.body, "error.decline_code"), "provider_unavailable");
  stack.expect_sound(text_at(answer.body, "error.payment.id"));
}

TEST(CascadeJourney, an_object_that_could_still_be_paid_is_closed_first) {
  const std::string second = R"(
[[account]]
id = "example_two"
adapter = "example"
mode = "test"
base_url = "SANDBOX/example"
api_key = "sk_test_two"
webhook_key = "whk_example"

[[rule]]
name = "cards-twice"
when = { method = "card" }
use = ["example", "example_two"]
)";
  Stack stack({.config = second});
  const JsonAnswer answer =
      stack.pay({{"type", "card"}, {"token", "tok_stays_payable_declined"}}, Json::object());
  ASSERT_EQ(answer.status, 402) << answer.text;
  const Json payment = member_at(answer.body, "error.payment");
  ASSERT_EQ(payment["attempts"].size(), 2u) << answer.text;
  for (const Json& attempt : payment["attempts"]) EXPECT_EQ(text_at(attempt, "status"), "refused");
  EXPECT_EQ(stack.ledger_of(text_at(payment, "id"), "cancel").size(), 2u);
  stack.expect_sound(text_at(payment, "id"));
}

TEST(CascadeJourney, doubt_never_goes_on_to_the_next_account) {
  Stack stack({.config = example_then_soxara, .speed = "0.05"});
  stack.order_fault({{"provider", "example"},
                     {"method", "POST"},
                     {"path", "/charges"},
                     {"when", "before"},
                     {"action", "status:500"}});
  const JsonAnswer answer = stack.pay(phone("orange", "+231770000000"));
  ASSERT_EQ(answer.status, 202) << answer.text;
  const Json paid = stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(paid["attempts"].size(), 1u);
  EXPECT_EQ(text_at(paid, "provider"), "example");
  stack.expect_sound(id_of(answer));
}

}  // namespace
}  // namespace switchyard::testing
