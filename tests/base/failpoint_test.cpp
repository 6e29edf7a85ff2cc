// The library is built without failpoints, so this test builds them for itself.
#ifndef SWITCHYARD_FAILPOINTS
#define SWITCHYARD_FAILPOINTS
#include "base/failpoint.cpp"
#endif

#include <gtest/gtest.h>
#include <stdlib.h>

#include <csignal>

#include "base/failpoint.h"

namespace switchyard {
namespace {

// Runs in a process of its own, since the environment is read once.
[[noreturn]] void reach(const char* settings, const char* name, int times) {
  ::setenv("SWITCHYARD_FAILPOINTS", settings, 1);
  for (int i = 0; i < times; ++i) {
    FAILPOINT(name);
    std::fprintf(stderr, "passed %d\n", i + 1);
  }
  std::exit(0);
}

const auto killed = ::testing::KilledBySignal(SIGKILL);
const auto left = ::testing::ExitedWithCode(0);

TEST(FailpointDeathTest, kills_where_it_is_told) {
  EXPECT_EXIT(reach("call.after=kill", "call.after", 1), killed,
              "^failpoint call.after reached\n$");
}

TEST(FailpointDeathTest, kills_at_the_nth_time) {
  EXPECT_EXIT(reach("call.after=kill@3", "call.after", 9), killed,
              "passed 2\nfailpoint call.after reached\n$");
}

TEST(FailpointDeathTest, passes_other_places) {
  EXPECT_EXIT(reach("call.after=kill", "call.before", 2), left, "passed 2\n$");
  EXPECT_EXIT(reach("", "call.before", 1), left, "passed 1\n$");
}

TEST(FailpointDeathTest, goes_on_after_a_delay) {
  EXPECT_EXIT(reach("a=delay:1;b=kill", "a", 2), left, "passed 2\n$");
  EXPECT_EXIT(reach("a=delay:1;b=kill", "b", 2), killed, "^failpoint b reached\n$");
}

TEST(FailpointDeathTest, aborts_when_a_setting_cannot_be_read) {
  for (const char* settings : {"a", "=kill", "a=", "a=kil", "a=kill@", "a=kill@0", "a=kill@x",
                               "a=delay", "a=delay:", "a=delay:-1", "a=delay:1s", "b=kill;a"}) {
    EXPECT_EXIT(reach(settings, "other", 1), ::testing::KilledBySignal(SIGABRT), "cannot read")
        << settings;
  }
}

}  // namespace
}  // namespace switchyard
