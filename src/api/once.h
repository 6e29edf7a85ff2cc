// Same key, same answer: a write with an Idempotency-Key runs once, whatever is retried, crashes or
// races; and a write without one simply runs.
#pragma once

#include <functional>
#include <string>

#include "api/context.h"
#include "api/key_keeper.h"

namespace switchyard {

// `operation` names the call and every id in its path ("payments.confirm pay_01…"); `typed` is the
// validated request, which the fingerprint covers, so that the order of keys does not matter.
// `run` gets the claim to pass on to flow (Caller::claim), and must let the command that carries it
// commit before anything is sent. It returns the reply to store. What is refused before that
// command commits stores nothing, so that a retry is clean.
//
// Order: a stored key is answered at once (replay, 422 for another fingerprint, 409 with
// Retry-After or the answer within `Prefer: wait=N`, 409 idempotency_key_expired after 30 days);
// else `run`; an expired lease of a dead owner is taken over, and `resume` continues from what is
// stored (the key's object_id names it). Answers about what still runs (409 in use, 202 of a
// cancellation) are not stored; a 5xx is never stored, and the claim is kept for the retry to
// resume.
struct Once {
  std::string operation;
  Json typed;
  std::function<Result<Reply>(std::optional<KeyClaim> claim)> run;
  // The claim was committed by an owner that is gone: finish the call for this object without
  // starting it again. Absent: `run` is safe to repeat.
  std::function<Result<Reply>(const std::string& object_id)> resume = {};
  // `run` does nothing that anyone could notice before its claim is committed: then the key is only
  // looked at when the claim loses.
  bool claims_first = false;
  bool is_202_stored = true;    // false: a 202 says that it still runs, and a retry looks again
  bool can_move_money = false;  // then the operator may require a key
};
Result<Reply> once(Api& api, const ApiCall& call, const Once& what);

// The key of the request, normalised (bare and quoted forms are one); nullopt when it has none.
Result<std::optional<std::string>> idempotency_key(const Request& request);

// For Caller::answer: what a reply looks like when it is stored with its command.
KeyAnswer to_answer(const Reply& reply, const std::string& object_id);
Reply to_reply(const KeyAnswer& answer);

}  // namespace switchyard
