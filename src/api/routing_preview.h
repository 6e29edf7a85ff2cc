// Which accounts a payment would go to, in which order and why, and why each other one would not
// be asked. Nothing is saved and nothing is sent.
#pragma once

#include "api/context.h"

namespace switchyard {

Result<Reply> preview_routing(Api& api, const ApiCall& call);

}  // namespace switchyard
