#include "base/shared_clock.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

class JumpingClock final : public SharedClock {
 public:
  Duration jump{};

 protected:
  Duration since_start() const override { return 1000s + jump; }
};

TEST(SharedClock, begins_with_the_machines_time) {
  const Time before = SystemClock().now();
  const SharedClock clock;
  EXPECT_GE(clock.now(), before - 1s);
  EXPECT_LE(clock.now(), SystemClock().now() + 1s);
}

TEST(SharedClock, says_what_it_has_heard_and_goes_on_from_there) {
  JumpingClock clock;
  const Time noon = from_unix_seconds(1'795'000'000);
  clock.hear(noon);
  EXPECT_EQ(clock.now(), noon);
  clock.jump = 90s;
  EXPECT_EQ(clock.now(), noon + 90s);
  clock.hear(noon);
  EXPECT_EQ(clock.now(), noon);
}

}  // namespace
}  // namespace switchyard
