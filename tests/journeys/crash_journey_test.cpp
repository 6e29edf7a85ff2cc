// kill -9 at the worst moments: nothing acknowledged is lost, nothing is charged twice, and the
// merchant's retry gets the one right answer.
#include <thread>

#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

// As a merchant's client does: the same request until there is an answer.
JsonAnswer until_answered(const std::function<JsonAnswer()>& ask) {
  JsonAnswer answer;
  EXPECT_TRUE(wait_until([&] {
    answer = ask();
    return answer.status != 0 && answer.status != 503 &&
           text_at(answer.body, "error.code") != "idempotency_key_in_use";
  })) << answer.text;
  return answer;
}

void revive(Stack& stack) {
  stack.wait_until_router_is_gone();
  stack.end_leases();
  stack.start_router();
}

const Headers order_key = {{"Idempotency-Key", "order-1"}, {"Prefer", "wait=15"}};

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

class CrashWhilePaying : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashWhilePaying, the_retry_finds_one_payment_and_one_charge) {
  Stack stack;
  stack.restart_router(0, GetParam());
  const auto pay = [&] { return stack.pay(example_card(), at_example, order_key); };
  const JsonAnswer lost = pay();
  revive(stack);
  const JsonAnswer answer = until_answered(pay);
  EXPECT_TRUE(answer.is_success()) << answer.text;
  if (lost.is_success()) {
    EXPECT_EQ(id_of(answer), id_of(lost));
  }
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  EXPECT_EQ(stack.sandbox().ledger().size(), 1u);
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(
    At, CrashWhilePaying,
    ::testing::Values(
        "key.before_claim=kill@1", "pay.before_insert=kill@1", "result.before_commit=kill@1",
        "result.in_commit=kill@1", "result.after_commit=kill@1", "intent.after_commit=kill@1",
        "call.before_dns=kill@1", "call.after_response=kill@1", "result.before_commit=kill@2",
        "result.after_commit=kill@2", "result.before_commit=kill@3", "result.in_commit=kill@2",
        "result.in_commit=kill@3", "result.after_commit=kill@3", "key.before_finish=kill@1",
        "key.after_finish=kill@1", "wh.before_store=kill@1", "wh.after_store_before_ack=kill@1",
        "wh.before_apply=kill@1", "wh.after_apply=kill@1"),
    name_of);

class CrashAgain : public ::testing::TestWithParam<const char*> {};

// The second life ends while it makes good for the first.
TEST_P(CrashAgain, the_third_life_brings_it_to_an_end) {
  Stack stack;
  stack.order_fault(all_webhooks_lost("example"));
  stack.restart_router(0, "call.after_response=kill@1");
  const auto pay = [&] { return stack.pay(example_card(), at_example, order_key); };
  pay();
  stack.wait_until_router_is_gone();
  stack.end_leases();
  stack.start_router(0, GetParam());
  pay();
  revive(stack);
  // 202 where the outcome is still being looked up; the key then keeps that answer.
  const JsonAnswer answer = until_answered(pay);
  EXPECT_TRUE(answer.is_success()) << answer.text;
  EXPECT_EQ(pay().text, answer.text);
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), "1");
  EXPECT_EQ(stack.sandbox().ledger().size(), 1u);
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(At, CrashAgain,
                         ::testing::Values("key.after_claim=kill@1", "job.after_claim=kill@1",
                                           "lookup.before_send=kill@1",
                                           "result.before_commit=kill@1",
                                           "result.after_commit=kill@2",
                                           "key.before_finish=kill@1"),
                         name_of);

class CrashWhileDelivering : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashWhileDelivering, no_event_is_lost) {
  Stack stack;
  stack.restart_router(0, GetParam());
  const JsonAnswer lost = stack.pay(example_card(), at_example, order_key);
  revive(stack);
  const JsonAnswer answer =
      until_answered([&] { return stack.pay(example_card(), at_example, order_key); });
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(At, CrashWhileDelivering,
                         ::testing::Values("deliver.after_claim=kill@1",
                                           "deliver.before_mark=kill@1",
                                           "deliver.before_mark=kill@2"),
                         name_of);

class CrashWhileLooking : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashWhileLooking, the_outcome_is_still_found_out) {
  Stack stack;
  stack.order_fault(all_webhooks_lost("example"));
  stack.order_fault(lost_answer("example", "/charges"));
  stack.restart_router(0, GetParam());
  const JsonAnswer answer = until_answered([&] {
    if (!stack.is_router_running()) revive(stack);
    return stack.pay(example_card(), at_example, order_key);
  });
  revive(stack);
  stack.wait_for_status(id_of(answer), "succeeded");
  EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
  stack.expect_sound(id_of(answer));
}

INSTANTIATE_TEST_SUITE_P(At, CrashWhileLooking,
                         ::testing::Values("job.after_claim=kill@1", "lookup.before_send=kill@1",
                                           "result.before_commit=kill@4"),
                         name_of);

class CrashWhileRefunding : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashWhileRefunding, the_money_goes_back_once) {
  Stack stack;
  const std::string id = id_of(stack.pay(example_card(), at_example));
  stack.expect_sound(id);
  stack.restart_router(0, GetParam());
  const auto refund = [&] {
    return stack.post("/v1/refunds", {{"payment", id}, {"amount", 2000}, {"reason", "duplicate"}},
                      order_key);
  };
  refund();
  revive(stack);
  const JsonAnswer answer = until_answered(refund);
  EXPECT_TRUE(answer.is_success()) << answer.text;
  EXPECT_TRUE(wait_until([&] { return integer_at(stack.payment(id), "amount_refunded") == 2000; }));
  EXPECT_EQ(stack.value("SELECT count(*) FROM refunds"), "1");
  EXPECT_EQ(stack.ledger_of(id, "refund").size(), 1u);
  stack.expect_sound(id);
}

INSTANTIATE_TEST_SUITE_P(At, CrashWhileRefunding,
                         ::testing::Values("result.before_commit=kill@1",
                                           "result.after_commit=kill@1", "call.before_dns=kill@1",
                                           "call.after_response=kill@1",
                                           "result.before_commit=kill@2",
                                           "key.before_finish=kill@1"),
                         name_of);

class CrashWhileCapturing : public ::testing::TestWithParam<const char*> {};

TEST_P(CrashWhileCapturing, the_money_is_taken_once) {
  Stack stack;
  const std::string id = id_of(stack.pay(
      example_card(), {{"capture_method", "manual"}, {"metadata", {{"provider", "example"}}}}));
  stack.expect_sound(id);
  stack.restart_router(0, GetParam());
  const auto capture = [&] {
    return stack.post("/v1/payments/" + id + "/capture", {{"amount", 3000}}, order_key);
  };
  capture();
  revive(stack);
  const JsonAnswer answer = until_answered(capture);
  EXPECT_TRUE(answer.is_success()) << answer.text;
  EXPECT_EQ(integer_at(stack.wait_for_status(id, "succeeded"), "amount_received"), 3000);
  EXPECT_EQ(stack.ledger_of(id, "capture").size(), 1u);
  stack.expect_sound(id);
}

INSTANTIATE_TEST_SUITE_P(At, CrashWhileCapturing,
                         ::testing::Values("result.before_commit=kill@1",
                                           "result.after_commit=kill@1", "call.before_dns=kill@1",
                                           "call.after_response=kill@1",
                                           "result.before_commit=kill@2"),
                         name_of);

TEST(CrashJourney, a_router_that_dies_while_the_provider_thinks_is_replaced_by_its_sister) {
  Stack stack({.routers = 2});
  stack.order_fault(
      {{"provider", "example"}, {"method", "POST"}, {"path", "/charges"}, {"action", "slow:1500"}});
  stack.order_fault(all_webhooks_lost("example"));
  std::thread client([&] { stack.pay(example_card(), at_example); });
  EXPECT_TRUE(wait_until([&] { return stack.sandbox().ledger().size() == 1; }));
  stack.kill_router(0);
  client.join();
  const std::string id = stack.value("SELECT id FROM payments");
  EXPECT_TRUE(wait_until(
      [&] {
        return text_at(stack.call("GET", "/v1/payments/" + id, nullptr, {}, {}, 1).body,
                       "status") == "succeeded";
      },
      40));
  EXPECT_EQ(stack.ledger_of(id, "charge").size(), 1u);
  stack.start_router(0);
  stack.expect_sound(id);
}

TEST(CrashJourney, a_payer_may_pay_while_no_router_runs) {
  Stack stack({.speed = "0.2"});
  const JsonAnswer answer = stack.pay(phone("orange", "+231771111000"));
  ASSERT_EQ(status_of(answer), "requires_action") << answer.text;
  stack.kill_router();
  EXPECT_TRUE(wait_until([&] { return stack.ledger_of(id_of(answer), "charge").size() == 1; }));
  revive(stack);
  stack.wait_for_status(id_of(answer), "succeeded");
  stack.expect_sound(id_of(answer));
}

TEST(CrashJourney, a_transfer_is_confirmed_once) {
  Stack stack;
  const std::string id = id_of(stack.pay(transfer));
  stack.restart_router(0, "result.after_commit=kill@1");
  const auto confirm = [&] {
    return stack.post("/v1/payments/" + id + "/transfer/confirm",
                      {{"amount", 3000}, {"bank_reference", "FT-1"}}, order_key);
  };
  confirm();
  revive(stack);
  EXPECT_EQ(until_answered(confirm).status, 200);
  EXPECT_EQ(integer_at(stack.payment(id), "amount_received"), 3000);
  stack.expect_sound(id);
}

TEST(CrashJourney, a_cancel_that_was_asked_for_is_carried_out) {
  Stack stack;
  const std::string id = id_of(stack.pay(hosted_page, {{"currency", "EUR"}}));
  stack.restart_router(0, "call.before_dns=kill@1");
  const auto cancel = [&] { stack.post("/v1/payments/" + id + "/cancel", nullptr, order_key); };
  cancel();
  revive(stack);
  // The first call of the new router may have been a look-up of its own, before it was asked.
  if (stack.value("SELECT cancel_requested FROM payments") != "t") cancel();
  stack.wait_for_status(id, "canceled");
  stack.expect_sound(id);
}

}  // namespace
}  // namespace switchyard::testing
