// What the operator's machines ask: whether this process lives, whether it should be given
// requests, and its numbers.
#pragma once

#include <functional>

#include "base/metrics.h"
#include "store/database.h"
#include "web/message.h"

namespace switchyard {

// Lives as long as it can answer at all, whatever else is broken.
Handler healthz();
// 503 `starting` while it drains or cannot reach its database, whose loss it may notice a second
// late: while the database has answered within the last one, nothing is asked and nobody is waited
// for. What is passed outlives the handler.
Handler readyz(Database& database, std::function<bool()> is_draining);
// The text form of Prometheus. For the operations listener only.
Handler metrics_page(const Metrics& metrics);

}  // namespace switchyard
