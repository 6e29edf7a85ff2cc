// What Plugipay keeps and how it writes it down, and its table of test cards.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/json.h"

namespace switchyard::sandbox::plugipay_simulator {

struct Session {
  std::string id = {}, scope = {}, mode = {}, account = {}, status = "open", currency = {};
  std::string customer_id = {}, payment_method = {}, adapter = {}, payment_id = {};
  std::string success_url = {}, cancel_url = {}, page_url = {}, reference = {};
  std::string created_at = {}, updated_at = {}, expires_at = {}, completed_at = {};
  std::string awaiting = {};  // the page that waits for the payer: "3ds", "ewallet", "paypal"
  std::string remark = {};    // what the page tells the payer of the last try
  std::int64_t amount = 0, expires_unix = 0, refund_asked = 0;
  Json methods = Json::array(), line_items = Json::array(), metadata = Json::object();

  bool is_over() const {
    return status != "open" && status != "pending" && status != "pending_review";
  }
};

struct Refund {
  std::string id = {}, scope = {}, account = {}, mode = {}, session_id = {}, charge_id = {};
  std::string currency = {}, status = "pending", reason = {}, reference = {};
  std::string failure_code = {}, failure_message = {}, created_at = {}, updated_at = {};
  std::int64_t amount = 0;
  Json metadata = Json::object();
};

// How a card ends: "" is success.
struct TestCard {
  std::string_view number;
  std::string_view refusal;
  std::string_view sentence;
};
constexpr std::string_view challenged_card = "4000002760003184";
// clang-format off
inline constexpr TestCard test_cards[] = {
    {"4242424242424242", "",                                "succeeds"},
    {"4811111111111114", "",                                "succeeds, at Midtrans"},
    {"4000000000000002", "The card was declined.",          "is declined"},
    {"4000000000009995", "The card has too little money.",  "has too little money"},
    {challenged_card,    "",                                "asks for 3-D Secure"},
};
// clang-format on

inline std::string refusal_of_card(std::string_view number) {
  const auto* card = std::ranges::find(test_cards, number, &TestCard::number);
  return card == std::end(test_cards) ? "This card is not known." : std::string(card->refusal);
}

// "va_bca" is a virtual account, "gopay" an e-wallet: the finer names of the pages' contract.
inline std::string group_of(const std::string& method) {
  if (method == "qris") return "qr";
  if (method.starts_with("va")) return "va";
  if (method == "card" || method == "paypal" || method == "retail") return method;
  if (method == "alfamart" || method == "indomaret") return "retail";
  return method == "manual_transfer" ? "offline" : "ewallet";
}

inline Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

inline Json session_json(const Session& session, const Json& customer, bool is_doc) {
  const bool is_complete = is_doc && session.status == "completed";
  Json json = {
      {"id", session.id},
      {"arn", "arn:plugipay:checkout-session:" + session.id},
      {"accountId", session.account},
      {"workspaceName", nullptr},
      {"customerId", or_null(session.customer_id)},
      {"customer", customer},
      {"mode", session.mode},
      {"status", is_complete ? std::string("complete") : session.status},
      {"amount", session.amount},
      {"currency", session.currency},
      {"methods", session.methods},
      {"paymentMethod", or_null(session.payment_method)},
      {"adapter", or_null(session.adapter)},
      {"lineItems", session.line_items},
      {"successUrl", session.success_url},
      {"cancelUrl", session.cancel_url},
      {"expiresAt", session.expires_at},
      {"completedAt", or_null(session.completed_at)},
      {"paymentId", or_null(session.payment_id)},
      {"metadata", session.metadata},
      {"createdAt", session.created_at},
      {"updatedAt", session.updated_at},
  };
  json[is_doc ? "url" : "hostedUrl"] = session.page_url;
  return json;
}

// Only the pages' contract knows payments, and tells of them by webhook.
inline Json payment_json(const Session& session) {
  return {
      {"id", session.payment_id},
      {"amount", session.amount},
      {"currency", session.currency},
      {"status", session.status == "completed" ? "succeeded" : "failed"},
      {"checkoutSessionId", session.id},
      {"metadata", session.metadata},
  };
}

inline Json refund_json(const Refund& refund) {
  return {
      {"id", refund.id},
      {"arn", "arn:plugipay:refund:" + refund.id},
      {"accountId", refund.account},
      {"chargeId", refund.charge_id},
      {"invoiceId", nullptr},
      {"amount", refund.amount},
      {"currency", refund.currency},
      {"reason", or_null(refund.reason)},
      {"status", refund.status},
      {"failureCode", or_null(refund.failure_code)},
      {"failureMessage", or_null(refund.failure_message)},
      {"metadata", refund.metadata},
      {"createdAt", refund.created_at},
      {"updatedAt", refund.updated_at},
  };
}

}  // namespace switchyard::sandbox::plugipay_simulator
