#include "simulate.h"

namespace switchyard::sim {
namespace {

using Moment = std::chrono::steady_clock;

void count(Course& course, World& world) {
  course.events += world.schedule.count();
  for (const auto& [id, row] : world.store.rows()) {
    ++course.payments;
    ++course.statuses[std::string(word_of(row.record.payment.status))];
    for (const Attempt& attempt : row.record.attempts)
      ++course.charges[std::string(word_of(attempt.operation)) + " " + attempt.account + " " +
                       std::string(word_of(attempt.status))];
  }
}

// The same world once more, this time written down.
Failure replay(const Wanted& wanted, std::int64_t number) {
  World world(wanted.seed, number, true, wanted.plant);
  world.run();
  Failure failure{.seed = wanted.seed, .payment = world.first_payment};
  if (world.judge.violations().empty()) {
    failure.invariant = "replay";
    failure.what = "the violation did not happen again: the simulation is not deterministic";
    return failure;
  }
  const Violation& violation = world.judge.violations().front();
  failure.invariant = violation.invariant;
  failure.what = violation.what;
  failure.timeline = world.story.of(violation.payment_id);
  if (const Row* row = world.store.find(violation.payment_id))
    failure.payment = std::stoll(row->record.payment.description);
  return failure;
}

}  // namespace

Course simulate(const Wanted& wanted) {
  Course course;
  const auto begun = Moment::now();
  const std::int64_t first = wanted.first_payment / payments_per_world;
  for (std::int64_t number = first; course.payments < wanted.payments; number += wanted.step) {
    bool is_violated = false;
    {
      World world(wanted.seed, number, false, wanted.plant);
      world.run();
      count(course, world);
      is_violated = !world.judge.violations().empty();
    }
    if (is_violated) {
      course.failure = replay(wanted, number);
      break;
    }
    if (wanted.at_most.count() > 0 && Moment::now() - begun > wanted.at_most) break;
  }
  course.took = Moment::now() - begun;
  return course;
}

}  // namespace switchyard::sim
