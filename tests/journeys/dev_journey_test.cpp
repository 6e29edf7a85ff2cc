// The newcomer's first command, as the quick start gives it.

#include <gtest/gtest.h>

#include "app/dev_process.h"

namespace switchyard::testing {
namespace {

TEST(DevJourney, its_check_verifies_a_payment_on_every_rail) {
  const auto checked =
      run_to_end({.command = {own_folder() + "/../switchyard", "dev", "--check", "--speed", "0",
                              "--port", std::to_string(any_free_port())}},
                 std::chrono::seconds(60));
  EXPECT_TRUE(checked) << (checked ? "" : checked.error().message);
}

}  // namespace
}  // namespace switchyard::testing
