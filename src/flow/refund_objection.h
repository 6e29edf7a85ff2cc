// What speaks against giving money back by a call.
#pragma once

#include <string>

#include "flow/calls.h"

namespace switchyard {

// What its provider cannot do, in a sentence for the merchant; "" if nothing speaks against it. The
// charge's account is configured and its adapter has a refund call.
std::string objection_to_refund(const PaymentRecord& record, const Attempt& charge,
                                std::int64_t amount, const std::string& reason,
                                const Surroundings& around, Time now);

}  // namespace switchyard
