#include "base/contain.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "base/pool.h"

namespace switchyard {
namespace {

TEST(Contain, says_whether_the_work_ran_to_its_end) {
  EXPECT_TRUE(contain("test", [] {}));
  EXPECT_FALSE(contain("test", [] { throw std::runtime_error("no"); }));
}

TEST(Contain, keeps_a_pool_at_work_after_a_task_that_throws) {
  std::atomic<int> done = 0;
  {
    Pool pool(1);
    pool.post([] { throw std::runtime_error("no"); });
    pool.post([&] { ++done; });
    pool.stop();
  }
  EXPECT_EQ(done, 1);
}

}  // namespace
}  // namespace switchyard
