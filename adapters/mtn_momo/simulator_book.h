// What MTN MoMo keeps, how it writes it down, its countries and its test numbers.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace switchyard::sandbox::mtn_momo_simulator {

struct ApiUser {
  std::string callback_host;  // "": any
  std::string api_key;
};

struct Token {
  std::string product;
  std::string callback_host;  // of its API user
  std::int64_t ends_at = 0;
};

// A request to pay, or a refund of one. The id is the caller's.
struct Transaction {
  std::string id, product, environment, amount, currency, external_id, message, note;
  std::string status = "PENDING", reason, transaction_id, callback_url;
  Json party = nullptr;     // who pays, or is paid back
  bool is_visible = true;   // to those who ask
  bool is_ripe = false;     // succeeds when somebody asks again
  bool is_on_phone = true;  // the prompt is open
  std::int64_t order = 0;   // of arrival

  bool is_refund() const { return product == "disbursement"; }
  std::string phone() const { return text_at(party, "partyId"); }
};

struct Country {
  std::string_view environment;
  std::string_view currency;
};
// clang-format off
inline constexpr Country countries[] = {
    {"sandbox", "EUR"},      {"mtnuganda", "UGX"},   {"mtnghana", "GHS"},
    {"mtnrwanda", "RWF"},    {"mtnzambia", "ZMW"},   {"mtnbenin", "XOF"},
    {"mtnivorycoast", "XOF"}, {"mtncameroon", "XAF"}, {"mtncongo", "XAF"},
    {"mtnguineaconakry", "GNF"}, {"mtnliberia", "LRD"}, {"mtnswaziland", "SZL"},
    {"mtnsouthafrica", "ZAR"},
};
// clang-format on

// "" for an environment that there is not.
inline std::string currency_of(std::string_view environment) {
  for (const Country& each : countries)
    if (each.environment == environment) return std::string(each.currency);
  return {};
}

inline int decimals_of(std::string_view currency) {
  static constexpr std::string_view whole[] = {"XAF", "XOF", "UGX", "RWF", "GNF"};
  return std::ranges::find(whole, currency) == std::end(whole) ? 2 : 0;
}

// "15.5" EUR is 1550, "1500" XAF 1500. Nullopt for what is no amount above zero of that currency.
inline std::optional<std::int64_t> minor_units(std::string_view amount, std::string_view currency) {
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  const std::size_t point = std::min(amount.find('.'), amount.size());
  std::string digits(amount.substr(0, point));
  const std::string fraction(amount.substr(std::min(point + 1, amount.size())));
  const bool has_lone_point = point < amount.size() && fraction.empty();
  if (digits.empty() || has_lone_point || fraction.size() > decimals) return {};
  digits += fraction + std::string(decimals - fraction.size(), '0');
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc() || end != digits.data() + digits.size() || value <= 0) return {};
  return value;
}

// How a prompt ends: `success`, a reason, `ongoing` (success when asked again after a while),
// `pending` (for ever), `ask` (a person decides on the phone's page).
struct TestNumber {
  std::string_view phone;
  std::string_view outcome;
};
// clang-format off
inline constexpr TestNumber test_numbers[] = {
    {"46733123450", "INTERNAL_PROCESSING_ERROR"},
    {"46733123451", "APPROVAL_REJECTED"},
    {"46733123452", "EXPIRED"},
    {"46733123453", "ongoing"},
    {"46733123454", "pending"},
};
// clang-format on

// The habits of an operator: how a reason and an amount are written.
struct Manners {
  bool has_reason_objects = false;
  bool has_two_decimals = false;  // "1500.00", whatever the currency
};

inline Json reason_json(const std::string& reason, const Manners& manners) {
  if (!manners.has_reason_objects) return reason;
  std::string message = reason;
  std::ranges::replace(message, '_', ' ');
  return {{"code", reason}, {"message", message}};
}

// Of answers and callbacks.
inline Json status_json(const Transaction& it, const Manners& manners) {
  Json body = Json::object();
  // In the sandbox it is there before anything was paid.
  if (it.status == "SUCCESSFUL" || it.environment == "sandbox")
    body["financialTransactionId"] = it.transaction_id;
  body["externalId"] = it.external_id;
  body["amount"] = it.amount;
  if (manners.has_two_decimals && it.amount.find('.') == std::string::npos)
    body["amount"] = it.amount + ".00";
  body["currency"] = it.currency;
  body[it.is_refund() ? "payee" : "payer"] = it.party;
  if (!it.message.empty()) body["payerMessage"] = it.message;
  if (!it.note.empty()) body["payeeNote"] = it.note;
  body["status"] = it.status;
  if (!it.reason.empty()) body["reason"] = reason_json(it.reason, manners);
  return body;
}

}  // namespace switchyard::sandbox::mtn_momo_simulator
