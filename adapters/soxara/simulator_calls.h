// Who may call, the envelope of every answer, and the answers that are given again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::soxara_simulator {

// A browser on the shop's page confirms with the publishable key, from any origin.
inline Reply answer(int status, const Json& body) {
  return {.status = status,
          .body = write_json(body),
          .headers = {
              {"X-Trace-Id", new_id("trc")},
              {"Access-Control-Allow-Origin", "*"},
              {"Access-Control-Allow-Headers", "authorization, content-type, x-idempotency-key"}}};
}

inline Reply success(Json object, int status = 200) {
  return answer(status, {{"success", true}, {"data", std::move(object)}});
}

inline Reply failure(int status, std::string_view code, std::string_view message,
                     Json details = nullptr) {
  Json error = {{"code", code}, {"message", message}};
  if (details.is_object()) error["details"] = std::move(details);
  return answer(status, {{"success", false}, {"error", std::move(error)}});
}

inline Reply invalid(std::string_view field, std::string_view message) {
  return failure(422, "VALIDATION_ERROR", message, {{"field", field}});
}

// The key picks the mode; only its prefix is checked.
inline std::string mode_of(const Request& request, std::string_view revoked) {
  std::string_view key = request.header("authorization");
  if (!key.starts_with("Bearer ")) return {};
  key.remove_prefix(7);
  if (key == revoked) return {};
  if (key.starts_with("sxm_test_")) return "test";
  return key.starts_with("sxm_live_") ? "live" : "";
}

inline constexpr std::string_view all_scopes =
    "payments:create,payments:read,refunds:create,webhooks:manage,merchant:read";

inline std::string scope_of(const Request& request) {
  const std::string& path = request.path;
  if (path.starts_with("/v1/merchant")) return "merchant:read";
  if (path.starts_with("/v1/webhook-endpoints")) return "webhooks:manage";
  if (path.starts_with("/v1/refunds"))
    return request.method == "GET" ? "payments:read" : "refunds:create";
  return request.method == "GET" ? "payments:read" : "payments:create";
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

// Answers are kept for 24 hours from the first use of a key, failures too.
class Answers {
 public:
  template <class Run>
  Reply once(const Request& request, const std::string& mode, std::int64_t now, Run run) {
    const std::string key(request.header("x-idempotency-key"));
    if (key.empty() || key.size() > 255) {
      const bool is_optional = request.path != "/v1/payments" && request.path != "/v1/refunds";
      if (is_optional && key.empty()) return run();
      return failure(400, "VALIDATION_ERROR", "the idempotency key is missing",
                     {{"field", "X-Idempotency-Key"}});
    }
    const auto asked = nlohmann::json::parse(request.body, nullptr, false);
    Kept& kept = kept_[mode + " " + key];
    if (kept.is_used && now - kept.at < 24 * 3600)
      return kept.path == request.path && kept.asked == asked
                 ? kept.reply
                 : failure(409, "IDEMPOTENCY_CONFLICT", "the key was used with another body");
    kept = {true, now, request.path, asked, run()};
    return kept.reply;
  }

 private:
  struct Kept {
    bool is_used = false;
    std::int64_t at = 0;
    std::string path = {};
    nlohmann::json asked = {};
    Reply reply = {};
  };
  std::map<std::string, Kept> kept_;
};

}  // namespace switchyard::sandbox::soxara_simulator
