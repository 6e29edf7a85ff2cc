// A few threads that run short tasks in the order they were posted. A task that waits for others'
// tasks of the same pool would block it: use it for work, not for waiting. A pool without threads
// runs what its owner asks it to: the simulation, which has only one.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/contain.h"

namespace switchyard {

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A task that is posted after stop() is let go: what it would have done is found by its lease.
  void post(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return;
      tasks_.push_back(std::move(task));
    }
    posted_.notify_one();
  }
  // Runs the oldest task on the caller's thread; false when there is none.
  bool run_one() {
    std::function<void()> task;
    {
      const std::lock_guard lock(mutex_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    contain("pool", task);
    return true;
  }
  // Runs what was posted before, then ends the threads. Not from a task. Idempotent.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    posted_.notify_all();
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return tasks_.size();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      posted_.wait(lock, [&] { return is_stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      contain("pool", task);
      task = nullptr;  // what it held is let go before the lock is taken again
      lock.lock();
    }
  }

  mutable std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace switchyard
