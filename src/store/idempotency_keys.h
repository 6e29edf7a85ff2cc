// The keys merchants send with their writes: one unpartitioned table, never pruned, and beside it
// the answers, kept for 30 days.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/account.h"
#include "store/database.h"

namespace switchyard {

struct KeyAnswer {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body;
  std::string object_id = {};
};

// What the writer has committed of a claim, as far as this process did it. Safe from any thread.
class KeyFate {
 public:
  void set_claimed() {
    const std::lock_guard lock(mutex_);
    is_claimed_ = true;
  }
  void set_answer(KeyAnswer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  bool is_claimed() const {
    const std::lock_guard lock(mutex_);
    return is_claimed_;
  }
  std::optional<KeyAnswer> answer() const {
    const std::lock_guard lock(mutex_);
    return answer_;
  }

 private:
  mutable std::mutex mutex_;
  bool is_claimed_ = false;
  std::optional<KeyAnswer> answer_;
};

struct KeyClaim {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string key_hash;
  std::string fingerprint;
  std::string object_id = {};   // what the call is about, once known
  std::string request_id;       // the owner: no two requests have the same
  std::int64_t takes_over = 0;  // above 0: the token of an expired lease that this claim replaces
  std::shared_ptr<KeyFate> fate = {};  // for an owner that wants to know
};

struct StoredKey {
  std::string fingerprint;
  std::string object_id;
  std::string request_id;
  bool is_finished = false;
  bool lease_is_over = false;  // running, and its owner is gone
  std::int64_t lease_token = 1;
  std::optional<KeyAnswer> answer = {};  // absent when finished more than 30 days ago
};

constexpr std::chrono::seconds key_lease{15};

// Nullopt: never used.
Result<std::optional<StoredKey>> find_key(Database&, const Sealer&, const std::string& merchant_id,
                                          Mode, const std::string& key_hash);
// Owners say every few seconds that they still work on their keys.
Result<void> extend_keys(Database&, const std::vector<KeyClaim>&);
// The owner stops without an answer: whoever retries may take over at once.
Result<void> release_key(Database&, const KeyClaim&);
// Gives up a claim after which nothing was done, so that the retry is clean.
Result<void> drop_key(Database&, const KeyClaim&);
// Makes the partitions of the coming days and drops those older than 30 days.
Result<void> turn_answer_partitions(Database&);

// For the writer. A key whose answer is known when it is claimed is finished by the claim itself,
// which spares the most common call an update.
struct NewClaim {
  const KeyClaim* claim = nullptr;
  const KeyAnswer* answer = nullptr;  // keep_answers or reopen_keys follows in the same transaction
};
// The hashes that were claimed; the others were taken.
Pending<std::vector<std::string>> claim_keys(Trip&, const std::vector<NewClaim>&, Time now);
void keep_answers(Trip&, const std::vector<std::pair<const KeyClaim*, const KeyAnswer*>>&,
                  const Sealer&, Time now);
// What they were finished for was refused after all: their owners are still to answer.
void reopen_keys(Trip&, const std::vector<const KeyClaim*>&);
// The owners whose keys were finished; the others do not own theirs any more, or never did.
Pending<std::vector<std::string>> finish_keys(
    Trip&, const std::vector<std::pair<const KeyClaim*, const KeyAnswer*>>&, const Sealer&,
    Time now);

}  // namespace switchyard
