// Turns what an update wishes for into the next committed intents, and settles who looks after the
// attempts that were touched.
#pragma once

#include "flow/calls.h"
#include "flow/wishes.h"

namespace switchyard {

// The calls to send after the commit: `begun`, which the decision has made already, and those that
// the wishes ask for. Wishes that lead to further wishes (an account that cannot be used any more)
// are followed until none is left. The last thing a decision does: it settles the leases.
std::vector<Send> fulfil(Decision& decision, Wishes wishes, const Surroundings& around,
                         std::vector<Send> begun = {});

// Starts a charge attempt at the route's stop. A transfer by hand needs no call: its instructions
// are shown at once. Nullopt then, and when the account is not configured any more (the attempt is
// not_sent in that case, and `wishes` says what follows).
std::optional<Send> start_attempt(Decision& decision, const RouteStop& stop, Wishes& wishes,
                                  const Surroundings& around);

// Adds a refund of the charge, and its call unless it must wait for another one. The caller has
// checked what may be refunded.
std::optional<Send> start_refund(Decision& decision, Attempt& charge, Refund refund,
                                 const Surroundings& around);

// A refund that somebody made at the provider without us: kept as one of unknown outcome, which is
// looked up like any other. Nothing where one of ours is still on its way and could be the same.
void note_refund_elsewhere(Decision& decision, const Attempt& charge,
                           const std::string& provider_reference, Money money);

// Asks the provider to close the attempt's object. Nullopt where it cannot be asked: then it is
// looked up until it has ended by itself.
// What no call of ours has made payable, or what is settled by hand, is closed by that alone, and
// `wishes` says what follows.
std::optional<Send> start_close(Decision& decision, Attempt& attempt, Wishes& wishes,
                                const Surroundings& around);

// How long after its latest look an attempt is looked up again.
std::chrono::milliseconds next_look_in(const Attempt& attempt, double speed);

}  // namespace switchyard
