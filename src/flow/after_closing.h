// What becomes of a payment when one of its attempts ended without money: the next account's turn,
// a failure, or the end that was asked for. Pure.
#pragma once

#include "flow/decision.h"
#include "flow/policies.h"
#include "flow/wishes.h"

namespace switchyard {

// The attempt is over without money: tells so, and settles what becomes of the payment.
void after_closing(Decision& decision, Attempt& attempt, const Policies& policies, Wishes& wishes);

}  // namespace switchyard
