// What an answer leaves open is looked at again: when, and how often it counts.
#include "around.h"
#include "flow/run_calls.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

// The answer to a copy of the latest step of att_1, through the door; the calls that follow it.
std::vector<Send> hear(Around& around, Draft& draft, Source source, const Update& update,
                       int http_status, const std::string& account = "account_1") {
  Send send{.setup = around.setup.get()};
  send.account = send.setup->find_account(account);
  send.adapter = find_adapter(send.account->adapter);
  send.payment_id = "pay_1";
  send.attempt_id = "att_1";
  send.step_id = draft.record.steps.back().id;
  send.source = source;
  const auto sends = std::make_shared<std::vector<Send>>();
  const Command command =
      update_command(around.services, std::make_shared<Send>(send), update, http_status, sends);
  EXPECT_TRUE(command.decide(draft));
  return *sends;
}

// What an answer says whose adapter takes every answer for this.
template <Verdict said = Verdict::refused>
Verdict verdict_of(Source source, int http_status, bool is_of_second_copy = false) {
  const Around around;
  Send send{.setup = around.setup.get()};
  send.account = send.setup->find_account("account_1");
  send.source = source;
  send.read = [](const Account&, const Charge&, const HttpResponse&) {
    return Update{.verdict = said, .decline = Decline::provider_error};
  };
  return update_of(send, {.transport = Transport::answered,
                          .response = {.status = http_status},
                          .is_of_second_copy = is_of_second_copy})
      .verdict;
}

Draft draft_of(PaymentRecord record) {
  Draft draft;
  draft.has_record = true;
  draft.record = std::move(record);
  draft.record.steps = {charge_step("att_1")};
  return draft;
}

TEST(Doubt, is_not_ended_by_the_refusal_of_the_first_copy_when_another_has_left) {
  Around around;
  for (const int status : {400, 401, 403, 429}) {
    Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
    draft.record.steps[0].sends = 2;  // another router took over while this one slept
    hear(around, draft, Source::answer,
         {.verdict = Verdict::refused, .decline = Decline::provider_error}, status);
    EXPECT_EQ(draft.record.attempts.size(), 1u);
    EXPECT_EQ(draft.record.attempts[0].status, unknown);
  }
}

// Found by chaos: such a provider says of a copy only that it has seen it. Each of those was a look
// in vain of its own, and eight of them within seconds put the next one minutes away.
TEST(Doubt, that_a_copy_leaves_is_looked_up_at_once_and_counts_as_one_look) {
  Around around;
  Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  Attempt& attempt = draft.record.attempts[0];
  attempt.lookups = 1;
  ASSERT_EQ(plan_look(draft.record, attempt, around.adapter(), noon), Look::send_again);
  for (const int status : {409, 503, 0}) {
    const std::vector<Send> sends = hear(around, draft, Source::resend_answer, Update{}, status);
    ASSERT_EQ(sends.size(), 1u) << status;
    EXPECT_EQ(sends[0].source, Source::lookup);
    EXPECT_EQ(sends[0].request.method, "GET");
    EXPECT_EQ(attempt.lookups, 1) << status;
  }
  EXPECT_TRUE(hear(around, draft, Source::lookup, Update{}, 503).empty());
  EXPECT_EQ(attempt.lookups, 2);
  EXPECT_EQ(attempt.status, unknown);
}

// Found by chaos: a cancel is refused whether it came too late for the money or for itself, and
// five looks that met a broken provider, each between two such refusals, put the next one an hour
// away.
TEST(Doubt, that_a_refused_cancel_leaves_is_looked_up_at_once_and_counts_as_one_look) {
  Around around;
  Attempt closed = charge_attempt(1, closing);
  closed.provider_reference = "ch_1";
  closed.closing_to = canceled;
  Draft draft = draft_of(record_of(PaymentStatus::processing, {closed}));
  draft.record.payment.cancel_requested = true;
  const std::vector<Send> sends =
      hear(around, draft, Source::close_answer, {.verdict = Verdict::refused}, 400);
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].source, Source::lookup);
  EXPECT_EQ(draft.record.attempts[0].lookups, 0);
  EXPECT_TRUE(hear(around, draft, Source::lookup, Update{}, 503).empty());
  EXPECT_EQ(draft.record.attempts[0].lookups, 1);
  EXPECT_EQ(draft.record.attempts[0].status, closing);
}

// Found by chaos: a provider that says of the second cancel that there has been one before refuses
// it, and shows nothing of the closed page to a look-up.
TEST(Doubt, ends_with_a_cancel_that_is_refused_because_there_was_one_before) {
  for (const int sends : {1, 2}) {
    Around around;
    Attempt closed = charge_attempt(1, closing);
    closed.provider_reference = "ch_1";
    closed.closing_to = canceled;
    Draft draft = draft_of(record_of(PaymentStatus::processing, {closed}));
    Step cancel = charge_step("att_1", 400);
    cancel.id = "stp_cancel";
    cancel.name = "cancel";
    cancel.moves_money = false;
    cancel.sends = sends;
    draft.record.steps.push_back(cancel);
    hear(around, draft, Source::close_answer, {.verdict = Verdict::canceled}, 400);
    EXPECT_EQ(draft.record.attempts[0].status, canceled) << sends;
  }
}

TEST(Doubt, is_left_by_anything_else_that_a_refused_cancel_says) {
  EXPECT_EQ(verdict_of(Source::close_answer, 400), Verdict::unknown);
  EXPECT_EQ(verdict_of<Verdict::captured>(Source::close_answer, 400), Verdict::unknown);
  EXPECT_EQ(verdict_of<Verdict::expired>(Source::close_answer, 422), Verdict::unknown);
  EXPECT_EQ(verdict_of<Verdict::canceled>(Source::close_answer, 400), Verdict::canceled);
  EXPECT_EQ(verdict_of<Verdict::captured>(Source::close_answer, 200), Verdict::captured);
  for (const Source source : {Source::lookup, Source::resend_answer})
    EXPECT_EQ(verdict_of<Verdict::canceled>(source, 400), Verdict::unknown);
}

// Found by chaos: libcurl had sent a copy before on a kept connection, which was executed.
TEST(Doubt, is_left_by_the_refusal_of_a_copy_that_libcurl_sent_by_itself) {
  for (const int status : {400, 401, 403, 404, 409, 410, 412, 422, 429}) {
    EXPECT_EQ(verdict_of(Source::answer, status), Verdict::refused) << status;
    EXPECT_EQ(verdict_of(Source::answer, status, true), Verdict::unknown) << status;
    EXPECT_EQ(verdict_of(Source::resend_answer, status), Verdict::unknown) << status;
  }
  EXPECT_EQ(verdict_of(Source::answer, 402, true), Verdict::refused) << "the stored answer";
  EXPECT_EQ(verdict_of(Source::answer, 200, true), Verdict::refused) << "the charge itself";
  EXPECT_EQ(verdict_of<Verdict::captured>(Source::answer, 409, true), Verdict::captured);
}

// The money is still held, or the page still open: of the cancel and the look after it, only the
// look is counted.
TEST(Doubt, that_a_cancel_leaves_by_saying_what_it_met_counts_as_one_look) {
  Around around;
  for (const Update& update :
       {Update{.verdict = Verdict::authorized}, Update{.verdict = Verdict::requires_action},
        Update{.verdict = Verdict::refused, .is_still_payable = true}}) {
    Attempt closed = charge_attempt(1, closing);
    closed.provider_reference = "ch_1";
    closed.closing_to = canceled;
    Draft draft = draft_of(record_of(PaymentStatus::processing, {closed}));
    draft.record.payment.cancel_requested = true;
    EXPECT_EQ(hear(around, draft, Source::close_answer, update, 200).size(), 1u);
    EXPECT_EQ(draft.record.attempts[0].lookups, 0) << static_cast<int>(update.verdict);
    hear(around, draft, Source::lookup, update, 200);
    EXPECT_EQ(draft.record.attempts[0].lookups, 1) << static_cast<int>(update.verdict);
    EXPECT_EQ(draft.record.attempts[0].status, closing);
  }
}

// Found by chaos: the payer had paid at a provider that signs nothing. Its message led to a look
// that met a broken connection, and the next one was twenty minutes away, as though nobody had said
// anything.
TEST(Looks, that_follow_a_message_without_proof_are_soon_again) {
  Around around;
  for (const AttemptStatus status : {requires_action, unknown}) {
    Attempt paid = charge_attempt(1, status);
    paid.provider_reference = "ch_1";
    paid.lookups = 10;
    Draft draft = draft_of(record_of(PaymentStatus::requires_action, {paid}));
    Attempt& attempt = draft.record.attempts[0];
    Decision decision(draft.record, draft.changes, noon, {{"kind", "test"}});
    Wishes wishes;
    record_message(decision, attempt, {.verdict = Verdict::captured}, false, {}, true, wishes);
    EXPECT_TRUE(wishes_for(wishes, Wish::Kind::look_up));
    EXPECT_EQ(attempt.status, status) << "it proves nothing";
    hear(around, draft, Source::lookup, Update{}, 503);
    EXPECT_LE(next_look_in(attempt, 1), std::chrono::seconds(40))
        << "after " << attempt.lookups << " looks";
    EXPECT_GE(next_look_in(attempt, 1), std::chrono::seconds(9))
        << "anybody can send such messages";
  }
}

// A look-up and another try of the close take turns, and a crowd of messages changes nothing of it.
TEST(Looks, of_both_kinds_have_their_turn_however_many_messages_come_between) {
  for (const int lookups : {0, 3, 4, 5, 8, 11}) {
    Around around;
    Attempt closed = charge_attempt(1, closing);
    closed.provider_reference = "ch_1";
    closed.closing_to = canceled;
    closed.lookups = lookups;
    Door door(record_of(PaymentStatus::processing, {closed}));
    door.record.payment.cancel_requested = true;
    door.record.steps = {charge_step("att_1", 200)};
    Attempt& attempt = door.record.attempts[0];
    std::map<Look, int> looks;
    for (int i = 0; i < 6; ++i) {
      Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
      Wishes wishes;
      record_message(decision, attempt, {.verdict = Verdict::canceled}, false, {}, true, wishes);
      ++looks[plan_look(door.record, attempt, around.adapter(), noon)];
      count_look(attempt, Source::lookup);
    }
    EXPECT_EQ(looks[Look::close], 3) << lookups;
    EXPECT_EQ(looks[Look::lookup], 3) << lookups;
  }
}

// A gateway that has lost its way to the provider, or an address that has moved: it says nothing of
// what the first copy met.
TEST(Doubt, is_not_ended_by_a_copy_that_is_said_not_to_be_found) {
  EXPECT_EQ(verdict_of(Source::resend_answer, 404), Verdict::unknown);
  EXPECT_EQ(verdict_of(Source::answer, 404), Verdict::refused);
  EXPECT_EQ(verdict_of(Source::lookup, 404), Verdict::refused) << "the adapter's to read";
  Around around;
  Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  draft.record.steps[0].sends = 2;
  hear(around, draft, Source::answer,
       {.verdict = Verdict::refused, .decline = Decline::provider_error}, 404);
  EXPECT_EQ(draft.record.attempts[0].status, unknown);
}

// They may have paid, whatever the looks before have found; and whoever opens the page again and
// again does not put the next look off.
TEST(Looks, that_follow_the_payers_return_are_soon_again) {
  Around around;
  Attempt shown = charge_attempt(1, requires_action);
  shown.provider_reference = "ch_1";
  shown.lookups = 10;
  for (const Occasion occasion : {Occasion::due, Occasion::payer_is_back}) {
    Door door(record_of(PaymentStatus::requires_action, {shown}));
    door.record.steps = {charge_step("att_1")};
    for (int visits = 0; visits < 5; ++visits)
      EXPECT_EQ(around.look(door, "att_1", occasion).size(), 1u);
    const bool is_soon = next_look_in(door.record.attempts[0], 1) < std::chrono::seconds(40);
    EXPECT_EQ(is_soon, occasion == Occasion::payer_is_back);
  }
}

TEST(Doubt, that_a_copy_has_ended_is_not_looked_up) {
  Around around;
  for (const Verdict verdict : {Verdict::captured, Verdict::refused, Verdict::requires_action}) {
    Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
    for (const Send& send : hear(around, draft, Source::resend_answer, {.verdict = verdict}, 200))
      EXPECT_NE(send.source, Source::lookup);
  }
}

TEST(Doubt, that_a_copy_leaves_where_nobody_can_be_asked_by_name_was_a_look) {
  Around around;
  Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  draft.record.attempts[0].account = "soxara";
  EXPECT_TRUE(hear(around, draft, Source::resend_answer, Update{}, 503, "soxara").empty());
  EXPECT_EQ(draft.record.attempts[0].lookups, 1);
}

// Found by chaos: looks that met a broken provider had put the next one an hour away, and the one
// that was answered at last left the two others that it takes to close the reference as far apart.
TEST(Doubt, that_meets_an_answer_after_long_silence_is_looked_at_soon_again) {
  Around around;
  Draft draft = draft_of(record_of(PaymentStatus::processing, {charge_attempt(1, unknown)}));
  Attempt& attempt = draft.record.attempts[0];
  attempt.lookups = 8;
  for (int looks = 0; looks < 2; ++looks) {
    draft.changes = {};
    hear(around, draft, Source::lookup, {.verdict = Verdict::not_found}, 404);
    EXPECT_LT(next_look_in(attempt, 1), std::chrono::seconds(12));
  }
  for (int looks = 0; looks < 2; ++looks)  // silence again
    hear(around, draft, Source::lookup, Update{}, 503);
  EXPECT_GT(next_look_in(attempt, 1), std::chrono::seconds(12));
  attempt.lookups = 8;
  hear(around, draft, Source::lookup, {.verdict = Verdict::not_found}, 404);
  EXPECT_GT(next_look_in(attempt, 1), std::chrono::hours(1));  // nothing more comes of asking soon
}

}  // namespace
}  // namespace switchyard
