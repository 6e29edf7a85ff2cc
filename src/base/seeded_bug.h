// Bugs that are compiled in on purpose, into one program that nobody ships (switchyard-mutants), to
// prove that scripts/chaos would notice them. `SEEDED_BUG("X7")` is false in every other program;
// in that one it is true when the environment says SWITCHYARD_SEEDED_BUG=X7. docs/reliability.md
// lists what each of them is.
#pragma once

namespace switchyard {
#ifdef SWITCHYARD_SEEDED_BUGS
bool has_seeded_bug(const char* name);
#define SEEDED_BUG(name) ::switchyard::has_seeded_bug(name)
#else
#define SEEDED_BUG(name) false
#endif
}  // namespace switchyard
