// Stripe's hosted page: a Checkout Session, which makes its payment intent when the payer pays.
#pragma once

#include "adapters/adapter.h"

namespace switchyard::stripe_api {

HttpRequest build_session(const Account& account, const Charge& charge);
Update read_session(const Account& account, const Charge& charge, const HttpResponse& response);

}  // namespace switchyard::stripe_api
