// Stripe's test cards, by number, payment method and token. docs.stripe.com/testing, read 2026-11.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::sandbox::stripe_simulator {

enum class Authentication { none, on_session, always };
enum class Later { nothing, refund_is_pending, refund_fails, dispute };

struct TestCard {
  std::string_view number;
  std::string_view method;
  std::string_view token;
  std::string_view brand = "visa";
  // Empty: it pays.
  std::string_view code = {};
  std::string_view decline_code = {};
  std::string_view advice = {};
  std::string_view param = {};
  Authentication authentication = Authentication::none;
  Later later = Later::nothing;
};

// clang-format off
inline constexpr TestCard test_cards[] = {
    {"4242424242424242", "pm_card_visa", "tok_visa"},
    {"4000056655665556", "pm_card_visa_debit", "tok_visa_debit"},
    {"5555555555554444", "pm_card_mastercard", "tok_mastercard", "mastercard"},
    {"378282246310005", "pm_card_amex", "tok_amex", "amex"},
    {"6011111111111117", "pm_card_discover", "tok_discover", "discover"},
    {"3056930009020004", "pm_card_diners", "tok_diners", "diners"},
    {"3566002020360505", "pm_card_jcb", "tok_jcb", "jcb"},
    {"6200000000000005", "pm_card_unionpay", "tok_unionpay", "unionpay"},
    {"4000000000000077", "pm_card_bypassPending", "tok_bypassPending"},
    {"4000000000009235", "pm_card_riskLevelElevated", ""},
    {"4000000000000002", "pm_card_visa_chargeDeclined", "tok_visa_chargeDeclined", "visa",
     "card_declined", "generic_decline", "try_again_later"},
    {"4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds",
     "tok_visa_chargeDeclinedInsufficientFunds", "visa",
     "card_declined", "insufficient_funds", "try_again_later"},
    {"4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "tok_visa_chargeDeclinedLostCard",
     "visa", "card_declined", "lost_card", "do_not_try_again"},
    {"4000000000009979", "pm_card_visa_chargeDeclinedStolenCard",
     "tok_visa_chargeDeclinedStolenCard", "visa", "card_declined", "stolen_card", "do_not_try_again"},
    {"4000000000000069", "pm_card_chargeDeclinedExpiredCard", "tok_chargeDeclinedExpiredCard",
     "visa", "expired_card", "expired_card", "confirm_card_data", "exp_month"},
    {"4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "tok_chargeDeclinedIncorrectCvc",
     "visa", "incorrect_cvc", "incorrect_cvc", "confirm_card_data", "cvc"},
    {"4000000000000101", "pm_card_cvcCheckFail", "", "visa", "incorrect_cvc", "incorrect_cvc",
     "confirm_card_data", "cvc"},
    {"4000000000000119", "pm_card_chargeDeclinedProcessingError",
     "tok_chargeDeclinedProcessingError", "visa", "processing_error", "processing_error",
     "try_again_later"},
    {"4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
     "tok_visa_chargeDeclinedVelocityLimitExceeded", "visa", "card_declined",
     "card_velocity_exceeded"},
    {"", "pm_card_chargeDeclinedFraudulent", "tok_visa_chargeDeclinedFraudulent", "visa",
     "card_declined", "fraudulent"},
    {"4100000000000019", "pm_card_radarBlock", "", "visa", "card_declined", "fraudulent"},
    {"4000000000000341", "pm_card_chargeCustomerFail", "tok_chargeCustomerFail", "visa",
     "card_declined", "generic_decline", "try_again_later"},
    {"4000002500003155", "pm_card_authenticationRequiredOnSetup", "", "visa", "", "", "", "",
     Authentication::always},
    {"4000002760003184", "pm_card_authenticationRequired", "", "visa", "", "", "", "",
     Authentication::always},
    {"4000003800000446", "pm_card_authenticationRequiredSetupForOffSession", "", "visa", "", "", "",
     "", Authentication::on_session},
    {"4000008260003178", "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds", "",
     "visa", "card_declined", "insufficient_funds", "try_again_later", "", Authentication::always},
    {"4000000000007726", "pm_card_pendingRefund", "tok_pendingRefund", "visa", "", "", "", "",
     Authentication::none, Later::refund_is_pending},
    {"4000000000005126", "pm_card_refundFail", "tok_refundFail", "visa", "", "", "", "",
     Authentication::none, Later::refund_fails},
    {"4000000000000259", "pm_card_createDispute", "tok_createDispute", "visa", "", "", "", "",
     Authentication::none, Later::dispute},
};
// clang-format on

inline bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool is_doubled = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, is_doubled = !is_doubled) {
    if (*digit < '0' || *digit > '9') return false;
    const int value = (*digit - '0') * (is_doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return digits.size() >= 12 && digits.size() <= 19 && sum % 10 == 0;
}

// Null: no test card of that name.
inline const TestCard* find_card(std::string_view name) {
  for (const TestCard& card : test_cards)
    if (!name.empty() && (card.method == name || card.token == name || card.number == name))
      return &card;
  return nullptr;
}

// A number that is not of the list but could be one pays like the first.
inline const TestCard* find_number(std::string_view number) {
  if (const TestCard* card = find_card(number)) return card;
  return passes_luhn(number) ? &test_cards[0] : nullptr;
}

inline std::string last4_of(const TestCard& card) {
  return card.number.empty() ? "0019" : std::string(card.number.substr(card.number.size() - 4));
}

}  // namespace switchyard::sandbox::stripe_simulator
