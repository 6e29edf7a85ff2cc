#include "base/seeded_bug.h"

#ifdef SWITCHYARD_SEEDED_BUGS

#include <cstdio>
#include <cstdlib>
#include <string>

namespace switchyard {
namespace {

constexpr int count = 24;

// A name that is misspelt would make a harness look blind, or a proof of it look complete.
std::string read_bug() {
  const char* named = std::getenv("SWITCHYARD_SEEDED_BUG");
  const std::string bug = named == nullptr ? "" : named;
  if (bug.empty()) return bug;
  for (int number = 1; number <= count; ++number)
    if (bug == "X" + std::to_string(number)) {
      std::fprintf(stderr, "this program carries the seeded bug %s and must not see real money\n",
                   bug.c_str());
      return bug;
    }
  std::fprintf(stderr, "SWITCHYARD_SEEDED_BUG: there is no bug \"%s\", only X1 to X%d\n",
               bug.c_str(), count);
  std::abort();
}

}  // namespace

bool has_seeded_bug(const char* name) {
  static const std::string bug = read_bug();
  return bug == name;
}

}  // namespace switchyard

#endif  // SWITCHYARD_SEEDED_BUGS
