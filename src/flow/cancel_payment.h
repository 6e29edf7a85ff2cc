// Ending a payment: asked for by the merchant, or because its time ran out. A request, not an
// outcome: what is open at a provider is closed there first, and the provider may have been paid.
#pragma once

#include "flow/start_payment.h"

namespace switchyard {

// The payment afterwards: `canceled` when nothing was ever open or the provider has acknowledged
// the closing; else its status is unchanged with cancel_requested set (answered 202). Error
// payment_state when it cannot be canceled any more.
Result<PaymentRecord> cancel_payment(Services& services, const std::string& payment_id,
                                     const Caller& caller);

// The same for time; never waits. What cannot be closed yet is looked after by jobs/poll.
Result<void> expire_payment(Services& services, const std::string& payment_id);

}  // namespace switchyard
