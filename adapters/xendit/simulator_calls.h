// Who may call and how often, what a call must hold, and how Xendit says no.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/xendit/simulator_book.h"
#include "web/message.h"

namespace switchyard::sandbox::xendit_simulator {

inline Reply answer(int status, const Json& body) {
  return {.status = status, .body = write_json(body), .headers = {{"Request-Id", new_uuid()}}};
}

inline Reply failure(int status, std::string_view code, std::string_view message) {
  return answer(status, {{"error_code", code}, {"message", message}});
}

inline Reply invalid(std::string_view field, std::string_view message) {
  const Json problem = {{"field", Json::array({std::string(field)})},
                        {"location", "body"},
                        {"messages", Json::array({std::string(message)})}};
  return answer(400, {{"error_code", "API_VALIDATION_ERROR"},
                      {"message", "There was an error with the format submitted to the server."},
                      {"errors", Json::array({problem})}});
}

// The key is the user of HTTP Basic, and the password is empty: "xnd_development_a:" → "test".
inline std::string key_of(const Request& request) {
  const std::string_view header = request.header("authorization");
  if (!header.starts_with("Basic ")) return {};
  std::string pair = from_base64(header.substr(6)).value_or("");
  if (!pair.ends_with(':')) return {};
  pair.pop_back();
  return pair;
}
inline std::string mode_of(std::string_view key) {
  if (key.starts_with("xnd_development_")) return "test";
  return key.starts_with("xnd_production_") ? "live" : "";
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

inline bool is_listed(std::string_view list, std::string_view item) {
  return ("," + std::string(list) + ",").find("," + std::string(item) + ",") != std::string::npos;
}

// "20103=ACCOUNT_ACCESS_BLOCKED,…" at "20103"; "" where it is not.
inline std::string value_in(const std::string& map, const std::string& name) {
  const std::string all = "," + map + ",";
  const std::size_t at = all.find("," + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 2;
  return all.substr(start, all.find(',', start) - start);
}

// What a test amount of a wallet, in major units, does at once; status 0: nothing.
inline Reply magic_refusal(std::string_view amount) {
  if (amount == "10100")
    return failure(403, "CHANNEL_NOT_ACTIVATED", "The channel is not activated for this account.");
  if (amount == "10101")
    return failure(503, "CHANNEL_UNAVAILABLE", "The channel is experiencing unexpected issues.");
  if (amount == "10102") return failure(500, "SERVER_ERROR", "An unexpected error occurred.");
  return {.status = 0};
}
// How it fails later: "" for all others, which succeed.
inline std::string magic_failure(std::string_view amount, const std::string& codes) {
  if (amount.size() != 5 || amount < "20101" || amount > "20111") return {};
  const std::string code = value_in(codes, std::string(amount));
  if (!code.empty()) return code;
  return amount == "20103" ? "ACCOUNT_ACCESS_BLOCKED" : "FAILURE_DETAILS_UNAVAILABLE";
}

// Who asks for what.
struct Call {
  std::string what;  // "POST /v3/payment_requests/*/cancel"
  std::string id;    // what stands for the star
  std::string key;
  std::string mode;  // "" for nobody
};

inline Call call_of(const Request& request, const std::vector<std::string>& path) {
  Call call = {.what = request.method + " ", .key = key_of(request)};
  call.mode = mode_of(call.key);
  const std::size_t id_at = path[0] == "v2" || path[0] == "v3" ? 2 : 1;
  if (path.size() > id_at) call.id = path[id_at];
  for (std::size_t i = 0; i < path.size(); ++i)
    call.what += "/" + (i == id_at ? std::string("*") : path[i]);
  return call;
}

// So many requests in a minute for each key and endpoint.
class Limits {
 public:
  // Headers for the answer; `is_over` when this is one too many.
  Fields count(const Call& call, std::int64_t limit, std::int64_t now, bool& is_over) {
    Window& window = windows_[call.key + " " + call.what];
    if (now - window.from >= 60) window = {now, 0};
    is_over = ++window.requests > limit;
    const std::int64_t left = std::max<std::int64_t>(0, limit - window.requests);
    return {{"Rate-Limit-Limit", std::to_string(limit)},
            {"Rate-Limit-Remaining", std::to_string(left)},
            {"Rate-Limit-Reset", std::to_string(window.from + 60 - now)}};
  }

 private:
  struct Window {
    std::int64_t from = 0;
    std::int64_t requests = 0;
  };
  std::map<std::string, Window> windows_;
};

// Of refunds. How long a key is honoured is not published: here, for ever. What was refused was not
// begun, and may be asked again.
class Keys {
 public:
  template <class Run>
  Reply once(const Request& request, const std::string& mode, Run run) {
    const std::string key(request.header("idempotency-key"));
    if (key.empty()) return run();
    const auto found = kept_.find(mode + " " + key);
    if (found != kept_.end())
      return found->second.asked == request.body
                 ? found->second.reply
                 : failure(409, "IDEMPOTENCY_ERROR", "The key was used with another body.");
    const Reply reply = run();
    if (reply.status < 300) kept_[mode + " " + key] = {request.body, reply};
    return reply;
  }

 private:
  struct Kept {
    std::string asked;
    Reply reply;
  };
  std::map<std::string, Kept> kept_;
};

}  // namespace switchyard::sandbox::xendit_simulator
