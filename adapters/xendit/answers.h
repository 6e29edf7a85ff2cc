// What Xendit's objects and errors say, wherever they are written: answers, lookups and webhooks.
#pragma once

#include <string>

#include "base/json.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::xendit_words {

// Invoices, where the payer chooses how to pay.
Update invoice_said(const Json& invoice);
// Of a search by our reference, which may find several: the one that tells most.
Update invoices_said(const Json& list, const std::string& reference);

// Payment requests, and what a webhook calls a payment of one. How the payer must act is not read
// here: it depends on the rail.
Update request_said(const Json& request);

Update refund_said(const Json& refund);

// A refusal, or nothing at all where the error does not say that nothing happened.
Update error_said(const HttpResponse& response);

}  // namespace switchyard::xendit_words
