#include "flow/after_closing.h"

#include "domain/decline.h"

namespace switchyard {
namespace {

bool may_cascade(const PaymentRecord& record, const Attempt& attempt, const Policies& policies) {
  // Whoever was shown a prompt or a page has had their turn: another account starts from the
  // merchant's next confirmation, with the payer present.
  if (!attempt.next_action.is_null()) return false;
  if (attempt.status != AttemptStatus::not_sent && attempt.status != AttemptStatus::refused)
    return false;
  int charges = 0;
  int earlier_of_confirmation = 0;
  for (const Attempt& each : record.attempts)
    if (each.operation == Operation::charge) {
      ++charges;
      earlier_of_confirmation += each.confirmation == attempt.confirmation && each.id != attempt.id;
    }
  if (charges >= policies.attempts_per_payment) return false;
  const Decline decline = find_decline(attempt.decline_code).value_or(Decline::unmapped);
  const Cascade cascade = info_of(decline).cascade;
  if (cascade == Cascade::never || (cascade == Cascade::once && earlier_of_confirmation > 0))
    return false;
  for (const RouteStop& stop : record.payment.route)
    if (stop.rank > attempt.rank) return true;
  return false;
}

void fail_payment(Decision& decision, const Attempt& attempt) {
  Payment& payment = decision.payment();
  const DeclineInfo& decline =
      info_of(find_decline(attempt.decline_code).value_or(Decline::unmapped));
  payment.last_error = LastError{.decline_code = std::string(decline.name),
                                 .message = std::string(decline.sentence),
                                 .advice = std::string(decline.advice),
                                 .account = attempt.account,
                                 .provider_code = attempt.provider_code};
  payment.next_action = nullptr;
  payment.amount_capturable = 0;
}

// Nothing of it is open any more, and we were asked to end it. A payment that is still processing
// passes through failed on its way, in one commit.
bool end_payment(Decision& decision) {
  Payment& payment = decision.payment();
  if (!is_ending(payment) || decision.record.live_charge()) return false;
  decision.change(PaymentChange::refused_everywhere);
  const bool canceled = payment.cancel_requested;
  payment.next_action = nullptr;
  payment.amount_capturable = 0;
  if (!decision.change(canceled ? PaymentChange::closed_canceled : PaymentChange::time_ran_out))
    return false;
  decision.tell(canceled ? "payment.canceled" : "payment.expired");
  return true;
}

}  // namespace

void after_closing(Decision& decision, Attempt& attempt, const Policies& policies, Wishes& wishes) {
  Payment& payment = decision.payment();
  if (attempt.status == AttemptStatus::not_sent || attempt.status == AttemptStatus::refused ||
      !attempt.decline_code.empty())
    decision.tell("payment.attempt_failed");
  if (attempt.late || decision.record.live_charge() || is_final(payment.status)) return;
  if (payment.status == PaymentStatus::requires_capture) {
    // The hold is gone: by our void, or because the provider let it lapse.
    payment.amount_capturable = 0;
    if (decision.change(PaymentChange::voided)) decision.tell("payment.canceled");
    return;
  }
  if (end_payment(decision)) return;
  // Closed because the payer starts again with another method: that confirmation goes on.
  if (attempt.status == AttemptStatus::canceled && attempt.decline_code.empty()) return;
  if (may_cascade(decision.record, attempt, policies)) {
    wishes.push_back({Wish::Kind::next_attempt, attempt.id});
    return;
  }
  fail_payment(decision, attempt);
  if (decision.change(PaymentChange::refused_everywhere)) decision.tell("payment.failed");
}

}  // namespace switchyard
