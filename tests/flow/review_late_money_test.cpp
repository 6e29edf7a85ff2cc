// Money that comes after an attempt was closed is found, whatever it takes.
#include "around.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

Door closed(AttemptStatus status) {
  Attempt attempt = charge_attempt(1, status);
  attempt.provider_reference = "ch_1";
  return Door(record_of(PaymentStatus::failed, {attempt}));
}

TEST(LateMoney, said_by_a_webhook_about_a_closed_attempt_is_looked_up) {
  Around around;
  for (const AttemptStatus status : {not_sent, refused, canceled, expired}) {
    Door door = closed(status);
    around.grant(door, door.say("att_1", {.verdict = Verdict::captured}, Source::webhook));
    ASSERT_NE(lease_of(door, "att_1"), nullptr);
    EXPECT_EQ(lease_of(door, "att_1")->kind, LeaseChange::Kind::release);
    EXPECT_EQ(plan_look(door.record, door.record.attempts[0], around.adapter(), noon),
              Look::lookup);
  }
}

TEST(LateMoney, is_asked_about_until_somebody_answers) {
  Around around;
  Door door = closed(refused);
  around.grant(door, door.say("att_1", {.verdict = Verdict::captured}, Source::webhook));
  for (const Verdict silence : {Verdict::unknown, Verdict::not_sent, Verdict::pending}) {
    around.grant(door, door.say("att_1", {.verdict = silence}, Source::lookup));
    EXPECT_EQ(lease_of(door, "att_1")->kind, LeaseChange::Kind::release);
    EXPECT_GT(lease_of(door, "att_1")->due_in.count(), 0);
  }
  EXPECT_EQ(door.record.attempts[0].lookups, 3);
  around.grant(door, door.say("att_1", {.verdict = Verdict::refused}, Source::lookup));
  EXPECT_EQ(lease_of(door, "att_1")->kind, LeaseChange::Kind::drop);
  EXPECT_EQ(door.status_of("att_1"), refused);
}

TEST(LateMoney, that_nobody_can_confirm_is_kept_as_an_anomaly) {
  Door door = closed(expired);
  door.say("att_1", {.verdict = Verdict::captured}, Source::webhook, false);
  EXPECT_EQ(door.changes.anomalies.size(), 1u);
  EXPECT_EQ(door.status_of("att_1"), expired);
}

TEST(LateMoney, ends_the_search_for_another_account) {
  Door door(record_of(PaymentStatus::processing,
                      {charge_attempt(1, refused), charge_attempt(2, unknown)}));
  door.record.payment.route.push_back({"account_3", "rule", "third of use", 3});
  door.say("att_1", {.verdict = Verdict::captured}, Source::lookup);
  ASSERT_EQ(door.status(), PaymentStatus::succeeded);
  const Wishes wishes = door.say(
      "att_2", {.verdict = Verdict::refused, .decline = Decline::provider_error}, Source::lookup);
  EXPECT_FALSE(wishes_for(wishes, Wish::Kind::next_attempt));
  EXPECT_EQ(door.status(), PaymentStatus::succeeded);
  EXPECT_FALSE(door.record.payment.last_error);
}

TEST(LateMoney, leaves_no_attempt_to_be_started_whoever_asks) {
  Around around;
  Door door(record_of(PaymentStatus::succeeded, {charge_attempt(1, refused)}));
  EXPECT_TRUE(around.grant(door, {{Wish::Kind::next_attempt, "att_1"}}).empty());
  EXPECT_EQ(door.record.attempts.size(), 1u);
}

TEST(LateMoney, closes_what_is_in_doubt_and_never_sends_it_again) {
  Around around;
  for (const PaymentStatus over :
       {PaymentStatus::succeeded, PaymentStatus::canceled, PaymentStatus::expired})
    for (int lookups = 0; lookups < 4; ++lookups) {
      Attempt open = charge_attempt(2, unknown);
      open.lookups = lookups;
      PaymentRecord record = record_of(over, {charge_attempt(1, refused), open});
      record.steps = {charge_step("att_2")};
      EXPECT_EQ(plan_look(record, record.attempts[1], around.adapter(), noon),
                lookups == 0 ? Look::lookup : Look::close);
    }
}

TEST(LateMoney, closes_what_only_now_asks_the_payer_to_act) {
  Door door(record_of(PaymentStatus::succeeded,
                      {charge_attempt(1, refused), charge_attempt(2, unknown)}));
  EXPECT_TRUE(wishes_for(door.say("att_2", {.verdict = Verdict::requires_action}, Source::lookup),
                         Wish::Kind::close));
  EXPECT_EQ(door.status_of("att_2"), closing);
}

TEST(LateMoney, stops_a_charge_between_two_of_its_steps) {
  Door door(record_of(PaymentStatus::succeeded,
                      {charge_attempt(1, refused), charge_attempt(2, sending)}));
  const Wishes wishes = door.say("att_2", {.verdict = Verdict::next_step});
  EXPECT_FALSE(wishes_for(wishes, Wish::Kind::next_step));
  EXPECT_TRUE(wishes_for(wishes, Wish::Kind::close));
}

}  // namespace
}  // namespace switchyard
