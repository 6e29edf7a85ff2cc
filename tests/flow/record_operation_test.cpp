#include "flow/record_operation.h"

#include "fixture.h"
#include "flow/fulfil.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

Attempt operation_attempt(Operation operation, std::int64_t amount) {
  Attempt a = charge_attempt(2);
  a.operation = operation;
  a.charge_attempt_id = "att_1";
  a.money.amount = amount;
  return a;
}

Door refunding(std::int64_t amount) {
  Attempt charge = charge_attempt(1, captured);
  charge.amount_received = 4999;
  charge.amount_refunding = amount;
  Attempt attempt = operation_attempt(Operation::refund, amount);
  attempt.refund_id = "ref_1";
  PaymentRecord record = record_of(PaymentStatus::succeeded, {charge, attempt});
  record.payment.amount_received = 4999;
  Refund refund{.id = "ref_1", .payment_id = "pay_1", .merchant_id = "mer_1"};
  refund.charge_attempt_id = "att_1";
  refund.money = {amount, *find_currency("USD")};
  record.refunds = {refund};
  return Door(std::move(record));
}

Door capturing(std::int64_t amount) {
  PaymentRecord record =
      record_of(PaymentStatus::processing,
                {charge_attempt(1, authorized), operation_attempt(Operation::capture, amount)});
  record.payment.capture_method = CaptureMethod::manual;
  return Door(std::move(record));
}

TEST(RecordRefund, tells_the_refund_first_and_then_the_payment) {
  Door partial = refunding(1000);
  EXPECT_TRUE(
      wishes_for(partial.say("att_2", {.verdict = Verdict::captured}), Wish::Kind::next_refund));
  EXPECT_EQ(partial.record.payment.amount_refunded, 1000);
  EXPECT_EQ(partial.events(),
            (std::vector<std::string>{"refund.succeeded", "payment.partially_refunded"}));
  EXPECT_EQ(partial.journal_sum(), 0);

  Door full = refunding(4999);
  full.say("att_2", {.verdict = Verdict::captured});
  EXPECT_EQ(full.events(), (std::vector<std::string>{"refund.succeeded", "payment.refunded"}));
}

TEST(RecordRefund, stays_pending_while_nobody_knows) {
  for (const Verdict verdict :
       {Verdict::unknown, Verdict::pending, Verdict::not_found, Verdict::requires_action}) {
    Door door = refunding(1000);
    door.say("att_2", {.verdict = verdict});
    EXPECT_EQ(door.record.refunds[0].status, RefundStatus::pending);
    EXPECT_EQ(door.record.find_attempt("att_1")->amount_refunding, 1000);
  }
}

TEST(RecordRefund, gives_a_refused_refund_free_for_another) {
  Door door = refunding(1000);
  door.say("att_2", {.verdict = Verdict::refused, .decline = Decline::provider_error});
  EXPECT_EQ(door.record.refunds[0].status, RefundStatus::failed);
  EXPECT_EQ(door.record.find_attempt("att_1")->amount_refunding, 0);
  EXPECT_EQ(door.events(), (std::vector<std::string>{"refund.failed"}));
}

TEST(RecordRefund, is_taken_back_only_by_a_lookup) {
  Door door = refunding(1000);
  door.say("att_2", {.verdict = Verdict::captured});
  EXPECT_TRUE(wishes_for(door.say("att_2", {.verdict = Verdict::refused}, Source::webhook),
                         Wish::Kind::look_up));
  EXPECT_EQ(door.record.refunds[0].status, RefundStatus::succeeded);
  door.say("att_2", {.verdict = Verdict::refused}, Source::lookup);
  EXPECT_EQ(door.record.refunds[0].status, RefundStatus::failed);
  EXPECT_EQ(door.record.payment.amount_refunded, 0);
  EXPECT_EQ(door.journal_sum(), 0);
  EXPECT_EQ(door.events().back(), "refund.failed");
}

TEST(RecordRefund, made_at_the_provider_is_recorded_whatever_it_adds_up_to) {
  Door door = refunding(4999);
  door.say("att_2", {.verdict = Verdict::captured});
  Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
  const Money money{4000, *find_currency("USD")};
  note_refund_elsewhere(decision, *door.record.find_attempt("att_1"), "re_dashboard", money);
  note_refund_elsewhere(decision, *door.record.find_attempt("att_1"), "re_dashboard", money);
  ASSERT_EQ(door.record.refunds.size(), 2u);
  const std::string attempt_id = door.record.attempts.back().id;
  EXPECT_EQ(door.status_of(attempt_id), unknown);
  door.say(attempt_id, {.verdict = Verdict::captured}, Source::lookup);
  EXPECT_EQ(door.record.payment.amount_refunded, 8999);
  EXPECT_EQ(door.record.find_attempt("att_1")->amount_refunding, 4999);
  EXPECT_EQ(door.record.find_attempt("att_1")->amount_refunded_elsewhere, 4000);
}

TEST(RecordRefund, made_at_the_provider_carries_the_reference_of_whoever_made_it) {
  Door door = refunding(4999);
  Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
  const Money money{4000, *find_currency("USD")};
  door.say("att_2", {.verdict = Verdict::captured});
  note_refund_elsewhere(decision, *door.record.find_attempt("att_1"), "re_dashboard", money);
  const std::string attempt_id = door.record.attempts.back().id;
  door.say(attempt_id, {.verdict = Verdict::captured, .our_reference = "order 17"}, Source::lookup);
  EXPECT_EQ(door.status_of(attempt_id), captured);
  EXPECT_EQ(door.record.payment.amount_refunded, 8999);
  EXPECT_EQ(door.changes.anomalies.size(), 0u);
}

TEST(RecordCapture, takes_part_of_what_was_held) {
  Door door = capturing(2000);
  door.say("att_2", {.verdict = Verdict::captured,
                     .our_reference = "att_1",
                     .money = Money{4999, *find_currency("USD")},
                     .received = Money{2000, *find_currency("USD")}});
  EXPECT_EQ(door.status(), PaymentStatus::succeeded);
  EXPECT_EQ(door.record.payment.amount_received, 2000);
  EXPECT_EQ(door.status_of("att_1"), captured);
}

TEST(RecordCapture, that_is_refused_leaves_the_hold_and_asks_about_it) {
  Door door = capturing(4999);
  EXPECT_TRUE(wishes_for(door.say("att_2", {.verdict = Verdict::refused}), Wish::Kind::look_up));
  EXPECT_EQ(door.status(), PaymentStatus::requires_capture);
  EXPECT_EQ(door.record.payment.amount_capturable, 4999);
}

TEST(RecordCapture, of_unknown_outcome_stays_processing) {
  Door door = capturing(4999);
  door.say("att_2", {.verdict = Verdict::unknown});
  door.say("att_2", {.verdict = Verdict::authorized}, Source::lookup);
  EXPECT_EQ(door.status(), PaymentStatus::processing);
  EXPECT_EQ(door.status_of("att_2"), unknown);
}

}  // namespace
}  // namespace switchyard
