// Taking the money that an authorization holds.
#pragma once

#include "flow/start_payment.h"

namespace switchyard {

// `amount` 0 means all of it; less where the provider can. The payment afterwards: succeeded, still
// processing (202), or back in requires_capture when the provider refused. Errors: payment_state,
// amount_exceeds_remaining, not_supported.
Result<PaymentRecord> capture_payment(Services& services, const std::string& payment_id,
                                      std::int64_t amount, const Caller& caller);

}  // namespace switchyard
