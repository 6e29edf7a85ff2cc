// Events as they were signed and pushed: the stored bytes, pulled.
#pragma once

#include "api/context.h"

namespace switchyard {

// Newest first, and on with before; with after (an event's id or a position, "0" for the very
// first) oldest first, so that a reader who goes on from the last one never misses any.
Result<Reply> list_all_events(Api& api, const ApiCall& call);
Result<Reply> retrieve_event(Api& api, const ApiCall& call);

}  // namespace switchyard
