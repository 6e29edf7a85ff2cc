// Who may call, what a call must hold, and how MintCash says no.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::mintcash_simulator {

inline Reply error(int status, std::string code, std::string message,
                   Json details = Json::object()) {
  details["requestId"] = new_id("req");
  return {.status = status,
          .body = write_json({{"code", code}, {"message", message}, {"details", details}})};
}

// "pk_test_a:sk_test_b" → "test"; "" for anything else.
inline std::string mode_of(const Request& request, const std::string& revoked) {
  const std::string header(request.header("authorization"));
  if (!header.starts_with("Basic ")) return {};
  const std::string pair = from_base64(header.substr(6)).value_or("");
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos || pair.substr(colon + 1) == revoked) return {};
  for (const std::string mode : {"test", "live"})
    if (pair.starts_with("pk_" + mode + "_") &&
        pair.substr(colon + 1).starts_with("sk_" + mode + "_"))
      return mode;
  return {};
}

inline std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

// A sentence about what is wrong with a new payment; "" if nothing.
inline std::string problem_of(const Json& body, bool needs_billing) {
  const std::string currency = text_at(body, "currency");
  if (text_at(body, "externalId").empty()) return "externalId is missing";
  if (!member_at(body, "amount").is_number_integer() || *integer_at(body, "amount") <= 0)
    return "amount has to be a whole number above zero";
  if (currency.size() != 3 ||
      std::ranges::any_of(currency, [](char c) { return c < 'A' || c > 'Z'; }))
    return "currency is not ISO 4217";
  if (text_at(body, "customer.externalId").empty()) return "customer.externalId is missing";
  if (!text_at(body, "cardToken").empty()) return "";
  if (text_at(body, "customer.email").empty() || text_at(body, "customer.name").empty())
    return "customer.email or customer.name is missing";
  if (text_at(body, "returnUrl").empty()) return "returnUrl is missing";
  return needs_billing && text_at(body, "billing.country").empty() ? "billing is missing" : "";
}

inline constexpr std::string_view expiry_map =
    "01=insufficient_funds,02=card_expired,03=general_fatal_error,04=lost_or_stolen_card,"
    "05=antifraud_error,06=invalid_cvv,07=provider_error,08=issuer_decline";

// With a failing card, the month of the expiry says how it fails.
inline std::string failure_of(const std::string& month, const std::string& all) {
  const std::string map = "," + all + ",";
  const std::size_t at = map.find("," + month + "=");
  if (at == std::string::npos) return "general_decline";
  return map.substr(at + 4, map.find(',', at + 1) - at - 4);
}

}  // namespace switchyard::sandbox::mintcash_simulator
