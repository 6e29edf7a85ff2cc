// Waiting for calls, but never longer than a caller may wait: the calls go on without it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "flow/run_calls.h"
#include "flow/start_payment.h"

namespace switchyard {

// Sends and waits until all is recorded, or until the caller must be answered. The payment as the
// last of these calls left it, or as it stands by then.
Result<PaymentRecord> run_and_wait(Services& services, std::vector<Send> sends,
                                   const std::string& payment_id, const Caller& caller);

// For a command that leaves nothing to send: its commit is the end of the call.
void answer_if_done(Draft& draft, const Caller& caller, const std::vector<Send>& sends);

}  // namespace switchyard
