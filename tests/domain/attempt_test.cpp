#include "domain/attempt.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace switchyard {
namespace {

using enum AttemptStatus;

constexpr AttemptStatus closed[] = {not_sent, refused, canceled, AttemptStatus::expired};

// Written apart from the table.
const std::map<AttemptStatus, std::set<AttemptStatus>> expected = {
    {sending,
     {unknown, requires_action, authorized, closing, captured, not_sent, refused, canceled,
      AttemptStatus::expired}},
    {unknown,
     {requires_action, authorized, closing, captured, refused, canceled, AttemptStatus::expired}},
    {requires_action,
     {sending, authorized, closing, captured, refused, canceled, AttemptStatus::expired}},
    {authorized, {closing, captured, canceled, AttemptStatus::expired}},
    {closing, {captured, refused, canceled, AttemptStatus::expired}},
    {captured, {}},
    {not_sent, {authorized, captured}},
    {refused, {authorized, captured}},
    {canceled, {authorized, captured}},
    {AttemptStatus::expired, {authorized, captured}},
};

TEST(Attempt, changes_exactly_as_written_for_every_pair) {
  std::size_t legal = 0;
  for (const auto& [from, from_word] : attempt_status_words)
    for (const auto& [to, to_word] : attempt_status_words) {
      const bool is_expected = expected.at(from).contains(to);
      EXPECT_EQ(may_become(from, to), is_expected) << from_word << " to " << to_word;
      if (is_expected) ++legal;
    }
  EXPECT_EQ(attempt_transitions().size(), legal);
}

TEST(Attempt, that_may_have_been_sent_is_never_called_not_sent) {
  for (const auto& [from, word] : attempt_status_words)
    EXPECT_EQ(may_become(from, not_sent), from == sending) << word;
}

TEST(Attempt, never_falls_in_rank_but_for_late_money_and_our_call_after_the_payers_act) {
  for (const AttemptTransition& row : attempt_transitions()) {
    if (row.from == requires_action && row.to == sending) continue;
    if (is_live(row.from)) {
      EXPECT_LT(rank_of(row.from), rank_of(row.to))
          << word_of(row.from) << " to " << word_of(row.to);
    } else {
      EXPECT_TRUE(row.to == captured || row.to == authorized) << word_of(row.to);
    }
  }
}

TEST(Attempt, is_ranked_from_sending_to_captured) {
  EXPECT_LT(rank_of(sending), rank_of(unknown));
  EXPECT_LT(rank_of(unknown), rank_of(requires_action));
  EXPECT_LT(rank_of(requires_action), rank_of(authorized));
  EXPECT_LT(rank_of(authorized), rank_of(closing));
  for (const AttemptStatus each : closed) {
    EXPECT_EQ(rank_of(each), rank_of(refused));
    EXPECT_LT(rank_of(closing), rank_of(each));
    EXPECT_LT(rank_of(each), rank_of(captured));
  }
}

TEST(Attempt, keeps_captured_money_whatever_comes_after) {
  for (const auto& [to, word] : attempt_status_words)
    EXPECT_FALSE(may_become(captured, to)) << word;
}

TEST(Attempt, is_as_certain_as_its_status) {
  const std::map<AttemptStatus, std::string_view> certainty = {
      {sending, "unknown"},     {unknown, "unknown"},
      {closing, "unknown"},     {not_sent, "not_sent"},
      {refused, "refused"},     {requires_action, "accepted"},
      {authorized, "accepted"}, {captured, "accepted"},
      {canceled, "accepted"},   {AttemptStatus::expired, "accepted"},
  };
  for (const auto& [status, word] : attempt_status_words)
    EXPECT_EQ(word_of(certainty_of(status)), certainty.at(status)) << word;
}

TEST(Attempt, is_live_until_closed) {
  const std::set<AttemptStatus> over(std::begin(closed), std::end(closed));
  for (const auto& [status, word] : attempt_status_words)
    EXPECT_EQ(is_live(status), !over.contains(status)) << word;
}

TEST(Attempt, is_in_doubt_exactly_when_its_certainty_is_unknown) {
  for (const auto& [status, word] : attempt_status_words)
    EXPECT_EQ(is_in_doubt(status), certainty_of(status) == Certainty::unknown) << word;
}

}  // namespace
}  // namespace switchyard
