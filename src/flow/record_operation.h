// The parts of record_update for captures and refunds. Pure.
#pragma once

#include "flow/record_update.h"

namespace switchyard {

void record_capture_update(Decision& decision, Attempt& capture, const Update& update,
                           Source source, const Policies& policies, Wishes& wishes);
void record_refund_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                          bool has_lookup, Wishes& wishes);

// Money of this charge was taken: books it and settles what becomes of the payment.
void record_captured(Decision& decision, Attempt& charge, std::int64_t amount,
                     const Policies& policies, Wishes& wishes);

}  // namespace switchyard
