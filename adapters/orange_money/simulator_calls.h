// Who may call, what a call must hold, and how Orange says no.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::orange_money_simulator {

inline Reply error(int status, int code, std::string_view message, std::string_view description) {
  return {.status = status,
          .body = write_json({{"code", code}, {"message", message}, {"description", description}})};
}

inline std::string bearer_of(const Request& request) {
  const std::string_view header = request.header("authorization");
  return header.starts_with("Bearer ") ? std::string(header.substr(7)) : std::string();
}

// Of "Basic base64(id:secret)": the id; "" for anything else.
inline std::string client_of(const Request& request) {
  const std::string_view header = request.header("authorization");
  if (!header.starts_with("Basic ")) return {};
  const std::string pair = from_base64(header.substr(6)).value_or("");
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos || colon + 1 == pair.size()) return {};
  return pair.substr(0, colon);
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

inline std::string digits_of(std::string_view text) {
  std::string digits(text);
  std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
  return digits;
}

inline bool is_whole_amount(const Json& body) { return integer_at(body, "amount").value_or(0) > 0; }

inline bool is_short_url(const std::string& url) {
  return url.size() <= 120 && (url.starts_with("https://") || url.starts_with("http://"));
}

// A sentence about what is wrong with a new payment; "" if nothing.
inline std::string problem_of(const Json& body) {
  for (const auto* name : {"merchant_key", "currency", "order_id", "lang", "reference"})
    if (text_at(body, name).empty()) return std::string(name) + " is missing";
  for (const auto* name : {"order_id", "reference"})
    if (text_at(body, name).size() > 30) return std::string(name) + " is longer than 30 characters";
  for (const auto* name : {"return_url", "cancel_url", "notif_url"})
    if (!is_short_url(text_at(body, name)))
      return std::string(name) + " has to be an absolute URL of at most 120 characters";
  const std::string lang = text_at(body, "lang");
  if (lang != "fr" && lang != "en") return "lang has to be fr or en";
  return is_whole_amount(body) ? "" : "amount has to be a whole number above zero";
}

}  // namespace switchyard::sandbox::orange_money_simulator
