// Whether an adapter sends and understands what an exchange says.
#pragma once

#include <string>
#include <vector>

#include "kit/exchange.h"

namespace switchyard {

// What is not as written, a sentence each; empty when all is.
std::vector<std::string> check_exchange(const Adapter& adapter, const Exchange& exchange);

// The call that an exchange names ("charge.create", "lookup"), as its method is taken; empty when
// the adapter has none of that name.
Call find_call(const Adapter& adapter, const PaymentMethod& method, std::string_view name);

// One call that an adapter offers, in the words of exchanges, with the rail where it is a charge's.
struct OfferedCall {
  std::string name;
  Rail rail = Rail::card;
  Call call = {};
};
// Each once: offers that share the functions of a step share its call.
std::vector<OfferedCall> offered_calls(const Adapter& adapter);

// Whether this exchange shows this call.
bool shows(const Adapter& adapter, const Exchange& exchange, const OfferedCall& call);

}  // namespace switchyard
