// Whether a merchant may have events sent to a URL. What a name resolves to is judged later, each
// time it is dialled; here is refused what can never be right.
#pragma once

#include <string>
#include <string_view>

#include "domain/account.h"
#include "flow/policies.h"

namespace switchyard {

// Empty, or what the URL must be instead.
std::string endpoint_objection(const Policies& policies, Mode mode, std::string_view url);

}  // namespace switchyard
