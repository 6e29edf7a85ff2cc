// What must hold once every fault is over and all that could be found out has been.
#include "judge.h"
#include "wire.h"
#include "world.h"

namespace switchyard::sim {
namespace {

// The provider itself cannot say: it has no name for what it did that we could know.
bool nobody_can_know(const Attempt& attempt) {
  // What never arrived is never found, and "not found" decides nothing once the key is dead.
  Ledger& ledger = World::current().provider(attempt.account).ledger;
  const bool is_refund = attempt.operation == Operation::refund;
  // Unless its reference can be closed there, so that nothing arrives any more.
  const Adapter* adapter = find_adapter(attempt.account);
  const bool can_be_closed =
      adapter && adapter->cancel && adapter->finds_out_by == FindsOutBy::our_reference;
  if (attempt.operation == Operation::charge && !ledger.by_reference(attempt.id))
    return !can_be_closed;
  if (is_refund && !ledger.refund_by_reference(attempt.id)) return true;
  if (attempt.account == "keyless") return is_refund || attempt.provider_reference.empty();
  if (attempt.account == "short") return attempt.provider_reference.empty();
  return attempt.account == "resend";  // and the key has died since
}

bool is_in_the_dark(const PaymentRecord& record) {
  for (const Attempt& attempt : record.attempts)
    if (is_in_doubt(attempt.status) && nobody_can_know(attempt)) return true;
  return false;
}

}  // namespace

bool Judge::has_lied(const PaymentRecord& record) const {
  for (const LedgerCharge& charge : world_.provider("liar").ledger.charges)
    if (charge.payment == record.payment.id && charge.lie != Lie::none) return true;
  return false;
}

void Judge::end() {
  for (const auto& [id, row] : world_.store.rows()) end_payment(row.record);
  end_ledgers();
}

void Judge::end_payment(const PaymentRecord& record) {
  if (has_lied(record)) return;  // what a lie leads to is for people; the rules above held
  int net_charges = 0;
  for (const Attempt& attempt : record.attempts) {
    if (attempt.operation == Operation::charge) end_charge(record, attempt);
    if (attempt.operation == Operation::refund) end_refund(record, attempt);
    const std::int64_t kept = attempt.amount_received - attempt.amount_refunding;
    net_charges += attempt.operation == Operation::charge && kept > 0;
  }
  if (net_charges > 1 && !is_in_the_dark(record)) find(record.payment.id, "I2", "paid twice");
  end_doubt(record);
}

void Judge::end_charge(const PaymentRecord& record, const Attempt& attempt) {
  const LedgerCharge* charge = world_.provider(attempt.account).ledger.by_reference(attempt.id);
  const std::int64_t taken = charge ? charge->captured : 0;
  if (taken == attempt.amount_received) return;
  if (is_in_doubt(attempt.status) && nobody_can_know(attempt)) return;
  find(record.payment.id, "I1",
       attempt.account + " took " + std::to_string(taken) + ", the books say " +
           std::to_string(attempt.amount_received) + " (" + std::string(word_of(attempt.status)) +
           ")");
}

void Judge::end_refund(const PaymentRecord& record, const Attempt& attempt) {
  if (is_in_doubt(attempt.status)) return;  // asked about below
  const LedgerRefund* refund =
      world_.provider(attempt.account).ledger.refund_by_reference(attempt.id);
  const bool is_given = refund && refund->state == "succeeded";
  if (is_given != (attempt.status == AttemptStatus::captured))
    find(record.payment.id, "I1",
         "a refund is " + (refund ? refund->state : "unknown") + " there and " +
             std::string(word_of(attempt.status)) + " here");
  if (is_given && refund->amount != attempt.money.amount)
    find(record.payment.id, "I1", "refunded another amount");
}

void Judge::end_doubt(const PaymentRecord& record) {
  const Payment& payment = record.payment;
  for (const Attempt& attempt : record.attempts) {
    if (!is_in_doubt(attempt.status)) continue;
    if (!nobody_can_know(attempt))
      find(payment.id, "I24",
           std::string(word_of(attempt.operation)) + " at " + attempt.account + " is " +
               std::string(word_of(attempt.status)) + " for ever");
    else if (payment.review == Review::none)
      find(payment.id, "I24", "nobody is told that an outcome cannot be known");
  }
  if (!is_final(payment.status) && !is_in_the_dark(record) && payment.review == Review::none)
    find(payment.id, "I24", "it is " + std::string(word_of(payment.status)) + " for ever");
}

// What a provider has done must have an attempt: the other direction of I1.
void Judge::end_ledgers() {
  for (const std::string& account : world_.accounts()) {
    Ledger& ledger = world_.provider(account).ledger;
    for (const LedgerCharge& charge : ledger.charges) {
      const Attempt* attempt = world_.store.find_attempt(charge.reference);
      if (!charge.is_tombstone && (!attempt || attempt->payment_id != charge.payment))
        find(charge.payment, "I1", "an orphan charge at " + account);
    }
    for (const LedgerRefund& refund : ledger.refunds)
      if (!world_.store.find_attempt(refund.reference))
        find("", "I1", "an orphan refund at " + account);
  }
}

}  // namespace switchyard::sim
