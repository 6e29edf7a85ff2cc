#include "flow/record_operation.h"

#include "domain/decline.h"

namespace switchyard {
namespace {

void stay_unknown(Decision& decision, Attempt& attempt, Source source) {
  if (attempt.status == AttemptStatus::sending) decision.change(attempt, AttemptStatus::unknown);
  count_look(attempt, source);
}

bool is_over(const Attempt& attempt) {
  return !is_live(attempt.status) || attempt.status == AttemptStatus::captured;
}

void capture_failed(Decision& decision, Attempt& capture, AttemptStatus status, Wishes& wishes) {
  decision.change(capture, status);
  const Attempt* charge = decision.record.find_attempt(capture.charge_attempt_id);
  const bool is_held = charge && charge->status == AttemptStatus::authorized;
  if (is_held && decision.change(PaymentChange::capture_refused)) {
    decision.payment().amount_capturable = charge->money.amount;
    decision.tell("payment.requires_capture");
  }
  // The hold itself may be gone: its charge is asked about at once.
  wishes.push_back({Wish::Kind::look_up, capture.charge_attempt_id});
}

void show_refunded(Decision& decision) {
  Payment& payment = decision.payment();
  decision.tell(payment.amount_refunded >= payment.amount_received ? "payment.refunded"
                                                                   : "payment.partially_refunded");
}

// What the merchant gave back in the provider's own dashboard is recorded, whatever it adds up to.
void count_elsewhere(Decision& decision, const Refund& refund, std::int64_t amount) {
  Attempt* charge = decision.record.find_attempt(refund.charge_attempt_id);
  assert(charge && "a refund belongs to a charge of its payment");
  charge->amount_refunded_elsewhere += amount;
  decision.touch(*charge);
}

void refund_succeeded(Decision& decision, Attempt& attempt, Refund& refund) {
  decision.change(attempt, AttemptStatus::captured);
  decision.change(refund, RefundStatus::succeeded);
  attempt.amount_received = attempt.money.amount;
  decision.payment().amount_refunded += refund.money.amount;
  if (refund.made_elsewhere) count_elsewhere(decision, refund, refund.money.amount);
  decision.book(attempt, "refunded", -refund.money.amount);
  decision.tell("refund.succeeded", refund);
  show_refunded(decision);
}

void refund_ended(Decision& decision, Attempt& attempt, Refund& refund, AttemptStatus ended,
                  RefundStatus status) {
  decision.change(attempt, ended);
  decision.change(refund, status);
  refund.decline_code = attempt.decline_code;
  Attempt* charge = decision.record.find_attempt(refund.charge_attempt_id);
  if (charge && !refund.made_elsewhere) {
    charge->amount_refunding -= refund.money.amount;
    decision.touch(*charge);
  }
  decision.tell(status == RefundStatus::failed ? "refund.failed" : "refund.canceled", refund);
}

// Some providers take a refund back after they had confirmed it.
void refund_taken_back(Decision& decision, Attempt& attempt, Refund& refund) {
  decision.payment().amount_refunded -= refund.money.amount;
  if (refund.made_elsewhere) count_elsewhere(decision, refund, -refund.money.amount);
  decision.book(attempt, "refund_returned", refund.money.amount);
  refund_ended(decision, attempt, refund, AttemptStatus::refused, RefundStatus::failed);
}

}  // namespace

void record_capture_update(Decision& decision, Attempt& capture, const Update& update,
                           Source source, const Policies& policies, Wishes& wishes) {
  if (is_over(capture)) return;
  switch (update.verdict) {
    case Verdict::captured: {
      decision.change(capture, AttemptStatus::captured);
      Attempt* charge = decision.record.find_attempt(capture.charge_attempt_id);
      assert(charge && "a capture belongs to a charge of its payment");
      // What a refund of this money will need to know.
      if (update.memory.is_object()) charge->memory.update(update.memory);
      record_captured(decision, *charge,
                      update.received ? update.received->amount : capture.money.amount, policies,
                      wishes);
      return;
    }
    case Verdict::refused:
      if (source == Source::webhook) break;
      return capture_failed(decision, capture, AttemptStatus::refused, wishes);
    case Verdict::not_sent:
      if (source != Source::answer || capture.status != AttemptStatus::sending) break;
      return capture_failed(decision, capture, AttemptStatus::not_sent, wishes);
    case Verdict::canceled:
    case Verdict::expired:
      return capture_failed(decision, capture, AttemptStatus::refused, wishes);
    default:
      break;
  }
  stay_unknown(decision, capture, source);
}

void record_refund_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                          bool has_lookup, Wishes& wishes) {
  Refund* refund = decision.record.find_refund(attempt.refund_id);
  assert(refund && "a refund's attempt belongs to a refund of its payment");
  if (refund->provider_reference.empty()) refund->provider_reference = update.provider_reference;
  if (attempt.status == AttemptStatus::captured) {
    if (update.verdict != Verdict::refused) return;
    if (source != Source::lookup) {
      if (!has_lookup)
        decision.note_anomaly(attempt, "refund refused after it was said to have succeeded",
                              {{"code", update.provider_code}});
      wishes.push_back({Wish::Kind::look_up, attempt.id});
      return;
    }
    return refund_taken_back(decision, attempt, *refund);
  }
  if (is_over(attempt)) {
    if (update.verdict == Verdict::captured && source == Source::lookup)
      decision.note_anomaly(attempt, "refund succeeded after it had failed", Json::object());
    return;
  }
  switch (update.verdict) {
    case Verdict::captured:
      refund_succeeded(decision, attempt, *refund);
      break;
    case Verdict::refused:
      refund_ended(decision, attempt, *refund, AttemptStatus::refused, RefundStatus::failed);
      break;
    case Verdict::canceled:
      refund_ended(decision, attempt, *refund, AttemptStatus::canceled, RefundStatus::canceled);
      break;
    case Verdict::not_sent:
      if (source != Source::answer || attempt.status != AttemptStatus::sending)
        return stay_unknown(decision, attempt, source);
      attempt.decline_code = info_of(Decline::provider_unavailable).name;
      refund_ended(decision, attempt, *refund, AttemptStatus::not_sent, RefundStatus::failed);
      break;
    default:
      return stay_unknown(decision, attempt, source);
  }
  wishes.push_back({Wish::Kind::next_refund, attempt.charge_attempt_id});
}

}  // namespace switchyard
