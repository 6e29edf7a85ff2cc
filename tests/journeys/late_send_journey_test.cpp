// A router that was stopped between its decision to send and the first byte must not use a key that
// the provider may have forgotten meanwhile: it would be taken for a new one.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

constexpr const char* at_a_forgetful_provider = R"(
[[account]]
id = "forgetful"
adapter = "example_short"
mode = "test"
api_key = "sk_test_shop"
webhook_key = "whk_example"
base_url = "SANDBOX/example_short"

[[rule]]
name = "all"
use = ["forgetful"]
)";

// Keys last twenty seconds there, and are used for fifteen.
TEST(LateSend, is_not_made_once_its_key_may_be_forgotten) {
  Stack stack({.config = at_a_forgetful_provider});
  stack.restart_router(0, "call.before_dns=delay:16000@1");
  const Headers patient = {{"Idempotency-Key", "order-1"}, {"Prefer", "wait=20"}};
  JsonAnswer answer;
  EXPECT_TRUE(wait_until(
      [&] {
        answer = stack.pay({{"type", "card"}, {"token", "tok_ok"}}, Json::object(), patient);
        return text_at(answer.body, "error.payment.status") == "failed" ||
               text_at(stack.payment(id_of(answer)), "status") == "failed";
      },
      40))
      << answer.text;
  EXPECT_NE(stack.log().find("it was too late to send it"), std::string::npos);
  EXPECT_EQ(stack.value("SELECT status FROM attempts"), "not_sent");
  EXPECT_EQ(stack.sandbox().ledger().size(), 0u);
}

}  // namespace
}  // namespace switchyard::testing
