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

// The same without asking whether the account is healthy, and of one account: "" when it can.
std::string objection_of(const Account& account, const RouteQuestion& question);

}  // namespace switchyard
