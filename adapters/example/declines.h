#pragma once

#include "domain/decline.h"

namespace switchyard {

// [guide: declines]
// Every code in Example Pay's list. One that is missing here becomes `unmapped`, and is counted.
// clang-format off
inline constexpr DeclineRow example_declines[] = {
    {"insufficient_funds", Decline::insufficient_funds},
    {"card_declined",      Decline::card_declined},
    {"do_not_honor",       Decline::do_not_honor},
    {"expired_card",       Decline::expired_card},
    {"wrong_cvc",          Decline::incorrect_cvc},
    {"wrong_number",       Decline::incorrect_number},
    {"lost_card",          Decline::lost_or_stolen},
    {"stolen_card",        Decline::lost_or_stolen},
    {"fraud",              Decline::suspected_fraud},
    {"strong_auth_needed", Decline::authentication_required},
    {"strong_auth_failed", Decline::authentication_failed},
    {"over_limit",         Decline::limit_exceeded},
    {"phone_unknown",      Decline::payer_not_found},
    {"payer_refused",      Decline::payer_rejected},
    {"payer_left",         Decline::payer_rejected},
    {"prompt_timed_out",   Decline::payer_timeout},
    {"account_closed",     Decline::invalid_account},
    {"amount_too_small",   Decline::amount_too_small},
    {"amount_too_large",   Decline::amount_too_large},
    {"currency_not_taken", Decline::currency_not_supported},
    {"issuer_unavailable", Decline::provider_unavailable},
    {"too_many_requests",  Decline::provider_unavailable},
    {"token_unknown",      Decline::configuration},
    {"bad_request",        Decline::configuration},
    {"bad_key",            Decline::configuration},
    {"balance_too_low",    Decline::provider_error},
};
// clang-format on
// [end]

}  // namespace switchyard
