// Finding out what became of an attempt: look it up, send the stored bytes again under the same
// key, or close it by our reference. Never a new key, never another account.
#pragma once

#include "flow/run_calls.h"

namespace switchyard {

enum class Occasion {
  due,
  payer_is_back,  // from where we had sent them: they may have paid
};

// For an attempt whose lease the caller holds; `done` when it has been recorded. What can be done
// follows from what the adapter declares; where nothing can, the attempt waits for a webhook and,
// in time, for a person.
void look_after(Services& services, const std::string& payment_id, const std::string& attempt_id,
                Occasion occasion, std::function<void()> done);

enum class Look { lookup, send_again, close, nothing };
// Pure: what to do next for this attempt.
Look plan_look(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter,
               Time now);
// Does it: what changes with the decision to look, and the calls to make once that is committed.
std::vector<Send> decide_look(Decision& decision, Attempt& attempt, Occasion occasion,
                              const Surroundings& around);

}  // namespace switchyard
