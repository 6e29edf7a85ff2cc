// A decision about one payment while it is locked: its record changes in place, and what must be
// told, booked or kept is added to the changes. Pure: ids apart, the same record and the same
// question give the same decision.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "domain/record.h"
#include "flow/policies.h"

namespace switchyard {

class Decision {
 public:
  // `cause` goes into every event of this decision: {"kind": "api"}, {"kind": "provider_webhook",
  // …}.
  Decision(PaymentRecord& record, Changes& changes, Time now, Json cause)
      : record(record), changes(changes), now(now), cause(std::move(cause)) {}

  PaymentRecord& record;
  Changes& changes;
  const Time now;
  const Json cause;

  Payment& payment() { return record.payment; }

  // Changes the payment's status as the table says; false when it has no such pair, and nothing
  // happened. Keeps finished_at true to the status.
  bool change(PaymentChange change);
  // Changes an attempt's status; asserts that the table allows it. The same status is a no-op.
  void change(Attempt& attempt, AttemptStatus status);
  void change(Refund& refund, RefundStatus status);

  void tell(std::string_view type);                        // with the payment as it stands now
  void tell(std::string_view type, const Refund& refund);  // with the refund
  void book(const Attempt& attempt, std::string_view what, std::int64_t amount);
  void note_anomaly(const Attempt& attempt, std::string_view what, Json details);
  void ask_for_review(Review review);

  // Attempts that this decision touched: their leases are settled at its end.
  std::set<std::string> touched = {};
  void touch(const Attempt& attempt) { touched.insert(attempt.id); }
};

}  // namespace switchyard
