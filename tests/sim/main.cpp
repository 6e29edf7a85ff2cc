// switchyard-sim: see scripts/sim.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "simulate.h"

using namespace switchyard::sim;

namespace {

void print(const Failure& failure) {
  std::printf("VIOLATION %s: %s\n", failure.invariant.c_str(), failure.what.c_str());
  std::printf(
      "  seed %llu, payment %lld; again: scripts/sim --seed %llu --only %lld\n",
      static_cast<unsigned long long>(failure.seed), static_cast<long long>(failure.payment),
      static_cast<unsigned long long>(failure.seed), static_cast<long long>(failure.payment));
  for (const std::string& line : failure.timeline) std::printf("  %s\n", line.c_str());
}

void print(const Course& course, bool is_detailed) {
  std::printf("%lld payments, %llu events, %.1f s\n", static_cast<long long>(course.payments),
              static_cast<unsigned long long>(course.events), course.took.count());
  for (const auto& [status, count] : course.statuses)
    std::printf("  payments %-24s %lld\n", status.c_str(), static_cast<long long>(count));
  if (!is_detailed) return;
  for (const auto& [what, count] : course.charges)
    std::printf("  %-33s %lld\n", what.c_str(), static_cast<long long>(count));
}

long long number_after(int argc, char** argv, const char* option, long long otherwise) {
  for (int i = 1; i + 1 < argc; ++i)
    if (std::strcmp(argv[i], option) == 0) return std::atoll(argv[i + 1]);
  return otherwise;
}

bool has(int argc, char** argv, const char* option) {
  for (int i = 1; i < argc; ++i)
    if (std::strcmp(argv[i], option) == 0) return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  Wanted wanted;
  wanted.seed = static_cast<std::uint64_t>(number_after(argc, argv, "--seed", 1));
  wanted.payments = number_after(argc, argv, "--payments", 1'000'000);
  wanted.step = static_cast<int>(number_after(argc, argv, "--step", 1));
  wanted.first_payment = number_after(argc, argv, "--first", 0);
  wanted.at_most = std::chrono::seconds(number_after(argc, argv, "--seconds", 0));
  if (const long long only = number_after(argc, argv, "--only", -1); only >= 0) {
    wanted.first_payment = only;
    wanted.payments = 1;
  }
  if (has(argc, argv, "--canary")) wanted.plant = Plant::stranger_charges;
  const Course course = simulate(wanted);
  print(course, has(argc, argv, "--detailed"));
  if (course.failure) print(*course.failure);
  return course.failure ? 1 : 0;
}
