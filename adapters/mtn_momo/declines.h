// Every reason and error code of MTN MoMo, and what we call it. Compared in lower case.
#pragma once

#include "domain/decline.h"

namespace switchyard::mtn_momo_words {

// clang-format off
inline constexpr DeclineRow declines[] = {
    {"payer_not_found",                Decline::payer_not_found},
    {"not_enough_funds",               Decline::insufficient_funds},
    {"payer_limit_reached",            Decline::limit_exceeded},
    {"approval_rejected",              Decline::payer_rejected},
    {"payment_not_approved",           Decline::payer_rejected},
    {"transaction_canceled",           Decline::payer_rejected},
    {"expired",                        Decline::payer_timeout},
    {"could_not_perform_transaction",  Decline::payer_timeout},
    {"sender_account_not_active",      Decline::invalid_account},
    // The payee of a charge is the merchant; of a refund it is the customer (answers.cpp).
    {"payee_not_found",                Decline::configuration},
    {"payee_not_allowed_to_receive",   Decline::configuration},
    {"not_allowed",                    Decline::configuration},
    {"not_allowed_target_environment", Decline::configuration},
    {"invalid_callback_url_host",      Decline::configuration},
    {"invalid_currency",               Decline::configuration},
    {"resource_not_found",             Decline::configuration},
    {"transaction_not_found",          Decline::configuration},
    {"resource_already_exist",         Decline::duplicate},
    // Generic, and often a lack of funds; MTN does not say.
    {"internal_processing_error",      Decline::provider_error},
    {"service_unavailable",            Decline::provider_unavailable},
};
// clang-format on

}  // namespace switchyard::mtn_momo_words
