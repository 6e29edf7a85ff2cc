// The idempotency key of a call, finished by the commit that ends the call: its answer can then
// never be missing while its payment has moved on.
#pragma once

#include <mutex>

#include "flow/start_payment.h"

namespace switchyard {

// Made by whoever waits for the call, and dismissed when it waits no longer: what the answer is
// made of may be gone then.
class KeyFinisher {
 public:
  KeyFinisher(KeyClaim claim, AnswerOf answer)
      : claim_(std::move(claim)), answer_(std::move(answer)) {}

  // On the writer's thread, for the last command of the call.
  void finish(Draft& draft) {
    const std::lock_guard lock(mutex_);
    if (answer_) draft.answer = answer_(draft.record);
    if (draft.answer) draft.finishes = claim_;
  }
  void dismiss() {
    const std::lock_guard lock(mutex_);
    answer_ = {};
  }

 private:
  const KeyClaim claim_;
  std::mutex mutex_;
  AnswerOf answer_;
};

}  // namespace switchyard
