// Manual transfers: a person saw the money at the bank, or did not.
#pragma once

#include "api/context.h"

namespace switchyard {

Result<Reply> confirm_transfer_call(Api& api, const ApiCall& call);
Result<Reply> reject_transfer_call(Api& api, const ApiCall& call);

}  // namespace switchyard
