// An account's recent record, folded from the outcomes of its calls, and whether it should be
// passed over for a while (its circuit is open).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace switchyard {

enum class CallOutcome {
  answered,      // any answer that makes sense, declines included
  failed,        // 5xx, unreadable, not sent, no answer
  unauthorized,  // 401, 403: the credentials do not work
};

// Value semantics; whoever holds it guards it. Circuit: opens after `failures_to_open` failures in
// a row (or one `unauthorized`), stays open for 30 s, then lets one payment through; an answer
// closes it.
class Health {
 public:
  static constexpr int failures_to_open = 5;
  static constexpr int failures_to_fail = 3;
  static constexpr std::chrono::seconds stays_open{30};

  void record(CallOutcome outcome, std::chrono::microseconds took, Time now);
  // False while open. When half open, the first who asks gets true and the others false until its
  // outcome is recorded, or for another 30 s if it never is.
  bool takes_payments(Time now);
  // Several calls in a row have failed: what is in doubt there is asked about now and then, and all
  // of it at once when an answer comes.
  bool is_failing() const { return is_open_ || failures_in_a_row_ >= failures_to_fail; }
  std::string_view state(Time now) const;  // "healthy" | "failing" | "resting"

  int successes() const { return successes_; }
  int failures() const { return failures_; }
  std::chrono::microseconds typical_time() const { return typical_time_; }  // moving average

 private:
  int successes_ = 0;
  int failures_ = 0;
  int failures_in_a_row_ = 0;
  bool is_open_ = false;
  bool is_probing_ = false;
  Time open_until_{};
  std::chrono::microseconds typical_time_{0};
};

}  // namespace switchyard
