#include "routing/health.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

const Time noon = from_unix_seconds(1'795'000'000);

void fail_times(Health& health, int times, Time now) {
  for (int i = 0; i < times; ++i) health.record(CallOutcome::failed, 1s, now);
}

Health opened(Time now) {
  Health health;
  fail_times(health, Health::failures_to_open, now);
  return health;
}

TEST(Health, begins_healthy) {
  Health health;
  EXPECT_EQ(health.state(noon), "healthy");
  EXPECT_TRUE(health.takes_payments(noon));
}

TEST(Health, opens_at_the_last_of_the_failures_in_a_row) {
  Health health;
  fail_times(health, Health::failures_to_open - 1, noon);
  EXPECT_EQ(health.state(noon), "failing");
  EXPECT_TRUE(health.takes_payments(noon));
  fail_times(health, 1, noon);
  EXPECT_EQ(health.state(noon), "resting");
  EXPECT_FALSE(health.takes_payments(noon));
}

TEST(Health, fails_after_several_failures_and_until_an_answer) {
  Health health;
  fail_times(health, Health::failures_to_fail - 1, noon);
  EXPECT_FALSE(health.is_failing());
  fail_times(health, 1, noon);
  EXPECT_TRUE(health.is_failing());
  fail_times(health, Health::failures_to_open, noon);
  EXPECT_TRUE(health.is_failing());
  health.record(CallOutcome::answered, 1s, noon);
  EXPECT_FALSE(health.is_failing());
}

TEST(Health, an_answer_between_failures_starts_the_count_again) {
  Health health;
  fail_times(health, Health::failures_to_open - 1, noon);
  health.record(CallOutcome::answered, 1s, noon);
  EXPECT_EQ(health.state(noon), "healthy");
  fail_times(health, Health::failures_to_open - 1, noon);
  EXPECT_TRUE(health.takes_payments(noon));
}

TEST(Health, opens_at_once_when_the_credentials_do_not_work) {
  Health health;
  health.record(CallOutcome::unauthorized, 1s, noon);
  EXPECT_FALSE(health.takes_payments(noon));
}

TEST(Health, stays_open_for_its_time_and_not_longer) {
  Health health = opened(noon);
  EXPECT_FALSE(health.takes_payments(noon + Health::stays_open - 1us));
  EXPECT_EQ(health.state(noon + Health::stays_open), "failing");
  EXPECT_TRUE(health.takes_payments(noon + Health::stays_open));
}

TEST(Health, failures_of_calls_already_under_way_do_not_keep_it_open) {
  Health health = opened(noon);
  fail_times(health, 3, noon + 20s);
  EXPECT_TRUE(health.takes_payments(noon + Health::stays_open));
}

TEST(Health, half_open_lets_one_through) {
  Health health = opened(noon);
  const Time later = noon + Health::stays_open;
  EXPECT_TRUE(health.takes_payments(later));
  EXPECT_FALSE(health.takes_payments(later));
  EXPECT_EQ(health.state(later), "resting");
}

TEST(Health, an_answer_to_the_one_let_through_closes_it) {
  Health health = opened(noon);
  const Time later = noon + Health::stays_open;
  health.takes_payments(later);
  health.record(CallOutcome::answered, 1s, later + 1s);
  EXPECT_TRUE(health.takes_payments(later + 1s));
  EXPECT_TRUE(health.takes_payments(later + 1s));
  EXPECT_EQ(health.state(later + 1s), "healthy");
}

TEST(Health, a_failure_of_the_one_let_through_opens_it_again) {
  Health health = opened(noon);
  const Time later = noon + Health::stays_open;
  health.takes_payments(later);
  fail_times(health, 1, later + 10s);
  EXPECT_FALSE(health.takes_payments(later + 10s + Health::stays_open - 1us));
  EXPECT_TRUE(health.takes_payments(later + 10s + Health::stays_open));
}

TEST(Health, somebody_else_may_try_when_the_one_let_through_never_called) {
  Health health = opened(noon);
  const Time later = noon + Health::stays_open;
  health.takes_payments(later);
  EXPECT_FALSE(health.takes_payments(later + Health::stays_open - 1us));
  EXPECT_TRUE(health.takes_payments(later + Health::stays_open));
}

TEST(Health, counts_what_it_saw_and_averages_answers_only) {
  Health health;
  health.record(CallOutcome::answered, 800ms, noon);
  EXPECT_EQ(health.typical_time(), 800ms);
  health.record(CallOutcome::failed, 30s, noon);
  EXPECT_EQ(health.typical_time(), 800ms);
  health.record(CallOutcome::answered, 1600ms, noon);
  EXPECT_EQ(health.typical_time(), 900ms);
  EXPECT_EQ(health.successes(), 2);
  EXPECT_EQ(health.failures(), 1);
}

}  // namespace
}  // namespace switchyard
