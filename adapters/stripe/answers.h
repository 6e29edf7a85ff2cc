// What Stripe's objects and errors mean, wherever they are written: in an answer or in a webhook.
// Unknown words are Verdict::unknown and unknown fields are passed over, because webhooks come in
// the version of the account or endpoint and not in the one we ask for.
#pragma once

#include "adapters/adapter.h"

namespace switchyard::stripe_api {

Update intent_said(const Json& intent);
Update session_said(const Json& session);
Update charge_said(const Json& charge);  // Stripe's Charge, below a payment intent
Update refund_said(const Json& refund);

// The id, whether the field holds it or the object that it names.
std::string id_at(const Json& json, std::string_view path);
bool is_of_a_page(const Json& object);  // a payment intent or charge that a session made

// An answer with an error to a call that makes or moves something. Refused where Stripe says that
// it began nothing or has finished with a no; unknown for all else.
Update refused_call(const HttpResponse& response);

// The answer is an object: not an error, and not from a proxy between us.
bool is_object(const HttpResponse& response, const Json& body, std::string_view kind);
void add_reason(Update& update, const Json& error);

}  // namespace switchyard::stripe_api
