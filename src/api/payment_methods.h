// How a payer could pay an amount now: what routing can really take.
#pragma once

#include <string>
#include <vector>

#include "api/context.h"

namespace switchyard {

struct OfferedMethod {
  PaymentMethod method;            // type, and network or kind where it has one
  std::vector<std::string> needs;  // of the account that would be tried first
};

// Whoever shows a choice to payers asks here, so that nothing is shown that cannot be taken.
// `question` says all but the method.
std::vector<OfferedMethod> offered_methods(Services& services, const Setup& setup,
                                           RouteQuestion question);

Result<Reply> list_payment_methods(Api& api, const ApiCall& call);

}  // namespace switchyard
