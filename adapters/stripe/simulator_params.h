// What a request to Stripe carries: a form with nested names, and what may stand in it.
#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/wire.h"

namespace switchyard::sandbox::stripe_simulator {

// An answer with an error. Those that are given before a request begins are not kept for its key.
struct Refusal {
  int status = 400;
  Json error;
  bool is_kept = false;
  Fields headers = {};
};

inline Refusal refuse(int status, std::string_view code, std::string message,
                      std::string_view param = {}, bool is_kept = false) {
  Json error = Json::object();
  if (!code.empty()) {
    error["code"] = code;
    std::string page(code);
    std::replace(page.begin(), page.end(), '_', '-');
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + page;
  }
  error["message"] = std::move(message);
  if (!param.empty()) error["param"] = param;
  error["type"] = "invalid_request_error";
  return {status, std::move(error), is_kept};
}

inline Refusal no_such(std::string_view kind, std::string_view id, std::string_view param,
                       int status = 404) {
  return refuse(status, "resource_missing",
                "No such " + std::string(kind) + ": '" + std::string(id) + "'", param);
}

class Params {
 public:
  explicit Params(const Fields& fields) {
    for (const auto& [name, value] : fields) values_[name] = value;
  }

  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  bool is_true(const std::string& name) const { return text(name) == "true"; }
  // Nullopt: absent or no whole number.
  std::optional<std::int64_t> integer(const std::string& name) const {
    const std::string value = text(name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (value.empty() || error != std::errc() || end != value.data() + value.size()) return {};
    return number;
  }
  std::vector<std::string> list(const std::string& name) const {
    std::vector<std::string> all;
    for (const auto& [each, value] : values_)
      if (general(each) == name + "[]") all.push_back(value);
    return all;
  }
  // The members of metadata[…] or payment_intent_data[metadata][…].
  Json members(const std::string& prefix) const {
    Json all = Json::object();
    for (const auto& [name, value] : values_)
      if (name.starts_with(prefix + "[") && name.ends_with("]") && !value.empty())
        all[name.substr(prefix.size() + 1, name.size() - prefix.size() - 2)] = value;
    return all;
  }
  // Patterns are names with [] for any index, or end in * and take whatever follows.
  std::optional<Refusal> find_unknown(std::span<const std::string_view> patterns) const {
    for (const auto& [name, value] : values_) {
      const std::string asked = general(name);
      const bool is_known =
          std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
            return pattern.ends_with('*') ? asked.starts_with(pattern.substr(0, pattern.size() - 1))
                                          : asked == pattern;
          });
      if (!is_known && asked != "expand[]")
        return refuse(400, "parameter_unknown", "Received unknown parameter: " + name, name);
    }
    return std::nullopt;
  }
  std::string fingerprint() const { return write_json(Json(values_)); }

 private:
  static std::string general(const std::string& name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
      out += name[i];
      if (name[i] != '[') continue;
      const std::size_t end = std::min(name.find(']', i), name.size());
      if (name.find_first_not_of("0123456789", i + 1) == end) i = end - 1;
    }
    return out;
  }

  std::map<std::string, std::string> values_;
};

inline std::optional<Refusal> check_metadata(const Params& params, const std::string& prefix) {
  const Json members = params.members(prefix);
  if (members.size() > 50) return refuse(400, "", "Metadata can have up to 50 keys.", prefix);
  for (const auto& [key, value] : members.items())
    if (key.size() > 40 || key.find_first_of("[]") != std::string::npos ||
        value.get_ref<const std::string&>().size() > 500)
      return refuse(400, "", "A metadata key or value is too long or holds brackets.",
                    prefix + "[" + key + "]");
  return std::nullopt;
}

// Whether Stripe can charge this amount: its own table of minor units, and its limits.
inline std::optional<Refusal> check_amount(const Params& params, const std::string& amount_name,
                                           const std::string& currency_name) {
  constexpr std::string_view three_decimals = "bhd jod kwd omr tnd";
  constexpr std::string_view hundreds = "isk ugx";
  constexpr std::pair<std::string_view, std::int64_t> smallest[] = {
      {"usd", 50},  {"eur", 50},  {"gbp", 30},    {"jpy", 50},   {"aed", 200}, {"czk", 1500},
      {"dkk", 250}, {"hkd", 400}, {"huf", 17500}, {"mxn", 1000}, {"nok", 300}, {"thb", 1000}};
  if (!params.has(amount_name))
    return refuse(400, "parameter_missing", "Missing required param: " + amount_name + ".",
                  amount_name);
  const auto amount = params.integer(amount_name);
  if (!amount || *amount < 1)
    return refuse(400, "parameter_invalid_integer", "Invalid positive integer", amount_name);
  const std::string currency = params.text(currency_name);
  if (currency.empty())
    return refuse(400, "parameter_missing", "Missing required param: " + currency_name + ".",
                  currency_name);
  if (currency.size() != 3 || currency.find_first_not_of("abcdefghijklmnopqrstuvwxyz") < 3)
    return refuse(400, "", "Invalid currency: " + currency, currency_name);
  for (const auto& [code, least] : smallest)
    if (code == currency && *amount < least)
      return refuse(400, "amount_too_small", "The amount is too small.", amount_name);
  if (*amount > 999'999'999'999)
    return refuse(400, "amount_too_large", "The amount is too large.", amount_name);
  if ((three_decimals.find(currency) != std::string_view::npos && *amount % 10 != 0) ||
      (hundreds.find(currency) != std::string_view::npos && *amount % 100 != 0))
    return refuse(400, "", "The amount cannot be charged in " + currency + ".", amount_name);
  return std::nullopt;
}

}  // namespace switchyard::sandbox::stripe_simulator
