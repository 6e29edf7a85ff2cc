// Payments, refunds and customers as merchants see them: in answers, events and lists alike. Never
// with a client_secret; the API adds it where its owner asks. What is not known is null.
#pragma once

#include <span>

#include "base/json.h"
#include "domain/attempt.h"
#include "domain/customer.h"
#include "domain/payment.h"
#include "domain/refund.h"

namespace switchyard {

// Who reads it: a provider's client_secret inside next_action is for the payer's browser alone, and
// events, lists and timelines are read by others.
enum class Reader { anyone, payer };

// `attempts` are the payment's, in any order; only its charges are shown.
Json payment_json(const Payment& payment, std::span<const Attempt> attempts,
                  Reader reader = Reader::anyone);
Json refund_json(const Refund& refund);
Json customer_json(const Customer& customer);

}  // namespace switchyard
