// Events reach the merchant whatever happens in between.
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

TEST(EventJourney, an_endpoint_that_fails_is_tried_again_until_it_recovers) {
  Stack stack;
  ASSERT_TRUE(stack.sandbox()
                  .control()
                  .post("/merchant/fail", {{"times", 2}, {"status", 503}})
                  .is_success());
  const JsonAnswer answer = stack.pay(stripe_card());
  ASSERT_EQ(answer.status, 201) << answer.text;
  stack.expect_sound(id_of(answer));
  const Json log = stack.get("/v1/webhook_endpoints/" + stack.endpoint() + "/deliveries").body;
  EXPECT_GE(member_at(log, "data").size(), 3u) << write_json(log);
}

TEST(EventJourney, what_was_not_delivered_before_a_crash_is_delivered_after_it) {
  Stack stack;
  ASSERT_TRUE(stack.sandbox()
                  .control()
                  .post("/merchant/fail", {{"times", 1000}, {"status", 500}})
                  .is_success());
  const JsonAnswer answer = stack.pay(stripe_card());
  ASSERT_EQ(answer.status, 201) << answer.text;
  stack.kill_router();
  ASSERT_TRUE(stack.sandbox().control().post("/merchant/fail", {{"times", 0}}).is_success());
  stack.start_router();
  stack.expect_sound(id_of(answer));
}

TEST(EventJourney, each_one_is_shown_by_the_api_byte_for_byte_as_it_was_sent) {
  Stack stack;
  const std::string id = id_of(stack.pay(stripe_card()));
  stack.expect_sound(id);
  for (const Json& received : stack.received_events(id)) {
    const JsonAnswer shown = stack.get("/v1/events/" + text_at(received, "event.id"));
    EXPECT_EQ(shown.text, text_at(received, "raw"));
    EXPECT_EQ(shown.text.find("client_secret"), std::string::npos);
  }
}

TEST(EventJourney, a_filter_lets_only_those_through_that_were_asked_for) {
  Stack stack;
  const JsonAnswer filtered =
      stack.post("/v1/webhook_endpoints", {{"url", stack.sandbox().receiver_url() + "?filtered"},
                                           {"enabled_events", {"payment.succeeded"}}});
  ASSERT_EQ(filtered.status, 201) << filtered.text;
  ASSERT_TRUE(stack.sandbox().add_receiver_secret(text_at(filtered.body, "secret")));
  const std::string id = id_of(stack.pay(stripe_card()));
  stack.expect_sound(id);
  const std::string of_it = " FROM deliveries WHERE endpoint_id = '" + id_of(filtered) + "'";
  EXPECT_TRUE(wait_until(
      [&] { return stack.value("SELECT count(*)" + of_it + " AND status = 'succeeded'") == "1"; }));
  EXPECT_EQ(stack.value("SELECT count(*)" + of_it), "1");
}

TEST(EventJourney, positions_have_no_gap_when_two_routers_work_at_once) {
  Stack stack({.routers = 2});
  for (int i = 0; i < 10; ++i)
    stack.call("POST", "/v1/payments",
               {{"amount", 100 + i},
                {"currency", "USD"},
                {"confirm", true},
                {"payment_method", stripe_card()}},
               {}, {}, i % 2);
  const std::string last = stack.value("SELECT max(position) FROM events");
  EXPECT_EQ(stack.value("SELECT count(*) FROM events"), last);
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments WHERE status = 'succeeded'"), "10");
}

}  // namespace
}  // namespace switchyard::testing
