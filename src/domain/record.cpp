#include "domain/record.h"

#include <algorithm>

namespace switchyard {
namespace {

template <class Rows>
auto find_by_id(Rows& rows, std::string_view id) -> decltype(rows.data()) {
  for (auto& row : rows)
    if (row.id == id) return &row;
  return nullptr;
}

template <class Attempts>
auto find_live_charge(Attempts& attempts) -> decltype(attempts.data()) {
  for (auto& attempt : attempts)
    if (attempt.operation == Operation::charge && is_live(attempt.status) && !attempt.late)
      return &attempt;
  return nullptr;
}

}  // namespace

Attempt* PaymentRecord::find_attempt(std::string_view id) { return find_by_id(attempts, id); }
const Attempt* PaymentRecord::find_attempt(std::string_view id) const {
  return find_by_id(attempts, id);
}
Refund* PaymentRecord::find_refund(std::string_view id) { return find_by_id(refunds, id); }
Step* PaymentRecord::find_step(std::string_view id) { return find_by_id(steps, id); }

Step* PaymentRecord::latest_step(std::string_view attempt_id) {
  Step* latest = nullptr;
  for (Step& step : steps)
    if (step.attempt_id == attempt_id && (!latest || step.number > latest->number)) latest = &step;
  return latest;
}

Attempt* PaymentRecord::live_charge() { return find_live_charge(attempts); }
const Attempt* PaymentRecord::live_charge() const { return find_live_charge(attempts); }

}  // namespace switchyard
