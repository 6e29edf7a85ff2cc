// Example Pay's nouns, words and page, for its simulator.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::example_pay {

struct SimCharge {
  std::string id = {};
  std::string reference = {};
  std::string account = {};
  std::string status = {};
  std::int64_t amount = 0;
  std::string currency = {};  // "": a reference closed before it was ever seen
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  bool is_manual = false;
  bool is_open = false;  // rejected, and can still be paid on its page
  std::string code = {};
  std::string token = {};
  std::string network = {};
  std::string number = {};
  std::string page_url = {};
  std::string notify_url = {};
  std::string return_url = {};
  std::string description = {};
  std::string capture_reference = {};
  std::int64_t expires_at = 0;
  bool is_young = false;  // of a liar who keeps it from those who ask

  bool is_payable() const {
    return status == "awaiting_payer" || status == "processing" || status == "marinating" ||
           (status == "rejected" && is_open);
  }
};

struct SimRefund {
  std::string id;
  std::string reference;
  std::string account;
  std::string charge;
  std::string status;
  std::int64_t amount = 0;
  std::string currency;
};

struct Path {
  std::string first, second, third;  // "/charges/ch_1/cancel"
};
inline Path split_path(std::string_view path) {
  Path parts;
  for (std::string* part : {&parts.first, &parts.second, &parts.third}) {
    if (path.empty()) break;
    path.remove_prefix(1);
    *part = path.substr(0, path.find('/'));
    path.remove_prefix(part->size());
  }
  return parts;
}

inline int decimals_of(std::string_view currency) {
  static const std::set<std::string_view> none = {"IDR", "JPY", "UGX", "XAF", "XOF"};
  return none.contains(currency) ? 0 : currency == "TND" ? 3 : 2;
}

inline std::string decimal(std::int64_t amount, std::string_view currency) {
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  std::string digits = std::to_string(amount);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  return digits;
}

inline std::optional<std::int64_t> minor_units(std::string_view text, std::string_view currency) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  std::string fraction(point < text.size() ? text.substr(point + 1) : "");
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  if (digits.empty() || fraction.size() > decimals || (point < text.size() && fraction.empty()))
    return {};
  digits += fraction + std::string(decimals - fraction.size(), '0');
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  if (error != std::errc() || end != digits.data() + digits.size() || amount < 0) return {};
  return amount;
}

inline Reply refused(int status, std::string code, std::string message) {
  return {status, write_json({{"code", std::move(code)}, {"message", std::move(message)}})};
}

// Keys are sk_test_NAME or sk_live_NAME; the account is NAME.
inline std::optional<Reply> refuse_key(const Request& request, std::string& account) {
  const std::string_view key = request.header("authorization");
  for (const std::string_view start : {"Bearer sk_test_", "Bearer sk_live_"})
    if (key.starts_with(start)) account = key.substr(start.size());
  if (account.empty() || account == "wrong")
    return refused(401, "bad_key", "This key is not known.");
  return std::nullopt;
}

// "" or what is wrong with it.
inline std::string read_charge(const Json& body, SimCharge& charge) {
  static const std::set<std::string> taken = {"EUR", "GBP", "IDR", "JPY", "KES", "LRD",
                                              "NGN", "TND", "UGX", "USD", "XAF", "XOF"};
  charge.reference = text_at(body, "reference");
  charge.currency = text_at(body, "currency");
  charge.is_manual = text_at(body, "capture") == "manual";
  charge.notify_url = text_at(body, "notify_url");
  charge.return_url = text_at(body, "return_url");
  charge.description = text_at(body, "description");
  const auto amount = minor_units(text_at(body, "amount"), charge.currency);
  if (charge.reference.empty()) return "reference is missing.";
  if (!taken.contains(charge.currency)) return "currency is not one we take.";
  if (!amount || *amount == 0) return "amount is not an amount in that currency.";
  charge.amount = *amount;
  return "";
}

// "" for tokens that are not refused. tok_decline_CODE is refused with that code.
inline std::string decline_code_of(std::string_view token) {
  if (token == "tok_declined" || token == "tok_stays_payable_declined") return "card_declined";
  if (token == "tok_insufficient_funds") return "insufficient_funds";
  if (token.starts_with("tok_decline_")) return std::string(token.substr(12));
  return "";
}
inline bool is_token_known(std::string_view token) {
  return token.starts_with("tok_ok") || token == "tok_3ds" || token == "tok_slow" ||
         token == "tok_pending" || token == "tok_new_status" || !decline_code_of(token).empty();
}

inline Json to_json(const SimCharge& charge) {
  Json json = {{"id", charge.id},
               {"reference", charge.reference},
               {"account", charge.account},
               {"status", charge.status}};
  if (charge.currency.empty()) return json;
  json["amount"] = decimal(charge.amount, charge.currency);
  json["currency"] = charge.currency;
  json["captured"] = decimal(charge.captured, charge.currency);
  if (charge.status == "awaiting_payer" && !charge.number.empty())
    json["prompt"] = {{"network", charge.network},
                      {"number", charge.number},
                      {"expires_at", to_rfc3339(from_unix_seconds(charge.expires_at))}};
  else if (charge.status == "awaiting_payer")
    json["approve_url"] = charge.page_url;
  if (charge.status == "rejected") {
    json["code"] = charge.code;
    json["message"] = "Refused: " + charge.code + ".";
    json["open"] = charge.is_open;
  }
  return json;
}

inline Json to_json(const SimRefund& refund) {
  Json json = {{"id", refund.id},
               {"reference", refund.reference},
               {"account", refund.account},
               {"charge", refund.charge},
               {"status", refund.status},
               {"amount", decimal(refund.amount, refund.currency)},
               {"currency", refund.currency}};
  if (refund.status == "failed") {
    json["code"] = "account_closed";
    json["message"] = "The money came back.";
  }
  return json;
}

}  // namespace switchyard::sandbox::example_pay
