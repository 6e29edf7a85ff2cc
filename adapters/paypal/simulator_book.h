// What PayPal keeps, in which amounts, and how it writes it down.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"

namespace switchyard::sandbox::paypal_simulator {

constexpr std::string_view payer_id = "QX7ZRW4N2D8TU";
constexpr std::string_view merchant_id = "C7KMZ9P2WD4RA";

struct Order {
  std::string id = {}, intent = {}, status = {}, currency = {};
  Json unit = nullptr;  // as it was sent
  std::string custom_id = {}, invoice_id = {}, return_url = {}, cancel_url = {}, brand_name = {};
  std::string created_at = {}, updated_at = {};
  std::int64_t amount = 0, created_unix = 0;
  bool has_source = false;                 // the request named PayPal as the source
  std::string plan = {};                   // what the payer's choice makes of the capture
  std::string authorization = {};          // its id
  std::vector<std::string> captures = {};  // their ids
};

struct Authorization {
  std::string id = {}, order_id = {}, status = "CREATED", custom_id = {}, invoice_id = {};
  std::string currency = {}, created_at = {}, updated_at = {}, expires_at = {};
  std::int64_t amount = 0, captured = 0, created_unix = 0;
};

struct Capture {
  std::string id = {}, order_id = {}, authorization_id = {}, status = {}, reason = {};
  std::string custom_id = {}, invoice_id = {}, currency = {}, created_at = {}, updated_at = {};
  std::int64_t amount = 0, refund_asked = 0, refunded = 0;
  bool is_final = true;
};

struct Refund {
  std::string id = {}, capture_id = {}, order_id = {}, status = {}, reason = {}, custom_id = {};
  std::string invoice_id = {}, note = {}, currency = {}, created_at = {}, updated_at = {};
  std::int64_t amount = 0, total = 0;
};

inline std::string new_object_id() {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKLMNPRSTUVWXY";
  std::string id;
  for (const char c : random_bytes(17)) id += letters[static_cast<unsigned char>(c) % 32];
  return id;
}

// -1: PayPal does not take it. Nothing but these.
inline int decimals_of(std::string_view currency) {
  static constexpr std::string_view none[] = {"HUF", "JPY", "TWD"};
  static constexpr std::string_view two[] = {"AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK",
                                             "EUR", "GBP", "HKD", "ILS", "MXN", "MYR", "NOK",
                                             "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"};
  if (std::ranges::find(none, currency) != std::end(none)) return 0;
  return std::ranges::find(two, currency) != std::end(two) ? 2 : -1;
}

inline Json money_json(std::int64_t amount, const std::string& currency) {
  std::string value = std::to_string(amount);
  if (decimals_of(currency) == 2) {
    if (value.size() < 3) value.insert(0, 3 - value.size(), '0');
    value.insert(value.size() - 2, ".");
  }
  return {{"currency_code", currency}, {"value", value}};
}

// What was asked for, in the currency's smallest unit there, or why it is none.
struct Asked {
  std::string currency = {};
  std::int64_t amount = 0;
  std::string issue = {};
};

inline Asked read_money(const Json& said) {
  Asked asked = {.currency = text_at(said, "currency_code")};
  std::string value = text_at(said, "value");
  const bool is_negative = value.starts_with('-');
  if (is_negative) value.erase(0, 1);
  const std::size_t point = std::min(value.find('.'), value.size());
  const std::string whole = value.substr(0, point);
  const std::string fraction = value.substr(std::min(point + 1, value.size()));
  const std::string digits = whole + fraction;
  const int decimals = decimals_of(asked.currency);
  if (digits.empty() || value.size() > 32 || (point < value.size() && fraction.empty()) ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    asked.issue = "INVALID_PARAMETER_SYNTAX";
  else if (decimals < 0)
    asked.issue = "INVALID_CURRENCY_CODE";
  else if (decimals == 0 && point < value.size())
    asked.issue = "DECIMALS_NOT_SUPPORTED";
  else if (fraction.size() > 2)
    asked.issue = "DECIMAL_PRECISION";
  else if (whole.size() > 15)
    asked.issue = "MAX_VALUE_EXCEEDED";
  else
    asked.amount = std::stoll("0" + whole + fraction) * (fraction.size() == 1                ? 10
                                                         : fraction.empty() && decimals == 2 ? 100
                                                                                             : 1);
  if (asked.issue.empty() && (is_negative || asked.amount <= 0))
    asked.issue = "CANNOT_BE_ZERO_OR_NEGATIVE";
  return asked;
}

inline Json link(const std::string& href, const char* rel, const char* method) {
  return {{"href", href}, {"rel", rel}, {"method", method}};
}

inline void add(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

inline Json payee_json() {
  return {{"email_address", "sb-seller2210@business.example.com"}, {"merchant_id", merchant_id}};
}

inline bool is_refused(const Capture& capture) {
  return capture.status == "DECLINED" || capture.status == "FAILED";
}

// What PayPal keeps of a payment: 2.99 % and 35 of the smallest unit, if there is as much.
inline std::int64_t fee_of(std::int64_t amount) {
  return std::min(amount, amount / 10'000 * 299 + amount % 10'000 * 299 / 10'000 + 35);
}

// Only money that came has a fee and can be given back.
inline Json capture_json(const Capture& capture, const std::string& base) {
  const bool is_paid = capture.status != "PENDING" && !is_refused(capture);
  const std::string self = base + "/v2/payments/captures/" + capture.id;
  const std::string above = capture.authorization_id.empty()
                                ? base + "/v2/checkout/orders/" + capture.order_id
                                : base + "/v2/payments/authorizations/" + capture.authorization_id;
  Json json = {{"id", capture.id}, {"status", capture.status}};
  if (!capture.reason.empty()) json["status_details"] = {{"reason", capture.reason}};
  json["amount"] = money_json(capture.amount, capture.currency);
  json["final_capture"] = capture.is_final;
  add(json, "custom_id", capture.custom_id);
  add(json, "invoice_id", capture.invoice_id);
  json["seller_protection"] = {{"status", "NOT_ELIGIBLE"}};
  if (is_paid) {
    const std::int64_t fee = fee_of(capture.amount);
    Json breakdown;
    breakdown["gross_amount"] = money_json(capture.amount, capture.currency);
    breakdown["paypal_fee"] = money_json(fee, capture.currency);
    breakdown["net_amount"] = money_json(capture.amount - fee, capture.currency);
    json["seller_receivable_breakdown"] = breakdown;
  }
  json["links"] = Json::array({link(self, "self", "GET")});
  if (is_paid) json["links"].push_back(link(self + "/refund", "refund", "POST"));
  json["links"].push_back(link(above, "up", "GET"));
  json["create_time"] = capture.created_at;
  json["update_time"] = capture.updated_at;
  return json;
}

inline Json authorization_json(const Authorization& hold, const std::string& base) {
  const std::string self = base + "/v2/payments/authorizations/" + hold.id;
  Json json = {{"id", hold.id}, {"status", hold.status}};
  json["amount"] = money_json(hold.amount, hold.currency);
  add(json, "custom_id", hold.custom_id);
  add(json, "invoice_id", hold.invoice_id);
  json["expiration_time"] = hold.expires_at;
  json["links"] =
      Json::array({link(self, "self", "GET"), link(self + "/capture", "capture", "POST"),
                   link(self + "/void", "void", "POST"),
                   link(base + "/v2/checkout/orders/" + hold.order_id, "up", "GET")});
  json["create_time"] = hold.created_at;
  json["update_time"] = hold.updated_at;
  return json;
}

inline Json refund_json(const Refund& refund, const std::string& base) {
  Json json = {{"id", refund.id}, {"status", refund.status}};
  if (!refund.reason.empty()) json["status_details"] = {{"reason", refund.reason}};
  json["amount"] = money_json(refund.amount, refund.currency);
  add(json, "custom_id", refund.custom_id);
  add(json, "invoice_id", refund.invoice_id);
  add(json, "note_to_payer", refund.note);
  Json breakdown;
  breakdown["gross_amount"] = money_json(refund.amount, refund.currency);
  breakdown["paypal_fee"] = money_json(0, refund.currency);
  breakdown["net_amount"] = money_json(refund.amount, refund.currency);
  breakdown["total_refunded_amount"] = money_json(refund.total, refund.currency);
  json["seller_payable_breakdown"] = breakdown;
  json["links"] =
      Json::array({link(base + "/v2/payments/refunds/" + refund.id, "self", "GET"),
                   link(base + "/v2/payments/captures/" + refund.capture_id, "up", "GET")});
  json["create_time"] = refund.created_at;
  json["update_time"] = refund.updated_at;
  return json;
}

inline std::string payer_page_of(const Order& order, const std::string& base) {
  return base + "/checkoutnow?token=" + order.id;
}

// With its captures and authorization in `payments`, null when there are none.
inline Json order_json(const Order& order, const Json& payments, const std::string& base) {
  const std::string self = base + "/v2/checkout/orders/" + order.id;
  const bool is_approved = order.status == "APPROVED" || order.status == "COMPLETED";
  const Json payer = {{"name", {{"given_name", "Ana"}, {"surname", "Moreno"}}},
                      {"email_address", "sb-buyer7714@personal.example.com"},
                      {"payer_id", payer_id},
                      {"address", {{"country_code", "DE"}}}};
  Json json = {{"id", order.id}, {"intent", order.intent}, {"status", order.status}};
  if (order.has_source) {
    Json source = Json::object();
    if (is_approved)
      source = {{"email_address", payer["email_address"]},
                {"account_id", payer_id},
                {"account_status", "VERIFIED"},
                {"name", payer["name"]},
                {"address", payer["address"]}};
    json["payment_source"]["paypal"] = source;
  }
  Json unit = order.unit;
  if (!unit.contains("reference_id")) unit["reference_id"] = "default";
  unit["payee"] = payee_json();
  if (payments.is_object()) unit["payments"] = payments;
  json["purchase_units"] = Json::array({unit});
  if (is_approved) json["payer"] = payer;
  json["create_time"] = order.created_at;
  if (!order.updated_at.empty()) json["update_time"] = order.updated_at;
  json["links"] = Json::array({link(self, "self", "GET")});
  if (order.status != "COMPLETED") {
    const char* rel = order.has_source ? "payer-action" : "approve";
    const std::string action = order.intent == "CAPTURE" ? "capture" : "authorize";
    if (!is_approved) json["links"].push_back(link(payer_page_of(order, base), rel, "GET"));
    if (is_approved || !order.has_source)
      json["links"].push_back(link(self + "/" + action, action.c_str(), "POST"));
  }
  return json;
}

// What `Prefer: return=minimal`, the default, leaves of an answer.
inline Json short_of(const Json& json) {
  return {{"id", json["id"]}, {"status", json["status"]}, {"links", json["links"]}};
}

}  // namespace switchyard::sandbox::paypal_simulator
