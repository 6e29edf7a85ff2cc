// Who may call, how PayPal says no, and what it made under which key.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/json.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::paypal_simulator {

inline std::string new_debug_id() { return to_hex(random_bytes(7)).substr(1); }

inline Reply answer(int status, const Json& body, const std::string& debug_id = new_debug_id()) {
  return {.status = status, .body = write_json(body), .headers = {{"Paypal-Debug-Id", debug_id}}};
}

inline Reply nothing() { return {.status = 204, .headers = {{"Paypal-Debug-Id", new_debug_id()}}}; }

inline int status_of(std::string_view issue) {
  static constexpr std::pair<std::string_view, int> others[] = {
      {"INVALID_PARAMETER_SYNTAX", 400},
      {"INVALID_PARAMETER_VALUE", 400},
      {"MISSING_REQUIRED_PARAMETER", 400},
      {"INVALID_STRING_LENGTH", 400},
      {"INVALID_STRING_MAX_LENGTH", 400},
      {"INVALID_ARRAY_MAX_ITEMS", 400},
      {"INVALID_ARRAY_MIN_ITEMS", 400},
      {"INVALID_COUNTRY_CODE", 400},
      {"NOT_SUPPORTED", 400},
      {"PAYPAL_REQUEST_ID_REQUIRED", 400},
      {"MALFORMED_REQUEST_JSON", 400},
      {"AUTHENTICATION_FAILURE", 401},
      {"INVALID_ACCOUNT_STATUS", 401},
      {"PERMISSION_DENIED", 403},
      {"CONSENT_NEEDED", 403},
      {"INVALID_RESOURCE_ID", 404},
      {"PREVIOUS_REQUEST_IN_PROGRESS", 409},
      {"UNSUPPORTED_MEDIA_TYPE", 415},
      {"RATE_LIMIT_REACHED", 429},
      {"INTERNAL_SERVER_ERROR", 500},
      {"INTERNAL_SERVICE_ERROR", 500},
      {"SERVICE_UNAVAILABLE", 503},
  };
  for (const auto& [name, status] : others)
    if (name == issue) return status;
  return 422;
}

inline std::string name_of(int status) {
  switch (status) {
    case 400:
      return "INVALID_REQUEST";
    case 401:
      return "AUTHENTICATION_FAILURE";
    case 403:
      return "NOT_AUTHORIZED";
    case 404:
      return "RESOURCE_NOT_FOUND";
    case 409:
      return "RESOURCE_CONFLICT";
    case 415:
      return "UNSUPPORTED_MEDIA_TYPE";
    case 422:
      return "UNPROCESSABLE_ENTITY";
    case 429:
      return "RATE_LIMIT_REACHED";
    case 503:
      return "SERVICE_UNAVAILABLE";
    default:
      return "INTERNAL_SERVER_ERROR";
  }
}

// `redirect` is where the payer can act, on errors that the payer can settle.
inline Reply failure(const std::string& issue, const std::string& redirect = "") {
  const int status = status_of(issue);
  const std::string name = name_of(status), debug_id = new_debug_id();
  Json body = {{"name", name}};
  body["message"] = status == 429 ? "Too many requests. Blocked due to rate limiting."
                                  : "The requested action could not be performed.";
  body["debug_id"] = debug_id;
  if (issue != name) {
    Json detail = {{"issue", issue}};
    detail["description"] = "The simulator says " + issue + ".";
    body["details"] = Json::array({detail});
  }
  body["links"] = Json::array();
  if (!redirect.empty())
    body["links"].push_back({{"href", redirect}, {"rel", "redirect"}, {"method", "GET"}});
  return answer(status, body, debug_id);
}

// A number in JSON stays a number here: PayPal wants its amounts as text.
inline Json body_of(const Request& request) {
  if (request.body.empty()) return Json::object();
  Json json = Json::parse(request.body, nullptr, false);
  return json.is_discarded() ? Json() : json;
}

// The value of a member of the outermost object, byte for byte as it stands there, wherever that
// is; "" if there is none. For JSON that has been parsed before.
inline std::string raw_member(std::string_view json, std::string_view name) {
  int depth = 0;
  bool is_name = false;  // of the member that is being read
  std::size_t begins = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      const std::size_t first = at + 1;
      for (++at; at < json.size() && json[at] != '"'; ++at)
        if (json[at] == '\\') ++at;
      if (depth == 1 && begins == 0) is_name = json.substr(first, at - first) == name;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth == 1 && c == ':' && is_name) {
      begins = at + 1;
    } else if (depth == 1 && begins > 0 && (c == ',' || c == '}')) {
      return std::string(json.substr(begins, at - begins));
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return {};
}

inline bool wants_all(const Request& request) {
  return request.header("prefer").find("return=representation") != std::string_view::npos;
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

// One token serves until it ends, or until the setting `generation` is another.
class Tokens {
 public:
  Reply issue(const Request& request, const std::string& id_and_secret, std::int64_t lasts_sec,
              const std::string& generation, std::int64_t now) {
    const std::string header(request.header("authorization"));
    const auto pair = header.starts_with("Basic ") ? from_base64(header.substr(6)) : std::nullopt;
    if (!pair || *pair != id_and_secret)
      return oauth_error("invalid_client", "Client Authentication failed");
    const Request form = {.query = decode_fields(request.body)};
    if (form.query_value("grant_type") != "client_credentials")
      return answer(
          400, {{"error", "unsupported_grant_type"}, {"error_description", "Grant Type is NULL"}});
    const std::string token = "A21AA" + to_hex(random_bytes(30));
    ends_at_[token + " " + generation] = now + lasts_sec;
    return answer(200, {{"scope", "https://uri.paypal.com/services/applications/webhooks"},
                        {"access_token", token},
                        {"token_type", "Bearer"},
                        {"app_id", "APP-80W284485P519543T"},
                        {"expires_in", lasts_sec},
                        {"nonce", to_hex(random_bytes(16))}});
  }

  // Both shapes are in use: one for tokens that were never issued, one for those that have ended.
  std::optional<Reply> refuse(const Request& request, const std::string& generation,
                              std::int64_t now) const {
    std::string token(request.header("authorization"));
    token = token.starts_with("Bearer ") ? token.substr(7) : "";
    const auto found = ends_at_.find(token + " " + generation);
    if (found == ends_at_.end())
      return oauth_error("invalid_token", "Token signature verification failed");
    return now < found->second ? std::nullopt : std::optional(failure("AUTHENTICATION_FAILURE"));
  }

 private:
  static Reply oauth_error(const char* error, const char* description) {
    return answer(401, {{"error", error}, {"error_description", description}});
  }

  std::map<std::string, std::int64_t> ends_at_;
};

// What a call made under a PayPal-Request-Id. The key belongs to the operation, and refusals are
// not remembered.
class Keys {
 public:
  std::string made_by(const Request& request, std::int64_t now) const {
    const auto found = kept_.find(slot(request));
    return found == kept_.end() || now >= found->second.until ? "" : found->second.made;
  }
  void keep(const Request& request, const std::string& made, std::int64_t until) {
    const bool has_key = !request.header("paypal-request-id").empty();
    if (has_key && !made.empty()) kept_[slot(request)] = {made, until};
  }

 private:
  struct Kept {
    std::string made = {};
    std::int64_t until = 0;
  };
  static std::string slot(const Request& request) {
    return request.path + " " + std::string(request.header("paypal-request-id"));
  }
  std::map<std::string, Kept> kept_;
};

}  // namespace switchyard::sandbox::paypal_simulator
