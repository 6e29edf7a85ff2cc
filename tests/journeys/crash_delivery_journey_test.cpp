// The merchant's endpoint fails, the router is killed -9 meanwhile and the endpoint recovers: every
// event arrives, in the order of its payment.
#include "app/dev_demo.h"
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

constexpr int payments = 5;

void fail_endpoint(Stack& stack, int times) {
  ASSERT_TRUE(stack.sandbox()
                  .control()
                  .post("/merchant/fail", {{"times", times}, {"status", 500}})
                  .is_success());
}

std::vector<std::string> pay_and_give_back(Stack& stack) {
  std::vector<std::string> ids;
  for (int i = 0; i < payments; ++i) {
    const JsonAnswer paid = stack.pay(example_card(), at_example);
    EXPECT_EQ(paid.status, 201) << paid.text;
    ids.push_back(id_of(paid));
    EXPECT_TRUE(stack.post("/v1/refunds", {{"payment", ids.back()}, {"amount", 100}}).is_success());
  }
  return ids;
}

// Of every try, also of those that failed: nothing is sent before what comes before it was taken.
void expect_in_order(Stack& stack, const std::string& id) {
  std::int64_t taken = 0;
  for (const Json& each : events_about(stack.sandbox().received_events(), id)) {
    const std::int64_t sequence = integer_at(each, "event.sequence").value_or(0);
    EXPECT_LE(sequence, taken + 1) << text_at(each, "type") << " of " << id << " came too early";
    EXPECT_EQ(bool_at(each, "verified"), true);
    if (integer_at(each, "answered") == 200) taken = std::max(taken, sequence);
  }
}

void expect_all_told(Stack& stack, const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    stack.expect_sound(id);
    expect_in_order(stack, id);
    EXPECT_TRUE(stack.has_received(id, "payment.succeeded"));
    EXPECT_TRUE(stack.has_received(id, "payment.partially_refunded"));
  }
  EXPECT_TRUE(wait_until([&] {
    return stack.value("SELECT count(*) FROM deliveries WHERE status <> 'succeeded'") == "0";
  }));
}

bool has_failed(Stack& stack, std::size_t times) {
  std::size_t failed = 0;
  for (const Json& each : stack.sandbox().received_events())
    failed += integer_at(each, "answered") == 500 ? 1 : 0;
  return failed >= times;
}

// Where the second life ends, and whether the endpoint is well again by then.
struct Death {
  const char* name;
  const char* failpoint;
  bool is_recovered = false;
};
// clang-format off
constexpr Death deaths[] = {
    {"while_it_fails",                "deliver.before_mark=kill@4"},
    {"when_it_is_about_to_try_again", "deliver.after_claim=kill@1"},
    {"when_it_has_recovered",         "deliver.after_claim=kill@2",  true},
    {"when_it_took_what_is_unmarked", "deliver.before_mark=kill@2",  true},
};
// clang-format on
void PrintTo(const Death& death, std::ostream* out) { *out << death.name; }
std::string name_of(const ::testing::TestParamInfo<Death>& info) { return info.param.name; }

class CrashWhileEndpointFails : public ::testing::TestWithParam<Death> {};

TEST_P(CrashWhileEndpointFails, no_event_is_lost_and_none_overtakes_another) {
  Stack stack;
  fail_endpoint(stack, 1'000'000);
  const auto ids = pay_and_give_back(stack);
  EXPECT_TRUE(wait_until([&] { return has_failed(stack, payments); }));
  stack.kill_router();
  if (GetParam().is_recovered) fail_endpoint(stack, 0);
  stack.end_leases();
  stack.start_router(0, GetParam().failpoint);
  stack.wait_until_router_is_gone();
  fail_endpoint(stack, 0);
  stack.end_leases();
  stack.start_router();
  expect_all_told(stack, ids);
}

INSTANTIATE_TEST_SUITE_P(Dies, CrashWhileEndpointFails, ::testing::ValuesIn(deaths), name_of);

}  // namespace
}  // namespace switchyard::testing
