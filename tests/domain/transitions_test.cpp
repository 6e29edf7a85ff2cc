#include "domain/transitions.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

struct Plain {
  int from;
  int to;
};
struct Named {
  int from;
  int change;
  int to;
};

TEST(Transitions, finds_a_pair_that_appears_twice) {
  constexpr Plain good[] = {{1, 2}, {2, 1}, {1, 3}};
  constexpr Plain bad[] = {{1, 2}, {2, 1}, {1, 2}};
  EXPECT_TRUE(each_pair_appears_once(good));
  EXPECT_FALSE(each_pair_appears_once(bad));
}

TEST(Transitions, finds_a_change_that_leads_to_two_places) {
  constexpr Named good[] = {{1, 7, 2}, {1, 8, 2}, {2, 7, 2}};
  constexpr Named bad[] = {{1, 7, 2}, {1, 8, 2}, {1, 7, 3}};
  EXPECT_TRUE(each_pair_appears_once(good));
  EXPECT_FALSE(each_pair_appears_once(bad));
}

}  // namespace
}  // namespace switchyard
