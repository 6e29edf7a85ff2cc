#include "flow/decision.h"

#include <algorithm>

#include "base/id.h"
#include "domain/describe.h"

namespace switchyard {

bool Decision::change(PaymentChange change) {
  const auto status = next(payment().status, change);
  if (!status) return false;
  payment().status = *status;
  payment().updated_at = now;
  if (!is_final(*status))
    payment().finished_at.reset();
  else if (!payment().finished_at)
    payment().finished_at = now;
  return true;
}

void Decision::change(Attempt& attempt, AttemptStatus status) {
  touch(attempt);
  attempt.updated_at = now;
  if (attempt.status == status) return;
  assert(may_become(attempt.status, status) || attempt.operation == Operation::refund);
  attempt.status = status;
  attempt.lookups = 0;
  if (!is_in_doubt(status))
    attempt.unknown_since.reset();
  else if (!attempt.unknown_since)
    attempt.unknown_since = now;
  // Nobody needs to ask a person any more what is known by now. It would keep expiry away.
  if (payment().review == Review::outcome_unknown &&
      std::ranges::none_of(record.attempts,
                           [](const Attempt& each) { return is_in_doubt(each.status); }))
    payment().review = Review::none;
}

void Decision::change(Refund& refund, RefundStatus status) {
  if (refund.status == status) return;
  assert(may_become(refund.status, status));
  refund.status = status;
  refund.updated_at = now;
  refund.finished_at = now;
}

void Decision::tell(std::string_view type) {
  payment().updated_at = now;
  changes.events.push_back({.id = new_id("evt"),
                            .type = std::string(type),
                            .merchant_id = payment().merchant_id,
                            .mode = payment().mode,
                            .payment_id = payment().id,
                            .object = payment_json(payment(), record.attempts),
                            .cause = cause});
}

void Decision::tell(std::string_view type, const Refund& refund) {
  changes.events.push_back({.id = new_id("evt"),
                            .type = std::string(type),
                            .merchant_id = payment().merchant_id,
                            .mode = payment().mode,
                            .payment_id = payment().id,
                            .object = refund_json(refund),
                            .cause = cause});
}

void Decision::book(const Attempt& attempt, std::string_view what, std::int64_t amount) {
  const JournalLine line{.id = new_id("jl"),
                         .entry = new_id("je"),
                         .merchant_id = payment().merchant_id,
                         .mode = payment().mode,
                         .payment_id = payment().id,
                         .attempt_id = attempt.id,
                         .book = "provider:" + attempt.account,
                         .what = std::string(what),
                         .money = {amount, attempt.money.currency},
                         .created_at = now};
  JournalLine other = line;
  other.id = new_id("jl");
  other.book = "merchant:" + payment().merchant_id;
  other.money.amount = -amount;
  changes.journal.push_back(line);
  changes.journal.push_back(std::move(other));
}

void Decision::note_anomaly(const Attempt& attempt, std::string_view what, Json details) {
  changes.anomalies.push_back({.id = new_id("ano"),
                               .merchant_id = payment().merchant_id,
                               .payment_id = payment().id,
                               .attempt_id = attempt.id,
                               .account = attempt.account,
                               .what = std::string(what),
                               .details = std::move(details),
                               .created_at = now});
}

void Decision::ask_for_review(Review review) {
  if (payment().review != Review::none) return;
  payment().review = review;
  tell("payment.review_required");
}

}  // namespace switchyard
