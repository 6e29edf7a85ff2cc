// What an update asks for next. Fulfilled in the same transaction where it needs a committed
// intent, so that nothing is forgotten between two commits.
#pragma once

#include <string>
#include <vector>

namespace switchyard {

struct Wish {
  enum class Kind {
    next_step,     // the attempt's next call
    next_attempt,  // the next account of the route
    close,         // cancel or expire the attempt's object at its provider
    look_up,       // ask as soon as possible
    give_back,     // refund what this attempt received, by configuration
    next_refund,   // the next queued refund of this charge
  };
  Kind kind;
  std::string attempt_id;
  std::string reason = {};  // give_back: late_money | overpayment | mismatch
};

using Wishes = std::vector<Wish>;

}  // namespace switchyard
