// The clock of a running router: where failpoints are compiled in, one that a test can let jump.
#pragma once

#include "base/shared_clock.h"

namespace switchyard {
#ifdef SWITCHYARD_FAILPOINTS
// What `clock=SECONDS` has moved it by; in failpoint.cpp.
std::chrono::seconds clock_jump();

class RouterClock final : public SharedClock {
 protected:
  Duration since_start() const override { return SharedClock::since_start() + clock_jump(); }
};
#else
using RouterClock = SharedClock;
#endif
}  // namespace switchyard
