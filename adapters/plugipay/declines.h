// Every code of Plugipay, and what we call it. One of its two contracts writes them in lower case,
// the other in upper: compared in lower. Why a payer's bank or wallet said no is told on the page
// only.
#pragma once

#include "domain/decline.h"

namespace switchyard::plugipay_words {

// clang-format off
inline constexpr DeclineRow declines[] = {
    {"validation_error",     Decline::configuration},
    {"invalid_request",      Decline::configuration},
    {"invalid_signature",    Decline::configuration},
    {"invalid_key",          Decline::configuration},
    {"invalid_timestamp",    Decline::configuration},
    {"timestamp_skew",       Decline::configuration},
    {"insufficient_scope",   Decline::configuration},
    {"person_only",          Decline::configuration},
    {"not_found",            Decline::configuration},
    {"conflict",             Decline::duplicate},
    {"invalid_transition",   Decline::configuration},
    {"idempotency_mismatch", Decline::duplicate},
    {"already_queued",       Decline::duplicate},
    {"endpoint_disabled",    Decline::configuration},
    {"rate_limited",         Decline::provider_unavailable},
    {"internal_error",       Decline::provider_error},
    {"upstream_error",       Decline::provider_error},
    {"service_unavailable",  Decline::provider_unavailable},
};
// clang-format on

}  // namespace switchyard::plugipay_words
