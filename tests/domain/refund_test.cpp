#include "domain/refund.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace switchyard {
namespace {

using enum RefundStatus;

TEST(Refund, changes_exactly_as_written_for_every_pair) {
  const std::map<RefundStatus, std::set<RefundStatus>> expected = {
      {pending, {succeeded, failed, canceled}},
      {succeeded, {failed}},
      {failed, {}},
      {canceled, {}}};
  std::size_t legal = 0;
  for (const auto& [from, from_word] : refund_status_words)
    for (const auto& [to, to_word] : refund_status_words) {
      const bool is_expected = expected.at(from).contains(to);
      EXPECT_EQ(may_become(from, to), is_expected) << from_word << " to " << to_word;
      if (is_expected) ++legal;
    }
  EXPECT_EQ(refund_transitions().size(), legal);
}

TEST(Refund, may_be_taken_back_by_the_provider_but_never_returns_to_pending) {
  EXPECT_TRUE(may_become(succeeded, failed));
  for (const auto& [from, word] : refund_status_words)
    EXPECT_FALSE(may_become(from, pending)) << word;
}

}  // namespace
}  // namespace switchyard
