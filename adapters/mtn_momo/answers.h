// What MTN MoMo says: to a request that it has taken or refused, and of one that is looked up.
// Charges and refunds are answered alike.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::mtn_momo_words {

// Whose money goes: of a refund the payee is the customer.
enum class About { charge, refund };

// The answer to a POST under this X-Reference-Id. `pending` when it was taken, now or before.
Update said_to_request(const HttpResponse& response, const std::string& reference_id, About about);

// The answer to a GET of this X-Reference-Id. HTTP 200 says nothing about the outcome.
Update said_of_request(const HttpResponse& response, const std::string& reference_id, About about);

// MTN's own number of the transaction, as support asks for it; "" when it is no such thing.
std::string transaction_id_at(const Json& body);

}  // namespace switchyard::mtn_momo_words
