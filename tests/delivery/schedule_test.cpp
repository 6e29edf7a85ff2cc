#include "delivery/schedule.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

const Time now = *parse_rfc3339("2026-11-20T07:00:00.000Z");

SendOutcome answered(int status, Headers headers = {}) {
  return {.transport = Transport::answered,
          .response = {.status = status, .headers = std::move(headers)}};
}

std::optional<milliseconds> asked_for(const std::string& value) {
  return retry_after(answered(503, {{"Retry-After", value}}), now);
}

}  // namespace

TEST(Schedule, makes_ten_tries_in_some_75_hours) {
  const Schedule schedule = default_schedule();
  EXPECT_EQ(schedule.size(), 10u);
  EXPECT_EQ(std::accumulate(schedule.begin(), schedule.end(), std::chrono::seconds(0)),
            75h + 35min + 5s);
}

TEST(Schedule, waits_each_gap_give_or_take_a_fifth) {
  const Schedule schedule = default_schedule();
  std::set<milliseconds> seen;
  for (int delivery = 0; delivery < 500; ++delivery)
    for (int tries = 0; tries < 10; ++tries) {
      const auto gap = milliseconds(schedule[static_cast<std::size_t>(tries)]);
      const auto wait = wait_before_next(schedule, "dlv_" + std::to_string(delivery), tries, {});
      ASSERT_TRUE(wait);
      EXPECT_GE(*wait, gap * 8 / 10);
      EXPECT_LE(*wait, gap * 12 / 10);
      if (tries == 1) seen.insert(*wait);
    }
  EXPECT_GT(seen.size(), 200u) << "they do not all come back together";
  EXPECT_LT(*seen.begin(), 4'100ms);
  EXPECT_GT(*seen.rbegin(), 5'900ms);
}

TEST(Schedule, waits_as_long_when_it_is_asked_again) {
  EXPECT_EQ(wait_before_next(default_schedule(), "dlv_1", 3, {}),
            wait_before_next(default_schedule(), "dlv_1", 3, {}));
}

TEST(Schedule, ends_after_the_last_try) {
  EXPECT_TRUE(wait_before_next(default_schedule(), "dlv_1", 9, {}));
  EXPECT_FALSE(wait_before_next(default_schedule(), "dlv_1", 10, {}));
  EXPECT_FALSE(wait_before_next({}, "dlv_1", 0, {}));
  EXPECT_FALSE(wait_before_next(default_schedule(), "dlv_1", 10, 60'000ms));
}

TEST(Schedule, never_tries_again_sooner_than_it_was_asked_to) {
  EXPECT_EQ(wait_before_next(default_schedule(), "dlv_1", 1, 60'000ms), 60'000ms);
  EXPECT_GT(*wait_before_next(default_schedule(), "dlv_1", 2, 1'000ms), 200'000ms)
      << "asking for a shorter wait must not spend the tries";
}

TEST(Schedule, reads_retry_after_in_seconds) {
  EXPECT_EQ(asked_for("0"), 0ms);
  EXPECT_EQ(asked_for("120"), 120'000ms);
  EXPECT_EQ(asked_for("86400"), 24h);
}

TEST(Schedule, reads_retry_after_as_a_date) {
  EXPECT_EQ(asked_for("Fri, 20 Nov 2026 07:10:00 GMT"), 10min);
  EXPECT_EQ(asked_for("Fri, 20 Nov 2026 06:00:00 GMT"), 0ms);
}

TEST(Schedule, waits_a_day_at_most) {
  EXPECT_EQ(asked_for("86401"), 24h);
  EXPECT_EQ(asked_for("99999999999999999999999"), 24h);
  EXPECT_EQ(asked_for("Fri, 20 Nov 2037 06:00:00 GMT"), 24h);
}

TEST(Schedule, ignores_a_retry_after_that_says_nothing) {
  for (const char* value : {"", "soon", "-1", "1.5", "10 s", "Fri, 20 Foo 2026 07:10:00 GMT",
                            "Fri, 31 Feb 2026 07:10:00 GMT", "Fri, 20 Nov 2026 25:10:00 GMT",
                            "Fri, 20 Nov 2026 07:10:00 GMT!", "20 Nov 2026 07:10:00 GMT"})
    EXPECT_FALSE(asked_for(value)) << value;
}

TEST(Schedule, takes_only_2xx_for_success) {
  for (const int status : {200, 201, 202, 204, 299})
    EXPECT_EQ(meaning_of(answered(status)), Meaning::delivered) << status;
  for (const int status : {301, 302, 304, 307, 308, 400, 401, 404, 409, 500, 501, 503, 599})
    EXPECT_EQ(meaning_of(answered(status)), Meaning::failed) << status;
}

TEST(Schedule, tells_gone_and_throttled_apart) {
  EXPECT_EQ(meaning_of(answered(410)), Meaning::gone);
  for (const int status : {429, 502, 504})
    EXPECT_EQ(meaning_of(answered(status)), Meaning::throttled) << status;
}

TEST(Schedule, takes_no_answer_for_a_failure) {
  EXPECT_EQ(meaning_of({.transport = Transport::no_answer}), Meaning::failed);
  EXPECT_EQ(meaning_of({.transport = Transport::not_sent}), Meaning::failed);
}

TEST(Schedule, rests_a_throttling_endpoint_longer_each_time) {
  EXPECT_EQ(rest_of_endpoint(1, {}), 5s);
  EXPECT_EQ(rest_of_endpoint(2, {}), 10s);
  EXPECT_EQ(rest_of_endpoint(3, {}), 20s);
  EXPECT_EQ(rest_of_endpoint(1'000, {}), 5min);
  EXPECT_EQ(rest_of_endpoint(1, 60'000ms), 60s);
  EXPECT_EQ(rest_of_endpoint(3, 1'000ms), 20s);
}

TEST(Schedule, warns_once_at_each_mark) {
  std::vector<int> marks;
  for (int tries = 1; tries <= 10; ++tries) marks.push_back(share_just_spent(tries, 10));
  EXPECT_EQ(marks, (std::vector{0, 0, 0, 0, 50, 0, 70, 0, 90, 0}));
  EXPECT_EQ(share_just_spent(1, 2), 50);
  EXPECT_EQ(share_just_spent(1, 1), 90);
}

}  // namespace switchyard
