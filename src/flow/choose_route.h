// Which accounts can take a payment now: the rules' answer, with every reason an account has to be
// passed over (its offers, limits, mode, merchants, token, health).
#pragma once

#include <string>
#include <vector>

#include "flow/services.h"

namespace switchyard {

RouteAnswer choose_route(Services& services, const Setup& setup, const RouteQuestion& question);
// The same for looking only: an account that rests is let one payment through when its time comes,
// and a question must not use that up.
RouteAnswer preview_route(Services& services, const Setup& setup, const RouteQuestion& question);

// What an adapter offers for this method; null when it does not take it.
const Offer* find_offer(const Adapter& adapter, const PaymentMethod& method);

// The same without asking whether the account is healthy, and of one account: "" when it can.
std::string objection_of(const Account& account, const RouteQuestion& question);

}  // namespace switchyard
