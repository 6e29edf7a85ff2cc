#include "flow/cancel_payment.h"

#include "flow/fulfil.h"
#include "flow/wait.h"

namespace switchyard {
namespace {

// Ends the payment at once where nothing is open, else begins to close what is.
std::vector<Send> end_or_close(Decision& decision, PaymentChange ended, std::string_view event,
                               const Surroundings& around) {
  Payment& payment = decision.payment();
  Attempt* open = decision.record.live_charge();
  if (!open) {
    payment.next_action = nullptr;
    if (decision.change(ended)) decision.tell(event);
    return {};
  }
  if (is_in_doubt(open->status)) {
    // Nobody knows what became of it: looked up first, then closed. Never re-sent from here on.
    return fulfil(decision, {{Wish::Kind::look_up, open->id}}, around);
  }
  open->closing_to = AttemptStatus::canceled;
  decision.change(*open, AttemptStatus::closing);
  return fulfil(decision, {{Wish::Kind::close, open->id}}, around);
}

// Money that was noted and is neither the payment's nor the payer's again.
bool has_part_of_a_transfer(const PaymentRecord& record) {
  const Attempt* open = record.live_charge();
  return open && open->status == AttemptStatus::requires_action && open->amount_received > 0;
}

// "" when it can be asked for; else why not.
std::string objection_to_cancel(const PaymentRecord& record) {
  const PaymentStatus status = record.payment.status;
  if (status == PaymentStatus::succeeded)
    return "A payment that is succeeded cannot be canceled; refund it instead.";
  if (is_final(status))
    return "A payment that is " + std::string(word_of(status)) + " cannot be canceled.";
  // A void that races a capture would make the outcome of both unknowable.
  if (has_part_of_a_transfer(record))
    return "Part of the bank transfer has come: give it back at the bank and reject the transfer, "
           "or "
           "wait for the rest.";
  for (const Attempt& attempt : record.attempts)
    if (attempt.operation == Operation::capture && is_in_doubt(attempt.status))
      return "This payment is being captured and cannot be canceled; refund it when it has "
             "succeeded.";
  return "";
}

}  // namespace

Result<PaymentRecord> cancel_payment(Services& services, const std::string& payment_id,
                                     const Caller& caller) {
  auto sends = std::make_shared<std::vector<Send>>();
  auto record = std::make_shared<PaymentRecord>();
  Command command{.payment_id = payment_id, .claim = caller.claim};
  command.decide = [&, sends, record](Draft& draft) -> Result<void> {
    sends->clear();
    Payment& payment = draft.record.payment;
    if (const std::string objection = objection_to_cancel(draft.record); !objection.empty()) {
      Error error{.code = ErrorCode::payment_state, .message = objection};
      error.payment_id = payment.id;
      return fail(std::move(error));
    }
    if (!payment.cancel_requested) {
      payment.cancel_requested = true;
      Decision decision(draft.record, draft.changes, services.clock.now(), caller.cause);
      *sends = end_or_close(decision, PaymentChange::closed_canceled, "payment.canceled",
                            {services.setup.get(), services.sealer, services.policies});
    }
    answer_if_done(draft, caller, *sends);
    *record = draft.record;
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  if (sends->empty()) return std::move(*record);
  return run_and_wait(services, std::move(*sends), payment_id, caller);
}

Result<void> expire_payment(Services& services, const std::string& payment_id) {
  auto sends = std::make_shared<std::vector<Send>>();
  Command command{.payment_id = payment_id};
  command.decide = [&, sends](Draft& draft) -> Result<void> {
    sends->clear();
    Payment& payment = draft.record.payment;
    const bool is_open = payment.status == PaymentStatus::requires_payment_method ||
                         payment.status == PaymentStatus::requires_action ||
                         payment.status == PaymentStatus::failed;
    if (!is_open || payment.expiry_requested || payment.cancel_requested) return {};
    Decision decision(draft.record, draft.changes, services.clock.now(), {{"kind", "clock"}});
    if (has_part_of_a_transfer(draft.record)) {
      decision.ask_for_review(Review::amount_mismatch);
      return {};
    }
    payment.expiry_requested = true;
    *sends = end_or_close(decision, PaymentChange::time_ran_out, "payment.expired",
                          {services.setup.get(), services.sealer, services.policies});
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  run_calls(services, std::move(*sends));
  return {};
}

}  // namespace switchyard
