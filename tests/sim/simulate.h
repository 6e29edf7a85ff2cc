// Worlds one after the other, until enough payments have been made or one violates a rule.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "world.h"

namespace switchyard::sim {

struct Failure {
  std::uint64_t seed = 0;
  std::int64_t payment = 0;  // its number; the first of its world where no payment is named
  std::string invariant;
  std::string what;
  std::vector<std::string> timeline;
};

struct Course {
  std::int64_t payments = 0;
  std::uint64_t events = 0;
  std::chrono::duration<double> took{0};
  std::map<std::string, std::int64_t> statuses = {};  // how the payments ended
  std::map<std::string, std::int64_t> charges = {};   // how the charges did, "keyed captured"
  std::optional<Failure> failure = {};                // the first one ends the course
};

struct Wanted {
  std::uint64_t seed = 1;
  std::int64_t first_payment = 0;
  std::int64_t payments = 0;
  int step = 1;  // every how manieth world, for several processes that share a seed
  std::chrono::seconds at_most{0};  // 0: no matter
  Plant plant = Plant::nothing;
};

Course simulate(const Wanted& wanted);

}  // namespace switchyard::sim
