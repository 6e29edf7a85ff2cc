// The request target, read more strictly than RFC 3986 asks: what two programs could read in two
// ways ("//", "..", encoded slashes, double encoding, a query key twice) is refused, not repaired.
#pragma once

#include <string>
#include <string_view>

#include "web/message.h"
#include "web/refusal.h"

namespace switchyard {

struct Target {
  std::string path;  // decoded once; starts with "/"
  Fields query = {};
};

// Origin form only: "/path?query". `raw` may hold any bytes.
ResultOr<Target, Refusal> read_target(std::string_view raw);

}  // namespace switchyard
