// Named places where a test may kill, delay or fail the process. Compiled to nothing unless
// SWITCHYARD_FAILPOINTS is defined; then driven by the environment, for instance
// SWITCHYARD_FAILPOINTS="intent.after_commit=kill@3;call.after_response=delay:500", or while it
// runs by lines to the unix socket that SWITCHYARD_FAILPOINT_SOCKET names:
//   NAME=ACTION    arms one place               ok
//   clear          disarms all of them          ok
//   counts         how often each was passed    NAME=TIMES NAME=TIMES …
//   clock=SECONDS  moves the router's clock     ok
// What cannot be read is answered with `refused: …`; in the environment it aborts.
// kill ends the process as a power cut would; delay:N waits N milliseconds; throw throws a
// std::runtime_error; drop breaks the connection that the place is about, where it is about one
// (FAILPOINT_DROPS). @N means only the Nth time the place is reached; without it, every time.
#pragma once

namespace switchyard {
#ifdef SWITCHYARD_FAILPOINTS
// True when the connection is to be broken.
bool reach_failpoint(const char* name);
#define FAILPOINT(name) static_cast<void>(::switchyard::reach_failpoint(name))
#define FAILPOINT_DROPS(name) ::switchyard::reach_failpoint(name)
#else
#define FAILPOINT(name) static_cast<void>(0)
#define FAILPOINT_DROPS(name) false
#endif
}  // namespace switchyard
