#include "flow/decide_by_hand.h"

#include "domain/decline.h"
#include "flow/after_closing.h"
#include "flow/fulfil.h"
#include "flow/record_operation.h"
#include "flow/refuse.h"
#include "flow/wait.h"
#include "store/payments.h"

namespace switchyard {
namespace {

// The transfer that is open, or was: money that comes after expiry or cancellation is still money.
Attempt* transfer_of(PaymentRecord& record, const Surroundings& around) {
  Attempt* found = nullptr;
  for (Attempt& attempt : record.attempts) {
    const Account* account = around.setup->find_account(attempt.account);
    const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
    if (attempt.operation == Operation::charge && adapter && adapter->by_hand) found = &attempt;
  }
  return found;
}

Failure reference_used(const Payment& payment) {
  return refuse(
      ErrorCode::bank_reference_used, payment,
      "This bank reference was already used for another transfer of this account: check the "
      "bank statement.",
      "bank_reference");
}

void receive(Decision& decision, Attempt& attempt, std::int64_t amount, const Policies& policies,
             Wishes& wishes) {
  Payment& payment = decision.payment();
  const std::int64_t total = attempt.amount_received + amount;
  if (total >= attempt.money.amount && attempt.status != AttemptStatus::captured) {
    // The whole sum counts as one receipt: what came before was only noted.
    payment.amount_received -= attempt.amount_received;
    record_captured(decision, attempt, total, policies, wishes);
    return;
  }
  attempt.amount_received = total;
  payment.amount_received += amount;
  payment.updated_at = decision.now;
  decision.touch(attempt);
  if (attempt.status != AttemptStatus::captured) return;  // still underpaid: shown, not decided
  decision.book(attempt, "captured", amount);
  decision.tell("payment.overpaid");
}

// Runs `decide` on the payment's open transfer or review and sends what it asks for.
Result<PaymentRecord> decide_and_run(
    Services& services, const std::string& payment_id, const Caller& caller,
    const std::function<Result<void>(Draft&, Decision&, const Surroundings&, Wishes&)>& decide) {
  auto sends = std::make_shared<std::vector<Send>>();
  auto record = std::make_shared<PaymentRecord>();
  Command command{.payment_id = payment_id, .claim = caller.claim};
  command.decide = [&, sends, record](Draft& draft) -> Result<void> {
    sends->clear();
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    Decision decision(draft.record, draft.changes, services.clock.now(), caller.cause);
    Wishes wishes;
    TRY(decide(draft, decision, around, wishes));
    *sends = fulfil(decision, std::move(wishes), around);
    answer_if_done(draft, caller, *sends);
    *record = draft.record;
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  if (sends->empty()) return std::move(*record);
  return run_and_wait(services, std::move(*sends), payment_id, caller);
}

}  // namespace

Result<PaymentRecord> confirm_transfer(Services& services, const std::string& payment_id,
                                       const TransferReceipt& receipt, const Caller& caller) {
  PaymentRecord before = TRY(read_again(services, payment_id));
  const Surroundings around{services.setup.get(), services.sealer, services.policies};
  const Attempt* transfer = transfer_of(before, around);
  if (!transfer)
    return refuse(ErrorCode::payment_state, before.payment,
                  "This payment does not wait for a bank transfer.");
  const auto known = TRY(find_bank_reference(services.database, transfer->account,
                                             before.payment.mode, receipt.bank_reference));
  if (known) {
    if (known->payment_id == payment_id && known->amount == receipt.amount) return before;
    return reference_used(before.payment);
  }
  auto confirmed =
      decide_and_run(services, payment_id, caller,
                     [&](Draft& draft, Decision& decision, const Surroundings& now_around,
                         Wishes& wishes) -> Result<void> {
                       Attempt* attempt = transfer_of(draft.record, now_around);
                       if (!attempt)
                         return refuse(ErrorCode::payment_state, draft.record.payment,
                                       "This payment does not wait for a bank transfer.");
                       draft.changes.bank_references.push_back({.account = attempt->account,
                                                                .mode = attempt->mode,
                                                                .reference = receipt.bank_reference,
                                                                .payment_id = payment_id,
                                                                .amount = receipt.amount,
                                                                .received_at = receipt.received_at,
                                                                .created_at = decision.now});
                       receive(decision, *attempt, receipt.amount, services.policies, wishes);
                       return {};
                     });
  if (confirmed || confirmed.error().code != ErrorCode::internal) return confirmed;
  // Two confirmations with one reference at once: the table's key let one through.
  const auto other = TRY(find_bank_reference(services.database, transfer->account,
                                             before.payment.mode, receipt.bank_reference));
  if (!other) return confirmed;
  if (other->payment_id == payment_id && other->amount == receipt.amount)
    return read_again(services, payment_id);
  return reference_used(before.payment);
}

Result<PaymentRecord> reject_transfer(Services& services, const std::string& payment_id,
                                      const std::string& reason, const Caller& caller) {
  return decide_and_run(services, payment_id, caller,
                        [&](Draft& draft, Decision& decision, const Surroundings& around,
                            Wishes& wishes) -> Result<void> {
                          Attempt* attempt = transfer_of(draft.record, around);
                          if (!attempt || attempt->status != AttemptStatus::requires_action)
                            return refuse(ErrorCode::payment_state, draft.record.payment,
                                          "This payment does not wait for a bank transfer.");
                          if (attempt->amount_received > 0) {
                            // Part of it came and was given back at the bank: only a person knows
                            // that.
                            decision.note_anomaly(*attempt,
                                                  "part of a transfer was given back by hand",
                                                  {{"amount", attempt->amount_received}});
                            draft.record.payment.amount_received -= attempt->amount_received;
                            attempt->amount_received = 0;
                          }
                          attempt->decline_code = info_of(Decline::payer_rejected).name;
                          attempt->provider_message = reason;
                          decision.change(*attempt, AttemptStatus::refused);
                          after_closing(decision, *attempt, around.policies, wishes);
                          return {};
                        });
}

Result<PaymentRecord> end_review(Services& services, const std::string& payment_id, bool refund,
                                 const Caller& caller) {
  return decide_and_run(
      services, payment_id, caller,
      [&](Draft& draft, Decision& decision, const Surroundings& around,
          Wishes& wishes) -> Result<void> {
        Payment& payment = draft.record.payment;
        if (payment.review == Review::none)
          return refuse(ErrorCode::payment_state, payment, "This payment is not in review.");
        if (payment.review == Review::outcome_unknown) {
          if (refund)
            return refuse(
                ErrorCode::payment_state, payment,
                "Nobody knows whether this payment was taken, so there is nothing to refund yet.");
          payment.review = Review::none;
          payment.updated_at = decision.now;
          // Looking goes on; a person is asked again only after as long a doubt.
          for (Attempt& attempt : draft.record.attempts)
            if (is_in_doubt(attempt.status)) {
              attempt.unknown_since = decision.now;
              decision.touch(attempt);
            }
          return {};
        }
        if (Attempt* part = transfer_of(draft.record, around);
            part && part->status == AttemptStatus::requires_action && part->amount_received > 0) {
          if (refund)
            return refuse(ErrorCode::payment_state, payment,
                          "Give the money back at the bank, then reject the transfer.");
          const std::int64_t received = part->amount_received;
          payment.amount_received -= received;
          payment.review = Review::none;
          record_captured(decision, *part, received, around.policies, wishes);
          return {};
        }
        for (Attempt& attempt : draft.record.attempts) {
          const Json said = member_at(attempt.memory, "mismatch");
          const auto amount = integer_at(said, "amount");
          if (!amount || attempt.status == AttemptStatus::captured) continue;
          if (text_at(said, "currency") != attempt.money.currency.code())
            return refuse(
                ErrorCode::payment_state, payment,
                "The provider reports another currency than was asked for: settle it at the "
                "provider, this payment cannot hold it.");
          if (!bool_at(said, "is_taken").value_or(true))
            return refuse(ErrorCode::payment_state, payment,
                          "The provider holds this money and has not taken it: cancel the payment, "
                          "which releases it.");
          payment.review = Review::none;
          record_captured(decision, attempt, *amount, around.policies, wishes);
          if (refund) wishes.push_back({Wish::Kind::give_back, attempt.id, "mismatch"});
          return {};
        }
        payment.review = Review::none;
        payment.updated_at = decision.now;
        return {};
      });
}

}  // namespace switchyard
