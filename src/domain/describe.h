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

// `attempts` are the payment's, in any order; only its charges are shown.
Json payment_json(const Payment& payment, std::span<const Attempt> attempts);
Json refund_json(const Refund& refund);
Json customer_json(const Customer& customer);

}  // namespace switchyard
