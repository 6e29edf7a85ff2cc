#include "flow/record_update.h"

#include <algorithm>

#include "base/seeded_bug.h"
#include "domain/decline.h"
#include "flow/after_closing.h"
#include "flow/mismatch.h"
#include "flow/record_operation.h"

namespace switchyard {
namespace {

void learn(Decision& decision, Attempt& attempt, const Update& update) {
  decision.touch(attempt);
  if (attempt.provider_reference.empty()) attempt.provider_reference = update.provider_reference;
  if (update.memory.is_object()) attempt.memory.update(update.memory);
  if (!update.provider_code.empty()) attempt.provider_code = update.provider_code;
  if (!update.provider_message.empty()) attempt.provider_message = update.provider_message;
  if (update.decline) {
    attempt.decline_code = info_of(*update.decline).name;
    if (*update.decline == Decline::unmapped && !update.provider_code.empty())
      decision.changes.unmapped_codes.push_back({attempt.account, update.provider_code});
  }
}

// Somebody answers. The other times are soon, however far apart the looks into silence had become.
void count_nothing(Attempt& attempt) {
  const std::int64_t times = integer_at(attempt.memory, not_found_count).value_or(0) + 1;
  attempt.memory[not_found_count] = times;
  if (times < times_not_found) expect_news(attempt);
}

void stay_in_doubt(Decision& decision, Attempt& attempt, const Update& update, Source source) {
  if (attempt.status == AttemptStatus::sending) decision.change(attempt, AttemptStatus::unknown);
  count_look(attempt, source);
  if (source == Source::lookup && update.verdict == Verdict::not_found) count_nothing(attempt);
  if (update.verdict == Verdict::pending) attempt.memory.erase(not_found_count);
  if (update.verdict == Verdict::unknown && !update.provider_code.empty())
    decision.changes.unmapped_codes.push_back({attempt.account, update.provider_code});
}

void start_closing(Decision& decision, Attempt& attempt, AttemptStatus closing_to, Wishes& wishes) {
  attempt.closing_to = closing_to;
  decision.change(attempt, AttemptStatus::closing);
  wishes.push_back({Wish::Kind::close, attempt.id});
}

// Nobody waits for it to be paid any more.
bool is_over_or_ending(const Payment& payment) {
  return is_ending(payment) || is_final(payment.status);
}

// A call of ours that follows what the payer did has left, or is about to.
bool is_after_payers_act(const Attempt& attempt) {
  return !attempt.next_action.is_null() &&
         (attempt.status == AttemptStatus::sending || attempt.status == AttemptStatus::unknown);
}

void record_action(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   Wishes& wishes) {
  Payment& payment = decision.payment();
  if (attempt.status == AttemptStatus::requires_action || attempt.status == AttemptStatus::closing)
    return count_look(attempt, source);
  // Asked before the call that followed the payer's act had arrived there, or after it was refused:
  // only the answer to that call tells.
  if (is_after_payers_act(attempt)) return stay_in_doubt(decision, attempt, update, source);
  if (!may_become(attempt.status, AttemptStatus::requires_action)) return;
  if (!update.next_action.is_null()) attempt.next_action = update.next_action;
  if (is_over_or_ending(payment))
    return start_closing(decision, attempt, AttemptStatus::canceled, wishes);
  decision.change(attempt, AttemptStatus::requires_action);
  if (!decision.change(PaymentChange::action_required)) return;
  payment.next_action = attempt.next_action;
  decision.tell("payment.requires_action");
}

void record_authorized(Decision& decision, Attempt& attempt, Source source, Wishes& wishes) {
  Payment& payment = decision.payment();
  if (attempt.status == AttemptStatus::closing || attempt.status == AttemptStatus::captured ||
      attempt.status == AttemptStatus::authorized)
    return count_look(attempt, source);
  const bool is_late = !is_live(attempt.status);
  if (is_late) attempt.late = true;
  decision.change(attempt, AttemptStatus::authorized);
  // A late authorization is always voided: nobody waits for it any more.
  if (is_late || is_ending(payment) || !decision.change(PaymentChange::authorized))
    return start_closing(decision, attempt, AttemptStatus::canceled, wishes);
  payment.amount_capturable = attempt.money.amount;
  payment.next_action = nullptr;
  decision.tell("payment.requires_capture");
}

LateMoney policy_after(PaymentStatus before, const Policies& policies) {
  if (before == PaymentStatus::canceled) return policies.after_cancel;
  if (before == PaymentStatus::expired) return policies.after_expiry;
  return policies.after_failure;
}

void close_the_others(Decision& decision, const Attempt& paid, Wishes& wishes) {
  for (Attempt& other : decision.record.attempts)
    if (other.id != paid.id && other.operation == Operation::charge &&
        (other.status == AttemptStatus::requires_action ||
         other.status == AttemptStatus::authorized))
      start_closing(decision, other, AttemptStatus::canceled, wishes);
}

void record_refused(Decision& decision, Attempt& attempt, const Update& update, Source source,
                    const Policies& policies, Wishes& wishes) {
  if (!is_live(attempt.status)) return;
  if (SEEDED_BUG("X10") && attempt.status == AttemptStatus::captured) {
    decision.payment().status = PaymentStatus::failed;
    decision.payment().finished_at.reset();
    return decision.tell("payment.failed");
  }
  if (attempt.status == AttemptStatus::authorized || attempt.status == AttemptStatus::captured) {
    decision.note_anomaly(attempt, "refused after it was accepted",
                          {{"status", word_of(attempt.status)}, {"code", update.provider_code}});
    return count_look(attempt, source);
  }
  if (update.is_still_payable) {
    if (attempt.status == AttemptStatus::closing) return count_look(attempt, source);
    return start_closing(decision, attempt, AttemptStatus::refused, wishes);
  }
  decision.change(attempt, attempt.status == AttemptStatus::closing ? attempt.closing_to
                                                                    : AttemptStatus::refused);
  after_closing(decision, attempt, policies, wishes);
}

void record_closed(Decision& decision, Attempt& attempt, AttemptStatus closed,
                   const Policies& policies, Wishes& wishes) {
  if (!is_live(attempt.status)) return;
  if (attempt.status == AttemptStatus::captured) {
    decision.note_anomaly(attempt, "closed after it was captured", {{"said", word_of(closed)}});
    return;
  }
  const bool by_us = attempt.status == AttemptStatus::closing;
  const Decline ended =
      closed == AttemptStatus::expired ? Decline::payer_timeout : Decline::payer_rejected;
  if (!by_us && attempt.decline_code.empty()) attempt.decline_code = info_of(ended).name;
  decision.change(attempt, by_us ? attempt.closing_to : closed);
  after_closing(decision, attempt, policies, wishes);
}

}  // namespace

void record_captured(Decision& decision, Attempt& attempt, std::int64_t amount,
                     const Policies& policies, Wishes& wishes) {
  Payment& payment = decision.payment();
  if (attempt.status == AttemptStatus::captured) {
    if (attempt.amount_received != amount)
      decision.note_anomaly(attempt, "captured again with another amount",
                            {{"before", attempt.amount_received}, {"said", amount}});
    return;
  }
  attempt.late |= !is_live(attempt.status);
  decision.change(attempt, AttemptStatus::captured);
  attempt.amount_received = amount;
  decision.book(attempt, "captured", amount);

  const PaymentStatus before = payment.status;
  const bool is_late = attempt.late || before == PaymentStatus::failed ||
                       before == PaymentStatus::canceled || before == PaymentStatus::expired;
  decision.change(PaymentChange::paid);
  payment.amount_received += amount;
  payment.amount_capturable = 0;
  payment.next_action = nullptr;
  if (before == PaymentStatus::succeeded) {
    decision.tell("payment.overpaid");
    if (policies.after_other_success == LateMoney::refund)
      wishes.push_back({Wish::Kind::give_back, attempt.id, "overpayment"});
    return;
  }
  payment.late |= is_late;
  payment.last_error.reset();
  decision.tell("payment.succeeded");
  if (payment.amount_received > payment.money.amount) decision.tell("payment.overpaid");
  close_the_others(decision, attempt, wishes);
  if (is_late && policy_after(before, policies) == LateMoney::refund)
    wishes.push_back({Wish::Kind::give_back, attempt.id, "late_money"});
}

namespace {

// A webhook is a claim. It changes what is open and known; what is closed, final or in doubt is
// looked up instead.
bool only_asks_for_lookup(const Decision& decision, const Attempt& attempt, bool has_lookup) {
  const PaymentStatus status = decision.record.payment.status;
  if (!is_live(attempt.status)) return true;
  if (attempt.status != AttemptStatus::captured && is_final(status)) return true;
  return has_lookup && is_in_doubt(attempt.status);
}

// Nor is a no to a refund or a capture in doubt believed unasked: a second one might be asked for.
bool says_no(Verdict verdict) {
  return verdict == Verdict::refused || verdict == Verdict::canceled || verdict == Verdict::expired;
}

void ask(Decision& decision, Attempt& attempt, const Update& update, bool has_lookup,
         Wishes& wishes) {
  look_up_soon(decision, attempt, true, wishes);
  if (!has_lookup && says_money_is_held(update.verdict))
    decision.note_anomaly(attempt, "money that nobody can be asked about",
                          {{"status", word_of(attempt.status)}});
}

bool is_an_answer(Verdict verdict) {
  return verdict != Verdict::unknown && verdict != Verdict::not_sent && verdict != Verdict::pending;
}

// Only steps that move no money have left, and what they made was shown to nobody: it may be
// abandoned whatever became of it, because the charge itself was never asked for.
bool was_never_asked_to_charge(const PaymentRecord& record, const Attempt& attempt) {
  bool has_steps = false;
  for (const Step& step : record.steps) {
    if (step.attempt_id != attempt.id) continue;
    if (step.moves_money) return false;
    has_steps = true;
  }
  return has_steps && attempt.next_action.is_null();
}

// A call between two others was answered, or the payer has done what it asked for: the next one
// follows while the payment is still wanted.
void record_step(Decision& decision, Attempt& attempt, Source source, Wishes& wishes) {
  count_look(attempt, source);
  if (attempt.status != AttemptStatus::sending && attempt.status != AttemptStatus::unknown &&
      attempt.status != AttemptStatus::requires_action)
    return;
  if (is_over_or_ending(decision.payment()))
    return start_closing(decision, attempt, AttemptStatus::canceled, wishes);
  wishes.push_back({Wish::Kind::next_step, attempt.id});
}

// Who does not say how much was taken took what we asked for: of a hold, what its capture asked
// for.
std::int64_t taken_of(const PaymentRecord& record, const Attempt& charge, const Update& update) {
  if (update.received) return update.received->amount;
  for (const Attempt& each : record.attempts)
    if (each.operation == Operation::capture && each.charge_attempt_id == charge.id &&
        is_live(each.status))
      return each.money.amount;
  return charge.money.amount;
}

// More than one: an earlier step may have moved money, whatever became of the latest.
std::ptrdiff_t count_money_steps(const PaymentRecord& record, const Attempt& attempt) {
  return std::count_if(record.steps.begin(), record.steps.end(), [&](const Step& step) {
    return step.attempt_id == attempt.id && step.moves_money;
  });
}

void give_up_unsent(Decision& decision, Attempt& attempt, const Policies& policies,
                    Wishes& wishes) {
  attempt.decline_code = info_of(Decline::provider_unavailable).name;
  decision.change(attempt, AttemptStatus::not_sent);
  after_closing(decision, attempt, policies, wishes);
}

void record_charge_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                          const Policies& policies, Wishes& wishes) {
  switch (update.verdict) {
    case Verdict::unknown:
      if (source == Source::answer && attempt.status == AttemptStatus::sending &&
          was_never_asked_to_charge(decision.record, attempt))
        return give_up_unsent(decision, attempt, policies, wishes);
      return stay_in_doubt(decision, attempt, update, source);
    case Verdict::pending:
    case Verdict::not_found:
      if (SEEDED_BUG("X4") && update.verdict == Verdict::not_found)
        return record_refused(decision, attempt, update, source, policies, wishes);
      return stay_in_doubt(decision, attempt, update, source);
    case Verdict::next_step:
      return record_step(decision, attempt, source, wishes);
    case Verdict::not_sent:
      // Only the first copy of an attempt's money-moving step can be known not to have left.
      if (source != Source::answer || attempt.status != AttemptStatus::sending ||
          count_money_steps(decision.record, attempt) > 1 || is_after_payers_act(attempt))
        return stay_in_doubt(decision, attempt, update, source);
      return give_up_unsent(decision, attempt, policies, wishes);
    case Verdict::requires_action:
      return record_action(decision, attempt, update, source, wishes);
    case Verdict::authorized:
      return record_authorized(decision, attempt, source, wishes);
    case Verdict::captured:
      return record_captured(decision, attempt, taken_of(decision.record, attempt, update),
                             policies, wishes);
    case Verdict::refused:
      if (source == Source::close_answer) return stay_in_doubt(decision, attempt, update, source);
      return record_refused(decision, attempt, update, source, policies, wishes);
    case Verdict::canceled:
      return record_closed(decision, attempt, AttemptStatus::canceled, policies, wishes);
    case Verdict::expired:
      return record_closed(decision, attempt, AttemptStatus::expired, policies, wishes);
  }
}

}  // namespace

void record_message(Decision& decision, Attempt& attempt, const Update& update, bool is_proven,
                    const Policies& policies, bool has_lookup, Wishes& wishes) {
  if (!is_proven) return look_up_soon(decision, attempt, false, wishes);
  record_update(decision, attempt, update, Source::webhook, policies, has_lookup, wishes);
}

// Looks take turns by whether their number is even, which therefore stays as it is: somebody who
// claims to know again and again must not keep the other kind from its turn.
void expect_news(Attempt& attempt) {
  constexpr int soon = 3;  // as many looks, and the next one is 10 s away
  if (attempt.lookups > soon) attempt.lookups = soon - (attempt.lookups - soon) % 2;
}

void look_up_soon(Decision& decision, Attempt& attempt, bool is_proven, Wishes& wishes) {
  if (is_proven) attempt.lookups = 0;
  expect_news(attempt);
  decision.touch(attempt);
  wishes.push_back({Wish::Kind::look_up, attempt.id});
}

void remember_hint(Decision& decision, Attempt& attempt, const Update& update) {
  if (const std::string what = find_mismatch(decision.record, attempt, update); !what.empty())
    return decision.note_anomaly(attempt, "hint about another " + what,
                                 {{"provider_reference", update.provider_reference}});
  decision.touch(attempt);
  if (attempt.provider_reference.empty()) attempt.provider_reference = update.provider_reference;
  if (update.memory.is_object()) attempt.memory.update(update.memory);
}

bool abandon_if_harmless(Decision& decision, Attempt& attempt, const Policies& policies,
                         Wishes& wishes) {
  if (attempt.operation != Operation::charge || !is_in_doubt(attempt.status) ||
      !was_never_asked_to_charge(decision.record, attempt))
    return false;
  attempt.decline_code = info_of(Decline::provider_unavailable).name;
  decision.change(attempt, AttemptStatus::canceled);
  after_closing(decision, attempt, policies, wishes);
  return true;
}

void record_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   const Policies& policies, bool has_lookup, Wishes& wishes) {
  const bool is_charge = attempt.operation == Operation::charge;
  const bool is_ignored = SEEDED_BUG("X20") && source == Source::webhook;
  if (const std::string what = find_mismatch(decision.record, attempt, update);
      !what.empty() && !is_ignored)
    return keep_mismatch(decision, attempt, update, source, what, has_lookup, wishes);
  if (source == Source::webhook && attempt.provider_reference.empty() &&
      !update.provider_reference.empty()) {
    // It names the object whose id was lost with the answer.
    attempt.provider_reference = update.provider_reference;
    decision.touch(attempt);
  }
  const bool is_claim = is_charge
                            ? only_asks_for_lookup(decision, attempt, has_lookup)
                            : has_lookup && is_in_doubt(attempt.status) && says_no(update.verdict);
  if (source == Source::webhook && is_claim)
    return ask(decision, attempt, update, has_lookup, wishes);
  learn(decision, attempt, update);
  if (source != Source::webhook && is_settled(attempt) && is_an_answer(update.verdict))
    attempt.unknown_since.reset();  // what was asked about something settled has been answered
  if (is_charge)
    record_charge_update(decision, attempt, update, source, policies, wishes);
  else if (attempt.operation == Operation::refund)
    record_refund_update(decision, attempt, update, source, has_lookup, wishes);
  else
    record_capture_update(decision, attempt, update, source, policies, wishes);
}

}  // namespace switchyard
