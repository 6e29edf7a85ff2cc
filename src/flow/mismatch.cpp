#include "flow/mismatch.h"

#include <algorithm>

namespace switchyard {
namespace {

Json money_json(const Money& money) {
  return {{"amount", money.amount}, {"currency", money.currency.code()}};
}

// Such a refund carries the reference of whoever made it, and none of ours.
bool is_refund_made_elsewhere(const PaymentRecord& record, const Attempt& attempt) {
  return std::ranges::any_of(record.refunds, [&](const Refund& refund) {
    return refund.id == attempt.refund_id && refund.made_elsewhere;
  });
}

}  // namespace

// The answer to a capture speaks of the charge that is captured.
std::string find_mismatch(const PaymentRecord& record, const Attempt& operation,
                          const Update& update) {
  const Attempt* charge = record.find_attempt(operation.charge_attempt_id);
  const Attempt& attempt =
      operation.operation == Operation::capture && charge ? *charge : operation;
  if (update.is_foreign_account) return "account";
  if (!update.our_reference.empty() && update.our_reference != attempt.id &&
      !is_refund_made_elsewhere(record, attempt))
    return "reference";
  if (!attempt.provider_reference.empty() && !update.provider_reference.empty() &&
      update.provider_reference != attempt.provider_reference)
    return "provider_reference";
  // That it is closed is true whatever it was about: no money is held by it.
  if (update.verdict == Verdict::canceled || update.verdict == Verdict::expired) return "";
  // An amount that was accepted by hand is not asked about again.
  if (attempt.status == AttemptStatus::captured && attempt.amount_received > 0) {
    const Money accepted{attempt.amount_received, attempt.money.currency};
    const auto& said = update.received ? update.received : update.money;
    const bool is_about_it =
        !update.money || *update.money == accepted || *update.money == attempt.money;
    if (said && *said == accepted && is_about_it) return "";
  }
  if (update.money && update.money->currency != attempt.money.currency) return "currency";
  if (update.money && update.money->amount != attempt.money.amount) return "amount";
  if (!update.received) return "";
  if (update.received->currency != attempt.money.currency) return "currency";
  const bool may_be_part = record.payment.capture_method == CaptureMethod::manual;
  const std::int64_t received = update.received->amount;
  if (received <= 0 || received > attempt.money.amount ||
      (received < attempt.money.amount && !may_be_part))
    return "amount";
  return "";
}

void keep_mismatch(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   const std::string& what, bool has_lookup, Wishes& wishes) {
  Json details = {{"asked", money_json(attempt.money)},
                  {"our_reference", update.our_reference},
                  {"provider_reference", update.provider_reference}};
  if (update.money) details["said"] = money_json(*update.money);
  if (update.received) details["received"] = money_json(*update.received);
  decision.note_anomaly(attempt, "mismatch: " + what, details);
  if (attempt.status == AttemptStatus::sending) decision.change(attempt, AttemptStatus::unknown);
  count_look(attempt, source);  // asked again less and less often
  if (source == Source::webhook && has_lookup) {
    wishes.push_back({Wish::Kind::look_up, attempt.id});
    return;
  }
  if (!says_money_is_held(update.verdict) || attempt.operation != Operation::charge) return;
  // What a person may accept or give back later.
  const Money& said = update.received ? *update.received
                      : update.money  ? *update.money
                                      : attempt.money;
  attempt.memory["mismatch"] = money_json(said);
  attempt.memory["mismatch"]["is_taken"] = update.verdict == Verdict::captured;
  // What names another attempt or account may be somebody else's: nobody who cancels or refunds
  // this payment must reach it.
  const bool is_ours = what == "amount" || what == "currency";
  if (is_ours && attempt.provider_reference.empty())
    attempt.provider_reference = update.provider_reference;
  decision.touch(attempt);
  decision.ask_for_review(Review::amount_mismatch);
}

}  // namespace switchyard
