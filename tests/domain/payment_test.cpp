#include "domain/payment.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace switchyard {
namespace {

using enum PaymentStatus;
using Change = PaymentChange;

// Written apart from the table: by change, where it leads from each status that allows it.
const std::map<Change, std::map<PaymentStatus, PaymentStatus>> expected = {
    {Change::attempt_started,
     {{requires_payment_method, processing},
      {failed, processing},
      {processing, processing},
      {requires_action, processing}}},
    {Change::action_required, {{processing, requires_action}}},
    {Change::payer_acted, {{requires_action, processing}}},
    {Change::authorized, {{processing, requires_capture}, {requires_action, requires_capture}}},
    {Change::paid,
     {{processing, succeeded},
      {requires_action, succeeded},
      {requires_capture, succeeded},
      {failed, succeeded},
      {canceled, succeeded},
      {expired, succeeded},
      {succeeded, succeeded}}},
    {Change::capture_sent, {{requires_capture, processing}}},
    {Change::capture_refused, {{processing, requires_capture}}},
    {Change::refused_everywhere, {{processing, failed}, {requires_action, failed}}},
    {Change::closed_canceled,
     {{requires_payment_method, canceled}, {requires_action, canceled}, {failed, canceled}}},
    {Change::voided, {{requires_capture, canceled}}},
    {Change::time_ran_out,
     {{requires_payment_method, expired}, {requires_action, expired}, {failed, expired}}},
};

std::optional<PaymentStatus> expected_next(PaymentStatus from, Change change) {
  const auto& pairs = expected.at(change);
  const auto found = pairs.find(from);
  return found == pairs.end() ? std::nullopt : std::optional(found->second);
}

TEST(Payment, changes_exactly_as_written_for_every_status_and_change) {
  std::size_t legal = 0;
  for (const auto& [from, from_word] : payment_status_words)
    for (const auto& [change, change_word] : payment_change_words) {
      const auto to = expected_next(from, change);
      EXPECT_EQ(next(from, change), to) << from_word << " " << change_word;
      if (to) ++legal;
    }
  EXPECT_EQ(payment_transitions().size(), legal);
}

TEST(Payment, believes_money_however_late) {
  for (const PaymentStatus closed : {failed, canceled, expired})
    EXPECT_EQ(next(closed, Change::paid), succeeded);
}

TEST(Payment, leaves_a_final_status_only_for_money) {
  for (const PaymentTransition& row : payment_transitions()) {
    if (is_final(row.from)) {
      EXPECT_EQ(row.change, Change::paid) << word_of(row.from);
    }
  }
}

TEST(Payment, is_never_closed_while_a_provider_works_on_it) {
  EXPECT_FALSE(next(processing, Change::closed_canceled));
  EXPECT_FALSE(next(processing, Change::time_ran_out));
}

TEST(Payment, is_final_only_when_succeeded_canceled_or_expired) {
  for (const auto& [status, word] : payment_status_words)
    EXPECT_EQ(is_final(status), status == succeeded || status == canceled || status == expired)
        << word;
}

TEST(Payment, spells_its_words_as_the_api_does) {
  EXPECT_EQ(word_of(requires_payment_method), "requires_payment_method");
  EXPECT_EQ(from_word(payment_status_words, "requires_capture"), requires_capture);
  EXPECT_EQ(word_of(Rail::mobile_money), "mobile_money");
  EXPECT_EQ(word_of(review_words, Review::none), "");
  EXPECT_EQ(word_of(review_words, Review::outcome_unknown), "outcome_unknown");
  EXPECT_FALSE(from_word(payment_status_words, "paid"));
}

}  // namespace
}  // namespace switchyard
