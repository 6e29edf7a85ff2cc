// What a browser holds to confirm or read one payment: PAYMENT_secret_… , derived from the
// payment's id and never stored.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/context.h"

namespace switchyard {

std::string client_secret_of(const Sealer& sealer, const std::string& payment_id);

// Counts wrong client_secrets, by payment.
class GuessLimit {
 public:
  // Notes a wrong one; false when there have been too many within the hour.
  bool allow_wrong(const std::string& payment_id, std::chrono::steady_clock::time_point now);

 private:
  struct Hour {
    int wrong = 0;
    std::chrono::steady_clock::time_point begun = {};
  };
  std::mutex mutex_;
  std::map<std::string, Hour> hours_;  // bounded
};

// Nothing for a secret key. For a publishable one: whether the request holds the client_secret of
// the payment in its path, in the header or, where `in_body` is not empty, there. not_found as for
// a payment that does not exist; rate_limited after 20 wrong ones in an hour. The right one is
// always let in, so that guessing locks nobody out.
Result<void> check_client_secret(Api& api, const ApiCall& call, const std::string& payment_id,
                                 std::string_view in_body = {});

}  // namespace switchyard
