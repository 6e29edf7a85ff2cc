#include "flow/capture_payment.h"

#include "base/id.h"
#include "flow/fulfil.h"
#include "flow/refuse.h"
#include "flow/wait.h"

namespace switchyard {
namespace {

Result<void> check(const PaymentRecord& record, const Attempt* charge, const Adapter* adapter,
                   std::int64_t amount) {
  const Payment& payment = record.payment;
  if (payment.cancel_requested)
    return refuse(ErrorCode::payment_state, payment,
                  "This payment is being canceled and cannot be captured any more.");
  if (payment.status != PaymentStatus::requires_capture || !charge ||
      charge->status != AttemptStatus::authorized)
    return refuse(ErrorCode::payment_state, payment,
                  "Only a payment in requires_capture can be captured; this one is " +
                      std::string(word_of(payment.status)) + ".");
  if (!adapter || !adapter->capture)
    return refuse(ErrorCode::not_supported, payment,
                  "The provider that holds this money has no capture call.");
  if (amount > charge->money.amount)
    return refuse(ErrorCode::amount_exceeds_remaining, payment,
                  "At most " + charge->money.display() + " can be captured.", "amount");
  if (amount < charge->money.amount && !adapter->partial_capture)
    return refuse(ErrorCode::not_supported, payment,
                  std::string(adapter->title) + " captures only the whole amount.", "amount");
  return {};
}

Attempt capture_of(const PaymentRecord& record, const Attempt& charge, std::int64_t amount,
                   Time now) {
  Attempt capture{
      .id = new_id("att"), .payment_id = charge.payment_id, .merchant_id = charge.merchant_id};
  capture.mode = charge.mode;
  capture.number = static_cast<int>(record.attempts.size()) + 1;
  capture.operation = Operation::capture;
  capture.account = charge.account;
  capture.money = {amount, charge.money.currency};
  capture.charge_attempt_id = charge.id;
  capture.confirmation = charge.confirmation;
  capture.created_at = now;
  capture.updated_at = now;
  return capture;
}

}  // namespace

Result<PaymentRecord> capture_payment(Services& services, const std::string& payment_id,
                                      std::int64_t amount, const Caller& caller) {
  auto sends = std::make_shared<std::vector<Send>>();
  Command command{.payment_id = payment_id, .claim = caller.claim};
  command.decide = [&, sends](Draft& draft) -> Result<void> {
    sends->clear();
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    const Attempt* charge = draft.record.live_charge();
    const Account* account = charge ? around.setup->find_account(charge->account) : nullptr;
    const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
    const std::int64_t wanted = amount > 0 || !charge ? amount : charge->money.amount;
    TRY(check(draft.record, charge, adapter, wanted));
    Decision decision(draft.record, draft.changes, services.clock.now(), caller.cause);
    decision.change(PaymentChange::capture_sent);
    draft.record.payment.amount_capturable = 0;
    draft.record.attempts.push_back(capture_of(draft.record, *charge, wanted, decision.now));
    decision.tell("payment.processing");
    sends->push_back(add_step(decision, draft.record.attempts.back(), "capture", adapter->capture,
                              true, Source::answer, around));
    *sends = fulfil(decision, {}, around, std::move(*sends));
    answer_if_done(draft, caller, *sends);
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  return run_and_wait(services, std::move(*sends), payment_id, caller);
}

}  // namespace switchyard
