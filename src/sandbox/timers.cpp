#include "sandbox/timers.h"

namespace switchyard::sandbox {

Timers::Timers() : thread_([this] { run_all(); }) {}

Timers::~Timers() { stop(); }

Timers::Moment Timers::now() const { return std::chrono::steady_clock::now() + advanced_; }

void Timers::after(std::chrono::milliseconds delay, std::function<void()> run) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return;
  waiting_.emplace(now() + delay, std::move(run));
  changed_.notify_all();
}

void Timers::advance(std::chrono::seconds by) {
  const std::lock_guard lock(mutex_);
  advanced_ += by;
  changed_.notify_all();
}

std::int64_t Timers::unix_time() const {
  const std::lock_guard lock(mutex_);
  const auto real = std::chrono::system_clock::now().time_since_epoch();
  return (std::chrono::duration_cast<std::chrono::seconds>(real) + advanced_).count();
}

void Timers::pause(std::chrono::milliseconds for_how_long) {
  std::unique_lock lock(mutex_);
  stopped_.wait_for(lock, for_how_long, [this] { return is_stopped_; });
}

void Timers::stop() {
  std::multimap<Moment, std::function<void()>> dropped;
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    dropped.swap(waiting_);
    changed_.notify_all();
    stopped_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Timers::run_all() {
  std::unique_lock lock(mutex_);
  while (!is_stopped_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else if (const Moment due = waiting_.begin()->first; due > now()) {
      changed_.wait_until(lock, due - advanced_);
    } else {
      const auto run = std::move(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
      lock.unlock();
      run();
      lock.lock();
    }
  }
}

}  // namespace switchyard::sandbox
