// Every code of Midtrans that says no, and what we call it. Three digits: the status_code of its
// answers, or the HTTP status of Snap's errors; two digits: a card's channel_response_code; OVO's
// own codes mean other things and have a name in front; words: the transaction's status.
#pragma once

#include "domain/decline.h"

namespace switchyard::midtrans_words {

// clang-format off
inline constexpr DeclineRow declines[] = {
    {"202",        Decline::card_declined},         // by the bank or the fraud system
    {"300",        Decline::configuration},
    {"400",        Decline::configuration},
    {"401",        Decline::configuration},
    {"402",        Decline::configuration},         // no access to this payment type
    {"403",        Decline::configuration},
    {"404",        Decline::configuration},         // no such transaction or page
    {"405",        Decline::configuration},
    {"406",        Decline::duplicate},
    {"407",        Decline::payer_timeout},
    {"408",        Decline::configuration},         // a value of the wrong type, not a timeout
    {"409",        Decline::limit_exceeded},        // too many payments with this card number
    {"410",        Decline::configuration},         // the merchant is deactivated
    {"411",        Decline::payer_timeout},         // the card's token has ended
    {"412",        Decline::configuration},         // not in this status
    {"413",        Decline::configuration},         // malformed JSON
    {"414",        Decline::amount_too_large},      // a refund: its amount, or our balance there
    {"429",        Decline::provider_unavailable},
    {"500",        Decline::provider_error},
    {"501",        Decline::provider_error},
    {"502",        Decline::provider_unavailable},
    {"503",        Decline::provider_unavailable},
    {"504",        Decline::provider_unavailable},
    {"505",        Decline::provider_error},        // no VA number could be made
    {"05",         Decline::do_not_honor},
    {"51",         Decline::insufficient_funds},
    {"900",        Decline::provider_unavailable},
    {"ovo_14",     Decline::payer_not_found},
    {"ovo_17",     Decline::payer_rejected},
    {"ovo_26",     Decline::provider_error},        // the push did not reach the phone
    {"ovo_40",     Decline::provider_error},
    {"ovo_68",     Decline::payer_timeout},
    {"deny",       Decline::card_declined},
    {"failure",    Decline::provider_error},
    {"fraud_deny", Decline::suspected_fraud},
};
// clang-format on

}  // namespace switchyard::midtrans_words
