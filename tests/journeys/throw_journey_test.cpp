// What is thrown in the middle of a payment ends at the edge of its thread: the router goes on, the
// payment is found by its lease, and nobody waits for ever.

#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

const Headers order_key = {{"Idempotency-Key", "order-1"}, {"Prefer", "wait=15"}};

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

bool is_in_log(const Stack& stack, const std::string& text) {
  return stack.log().find(text) != std::string::npos;
}

class ThrowWhilePaying : public ::testing::TestWithParam<const char*> {};

TEST_P(ThrowWhilePaying, goes_on_and_brings_it_to_an_end) {
  Stack stack;
  stack.order_fault(all_webhooks_lost("example"));
  stack.restart_router(0, GetParam());
  JsonAnswer answer;
  EXPECT_TRUE(wait_until([&] {
    answer = stack.pay(example_card(), at_example, order_key);
    return answer.is_success();
  })) << answer.text;
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM deliveries WHERE status = 'pending'") == "0";
  }));
  EXPECT_TRUE(is_in_log(stack, " reached\n")) << "the failpoint was not reached";
  EXPECT_TRUE(stack.is_router_running(0));
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
  EXPECT_EQ(stack.sandbox().ledger().size(), 1u);
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(At, ThrowWhilePaying,
                         ::testing::Values("result.before_commit=throw@1",
                                           "result.after_commit=throw@1", "result.in_commit=drop@1",
                                           "call.before_dns=throw@1", "call.mid_response=throw@1",
                                           "call.after_write=drop@1", "call.after_response=throw@1",
                                           "deliver.after_send=throw@1"),
                         name_of);

// Not a byte had left: that is certain, and said.
TEST(ThrowWhileConnecting, fails_the_payment_of_which_nothing_was_sent) {
  Stack stack;
  stack.restart_router(0, "call.after_connect=throw@1");
  const JsonAnswer answer = stack.pay(example_card(), at_example, order_key);
  EXPECT_EQ(answer.status, 402) << answer.text;
  EXPECT_EQ(text_at(answer.body, "error.payment.attempts.0.certainty"), "not_sent") << answer.text;
  EXPECT_TRUE(is_in_log(stack, " reached\n")) << "the failpoint was not reached";
  EXPECT_EQ(stack.sandbox().ledger().size(), 0u);
  EXPECT_EQ(stack.pay(example_card(), at_example, order_key).text, answer.text);
}

}  // namespace
}  // namespace switchyard::testing
