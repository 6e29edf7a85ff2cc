// An endpoint that wants nothing any more, or never answers well, is disabled, and the merchant's
// other endpoints are told.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/crypto.h"
#include "store/deliveries.h"
#include "store/writer.h"

namespace switchyard {

// Waits for the database, not for the writer. `done` runs on the writer's thread, or at once when
// there is nothing to disable.
void disable_endpoint(const ClaimedDelivery& delivery, const std::string& reason,
                      Database& database, Writer& writer, const Sealer& sealer, const Clock& clock,
                      std::function<void()> done);

}  // namespace switchyard
