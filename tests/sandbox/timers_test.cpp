#include "sandbox/timers.h"

#include <gtest/gtest.h>

#include <atomic>

#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

using namespace std::chrono_literals;

TEST(Timers, run_what_the_clock_has_been_moved_past_in_its_order) {
  Timers timers;
  std::mutex mutex;
  std::string order;
  const auto add = [&](char c) {
    return [&, c] {
      const std::lock_guard lock(mutex);
      order += c;
    };
  };
  timers.after(3h, add('c'));
  timers.after(1h, add('a'));
  timers.after(2h, add('b'));
  timers.after(200h, add('z'));
  const auto before = timers.unix_time();
  timers.advance(4h);
  EXPECT_GE(timers.unix_time(), before + 4 * 3600);
  EXPECT_TRUE(becomes_true([&] {
    const std::lock_guard lock(mutex);
    return order.size() == 3;
  }));
  timers.stop();
  EXPECT_EQ(order, "abc");
}

TEST(Timers, stop_wakes_whoever_pauses) {
  Timers timers;
  std::atomic<bool> is_back = false;
  std::thread waiting([&] {
    timers.pause(1h);
    is_back = true;
  });
  timers.stop();
  waiting.join();
  EXPECT_TRUE(is_back);
}

TEST(Timers, drop_what_comes_after_the_stop) {
  Timers timers;
  timers.stop();
  bool has_run = false;
  timers.after(0ms, [&] { has_run = true; });
  EXPECT_FALSE(has_run);
}

}  // namespace
}  // namespace switchyard::sandbox
