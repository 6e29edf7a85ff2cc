#include "api/rate_limit.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

const std::chrono::steady_clock::time_point start{1h};

TEST(RateLimit, lets_a_burst_of_twice_the_rate_in_and_then_the_rate) {
  RateLimit limit(5, 0, 0);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.take("mer_a", false, start).is_allowed) << i;
  EXPECT_FALSE(limit.take("mer_a", false, start).is_allowed);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(limit.take("mer_a", false, start + 1s).is_allowed) << i;
  EXPECT_FALSE(limit.take("mer_a", false, start + 1s).is_allowed);
}

TEST(RateLimit, says_what_remains_and_when_it_is_full_again) {
  RateLimit limit(5, 0, 0);
  const RateVerdict first = limit.take("mer_a", false, start);
  EXPECT_EQ(first.limit, 10);
  EXPECT_EQ(first.remaining, 9);
  EXPECT_EQ(first.reset_sec, 1);
  for (int i = 0; i < 9; ++i) limit.take("mer_a", false, start);
  EXPECT_EQ(limit.take("mer_a", false, start).reset_sec, 2);
}

TEST(RateLimit, counts_merchants_reads_and_writes_apart) {
  RateLimit limit(1, 1, 1);
  limit.take("mer_a", false, start);
  limit.take("mer_a", false, start);
  EXPECT_FALSE(limit.take("mer_a", false, start).is_allowed);
  EXPECT_TRUE(limit.take("mer_a", true, start).is_allowed);
  EXPECT_TRUE(limit.take("mer_b", false, start).is_allowed);
  EXPECT_TRUE(limit.take_address("mer_a", start).is_allowed);
}

// Whoever guesses keys has none to be counted by.
TEST(RateLimit, A8_counts_whoever_asks_by_address) {
  RateLimit limit(0, 0, 2);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(limit.take_address("10.0.0.1", start).is_allowed) << i;
  EXPECT_FALSE(limit.take_address("10.0.0.1", start).is_allowed);
  EXPECT_TRUE(limit.take_address("10.0.0.2", start).is_allowed);
  EXPECT_TRUE(limit.take_address("10.0.0.1", start + 1s).is_allowed);
}

TEST(RateLimit, is_off_at_zero) {
  RateLimit limit(0, 0, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.take("mer_a", true, start).is_allowed);
  EXPECT_EQ(limit.take("mer_a", true, start).limit, 0);
}

}  // namespace
}  // namespace switchyard
