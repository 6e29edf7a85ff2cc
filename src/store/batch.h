// For the writer: what it does with the commands that it commits together.
#pragma once

#include <string>
#include <vector>

#include "store/writer.h"

namespace switchyard {

struct Job {
  Command* command;
  Draft draft = {};
  PaymentRecord before = {};
  Result<void> outcome = {};
  bool is_held_elsewhere = false;
  bool has_finished_key = false;  // claimed with its answer
  bool has_kept_answer = false;   // by this or by another statement

  bool is_alive() const { return outcome.has_value() && !is_held_elsewhere; }
  // The answer belongs to the key that this very command claims, and is known already.
  bool is_answered_by_claim() const {
    return command->claim && command->claim->takes_over == 0 && draft.answer && !draft.finishes;
  }
  bool makes_payment() const { return command->payment_id.empty() && draft.has_record; }
  bool makes_named_payment() const {
    return makes_payment() && !draft.record.payment.external_id.empty();
  }
};

struct BatchEffects {
  int deliveries = 0;
  std::string last = {};          // statements that need no answer: they go with COMMIT
  std::string after_commit = {};  // of a seeded bug; empty without
};

// Loads, lets each command decide, and saves. Whatever needs an answer of the database is asked in
// as few trips as there are answers that the next question depends on: rows and locks; claims;
// names that may exist; keys and positions. Everything else is left in `effects.last`.
Result<void> run_batch(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer,
                       Time now, BatchEffects& effects);

// Of a command whose claim lost.
Failure key_is_taken();

// After the commit: tells the owner of the key, who then need not read what is stored.
void tell_owner(Job& job);

}  // namespace switchyard
