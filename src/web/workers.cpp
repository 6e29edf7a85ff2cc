#include "web/workers.h"

#include <chrono>
#include <utility>

#include "base/contain.h"

namespace switchyard {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_bytes = 2 << 20;  // instrumented frames are several times as large
#else
constexpr std::size_t stack_bytes = 256 << 10;
#endif
constexpr std::size_t threads_kept = 8;
constexpr std::chrono::seconds idle_threads_live{30};

void join(const std::vector<pthread_t>& threads) {
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace

Workers::Workers(std::size_t most_threads, std::size_t most_queued)
    : most_threads_(most_threads), most_queued_(most_queued) {}

Workers::~Workers() {
  std::unique_lock lock(mutex_);
  is_stopping_ = true;
  queue_.clear();
  work_came_.notify_all();
  thread_ended_.wait(lock, [this] { return threads_ == 0; });
  join(std::exchange(finished_, {}));
}

bool Workers::offer(Work work) {
  std::unique_lock lock(mutex_);
  if (is_stopping_ || queue_.size() >= most_queued_) return false;
  queue_.push_back(std::move(work));
  if (queue_.size() > idle_ && threads_ < most_threads_ && !add_thread() && threads_ == 0) {
    queue_.pop_back();  // the system gives no thread, and nobody else would ever run it
    return false;
  }
  std::vector<pthread_t> finished = std::exchange(finished_, {});
  lock.unlock();
  work_came_.notify_one();
  join(finished);
  return true;
}

bool Workers::add_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread{};
  const bool is_made = pthread_create(&thread, &attributes, start, this) == 0;
  pthread_attr_destroy(&attributes);
  if (is_made) ++threads_;
  return is_made;
}

void* Workers::start(void* workers) {
  static_cast<Workers*>(workers)->run();
  return nullptr;
}

void Workers::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    const bool has_news = work_came_.wait_for(lock, idle_threads_live,
                                              [this] { return is_stopping_ || !queue_.empty(); });
    --idle_;
    if (is_stopping_ || (!has_news && threads_ > threads_kept)) break;
    if (queue_.empty()) continue;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    lock.unlock();
    contain("web", work);
    work = nullptr;  // lets go of the request before this thread counts as free
    lock.lock();
    --running_;
  }
  finished_.push_back(pthread_self());
  --threads_;
  thread_ended_.notify_all();
}

std::size_t Workers::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t Workers::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

std::size_t Workers::threads() const {
  const std::lock_guard lock(mutex_);
  return threads_;
}

}  // namespace switchyard
