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
  webhook,  // verified; never enough to leave a final or closed status, or doubt
  person,   // an operator, or a manual transfer's confirmation
};

// In an attempt's memory: how often in a row the provider was asked about it and found nothing.
inline constexpr std::string_view not_found_count = "not_found";
// So often, and what nobody can send any more counts as never arrived: its reference may be closed.
inline constexpr int times_not_found = 3;

inline bool says_money_is_held(Verdict verdict) {
  return verdict == Verdict::authorized || verdict == Verdict::captured;
}
// Nothing is open any more: looked at only when somebody asks, until somebody has answered. Since
// when, is then in its unknown_since.
inline bool is_settled(const Attempt& attempt) {
  return !is_live(attempt.status) || attempt.status == AttemptStatus::captured;
}

// The longer nothing new was found, the later the next look. A copy, a cancel or a webhook is no
// look: what follows it is.
inline void count_look(Attempt& attempt, Source source) {
  if (source == Source::lookup) ++attempt.lookups;
}

// Applies `update` to the attempt (which belongs to the record), whatever its operation. What it
// wishes for is added to `wishes`. `has_lookup`: its adapter can be asked about this operation.
void record_update(Decision& decision, Attempt& attempt, const Update& update, Source source,
                   const Policies& policies, bool has_lookup, Wishes& wishes);

// The same of a provider's message: one that does not prove itself only asks for a look.
void record_message(Decision& decision, Attempt& attempt, const Update& update, bool is_proven,
                    const Policies& policies, bool has_lookup, Wishes& wishes);

// Somebody may know better than the silence so far: should the look that follows fail, the next
// ones are seconds and not hours away. Not as few as none, because anybody can claim to know.
void expect_news(Attempt& attempt);

// Somebody says that something has happened to this attempt: it is looked up at once. Should that
// look fail, the next ones are soon again and not as far apart as those into silence had become;
// who proves nothing makes us ask less often than who does.
void look_up_soon(Decision& decision, Attempt& attempt, bool is_proven, Wishes& wishes);

// What a message to the attempt's own address brings along, so that the look-up that follows it
// knows whom to ask about. It decides nothing; what is about something else is only noted.
void remember_hint(Decision& decision, Attempt& attempt, const Update& update);

// An attempt in doubt that asked for no money yet and showed the payer nothing is ended, whatever
// became of it; false, and nothing changes, for any other.
bool abandon_if_harmless(Decision& decision, Attempt& attempt, const Policies& policies,
                         Wishes& wishes);

}  // namespace switchyard
