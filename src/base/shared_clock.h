// The database's time, which all routers share. Whoever has just heard it says so; in between it is
// carried on by the time since the machine was started, so that setting the machine's clock changes
// nothing: what is in force for a while (a provider's keys, expiry) ends for all routers at once.
// Safe from any thread.
#pragma once

#include <time.h>

#include <atomic>

#include "base/clock.h"

namespace switchyard {

class SharedClock : public Clock {
 public:
  Time now() const final { return Time(Duration(ahead_.load()) + since_start()); }
  void hear(Time now) { ahead_ = (now.time_since_epoch() - since_start()).count(); }

 protected:
  // Goes on while the machine sleeps. Tests let it jump.
  virtual Duration since_start() const {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) +
           std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(time.tv_nsec));
  }

 private:
  // Until the database has been heard: by the machine's own clock.
  std::atomic<std::int64_t> ahead_{
      (SystemClock().now().time_since_epoch() - SharedClock::since_start()).count()};
};

}  // namespace switchyard
