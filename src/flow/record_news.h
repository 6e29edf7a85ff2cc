// A provider's webhook, kept already, becomes changes: matched to its attempt, checked, and taken
// through the one door together with the mark that it is done.
#pragma once

#include <functional>

#include "flow/services.h"

namespace switchyard {

// Never waits; `done` is called once when the message has been dealt with (applied, found to say
// nothing new, parked, or left for its lease to run out).
void record_news(Services& services, const ReceivedWebhook& webhook, std::function<void()> done);

}  // namespace switchyard
