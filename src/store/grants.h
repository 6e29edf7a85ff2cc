// The rights of a role that serves and owns nothing.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace switchyard {

// Gives the role what `serve` needs, and takes whatever else it held of our tables; for the tables'
// owner, after each migration. An Error when there is no such role, or when no grant would bind it.
Result<void> grant_serving(const Secret& url, const std::string& role);

}  // namespace switchyard
