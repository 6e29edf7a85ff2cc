// The one door for money: what a provider (or a person) said becomes a change of attempts, refunds
// and the payment, with its events and journal lines, or an anomaly. Pure.
#pragma once

#include "domain/update.h"
#include "flow/decision.h"
#include "flow/wishes.h"

namespace switchyard {

enum class Source {
  answer,         // to the first copy of a step
  resend_answer,  // to another copy of it, under the same key
  close_answer,   // to a cancel, void or expire: its refusal says nothing about the money
  lookup,
  webhook,        // verified; never enough to leave a final or closed status, or doubt
  person,         // an operator, or a manual transfer's confirmation
};

// Applies `update` to the attempt (which belongs to the record), whatever its operation. What it
// wishes for is added to `wishes`.
void record_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   const Policies& policies, bool has_lookup, Wishes& wishes);

// The attempt is over without money: tells so, and settles what becomes of the payment.
void after_closing(Decision& decision, Attempt& attempt, const Policies& policies, Wishes& wishes);

}  // namespace switchyard
