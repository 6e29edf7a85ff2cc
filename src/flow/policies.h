// What the operator decided about money and time; read from the configuration at start.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard {

// What happens to money that comes after we had closed a payment.
enum class LateMoney { keep, refund };

struct Policies {
  LateMoney after_cancel = LateMoney::refund;
  LateMoney after_other_success = LateMoney::refund;
  LateMoney after_expiry = LateMoney::keep;
  LateMoney after_failure = LateMoney::keep;
  std::chrono::milliseconds answer_within{
      20'000};  // every call is answered by then, with 202 if need be
  std::chrono::seconds expire_after{24 * 3600};
  std::chrono::seconds transfers_expire_after{7 * 24 * 3600};
  std::chrono::seconds review_after{24 * 3600};  // unknown for so long: a person is asked
  double look_up_speed = 1.0;                    // tests divide the gaps between look-ups by it
  int attempts_per_payment = 10;
  std::int64_t largest_amount = 0;  // 0: none but 2^53-1
  bool require_idempotency_key = false;
  std::string public_url = {};  // how payers and providers reach us; no slash at the end
  bool plain_http_endpoints_in_test = false;        // in live mode endpoints are always https
  std::vector<std::string> endpoint_networks = {};  // CIDR endpoints may be in besides public ones
};

}  // namespace switchyard
