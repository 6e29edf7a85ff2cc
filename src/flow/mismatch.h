// An authentic message is still checked: another amount, currency, account or reference than ours
// is kept and shown to a person, and changes nothing.
#pragma once

#include <string>

#include "flow/record_update.h"

namespace switchyard {

// "" when the update is about this very operation, else what differs.
std::string find_mismatch(const PaymentRecord& record, const Attempt& operation,
                          const Update& update);
void keep_mismatch(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   const std::string& what, bool has_lookup, Wishes& wishes);

}  // namespace switchyard
