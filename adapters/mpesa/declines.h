#pragma once

#include <string_view>
#include <vector>

#include "domain/decline.h"

namespace switchyard::mpesa_pay {

// How a prompt ends, as queries and callbacks say it. A code that is missing here is no refusal but
// a word that nobody knows: it is asked about again, counted, and shown to the operator.
// clang-format off
inline constexpr DeclineRow results[] = {
    {"1",    Decline::insufficient_funds},
    {"2",    Decline::amount_too_small},
    {"3",    Decline::amount_too_large},
    {"4",    Decline::limit_exceeded},         // of the payer's day
    {"17",   Decline::provider_error},         // a rule of the receiving side
    {"26",   Decline::provider_unavailable},   // busy
    {"1001", Decline::provider_error},         // another prompt is open: in 1 to 3 minutes
    {"1019", Decline::payer_timeout},
    {"1025", Decline::provider_error},         // the prompt could not be sent: texts too long?
    {"9999", Decline::provider_error},         // the same
    {"1032", Decline::payer_rejected},         // some phones say so of an ignored prompt too
    {"1037", Decline::payer_timeout},
    {"2001", Decline::authentication_failed},  // the payer's PIN
};

// What the gateway says about a request that it did not let through.
inline constexpr DeclineRow errors[] = {
    {"400.002.02", Decline::configuration},
    {"401.003.01", Decline::configuration},
    {"404.001.03", Decline::configuration},
    {"401",        Decline::configuration},         // without a body
    {"429",        Decline::provider_unavailable},  // too many calls; its body is not ours to know
};

// Where the same code means something else of a reversal, which is a call of the back office.
inline constexpr DeclineRow reversal_results[] = {
    {"2001", Decline::configuration},  // the initiator or its credential
};
// clang-format on

inline std::vector<DeclineRow> every_code() {
  std::vector<DeclineRow> all(std::begin(results), std::end(results));
  all.insert(all.end(), std::begin(errors), std::end(errors));
  return all;
}

inline Decline decline_of_reversal(std::string_view code) {
  const Decline decline = decline_from(reversal_results, code);
  return decline == Decline::unmapped ? decline_from(results, code) : decline;
}

}  // namespace switchyard::mpesa_pay
