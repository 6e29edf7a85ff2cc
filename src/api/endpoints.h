// Webhook endpoints: where a merchant wants to be told of events, and the log of what was sent.
#pragma once

#include "api/context.h"

namespace switchyard {

// The only answer, with its replays, that shows the secret.
Result<Reply> create_endpoint(Api& api, const ApiCall& call);
Result<Reply> retrieve_endpoint(Api& api, const ApiCall& call);
Result<Reply> list_all_endpoints(Api& api, const ApiCall& call);
Result<Reply> update_endpoint(Api& api, const ApiCall& call);
Result<Reply> delete_endpoint(Api& api, const ApiCall& call);
// Ends a disabling, whoever did it.
Result<Reply> enable_endpoint(Api& api, const ApiCall& call);
Result<Reply> list_endpoint_deliveries(Api& api, const ApiCall& call);

}  // namespace switchyard
