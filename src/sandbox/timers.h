// What happens later. Sandbox time is real time plus what POST /clock has added, so that hours of
// webhook tries can pass at once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace switchyard::sandbox {

class Timers {
 public:
  Timers();
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Runs on the one timer thread; must not wait. After stop() it is dropped.
  void after(std::chrono::milliseconds delay, std::function<void()> run);
  void advance(std::chrono::seconds by);  // what has become due runs in its order
  std::int64_t unix_time() const;

  // Waits, on the caller's thread, in real time; returns early when stopped.
  void pause(std::chrono::milliseconds for_how_long);
  void stop();

 private:
  using Moment = std::chrono::steady_clock::time_point;
  Moment now() const;  // sandbox time; needs the lock
  void run_all();

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for the timer thread
  std::condition_variable stopped_;  // for those that pause
  std::multimap<Moment, std::function<void()>> waiting_;
  std::chrono::seconds advanced_{0};
  bool is_stopped_ = false;
  std::thread thread_;
};

}  // namespace switchyard::sandbox
