// Named places where a test may kill, delay or fail the process. Compiled to nothing unless
// SWITCHYARD_FAILPOINTS is defined; then driven by the environment, for instance
// SWITCHYARD_FAILPOINTS="intent.after_commit=kill@3;call.after_response=delay:500".
// kill ends the process as a power cut would; delay:N waits N milliseconds. @N means only the Nth
// time the place is reached; without it, every time. A setting that cannot be read aborts.
#pragma once

namespace switchyard {
#ifdef SWITCHYARD_FAILPOINTS
void reach_failpoint(const char* name);
#define FAILPOINT(name) ::switchyard::reach_failpoint(name)
#else
#define FAILPOINT(name) static_cast<void>(0)
#endif
}  // namespace switchyard
