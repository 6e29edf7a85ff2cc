// Refunds: money given back to who paid, through the account that took it.
#pragma once

#include "api/context.h"

namespace switchyard {

Result<Reply> create_refund_call(Api& api, const ApiCall& call);  // POST /v1/refunds
Result<Reply> create_payment_refund_call(Api& api,
                                         const ApiCall& call);  // POST /v1/payments/{id}/refunds
Result<Reply> list_refunds_call(Api& api, const ApiCall& call);
Result<Reply> retrieve_refund_call(Api& api, const ApiCall& call);

}  // namespace switchyard
