// Every code of Pudgy, and what we call it; its types stand last, for codes that are not known.
#pragma once

#include "domain/decline.h"

namespace switchyard::pudgy_words {

// The vendor names the first three and idempotency_in_progress. The other codes have been seen
// nowhere but in our simulator.
// clang-format off
inline constexpr DeclineRow declines[] = {
    {"card_declined",           Decline::card_declined},
    {"insufficient_funds",      Decline::insufficient_funds},
    {"expired_card",            Decline::expired_card},
    {"processing_error",        Decline::provider_error},
    {"token_already_used",      Decline::duplicate},  // whoever used it may have paid
    {"amount_too_large",        Decline::amount_too_large},
    {"charge_not_refundable",   Decline::configuration},
    {"charge_already_refunded", Decline::duplicate},
    {"resource_missing",        Decline::configuration},
    {"idempotency_in_progress", Decline::duplicate},
    {"idempotency_key_reused",  Decline::duplicate},
    {"card_error",              Decline::card_declined},
    {"authentication_error",    Decline::configuration},
    {"invalid_request_error",   Decline::configuration},
    {"rate_limit_error",        Decline::provider_unavailable},
    {"api_error",               Decline::provider_error},
};
// clang-format on

}  // namespace switchyard::pudgy_words
