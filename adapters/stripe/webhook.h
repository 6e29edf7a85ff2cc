// Stripe's events: signed, at least once, in any order, in the version of the account or endpoint.
#pragma once

#include "adapters/adapter.h"

namespace switchyard::stripe_api {

Proof verify_webhook(const Account& account, const Incoming& incoming);
std::vector<News> read_webhook(const Account& account, const Incoming& incoming);

}  // namespace switchyard::stripe_api
