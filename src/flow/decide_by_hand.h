// What a person decides: a manual transfer came or did not, a payment in review is accepted or
// given back.
#pragma once

#include "flow/start_payment.h"

namespace switchyard {

struct TransferReceipt {
  std::int64_t amount = 0;
  std::string bank_reference;
  Time received_at{};
};

// Several receipts add up. The same bank reference on the same payment with the same amount changes
// nothing; elsewhere it is refused: bank_reference_used. Other errors: payment_state.
Result<PaymentRecord> confirm_transfer(Services& services, const std::string& payment_id,
                                       const TransferReceipt& receipt, const Caller& caller);
Result<PaymentRecord> reject_transfer(Services& services, const std::string& payment_id,
                                      const std::string& reason, const Caller& caller);

// Ends a review. `accept` takes what the provider says it received; `refund` books it too and gives
// all of it back. Of an unknown outcome, only `accept` of waiting on is possible: the review ends,
// looking up goes on. Errors: payment_state when nothing is in review.
Result<PaymentRecord> end_review(Services& services, const std::string& payment_id, bool refund,
                                 const Caller& caller);

}  // namespace switchyard
