// What MintCash keeps, which changes it allows, and how it writes things down.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace switchyard::sandbox::mintcash_simulator {

struct Card {
  std::string number;  // kept only until it is decided: see Payment::card_json
  bool asks_3ds = false;
  bool succeeds = false;
};

// The vendor's test cards, and their engine's.
// clang-format off
inline const Card test_cards[] = {
    {"5123817234060000", true,  true },
    {"5519283812030000", false, true },
    {"4412397212080000", true,  false},
    {"4302912837020000", false, false},
};
// clang-format on

struct Refund {
  std::string id, external_id, reason, status, failure_code, created_at;
  std::int64_t amount = 0;
};

struct Payment {
  std::string id, mode, external_id, status = "created", currency;
  std::int64_t amount = 0;
  nlohmann::json asked;  // the request as it came: the same key with other data is a conflict
  Json customer = nullptr, billing = nullptr, card = nullptr;
  std::string return_url, callback_url, failure_code, transaction_id, card_token, created_at;
  std::string updated_at;
  std::int64_t opened_at = 0;  // of the page, Unix seconds
  bool has_page = false;
  bool will_succeed = false;
  std::vector<Refund> refunds = {};

  std::int64_t refunded() const {
    std::int64_t sum = 0;
    for (const Refund& each : refunds)
      if (each.status == "succeeded") sum += each.amount;
    return sum;
  }
  bool took_money() const {
    return status == "succeeded" || status == "partially_refunded" || status == "refunded";
  }
  std::int64_t refundable() const { return took_money() ? amount - refunded() : 0; }
};

// From the documentation's table; the same status again is harmless and changes nothing.
inline bool may_become(std::string_view from, std::string_view to) {
  // clang-format off
  static constexpr std::pair<std::string_view, std::string_view> table[] = {
      {"created", "pending"}, {"created", "authorized"}, {"created", "succeeded"}, {"created", "failed"},
      {"pending", "authorized"}, {"pending", "succeeded"}, {"pending", "failed"},
      {"authorized", "succeeded"}, {"authorized", "failed"}, {"authorized", "voided"},
      {"succeeded", "partially_refunded"}, {"succeeded", "refunded"}, {"succeeded", "voided"},
      {"partially_refunded", "partially_refunded"}, {"partially_refunded", "refunded"}, {"partially_refunded", "voided"},
  };
  // clang-format on
  return std::ranges::any_of(table, [&](auto& row) { return row == std::pair(from, to); });
}

inline int exponent_of(std::string_view currency) {
  static constexpr std::string_view none[] = {"JPY", "KRW", "UGX", "VND", "XAF", "XOF", "RWF"};
  static constexpr std::string_view three[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  if (std::ranges::find(none, currency) != std::end(none)) return 0;
  return std::ranges::find(three, currency) != std::end(three) ? 3 : 2;
}

// 4999 as 49.99, 2500 as 25. A double is written back with the digits that it was made from.
inline Json major(std::int64_t amount, std::string_view currency) {
  std::int64_t unit = 1;
  for (int i = exponent_of(currency); i > 0; --i) unit *= 10;
  if (amount % unit == 0) return amount / unit;
  return static_cast<double>(amount) / static_cast<double>(unit);
}

inline Json amount_json(std::int64_t amount, std::string_view currency, bool is_major) {
  return is_major ? major(amount, currency) : Json(amount);
}

inline Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

inline std::string message_of(std::string code) {
  std::ranges::replace(code, '_', ' ');
  if (!code.empty() && code[0] >= 'a') code[0] = static_cast<char>(code[0] - 32);
  return code;
}

inline Json refund_json(const Payment& payment, const Refund& refund, bool is_major) {
  const std::string& currency = payment.currency;
  return {
      {"id", refund.id},
      {"paymentId", payment.id},
      {"externalId", refund.external_id},
      {"amount", amount_json(refund.amount, currency, is_major)},
      {"currency", currency},
      {"status", refund.status},
      {"failureCode", or_null(refund.failure_code)},
      {"failureMessage", or_null(message_of(refund.failure_code))},
      {"providerRefundId", "cpr_" + refund.id.substr(0, 4)},
      {"paymentAmountRefunded", amount_json(payment.refunded(), currency, is_major)},
      {"paymentAmountRefundable", amount_json(payment.refundable(), currency, is_major)},
      {"createdAt", refund.created_at},
  };
}

// What answers and webhooks share.
inline Json payment_json(const Payment& payment, bool is_major) {
  const std::string& currency = payment.currency;
  return {
      {"id", payment.id},
      {"externalId", payment.external_id},
      {"status", payment.status},
      {"amount", amount_json(payment.amount, currency, is_major)},
      {"currency", currency},
      {"providerTransactionId", payment.transaction_id},
      {"failureCode", or_null(payment.failure_code)},
      {"failureMessage", or_null(message_of(payment.failure_code))},
      {"amountRefunded", amount_json(payment.refunded(), currency, is_major)},
      {"amountRefundable", amount_json(payment.refundable(), currency, is_major)},
  };
}

// Real sandbox deliveries leave out what the documentation shows, and write the card otherwise.
inline Json webhook_json(const Payment& payment, bool is_as_documented) {
  Json entity = payment_json(payment, true);
  entity["customer"] = payment.customer;
  entity["billingAddress"] = payment.billing;
  entity["card"] = payment.card;
  if (!is_as_documented) return entity;
  if (payment.card.is_object()) {
    const int year = 2000 + std::atoi(text_at(payment.card, "expYear").c_str());
    entity["card"] = {{"brand", payment.card["brand"]},
                      {"last4", payment.card["last4"]},
                      {"expMonth", std::atoi(text_at(payment.card, "expMonth").c_str())},
                      {"expYear", year}};
  }
  entity["cardToken"] = or_null(payment.card_token);
  entity["createdAt"] = payment.created_at;
  entity["updatedAt"] = payment.updated_at;
  return entity;
}

}  // namespace switchyard::sandbox::mintcash_simulator
