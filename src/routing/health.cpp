#include "routing/health.h"

namespace switchyard {

void Health::record(CallOutcome outcome, std::chrono::microseconds took, Time now) {
  if (outcome == CallOutcome::answered) {
    // Only answers count: a timeout says how patient we are, not how quick the provider is.
    typical_time_ = successes_ == 0 ? took : typical_time_ + (took - typical_time_) / 8;
    ++successes_;
    failures_in_a_row_ = 0;
    is_open_ = false;
    is_probing_ = false;
    return;
  }
  ++failures_;
  ++failures_in_a_row_;
  // Calls that were under way when the circuit opened fail later; they must not keep it open.
  if (is_open_ && !is_probing_) return;
  if (is_probing_ || outcome == CallOutcome::unauthorized ||
      failures_in_a_row_ >= failures_to_open) {
    is_open_ = true;
    is_probing_ = false;
    open_until_ = now + stays_open;
  }
}

bool Health::takes_payments(Time now) {
  if (!is_open_) return true;
  if (now < open_until_) return false;
  // Whoever was let through may never have called (another account took the payment), so the
  // permission lapses and somebody else may try.
  is_probing_ = true;
  open_until_ = now + stays_open;
  return true;
}

std::string_view Health::state(Time now) const {
  if (is_open_ && now < open_until_) return "resting";
  return is_open_ || failures_in_a_row_ > 0 ? "failing" : "healthy";
}

}  // namespace switchyard
