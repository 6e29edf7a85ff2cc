// The accounts a merchant's payments can go to: what each can do, and how it is doing.
#pragma once

#include "api/context.h"

namespace switchyard {

Result<Reply> list_providers(Api& api, const ApiCall& call);

}  // namespace switchyard
