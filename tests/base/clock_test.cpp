#include "base/clock.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

std::int64_t micros_of(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? time->time_since_epoch().count() : -1;
}

TEST(Clock, writes_utc_with_milliseconds) {
  EXPECT_EQ(to_rfc3339(from_unix_seconds(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(from_unix_seconds(1'795'158'000) + 7ms), "2026-11-20T07:00:00.007Z");
  EXPECT_EQ(to_rfc3339(from_unix_seconds(951'827'696)), "2000-02-29T12:34:56.000Z");
}

TEST(Clock, cuts_below_the_millisecond_and_never_rounds_up) {
  EXPECT_EQ(to_rfc3339(Time{1'999'999us}), "1970-01-01T00:00:01.999Z");
  EXPECT_EQ(to_rfc3339(Time{-1us}), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, reads_what_it_writes) {
  for (const std::int64_t seconds : {-62'135'596'800L, -1L, 0L, 1'795'158'000L, 253'402'300'799L}) {
    const Time time = from_unix_seconds(seconds) + 123ms;
    EXPECT_EQ(parse_rfc3339(to_rfc3339(time)), time) << seconds;
  }
}

TEST(Clock, reads_one_to_nine_decimals) {
  EXPECT_EQ(micros_of("1970-01-01T00:00:01Z"), 1'000'000);
  EXPECT_EQ(micros_of("1970-01-01T00:00:01.5Z"), 1'500'000);
  EXPECT_EQ(micros_of("1970-01-01T00:00:01.000007Z"), 1'000'007);
  EXPECT_EQ(micros_of("1970-01-01T00:00:01.123456789Z"), 1'123'456);
}

TEST(Clock, reads_offsets) {
  EXPECT_EQ(micros_of("1970-01-01T03:00:00+03:00"), 0);
  EXPECT_EQ(micros_of("1969-12-31T18:30:00-05:30"), 0);
  EXPECT_EQ(micros_of("1970-01-01T00:00:00-00:00"), 0);
}

TEST(Clock, reads_the_first_and_the_last_time_that_it_can_write) {
  for (const std::string_view text : {"0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"})
    EXPECT_EQ(to_rfc3339(parse_rfc3339(text).value()), text);
}

TEST(Clock, refuses_what_is_not_rfc_3339) {
  for (const std::string_view text : {
           "",
           "2026",
           "2026-11-20",
           "2026-11-20T07:00:00",     // no zone
           "2026-11-20 07:00:00Z",    // no T
           "2026-11-20t07:00:00z",    // lower case
           "2026-11-20T07:00Z",       // no seconds
           "2026-11-20T07:00:00.Z",   // no decimals after the point
           "2026-11-20T07:00:00,5Z",  // comma
           "2026-11-20T07:00:00.1234567890Z",
           "2026-11-20T07:00:00ZZ",  // more behind
           " 2026-11-20T07:00:00Z",
           "2026-11-20T07:00:00+0300",
           "2026-11-20T07:00:00+24:00",
           "2026-11-20T07:00:00+03:60",
           "2026-11-20T24:00:00Z",
           "2026-11-20T07:60:00Z",
           "2026-12-31T23:59:60Z",
           "2026-13-01T00:00:00Z",
           "2026-00-01T00:00:00Z",
           "2026-02-29T00:00:00Z",
           "2026-04-31T00:00:00Z",
           "2026-11-00T00:00:00Z",
           "-026-11-20T00:00:00Z",
           "12026-11-20T00:00:00Z",
           "2026-1-20T00:00:00Z",
           "0000-12-31T23:59:59Z",       // a year that PostgreSQL does not know
           "0001-01-01T00:00:00+00:01",  // the same, by its offset
           "9999-12-31T23:59:59-00:01",  // a year of five digits
       }) {
    EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
  }
}

TEST(Clock, takes_absurd_unix_seconds_for_the_nearest_year_it_can_write) {
  EXPECT_EQ(to_rfc3339(from_unix_seconds(INT64_MAX)), "9999-12-31T23:59:59.000Z");
  EXPECT_EQ(to_rfc3339(from_unix_seconds(INT64_MIN)), "0000-01-01T00:00:00.000Z");
}

TEST(Clock, floors_unix_seconds_before_the_epoch) { EXPECT_EQ(unix_seconds(Time{-1us}), -1); }

TEST(Clock, stands_still_until_advanced) {
  StoppedClock clock(from_unix_seconds(100));
  EXPECT_EQ(clock.now(), from_unix_seconds(100));
  clock.advance(5s);
  EXPECT_EQ(clock.now(), from_unix_seconds(105));
}

TEST(Clock, of_the_system_gives_the_present) {
  EXPECT_GT(SystemClock().now(), *parse_rfc3339("2020-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace switchyard
