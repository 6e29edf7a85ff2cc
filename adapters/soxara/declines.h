// Every code of Soxara, and what we call it. Soxara mixes upper and lower case; compared in lower.
#pragma once

#include "domain/decline.h"

namespace switchyard::soxara_words {

// clang-format off
inline constexpr DeclineRow declines[] = {
    {"generic_decline",         Decline::card_declined},
    {"card_declined",           Decline::card_declined},
    {"insufficient_funds",      Decline::insufficient_funds},
    {"expired_card",            Decline::expired_card},
    {"user_rejected",           Decline::payer_rejected},
    {"prompt_timeout",          Decline::payer_timeout},
    {"three_d_secure_failed",   Decline::authentication_failed},
    {"invalid_phone_number",    Decline::payer_not_found},
    {"invalid_currency",        Decline::currency_not_supported},
    {"amount_too_small",        Decline::amount_too_small},
    {"amount_too_large",        Decline::amount_too_large},
    {"unauthorized",            Decline::configuration},
    {"forbidden",               Decline::configuration},
    {"validation_error",        Decline::configuration},
    {"not_found",               Decline::configuration},
    {"invalid_state",           Decline::configuration},
    {"idempotency_conflict",    Decline::duplicate},
    {"rate_limited",            Decline::provider_unavailable},
    {"service_unavailable",     Decline::provider_unavailable},
    {"provider_error",          Decline::provider_error},
    {"internal_error",          Decline::provider_error},
};
// clang-format on

}  // namespace switchyard::soxara_words
