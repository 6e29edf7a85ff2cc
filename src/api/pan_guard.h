// No card number comes in: what looks like one in any text of a call is refused before anything is
// stored or logged.
#pragma once

#include "base/json.h"
#include "web/message.h"

namespace switchyard {

// Every string and every key at any depth. Exempt are phone numbers in their own fields and our own
// ids. The error names the place, never the value.
Result<void> refuse_card_numbers(const Json& body);
// The same for the idempotency key, whose hash is kept, and for the values of the query.
Result<void> refuse_card_numbers(const Request& request);

}  // namespace switchyard
