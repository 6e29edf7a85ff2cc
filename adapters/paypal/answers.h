// What PayPal's objects and errors say, wherever they are written: answers, look-ups and events.
#pragma once

#include <string_view>

#include "base/json.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::paypal_words {

// `captured` and `authorized` come with an amount that could be read and with the id that a refund,
// capture or void needs (memory: capture_id, authorization_id), or are `unknown`.
Update order_said(const Json& order);
Update capture_said(const Json& capture);
Update authorization_said(const Json& authorization);
Update refund_said(const Json& refund);

// Among details[].issue.
bool has_issue(const Json& body, std::string_view issue);

// What stands in for a success: a refusal, or nothing at all where the error does not say that
// nothing happened. Remembers the debug id, which support asks for.
Update refusal_said(const HttpResponse& response);
// The same of a call that moves money. What would only be refused for now goes again under its key.
Update money_refusal_said(const HttpResponse& response);

}  // namespace switchyard::paypal_words
