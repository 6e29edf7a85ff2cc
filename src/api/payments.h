// Payments: what a merchant asks for, and what a browser that holds a client_secret may do with
// one.
#pragma once

#include "api/context.h"

namespace switchyard {

Result<Reply> create_payment_call(Api& api, const ApiCall& call);
Result<Reply> retrieve_payment_call(Api& api, const ApiCall& call);  // publishable keys too
Result<Reply> list_payments_call(Api& api, const ApiCall& call);
// Metadata (merged, "" removes a key) and description, before the first confirmation.
Result<Reply> update_payment_call(Api& api, const ApiCall& call);
Result<Reply> payment_timeline_call(Api& api, const ApiCall& call);

Result<Reply> confirm_payment_call(Api& api, const ApiCall& call);  // publishable keys too
Result<Reply> capture_payment_call(Api& api, const ApiCall& call);
Result<Reply> cancel_payment_call(Api& api, const ApiCall& call);
Result<Reply> review_payment_call(Api& api, const ApiCall& call);

}  // namespace switchyard
