// The library is built without failpoints, so this test builds them for itself.
#ifndef SWITCHYARD_FAILPOINTS
#define SWITCHYARD_FAILPOINTS
#include "base/failpoint.cpp"
#endif

#include <gtest/gtest.h>
#include <stdlib.h>

#include <csignal>

#include "base/failpoint.h"
#include "base/router_clock.h"

namespace switchyard {
namespace {

// What a router's socket answers to each line; in a process that listens at this one.
std::string ask(const std::string& path, const std::string& lines, int answers) {
  const int line = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(line, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return "nobody";
  if (::send(line, lines.data(), lines.size(), 0) < 0) return "not sent";
  std::string said;
  char byte = 0;
  while (answers > 0 && ::read(line, &byte, 1) == 1) {
    said += byte;
    answers -= byte == '\n';
  }
  ::close(line);
  return said;
}

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

TEST(FailpointDeathTest, throws_where_it_is_told) {
  const auto throwing = [] {
    ::setenv("SWITCHYARD_FAILPOINTS", "a=throw@2", 1);
    FAILPOINT("a");
    try {
      FAILPOINT("a");
    } catch (const std::runtime_error& problem) {
      std::fprintf(stderr, "caught %s\n", problem.what());
    }
    FAILPOINT("a");
    std::exit(0);
  };
  EXPECT_EXIT(throwing(), left, "^failpoint a reached\ncaught failpoint a\n$");
}

TEST(FailpointDeathTest, drops_only_where_there_is_a_connection) {
  const auto dropping = [] {
    ::setenv("SWITCHYARD_FAILPOINTS", "call.after_write=drop@2", 1);
    for (int i = 0; i < 3; ++i)
      std::fprintf(stderr, "%d", static_cast<int>(FAILPOINT_DROPS("call.after_write")));
    std::exit(0);
  };
  EXPECT_EXIT(dropping(), left, "^0failpoint call.after_write reached\n10$");
  EXPECT_EXIT(reach("key.before_claim=drop", "a", 1), ::testing::KilledBySignal(SIGABRT),
              "cannot read");
}

TEST(FailpointDeathTest, takes_orders_while_it_runs) {
  const std::string path = ::testing::TempDir() + "failpoints" + std::to_string(::getpid());
  const auto ordered = [&] {
    ::setenv("SWITCHYARD_FAILPOINT_SOCKET", path.c_str(), 1);
    listen_for_orders();
    FAILPOINT("b");
    std::fprintf(stderr, "%s", ask(path, "b=delay:0\ncounts\nb=dance\n", 3).c_str());
    FAILPOINT("b");
    const RouterClock clock;
    const Time before = clock.now();
    std::fprintf(stderr, "%s", ask(path, "clear\nclock=-3600\n", 2).c_str());
    FAILPOINT("b");
    const bool is_moved = before - clock.now() > std::chrono::minutes(59);
    std::fprintf(stderr, "%s %d\n", ask(path, "counts\n", 1).c_str(), is_moved);
    ::unlink(path.c_str());
    std::exit(0);
  };
  EXPECT_EXIT(ordered(), left,
              "^ok\nb=1\nrefused: b=dance\nfailpoint b reached\nok\nok\nb=3\n 1\n$");
}

TEST(FailpointDeathTest, aborts_when_a_setting_cannot_be_read) {
  for (const char* settings :
       {"a", "=kill", "a=", "a=kil", "a=kill@", "a=kill@0", "a=kill@x", "a=delay",
        "a=delay:", "a=delay:-1", "a=throw:1", "a=delay:1s", "b=kill;a"}) {
    EXPECT_EXIT(reach(settings, "other", 1), ::testing::KilledBySignal(SIGABRT), "cannot read")
        << settings;
  }
}

}  // namespace
}  // namespace switchyard
