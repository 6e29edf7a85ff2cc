// Who may call, what a call carries, how Pudgy says no, and the answers that are given again.
#pragma once

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sandbox/wire.h"
#include "web/message.h"

namespace switchyard::sandbox::pudgy_simulator {

inline Reply answer(const Json& object) { return {.status = 200, .body = write_json(object)}; }

inline Reply error(int status, const std::string& type, const std::string& code,
                   const std::string& message, const std::string& param = {}) {
  Json said = {{"type", type}, {"code", code}, {"message", message}};
  said["param"] = param.empty() ? Json() : Json(param);
  said["doc_url"] = "https://docs.pudgypay.dev/errors/" + code;
  return {.status = status, .body = write_json({{"error", said}})};
}

inline Reply invalid(const std::string& param, const std::string& message,
                     const std::string& code = "parameter_invalid") {
  return error(400, "invalid_request_error", code, message, param);
}

inline Reply missing(const std::string& what, const std::string& param = {}) {
  return error(404, "invalid_request_error", "resource_missing", "there is no such " + what, param);
}

struct Caller {
  std::string mode;  // "" for a key that opens nothing
  bool is_publishable = false;
};

// The key picks the mode; only its prefix is checked.
inline Caller caller_of(const Request& request, std::string_view revoked) {
  std::string_view key = request.header("authorization");
  if (!key.starts_with("Bearer ")) return {};
  key.remove_prefix(7);
  if (key == revoked) return {};
  for (const std::string mode : {"test", "live"}) {
    if (key.starts_with("sk_" + mode + "_")) return {mode, false};
    if (key.starts_with("pk_" + mode + "_")) return {mode, true};
  }
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

// By the names that a form would have, so that a form and its twin in JSON are the same call:
// recurring[interval], events[0].
using Params = std::map<std::string, std::string>;

inline void flatten(const Json& json, const std::string& name, Params& into) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items())
      flatten(value, name.empty() ? key : name + "[" + key + "]", into);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i)
      flatten(json[i], name + "[" + std::to_string(i) + "]", into);
  } else if (!json.is_null()) {
    into[name] = json.is_string() ? json.get<std::string>() : write_json(json);
  }
}

inline Params params_of(const Request& request) {
  Params params;
  if (request.header("content-type").starts_with("application/json")) {
    flatten(parse_json(request.body), "", params);
    return params;
  }
  std::map<std::string, int> counts;
  for (auto [name, value] : decode_fields(request.body)) {
    if (name.ends_with("[]")) name.insert(name.size() - 1, std::to_string(counts[name]++));
    params[name] = value;
  }
  return params;
}

inline std::string text_of(const Params& params, const std::string& name) {
  const auto found = params.find(name);
  return found == params.end() ? std::string() : found->second;
}

// Nullopt: absent, or no whole number.
inline std::optional<std::int64_t> integer_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// One write, decoded.
struct Call {
  std::string path;
  std::string mode;
  std::string key;  // "" without Idempotency-Key
  Params params;
};

// Answers are kept for 24 hours from the first use of a key, refusals too; what was not executed,
// and every 5xx, is not.
class Answers {
 public:
  // Nullopt: not yet answered.
  std::optional<Reply> find(const Call& call, std::int64_t now) {
    const auto found = kept_.find({call.mode, call.key});
    if (call.key.empty() || found == kept_.end()) return std::nullopt;
    if (now - found->second.at >= 24 * 3600) {
      kept_.erase(found);
      return std::nullopt;
    }
    const Kept& kept = found->second;
    if (kept.path == call.path && kept.params == call.params) return kept.reply;
    return error(409, "invalid_request_error", "idempotency_key_reused",
                 "the key was used with another request");
  }
  void keep(const Call& call, std::int64_t now, const Reply& reply) {
    if (call.key.empty() || reply.status >= 500 || reply.status == 429) return;
    kept_[{call.mode, call.key}] = {call.path, call.params, reply, now};
  }

 private:
  struct Kept {
    std::string path;
    Params params;
    Reply reply;
    std::int64_t at = 0;
  };
  std::map<std::pair<std::string, std::string>, Kept> kept_;
};

}  // namespace switchyard::sandbox::pudgy_simulator
