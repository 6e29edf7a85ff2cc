// Customers: made, read, listed, changed and deleted by their merchant.
#pragma once

#include "api/context.h"

namespace switchyard {

// With the external_id of one that exists: that one as it is, 200 and Switchyard-Existing.
Result<Reply> create_customer(Api& api, const ApiCall& call);
Result<Reply> retrieve_customer(Api& api, const ApiCall& call);
Result<Reply> list_all_customers(Api& api, const ApiCall& call);
// Only what is given changes; "" empties a field; metadata is merged, "" removes a key.
Result<Reply> update_customer(Api& api, const ApiCall& call);
// Erases what names the person. Payments keep the id, events what they said.
Result<Reply> delete_customer(Api& api, const ApiCall& call);

}  // namespace switchyard
