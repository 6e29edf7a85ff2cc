// Every code of Orange, and what we call it; and the two statuses that end a payment without money.
#pragma once

#include "domain/decline.h"

namespace switchyard::orange_money_words {

// FAILED gives no reason. The payer had confirmed on the page, so it is the payer who is asked.
// clang-format off
inline constexpr DeclineRow declines[] = {
    {"failed",  Decline::payer_rejected},
    {"expired", Decline::payer_timeout},           // confirmed after the page's end
    {"41",      Decline::configuration},           // client id or secret
    {"42",      Decline::configuration},           // access token
    {"50",      Decline::configuration},           // another country's path, or no subscription
    {"1201",    Decline::configuration},           // "forbidden transaction", to this merchant
    {"1202",    Decline::configuration},           // merchant key
    {"1203",    Decline::currency_not_supported},
    {"1204",    Decline::duplicate},               // the order_id was used
};
// clang-format on

}  // namespace switchyard::orange_money_words
