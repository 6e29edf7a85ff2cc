// All chance of a simulated world comes from one of these, so that a seed replays it exactly.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/clock.h"

namespace switchyard::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
  }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  bool is(double probability) { return probability > 0 && share() < probability; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<std::int64_t>(from.size())))];
  }
  // As many short times as long ones on a logarithmic scale: races need both.
  Duration time(Duration low, Duration high) {
    const double ratio = static_cast<double>(high.count()) / static_cast<double>(low.count());
    return Duration(
        static_cast<std::int64_t>(static_cast<double>(low.count()) * std::pow(ratio, share())));
  }

 private:
  std::uint64_t state_;
};

// Worlds of one seed have nothing in common.
inline std::uint64_t seed_of_world(std::uint64_t seed, std::int64_t world) {
  return Chance(seed ^ Chance(static_cast<std::uint64_t>(world)).next()).next();
}

}  // namespace switchyard::sim
