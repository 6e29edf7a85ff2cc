#include "web/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>

namespace switchyard {
namespace {

TEST(Workers, run_as_many_at_once_as_wait) {
  Workers workers(50, 100);
  std::latch all_are_here(50);
  std::latch done(50);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(workers.offer([&] {
      all_are_here.arrive_and_wait();
      done.count_down();
    }));
  done.wait();
  EXPECT_LE(workers.threads(), 50u);
}

TEST(Workers, never_are_more_than_they_may_and_queue_no_more_than_they_may) {
  Workers workers(1, 1);
  std::latch started(1), release(1), done(2);
  EXPECT_TRUE(workers.offer([&] {
    started.count_down();
    release.wait();
    done.count_down();
  }));
  started.wait();
  EXPECT_TRUE(workers.offer([&] { done.count_down(); }));
  EXPECT_FALSE(workers.offer([] { FAIL() << "was not taken"; }));
  EXPECT_EQ(workers.threads(), 1u);
  EXPECT_EQ(workers.running(), 1u);
  EXPECT_EQ(workers.queued(), 1u);
  release.count_down();
  done.wait();
}

TEST(Workers, let_go_of_work_that_was_not_begun) {
  const auto held = std::make_shared<int>(1);
  {
    Workers workers(1, 10);
    std::latch started(1);
    std::latch stopping(1);
    workers.offer([&] {
      started.count_down();
      stopping.wait();
    });
    started.wait();
    workers.offer([held] {});
    EXPECT_EQ(held.use_count(), 2);
    stopping.count_down();
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace switchyard
