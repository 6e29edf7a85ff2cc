// Doubt is left only by a word about the money, and always looked after.
#include "around.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

constexpr Verdict all_verdicts[] = {
    Verdict::unknown, Verdict::not_sent,        Verdict::not_found,  Verdict::next_step,
    Verdict::pending, Verdict::requires_action, Verdict::authorized, Verdict::captured,
    Verdict::refused, Verdict::canceled,        Verdict::expired};
constexpr Source all_sources[] = {Source::answer, Source::resend_answer, Source::close_answer,
                                  Source::lookup, Source::webhook};
constexpr AttemptStatus all_statuses[] = {sending,  unknown,  requires_action, authorized, closing,
                                          captured, not_sent, refused,         canceled,   expired};

PaymentStatus payment_with(AttemptStatus status) {
  if (status == captured) return PaymentStatus::succeeded;
  if (status == requires_action) return PaymentStatus::requires_action;
  if (status == authorized) return PaymentStatus::requires_capture;
  return is_live(status) ? PaymentStatus::processing : PaymentStatus::failed;
}

// No order of words may end the process, move money that was not said to move, or forget anybody.
TEST(Doubt, survives_every_word_in_every_state) {
  Around around;
  for (const AttemptStatus from : all_statuses)
    for (const Verdict verdict : all_verdicts)
      for (const Source source : all_sources)
        for (const bool is_ending : {false, true}) {
          Attempt attempt = charge_attempt(1, from);
          attempt.provider_reference = "ch_1";
          Door door(record_of(payment_with(from), {attempt}));
          door.record.steps = {charge_step("att_1")};
          door.record.payment.cancel_requested = is_ending;
          Wishes wishes =
              door.say("att_1", {.verdict = verdict, .decline = Decline::provider_error}, source);
          SCOPED_TRACE(std::string(word_of(from)) + " verdict " +
                       std::to_string(static_cast<int>(verdict)) + " source " +
                       std::to_string(static_cast<int>(source)) + (is_ending ? " ending" : ""));
          const AttemptStatus to = door.status_of("att_1");
          const bool goes_on = wishes_for(wishes, Wish::Kind::next_attempt);
          EXPECT_TRUE(
              to != not_sent || from == not_sent ||
              (from == sending && source == Source::answer && verdict == Verdict::not_sent));
          EXPECT_TRUE(verdict != Verdict::captured || source == Source::webhook || to == captured);
          EXPECT_FALSE(goes_on && (is_ending || is_live(to)));
          EXPECT_EQ(door.journal_sum(), 0);
          around.grant(door, std::move(wishes));
          const LeaseChange* lease = lease_of(door, "att_1");
          const bool is_open = is_live(to) && to != captured;
          EXPECT_FALSE(is_open && lease && lease->kind == LeaseChange::Kind::drop);
        }
}

TEST(Doubt, about_a_refund_goes_on_being_settled_after_its_payment_was_canceled) {
  Around around;
  Attempt charge = charge_attempt(1, captured);
  Attempt refund = charge_attempt(2, unknown);
  refund.operation = Operation::refund;
  refund.charge_attempt_id = "att_1";
  refund.lookups = 1;
  PaymentRecord record = record_of(PaymentStatus::succeeded, {charge, refund});
  record.payment.cancel_requested = true;  // the money came late and is given back
  record.steps = {charge_step("att_2")};
  EXPECT_EQ(plan_look(record, record.attempts[1], around.adapter(), noon), Look::send_again);
}

TEST(Doubt, sends_nothing_again_that_the_provider_has_acknowledged) {
  Around around;
  Attempt attempt = charge_attempt(1, unknown);
  attempt.provider_reference = "ch_1";
  attempt.lookups = 1;
  PaymentRecord record = record_of(PaymentStatus::processing, {attempt});
  record.steps = {charge_step("att_1", 201)};
  EXPECT_EQ(plan_look(record, record.attempts[0], around.adapter(), noon), Look::lookup);
  record.steps = {charge_step("att_1")};
  EXPECT_EQ(plan_look(record, record.attempts[0], around.adapter(), noon), Look::send_again);
}

// Nothing may be sent again after a cancellation; an id that never reached us can be searched for.
TEST(Doubt, of_a_canceled_payment_without_an_id_is_searched_for_where_the_provider_can) {
  const Adapter& stripe = *find_adapter("stripe");
  PaymentRecord record = record_of(PaymentStatus::processing, {charge_attempt(1, unknown)});
  record.payment.method = PaymentMethod{.rail = Rail::card, .token = "tok_visa"};
  record.steps = {charge_step("att_1")};
  const auto plan = [&] { return plan_look(record, record.attempts[0], stripe, noon); };
  EXPECT_EQ(plan(), Look::send_again);
  record.steps[0].dedup_until = noon;
  EXPECT_EQ(plan(), Look::lookup);
  record.steps[0].dedup_until = noon + std::chrono::hours(24);
  record.payment.cancel_requested = true;
  EXPECT_EQ(plan(), Look::lookup);
  record.payment.method->rail = Rail::hosted_page;
  EXPECT_EQ(plan(), Look::nothing);
  record.payment.method->rail = Rail::card;
  record.attempts[0].provider_reference = "pi_1";
  record.attempts[0].lookups = 1;
  EXPECT_EQ(plan(), Look::close);
}

// Its key is dead, nothing is found: the reference is closed, so that no copy can arrive any more.
TEST(Doubt, about_what_never_arrived_is_ended_by_closing_its_reference) {
  Around around;
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  door.record.steps = {charge_step("att_1")};
  door.record.steps[0].dedup_until = noon;
  const auto plan = [&] {
    return plan_look(door.record, door.record.attempts[0], around.adapter(), noon);
  };
  const Update nothing{.verdict = Verdict::not_found};
  door.say("att_1", nothing, Source::lookup);
  door.say("att_1", nothing, Source::lookup);
  EXPECT_EQ(plan(), Look::lookup);
  door.say("att_1", {.verdict = Verdict::pending}, Source::lookup);
  door.say("att_1", nothing, Source::lookup);
  EXPECT_EQ(plan(), Look::lookup) << "it was there in between";
  door.say("att_1", nothing, Source::lookup);
  door.say("att_1", nothing, Source::lookup);
  EXPECT_EQ(plan(), Look::close);
  door.record.attempts[0].provider_reference = "ch_1";
  EXPECT_EQ(plan(), Look::lookup) << "it was there once: they only do not show it";
  door.record.attempts[0].provider_reference.clear();
  door.record.steps[0].dedup_until = noon + std::chrono::hours(24);
  EXPECT_NE(plan(), Look::close) << "the same bytes under the same key say more";
  EXPECT_NE(plan_look(door.record, door.record.attempts[0], *find_adapter("stripe"), noon),
            Look::close)
      << "it cannot be closed by our reference there";
}

TEST(Doubt, that_was_ended_by_closing_fails_the_payment_and_tries_nobody_else) {
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  Around around;
  door.record.steps = {charge_step("att_1")};
  door.record.steps[0].dedup_until = noon;
  for (int i = 0; i < 3; ++i) door.say("att_1", {.verdict = Verdict::not_found}, Source::lookup);
  EXPECT_EQ(door.record.payment.status, PaymentStatus::processing);
  ASSERT_EQ(around.look(door, "att_1").size(), 1u);
  ASSERT_EQ(door.status_of("att_1"), closing);
  door.say("att_1", {.verdict = Verdict::pending}, Source::close_answer);
  const Wishes wishes = door.say("att_1", {.verdict = Verdict::canceled}, Source::close_answer);
  EXPECT_EQ(door.status_of("att_1"), canceled);
  EXPECT_EQ(door.record.payment.status, PaymentStatus::failed);
  EXPECT_EQ(door.record.payment.last_error->decline_code, "provider_unavailable");
  EXPECT_FALSE(wishes_for(wishes, Wish::Kind::next_attempt));
}

TEST(Doubt, about_what_asked_for_no_money_yet_ends_once_nothing_can_be_sent_or_asked) {
  Around around;
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  door.record.attempts[0].account = "soxara";  // has no look-up but by an id
  door.record.steps = {charge_step("att_1")};
  door.record.steps[0].dedup_until = noon;
  EXPECT_TRUE(around.look(door, "att_1").empty());
  EXPECT_EQ(door.status_of("att_1"), unknown);
  door.record.steps[0].moves_money = false;
  EXPECT_TRUE(around.look(door, "att_1").empty());
  EXPECT_EQ(door.status_of("att_1"), canceled);
  EXPECT_EQ(door.record.payment.status, PaymentStatus::failed);
}

TEST(Doubt, that_has_ended_asks_no_person_any_more) {
  for (const Verdict verdict : {Verdict::captured, Verdict::refused, Verdict::requires_action}) {
    Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
    door.record.payment.review = Review::outcome_unknown;
    door.say("att_1", {.verdict = Verdict::unknown}, Source::lookup);
    EXPECT_EQ(door.record.payment.review, Review::outcome_unknown);
    door.say("att_1", {.verdict = verdict, .decline = Decline::insufficient_funds}, Source::lookup);
    EXPECT_EQ(door.record.payment.review, Review::none);
  }
}

TEST(Doubt, that_is_left_keeps_asking_a_person_whatever_else_becomes_known) {
  Attempt refund = charge_attempt(2, unknown);
  refund.operation = Operation::refund;
  refund.charge_attempt_id = "att_1";
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown), refund}));
  door.record.payment.review = Review::outcome_unknown;
  door.say("att_1", {.verdict = Verdict::captured}, Source::lookup);
  EXPECT_EQ(door.record.payment.review, Review::outcome_unknown);
}

TEST(Doubt, is_not_made_by_a_key_that_may_be_forgotten_when_the_first_byte_leaves) {
  const Step step = charge_step("att_1");
  EXPECT_EQ(end_of_key(step), step.dedup_until - std::chrono::minutes(5));
  Step shorter = step;
  shorter.dedup_until = step.created_at + std::chrono::seconds(20);
  EXPECT_EQ(end_of_key(shorter), shorter.dedup_until - std::chrono::seconds(5));
  Step keyless = step;
  keyless.dedup_until = step.created_at;
  EXPECT_EQ(end_of_key(keyless), std::nullopt);
  Around around;
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, captured)}));
  door.record.attempts[0].provider_reference = "ch_1";
  door.record.attempts[0].amount_received = 4999;
  const std::vector<Send> sends =
      around.grant(door, {{Wish::Kind::give_back, "att_1", "late_money"}});
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].leaves_before, end_of_key(door.record.steps.back()));
}

TEST(Doubt, of_a_mismatch_is_asked_about_less_and_less_often) {
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  const Update lie{.verdict = Verdict::captured, .money = Money{1, *find_currency("USD")}};
  door.say("att_1", lie, Source::lookup);
  door.say("att_1", lie, Source::lookup);
  EXPECT_EQ(door.record.attempts[0].lookups, 2);
}

TEST(Doubt, about_a_step_that_a_lookup_found_undone_comes_to_its_turn_to_be_sent_again) {
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  door.say("att_1", {.verdict = Verdict::next_step}, Source::lookup);
  EXPECT_EQ(door.record.attempts[0].lookups, 1);
}

TEST(Doubt, never_takes_somebody_elses_object_for_ours) {
  const Update other{
      .verdict = Verdict::captured, .provider_reference = "ch_other", .our_reference = "att_other"};
  Door by_reference(record_of(PaymentStatus::processing, {charge_attempt(1)}));
  by_reference.say("att_1", other);
  EXPECT_EQ(by_reference.record.attempts[0].provider_reference, "");

  Door by_account(record_of(PaymentStatus::processing, {charge_attempt(1)}));
  Update foreign{.verdict = Verdict::captured, .provider_reference = "ch_foreign"};
  foreign.is_foreign_account = true;
  by_account.say("att_1", foreign);
  EXPECT_EQ(by_account.record.attempts[0].provider_reference, "");

  // Of ours over another amount the object is known, so that it can be given back.
  Door ours(record_of(PaymentStatus::processing, {charge_attempt(1)}));
  ours.say("att_1", {.verdict = Verdict::captured,
                     .provider_reference = "ch_1",
                     .money = Money{1, *find_currency("USD")}});
  EXPECT_EQ(ours.record.attempts[0].provider_reference, "ch_1");
}

TEST(Doubt, about_a_refund_is_not_ended_by_a_webhook_that_says_no) {
  for (const Verdict no : {Verdict::refused, Verdict::canceled, Verdict::expired}) {
    Attempt charge = charge_attempt(1, captured);
    charge.amount_received = 4999;
    charge.amount_refunding = 1000;
    Attempt attempt = charge_attempt(2, unknown);
    attempt.operation = Operation::refund;
    attempt.charge_attempt_id = "att_1";
    attempt.refund_id = "ref_1";
    attempt.money.amount = 1000;
    Door door(record_of(PaymentStatus::succeeded, {charge, attempt}));
    Refund refund{.id = "ref_1", .payment_id = "pay_1", .merchant_id = "mer_1"};
    refund.charge_attempt_id = "att_1";
    refund.money = attempt.money;
    door.record.refunds = {refund};
    EXPECT_TRUE(
        wishes_for(door.say("att_2", {.verdict = no}, Source::webhook), Wish::Kind::look_up));
    EXPECT_EQ(door.record.refunds[0].status, RefundStatus::pending);
    EXPECT_EQ(door.record.attempts[0].amount_refunding, 1000);
  }
}

TEST(Capture, that_fails_after_its_hold_is_gone_does_not_touch_the_next_charge) {
  Attempt capture = charge_attempt(2, unknown);
  capture.operation = Operation::capture;
  capture.charge_attempt_id = "att_1";
  Door door(record_of(PaymentStatus::processing,
                      {charge_attempt(1, canceled), capture, charge_attempt(3, sending)}));
  door.say("att_2", {.verdict = Verdict::canceled}, Source::lookup);
  EXPECT_EQ(door.status_of("att_2"), refused);
  EXPECT_EQ(door.status(), PaymentStatus::processing);
  EXPECT_EQ(door.record.payment.amount_capturable, 0);
}

TEST(Capture, of_a_part_is_booked_as_that_part_when_the_charge_says_so_first) {
  Attempt capture = charge_attempt(2, unknown);
  capture.operation = Operation::capture;
  capture.charge_attempt_id = "att_1";
  capture.money.amount = 2000;
  Door door(record_of(PaymentStatus::processing, {charge_attempt(1, authorized), capture}));
  door.record.payment.capture_method = CaptureMethod::manual;
  door.say("att_1", {.verdict = Verdict::captured}, Source::webhook);
  EXPECT_EQ(door.record.payment.amount_received, 2000);
  door.say("att_2", {.verdict = Verdict::captured}, Source::lookup);
  EXPECT_EQ(door.record.payment.amount_received, 2000);
  EXPECT_TRUE(door.changes.anomalies.empty());
}

}  // namespace
}  // namespace switchyard
