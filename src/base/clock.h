// Time as the product sees it. Whoever needs the hour is given a Clock; tests hold one that
// stands still. Times in the API are RFC 3339, UTC, with milliseconds.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

// Microseconds, as PostgreSQL keeps them, so that a time survives the way to the database and back.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

// Stands still until told otherwise. Not safe to set while another thread reads.
class StoppedClock final : public Clock {
 public:
  explicit StoppedClock(Time at) : at_(at) {}
  Time now() const override { return at_; }
  void advance(Duration by) { at_ += by; }

 private:
  Time at_;
};

// "2026-11-20T07:00:00.000Z"
std::string to_rfc3339(Time time);
// Reads RFC 3339 with "Z" or an offset and one to nine decimals; nothing else, no leap second, no
// year but 0001 to 9999 in UTC. What is finer than a microsecond is cut off.
std::optional<Time> parse_rfc3339(std::string_view text);

inline std::int64_t unix_seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
// A number beyond the years 0000 to 9999 is a provider's mistake; it becomes the nearest of them,
// so that no arithmetic on it can overflow.
inline Time from_unix_seconds(std::int64_t seconds) {
  constexpr std::int64_t first = -62'167'219'200;
  constexpr std::int64_t last = 253'402'300'799;
  return Time{std::chrono::seconds{std::clamp(seconds, first, last)}};
}

}  // namespace switchyard
