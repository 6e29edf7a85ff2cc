#include "base/secret.h"

#include <gtest/gtest.h>

#include <sstream>

namespace switchyard {
namespace {

TEST(Secret, K2_prints_as_stars) {
  std::ostringstream out;
  out << Secret("sk_live_1") << "|" << ::testing::PrintToString(Secret("sk_live_1"));
  EXPECT_EQ(out.str(), "***|***");
}

TEST(Secret, reveals_its_text_when_asked) { EXPECT_EQ(Secret("sk_live_1").reveal(), "sk_live_1"); }

TEST(Secret, is_compared_by_its_text) {
  EXPECT_TRUE(Secret("a") == Secret("a"));
  EXPECT_FALSE(Secret("a") == Secret("b"));
}

TEST(Secret, knows_when_it_is_empty) {
  EXPECT_TRUE(Secret().is_empty());
  EXPECT_FALSE(Secret("a").is_empty());
}

}  // namespace
}  // namespace switchyard
