// Threads that run handlers. They are made when they are needed, because a payment that waits for a
// slow provider holds one, and thousands may wait at once; their stacks are small for that reason.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace switchyard {

class Workers {
 public:
  using Work = std::function<void()>;  // lets no exception out

  Workers(std::size_t most_threads, std::size_t most_queued);
  ~Workers();  // stops, and waits for what runs; what is queued is dropped
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full or the workers have stopped: shed the request.
  bool offer(Work work);

  std::size_t queued() const;
  std::size_t running() const;
  std::size_t threads() const;

 private:
  static void* start(void* workers);
  void run();
  bool add_thread();

  const std::size_t most_threads_;
  const std::size_t most_queued_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_came_;
  std::condition_variable thread_ended_;
  std::deque<Work> queue_;
  std::vector<pthread_t> finished_;  // to be joined
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  std::size_t running_ = 0;
  bool is_stopping_ = false;
};

}  // namespace switchyard
