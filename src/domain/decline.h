// Why a payment did not go through: the closed list of reasons, each with its advice to the
// merchant and whether another account may be tried.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace switchyard {

enum class Decline {
  insufficient_funds,
  card_declined,
  do_not_honor,
  expired_card,
  incorrect_cvc,
  incorrect_number,
  lost_or_stolen,
  suspected_fraud,
  authentication_required,
  authentication_failed,
  limit_exceeded,
  payer_not_found,
  payer_rejected,
  payer_timeout,
  invalid_account,
  currency_not_supported,
  amount_too_small,
  amount_too_large,
  duplicate,
  provider_error,
  provider_unavailable,
  configuration,
  unmapped,
};

// Whether another account may be tried after this reason: at most one more, or as the route says.
enum class Cascade { never, once, yes };

struct DeclineInfo {
  Decline decline;
  std::string_view name;    // as in "decline_code"
  std::string_view advice;  // try_another_method | try_again_later | ask_customer | contact_support
                            // | do_not_retry
  Cascade cascade;
  std::string_view sentence;  // for the merchant
};

const DeclineInfo& info_of(Decline decline);
std::span<const DeclineInfo> all_declines();
std::optional<Decline> find_decline(std::string_view name);

// An adapter's table: the provider's code → our reason. Codes are compared in lower case.
struct DeclineRow {
  std::string_view provider_code;
  Decline decline;
};
// Unmapped for a code that the table does not hold.
Decline decline_from(std::span<const DeclineRow> table, std::string_view provider_code);

}  // namespace switchyard
