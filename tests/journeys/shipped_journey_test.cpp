// What is for tests only must not be in the program that meets real money.
#include <fstream>
#include <sstream>

#include "app/dev_process.h"
#include "tests/journeys/story.h"

namespace switchyard::testing {
namespace {

bool holds(const std::string& program, const std::string& text) {
  std::ifstream file(own_folder() + "/../" + program, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  // Every program speaks of itself: one that cannot be read would hold nothing at all.
  EXPECT_NE(bytes.str().find("Routes payments to providers"), std::string::npos) << program;
  return bytes.str().find(text) != std::string::npos;
}

TEST(ShippedJourney, carries_no_seeded_bug) {
  EXPECT_FALSE(holds("switchyard", "SWITCHYARD_SEEDED_BUG"));
  EXPECT_FALSE(holds("switchyard-failpoints", "SWITCHYARD_SEEDED_BUG"));
}

TEST(ShippedJourney, has_no_failpoints) {
  EXPECT_FALSE(holds("switchyard", "SWITCHYARD_FAILPOINTS"));
  EXPECT_TRUE(holds("switchyard-failpoints", "SWITCHYARD_FAILPOINTS"));
}

}  // namespace
}  // namespace switchyard::testing
