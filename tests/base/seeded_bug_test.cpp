// The library is built without seeded bugs, so this test builds them for itself.
#ifndef SWITCHYARD_SEEDED_BUGS
#define SWITCHYARD_SEEDED_BUGS
#include "base/seeded_bug.cpp"
#endif

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/seeded_bug.h"

namespace switchyard {
namespace {

// Runs in a process of its own, since the environment is read once.
[[noreturn]] void ask(const char* carried, const char* name) {
  ::setenv("SWITCHYARD_SEEDED_BUG", carried, 1);
  std::exit(SEEDED_BUG(name) ? 1 : 0);
}

const auto absent = ::testing::ExitedWithCode(0);
const auto present = ::testing::ExitedWithCode(1);

TEST(SeededBugDeathTest, is_there_when_it_is_named_and_says_so) {
  EXPECT_EXIT(ask("X7", "X7"), present, "^this program carries the seeded bug X7 ");
}

TEST(SeededBugDeathTest, is_not_there_when_another_is_named) {
  EXPECT_EXIT(ask("X17", "X7"), absent, "carries the seeded bug X17 ");
}

TEST(SeededBugDeathTest, is_not_there_when_none_is_named) {
  EXPECT_EXIT(ask("", "X7"), absent, "^$");
}

TEST(SeededBugDeathTest, refuses_a_name_that_nobody_knows) {
  for (const char* name : {"X0", "X25", "x7", "X7,X8", "X07"})
    EXPECT_EXIT(ask(name, "X7"), ::testing::KilledBySignal(SIGABRT), "there is no bug");
}

}  // namespace
}  // namespace switchyard
