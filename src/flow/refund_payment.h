// Giving money back, to the account that took it, never more than it received.
#pragma once

#include "flow/start_payment.h"

namespace switchyard {

struct NewRefund {
  std::string id = {};      // "": a new one; given by a caller that must know it beforehand
  std::int64_t amount = 0;  // 0: everything that is left
  std::string reason = "requested_by_customer";
  std::string description = {};
  std::string external_id = {};
  Metadata metadata = {};
};

struct RefundOutcome {
  Refund refund;
  PaymentRecord record;
};

// The refund afterwards: succeeded, failed, or pending while the provider works on it or another
// refund goes first. Errors: payment_state when there is no money to give back,
// amount_exceeds_remaining, not_supported, external_id_conflict.
Result<RefundOutcome> refund_payment(Services& services, const std::string& payment_id,
                                     const NewRefund& asked, const Caller& caller);

}  // namespace switchyard
