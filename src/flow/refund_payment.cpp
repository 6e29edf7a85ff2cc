#include "flow/refund_payment.h"

#include "base/id.h"
#include "base/seeded_bug.h"
#include "flow/fulfil.h"
#include "flow/refund_objection.h"
#include "flow/refuse.h"
#include "flow/wait.h"

namespace switchyard {
namespace {

std::int64_t left_of(const Attempt& charge) {
  return charge.amount_received - charge.amount_refunding - charge.amount_refunded_elsewhere;
}

// The charge with the most left: normally the only one; after an overpayment, the one that can
// still give what is asked.
Attempt* charge_to_refund(PaymentRecord& record) {
  Attempt* best = nullptr;
  for (Attempt& attempt : record.attempts)
    if (attempt.operation == Operation::charge && attempt.status == AttemptStatus::captured &&
        (!best || left_of(attempt) > left_of(*best)))
      best = &attempt;
  return best;
}

Result<std::int64_t> amount_to_refund(const Payment& payment, const Attempt* charge,
                                      const Adapter* adapter, std::int64_t asked) {
  if (!charge)
    return refuse(ErrorCode::payment_state, payment,
                  "A payment that is " + std::string(word_of(payment.status)) +
                      " has received nothing that could be refunded.");
  if (!adapter || !adapter->refund)
    return refuse(ErrorCode::not_supported, payment,
                  "The provider of this payment has no refund call; give the money back by hand.");
  const std::int64_t left = left_of(*charge);
  const Money display{left, charge->money.currency};
  if (left <= 0 || asked > left)
    return refuse(ErrorCode::amount_exceeds_remaining, payment,
                  left <= 0 ? "Everything has been refunded already."
                            : "At most " + display.display() + " is left to refund.",
                  "amount");
  return asked > 0 ? asked : left;
}

Refund refund_of(const NewRefund& asked, const Attempt& charge, std::int64_t amount, Time now) {
  Refund refund{.id = asked.id.empty() ? new_id("ref") : asked.id,
                .payment_id = charge.payment_id,
                .merchant_id = charge.merchant_id};
  refund.mode = charge.mode;
  refund.charge_attempt_id = charge.id;
  refund.money = {amount, charge.money.currency};
  refund.reason = asked.reason;
  refund.description = asked.description;
  refund.external_id = asked.external_id;
  refund.metadata = asked.metadata;
  refund.account = charge.account;
  refund.created_at = now;
  refund.updated_at = now;
  return refund;
}

}  // namespace

Result<RefundOutcome> refund_payment(Services& services, const std::string& payment_id,
                                     const NewRefund& asked, const Caller& caller) {
  std::optional<std::int64_t> checked_before;
  if (SEEDED_BUG("X15")) {
    PaymentRecord record = TRY(read_again(services, payment_id));
    const auto setup = services.setup.get();
    const Attempt* charge = charge_to_refund(record);
    const Account* account = charge ? setup->find_account(charge->account) : nullptr;
    checked_before = TRY(amount_to_refund(
        record.payment, charge, account ? find_adapter(account->adapter) : nullptr, asked.amount));
  }
  auto sends = std::make_shared<std::vector<Send>>();
  auto made = std::make_shared<RefundOutcome>();
  Command command{.payment_id = payment_id, .claim = caller.claim};
  command.decide = [&, sends, made](Draft& draft) -> Result<void> {
    sends->clear();
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    Attempt* charge = charge_to_refund(draft.record);
    const Account* account = charge ? around.setup->find_account(charge->account) : nullptr;
    const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
    std::int64_t amount = checked_before.value_or(0);
    if (!checked_before)
      amount = TRY(amount_to_refund(draft.record.payment, charge, adapter, asked.amount));
    Decision decision(draft.record, draft.changes, services.clock.now(), caller.cause);
    if (const std::string objection =
            objection_to_refund(draft.record, *charge, amount, asked.reason, around, decision.now);
        !objection.empty())
      return refuse(ErrorCode::not_supported, draft.record.payment, objection, "amount");
    const Refund refund = refund_of(asked, *charge, amount, decision.now);
    if (auto send = start_refund(decision, *charge, refund, around))
      sends->push_back(std::move(*send));
    *sends = fulfil(decision, {}, around, std::move(*sends));
    made->refund = *draft.record.find_refund(refund.id);
    made->record = draft.record;
    answer_if_done(draft, caller, *sends);
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  if (sends->empty()) return std::move(*made);
  const std::string refund_id = made->refund.id;
  PaymentRecord record = TRY(run_and_wait(services, std::move(*sends), payment_id, caller));
  const Refund* refund = record.find_refund(refund_id);
  assert(refund && "a committed refund is there");
  return RefundOutcome{*refund, std::move(record)};
}

}  // namespace switchyard
