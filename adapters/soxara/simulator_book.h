// What Soxara keeps and how it writes it down; and its tables of test cards and phones.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/json.h"

namespace switchyard::sandbox::soxara_simulator {

struct Intent {
  std::string id, mode, client_secret, status = "requires_payment_method", currency, created_at;
  std::string description, return_url, failure_code, reference;
  std::int64_t amount = 0, refund_asked = 0, refunded = 0, created_unix = 0;
  Json metadata = Json::object(), payment_method = nullptr, next_action = nullptr;
};

struct Refund {
  std::string id, mode, payment_id, currency, status = "pending", reason, created_at, failure_code;
  std::int64_t amount = 0;
  Json metadata = Json::object();
};

// How a payment ends: "" is success.
struct TestCard {
  std::string_view number;
  std::string_view failure_code;
  std::string_view sentence;
};
constexpr std::string_view challenged_card = "4000002760003184";
constexpr std::string_view disputed_card = "4000000000000341";
// clang-format off
inline constexpr TestCard test_cards[] = {
    {"4242424242424242", "",                   "succeeds"},
    {"4000000000000002", "generic_decline",    "is declined"},
    {"4000000000009995", "INSUFFICIENT_FUNDS", "has too little money"},
    {"4000000000000069", "EXPIRED_CARD",       "has expired"},
    {challenged_card,    "",                   "asks for 3-D Secure"},
    {disputed_card,      "",                   "succeeds, and is disputed later"},
};
// clang-format on

inline std::string failure_of_card(std::string_view number) {
  const auto* card = std::ranges::find(test_cards, number, &TestCard::number);
  return card == std::end(test_cards) ? "CARD_DECLINED" : std::string(card->failure_code);
}

// The same last digits for both networks; any other number says yes.
inline std::string failure_of_phone(std::string_view phone) {
  if (!phone.starts_with("+23188111100") && !phone.starts_with("+23177111100")) return {};
  if (phone.back() == '1') return "user_rejected";
  if (phone.back() == '2') return "PROMPT_TIMEOUT";
  return phone.back() == '3' ? "INSUFFICIENT_FUNDS" : "";
}

inline bool is_e164(std::string_view phone) {
  if (phone.size() < 9 || phone.size() > 16 || phone[0] != '+' || phone[1] == '0') return false;
  return phone.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

inline std::string message_of(std::string_view code) {
  if (code == "user_rejected") return "The customer declined the prompt";
  if (code == "PROMPT_TIMEOUT") return "The customer did not answer the prompt";
  if (code == "INSUFFICIENT_FUNDS") return "There is not enough money";
  return "The payment was declined";
}

inline Json intent_json(const Intent& intent) {
  Json object = {
      {"id", intent.id},
      {"status", intent.status},
      {"amount", intent.amount},
      {"currency", intent.currency},
      {"description", intent.description},
      {"metadata", intent.metadata},
      {"payment_method", intent.payment_method},
      {"amount_refunded", intent.refunded},
      {"failure_code", nullptr},
      {"failure_message", nullptr},
      {"livemode", intent.mode == "live"},
      {"created_at", intent.created_at},
  };
  if (intent.status == "requires_action") object["next_action"] = intent.next_action;
  if (intent.status == "failed") {
    object["failure_code"] = intent.failure_code;
    object["failure_message"] = message_of(intent.failure_code);
  }
  return object;
}

inline Json refund_json(const Refund& refund) {
  Json object = {
      {"id", refund.id},
      {"payment_id", refund.payment_id},
      {"amount", refund.amount},
      {"currency", refund.currency},
      {"status", refund.status},
      {"reason", refund.reason},
      {"metadata", refund.metadata},
      {"created_at", refund.created_at},
  };
  if (!refund.failure_code.empty()) object["failure_code"] = refund.failure_code;
  return object;
}

}  // namespace switchyard::sandbox::soxara_simulator
