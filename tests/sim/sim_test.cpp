#include <gtest/gtest.h>

#include "simulate.h"

namespace switchyard::sim {
namespace {

Course with(Plant plant) { return simulate({.seed = 7, .payments = 4000, .plant = plant}); }

}  // namespace

TEST(Simulation, breaks_no_rule_whatever_goes_wrong) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Course course = simulate({.seed = seed, .payments = 2500});
    ASSERT_FALSE(course.failure) << "scripts/sim --seed " << seed << " --only "
                                 << course.failure->payment << "\n"
                                 << course.failure->invariant << ": " << course.failure->what;
    EXPECT_GE(course.payments, 2500);
  }
}

// A run in which nothing went wrong would prove nothing.
TEST(Simulation, reaches_what_it_is_for) {
  const Course course = simulate({.seed = 3, .payments = 5000});
  for (const auto* status : {"succeeded", "canceled", "expired"})
    EXPECT_GT(course.statuses.at(status), 100) << status;
  for (const auto* charge :
       {"charge keyed captured", "charge keyed refused", "charge keyed canceled",
        "charge short captured", "charge reference captured", "charge resend captured",
        "charge keyless captured", "charge keyless unknown", "charge keyed not_sent",
        "capture keyed captured", "refund keyed captured", "refund reference refused"})
    EXPECT_TRUE(course.charges.contains(charge)) << charge;
}

TEST(Simulation, is_the_same_again_for_the_same_seed) {
  const Course once = simulate({.seed = 11, .payments = 500});
  const Course again = simulate({.seed = 11, .payments = 500});
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.charges, again.charges);
}

TEST(Simulation, notices_a_charge_that_nobody_asked_for) {
  const Course course = with(Plant::stranger_charges);
  ASSERT_TRUE(course.failure);
  EXPECT_EQ(course.failure->invariant, "I1");
  EXPECT_FALSE(course.failure->timeline.empty());
}

TEST(Simulation, notices_a_charge_that_is_sent_twice) {
  const Course course = with(Plant::double_send);
  ASSERT_TRUE(course.failure);
  EXPECT_EQ(course.failure->invariant, "I2");
}

TEST(Simulation, notices_a_commit_that_is_lost) { EXPECT_TRUE(with(Plant::lost_commit).failure); }

}  // namespace switchyard::sim
