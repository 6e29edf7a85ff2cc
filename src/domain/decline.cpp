#include "domain/decline.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string>

#include "base/text.h"

namespace switchyard {
namespace {

constexpr std::string_view another_method = "try_another_method";
constexpr std::string_view later = "try_again_later";
constexpr std::string_view ask = "ask_customer";
constexpr std::string_view support = "contact_support";
constexpr std::string_view stop = "do_not_retry";

// The last column but one asks: could another account answer differently, and is asking it
// harmless?
//   never: the reason lies with the payer, the card or the wallet, which stay the same elsewhere;
//   or
//          asking again would look like fraud, prompt a payer who said no, or charge twice.
//   once:  the issuer or the provider did not say why. One more look through other eyes is fair;
//          card networks fine those who go on knocking. For a limit nobody says whose it is.
//   yes:   the reason lies with this account or its provider.
// clang-format off
constexpr DeclineInfo table[] = {
    {Decline::insufficient_funds,     "insufficient_funds",     another_method, Cascade::never,
     "The card or wallet does not hold enough money."},
    {Decline::card_declined,          "card_declined",          another_method, Cascade::once,
     "The card was declined and no reason was given."},
    {Decline::do_not_honor,           "do_not_honor",           another_method, Cascade::once,
     "The card's bank declined without giving a reason; only the customer can ask the bank."},
    {Decline::expired_card,           "expired_card",           another_method, Cascade::never,
     "The card has expired."},
    {Decline::incorrect_cvc,          "incorrect_cvc",          ask,            Cascade::never,
     "The card's security code is wrong."},
    {Decline::incorrect_number,       "incorrect_number",       ask,            Cascade::never,
     "The card number is wrong."},
    {Decline::lost_or_stolen,         "lost_or_stolen",         stop,           Cascade::never,
     "The card was reported lost or stolen. Tell the customer only that it was declined."},
    {Decline::suspected_fraud,        "suspected_fraud",        stop,           Cascade::never,
     "The payment looks like fraud. Tell the customer only that it was declined."},
    {Decline::authentication_required, "authentication_required", ask,          Cascade::never,
     "The bank wants the customer to prove who they are, and this payment did not offer that."},
    {Decline::authentication_failed,  "authentication_failed",  ask,            Cascade::never,
     "The customer did not prove who they are."},
    {Decline::limit_exceeded,         "limit_exceeded",         another_method, Cascade::once,
     "The amount or number of payments is over a limit of the card, the wallet or the account."},
    {Decline::payer_not_found,        "payer_not_found",        ask,            Cascade::never,
     "No wallet or account belongs to the phone number or name that was given."},
    {Decline::payer_rejected,         "payer_rejected",         ask,            Cascade::never,
     "The customer said no."},
    {Decline::payer_timeout,          "payer_timeout",          ask,            Cascade::never,
     "The customer did not answer in time."},
    {Decline::invalid_account,        "invalid_account",        another_method, Cascade::never,
     "The customer's card, wallet or account is closed, blocked or not of this kind."},
    {Decline::currency_not_supported, "currency_not_supported", another_method, Cascade::yes,
     "The currency cannot be taken this way."},
    {Decline::amount_too_small,       "amount_too_small",       another_method, Cascade::yes,
     "The amount is below the least that can be taken this way."},
    {Decline::amount_too_large,       "amount_too_large",       another_method, Cascade::yes,
     "The amount is above the most that can be taken this way."},
    {Decline::duplicate,              "duplicate",              stop,           Cascade::never,
     "The provider took this for a repetition of an earlier payment. Look at that one first."},
    {Decline::provider_error,         "provider_error",         later,          Cascade::yes,
     "The provider refused because of an error of its own."},
    {Decline::provider_unavailable,   "provider_unavailable",   later,          Cascade::yes,
     "No provider that could take the payment could be reached."},
    {Decline::configuration,          "configuration",          support,        Cascade::yes,
     "The account at the provider is not set up for this payment."},
    {Decline::unmapped,               "unmapped",               another_method, Cascade::once,
     "The provider refused with a code that is not known here yet."},
};
// clang-format on

// info_of reads by position, so the rows stand in the order of the enum, all of them.
constexpr bool stand_in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (table[i].decline != static_cast<Decline>(i)) return false;
  return std::size(table) == static_cast<std::size_t>(Decline::unmapped) + 1;
}
static_assert(stand_in_order());

}  // namespace

const DeclineInfo& info_of(Decline decline) {
  const auto row = static_cast<std::size_t>(decline);
  assert(row < std::size(table));
  return table[row];
}

std::span<const DeclineInfo> all_declines() { return table; }

std::optional<Decline> find_decline(std::string_view name) {
  const auto found = std::ranges::find(table, name, &DeclineInfo::name);
  if (found == std::end(table)) return {};
  return found->decline;
}

Decline decline_from(std::span<const DeclineRow> rows, std::string_view provider_code) {
  const std::string asked = in_lower_case(provider_code);
  for (const DeclineRow& row : rows)
    if (in_lower_case(row.provider_code) == asked) return row.decline;
  return Decline::unmapped;
}

}  // namespace switchyard
