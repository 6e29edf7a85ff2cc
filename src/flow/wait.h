// Waiting for calls, but never longer than a caller may wait: the calls go on without it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "flow/run_calls.h"

namespace switchyard {

// Sends and waits until all is recorded, or `deadline`. The payment as the last of these calls left
// it, or as it stands by then.
Result<PaymentRecord> run_and_wait(Services& services, std::vector<Send> sends,
                                   const std::string& payment_id,
                                   std::chrono::steady_clock::time_point deadline);

}  // namespace switchyard
