// Every code of MintCash, and what we call it.
#pragma once

#include "domain/decline.h"

namespace switchyard::mintcash_words {

// MintCash's own codes, then those of the engine behind it, which may be passed through.
// clang-format off
inline constexpr DeclineRow declines[] = {
    {"insufficient_funds",          Decline::insufficient_funds},
    {"card_expired",                Decline::expired_card},
    {"lost_or_stolen_card",         Decline::lost_or_stolen},
    {"antifraud_error",             Decline::suspected_fraud},
    {"invalid_pan",                 Decline::incorrect_number},
    {"invalid_cvv",                 Decline::incorrect_cvc},
    {"provider_error",              Decline::provider_error},
    {"provider_fatal_error",        Decline::provider_error},
    {"issuer_decline",              Decline::do_not_honor},
    {"expired",                     Decline::payer_timeout},  // the page, not the card
    {"general_fatal_error",         Decline::provider_error},
    {"general_decline",             Decline::card_declined},
    {"card_restricted",             Decline::invalid_account},
    {"card_restricted_by_acquirer", Decline::card_declined},
    {"card_usage_limit_violation",  Decline::limit_exceeded},
    {"invalid_card_type",           Decline::invalid_account},
    {"invalid_card",                Decline::incorrect_number},
    {"invalid_expire_date",         Decline::expired_card},
    {"invalid_cardholder",          Decline::incorrect_number},
    {"invalid_otp_code",            Decline::authentication_failed},
    {"invalid_3ds_code",            Decline::authentication_failed},
    {"transaction_expired",         Decline::payer_timeout},
    {"attempt_limit_reached",       Decline::authentication_failed},
    {"auth_3ds_required",           Decline::authentication_required},
    {"auth_otp_required",           Decline::authentication_required},
    {"client_auth_failed",          Decline::authentication_failed},
    {"merchant_account_disabled",   Decline::configuration},
    {"customer_blocked",            Decline::suspected_fraud},
    {"card_stolen",                 Decline::lost_or_stolen},
    {"card_lost",                   Decline::lost_or_stolen},
    {"fatal_decline",               Decline::suspected_fraud},  // "never try again", no reason given
    {"aborted",                     Decline::card_declined},    // a 499 without a failureCode
    {"unauthenticated",             Decline::configuration},
    {"permission_denied",           Decline::configuration},
    {"ip_not_allowed",              Decline::configuration},
    {"invalid_argument",            Decline::configuration},
    {"not_found",                   Decline::configuration},
    {"already_exists",              Decline::duplicate},
};
// clang-format on

}  // namespace switchyard::mintcash_words
