// Who may call, the envelope of every answer, lists in pages, and the answers that are given again.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::plugipay_simulator {

// Without empty parts.
inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// How Plugipay speaks: in the words of its libraries, or with `dialect` doc in those of its pages.
class Voice {
 public:
  explicit Voice(World& world) : world_(world) {}

  std::string setting(const std::string& name, const std::string& otherwise = "") const {
    return world_.setting("plugipay." + name, otherwise);
  }
  bool is_on(const std::string& name) const { return setting(name) == "true"; }
  bool is_doc() const { return setting("dialect") == "doc"; }
  std::int64_t now() const { return world_.unix_time(); }
  std::string time(std::int64_t at) const { return to_rfc3339(from_unix_seconds(at)); }
  std::string time() const { return time(now()); }

  Reply success(Json data, int status = 200, Json meta = Json::object()) const {
    Json body = Json::object();
    body["data"] = std::move(data);
    body["error"] = nullptr;
    return answer(status, std::move(body), std::move(meta));
  }

  Reply failure(int status, std::string code, const std::string& message,
                const std::string& field = "") const {
    if (is_doc())
      for (char& c : code)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    Json body = Json::object();
    body["data"] = nullptr;
    body["error"] = {{"code", code}, {"message", message}};
    if (!field.empty()) body["error"]["field"] = field;
    return answer(status, std::move(body), Json::object());
  }
  Reply invalid(const std::string& field, const std::string& message) const {
    return failure(400, "validation_error", field + " " + message, field);
  }
  Reply missing() const { return failure(404, "not_found", "nothing here is yours"); }

  // After a DELETE: nothing at all, or in the pages' contract a body.
  Reply deleted(const std::string& id) const {
    if (is_doc()) return success({{"id", id}, {"deleted", true}});
    return {.status = 204};
  }

 private:
  Reply answer(int status, Json body, Json meta) const {
    meta["requestId"] = new_id("req");
    meta["timestamp"] = time();
    body["meta"] = std::move(meta);
    Reply reply = {.status = status, .body = write_json(body)};
    reply.headers = {{"X-RateLimit-Limit", "100"},
                     {"X-RateLimit-Remaining", status == 429 ? "0" : "99"},
                     {"X-RateLimit-Reset", std::to_string(now() + 1)}};
    if (status == 429) reply.headers.emplace_back("Retry-After", "1");
    return reply;
  }

  World& world_;
};

struct Caller {
  std::string mode = {};  // "" for nobody; then `code` says why
  std::string account = {};
  std::string code = {};
  // Test and live never meet, nor do merchants.
  std::string scope() const { return mode + " " + account; }
};

// "ak_test_demo" → "test". Only the beginning counts.
inline std::string mode_of_key(std::string_view key) {
  if (!key.starts_with("pk_") && !key.starts_with("ak_")) return {};
  key.remove_prefix(3);
  if (key.starts_with("test_")) return "test";
  return key.starts_with("live_") ? "live" : "";
}

// "Plugipay-HMAC-SHA256 keyId=ak_test_demo, scope=*, signature=HEX": the part of that name.
inline std::string part_of(std::string_view header, std::string_view name) {
  const std::string start = " " + std::string(name) + "=";
  const std::size_t at = header.find(start);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + start.size());
  return std::string(header.substr(0, header.find(',')));
}

inline Caller signed_caller(const Request& request, const Voice& voice) {
  const std::string_view header = request.header("authorization");
  const std::string_view time = request.header("x-plugipay-timestamp");
  const std::string mode = mode_of_key(part_of(header, "keyId"));
  std::int64_t sent_at = 0;
  const auto read = std::from_chars(time.data(), time.data() + time.size(), sent_at);
  const bool is_a_time = !time.empty() && time.size() <= 12 && read.ec == std::errc() &&
                         read.ptr == time.data() + time.size();
  if (mode.empty()) return {.code = "invalid_key"};
  if (!is_a_time) return {.code = "invalid_timestamp"};
  if (std::abs(voice.now() - sent_at) > 300) return {.code = "timestamp_skew"};
  std::string text = request.method + "\n" + request.raw_target + "\n" + std::string(time) + "\n" +
                     sha256_hex(request.body);
  const std::string key(request.header("idempotency-key"));
  if (!key.empty()) text += "\n" + key;
  const std::string ours = to_hex(hmac_sha256(voice.setting("secret", "sk_test_plugi_4242"), text));
  if (!equal_in_constant_time(ours, part_of(header, "signature")))
    return {.code = "invalid_signature"};
  return {.mode = mode};
}

inline Caller caller_of(const Request& request, const Voice& voice) {
  constexpr std::string_view bearer = "Bearer ";
  const std::string_view header = request.header("authorization");
  Caller caller;
  if (header.starts_with("Plugipay-HMAC-SHA256 ")) {
    caller = signed_caller(request, voice);
  } else if (header.starts_with(bearer)) {
    const std::string key(header.substr(bearer.size()));
    if (key.starts_with("pk_") && key != voice.setting("revoked_key"))
      caller.mode = mode_of_key(key);
  }
  if (caller.mode.empty() && caller.code.empty()) caller.code = "invalid_key";
  caller.account = request.header("x-plugipay-on-behalf-of");
  // Whoever acts for a merchant may say in which mode.
  const std::string_view mode = request.header("x-plugipay-mode");
  const bool may_say = !caller.mode.empty() && !caller.account.empty();
  if (may_say && (mode == "test" || mode == "live")) caller.mode = mode;
  if (caller.account.empty()) caller.account = voice.setting("account", "acc_01J2MERCHANT");
  return caller;
}

// A part of a list, newest first unless it is asked for otherwise. `items` are oldest first.
inline Reply page_of(const Request& request, const Voice& voice, std::vector<Json> items) {
  const std::string_view order = request.query_value(voice.is_doc() ? "direction" : "order");
  if (order != "asc") std::reverse(items.begin(), items.end());
  std::size_t limit = 50;
  const std::string_view text = request.query_value("limit");
  std::from_chars(text.data(), text.data() + text.size(), limit);
  limit = std::clamp<std::size_t>(limit, 1, 100);
  std::size_t at = 0;
  if (const std::string_view cursor = request.query_value("cursor"); !cursor.empty()) {
    while (at < items.size() && text_at(items[at], "id") != cursor) ++at;
    ++at;  // past the one that it names
  }
  Json data = Json::array();
  for (; at < items.size() && data.size() < limit; ++at) data.push_back(items[at]);
  const bool has_more = at < items.size();
  Json next = nullptr;
  if (has_more) next = text_at(data.back(), "id");
  Json meta = Json::object();
  if (voice.is_doc()) {
    meta["page"] = {{"limit", limit}, {"hasMore", has_more}, {"nextCursor", next}};
  } else {
    meta["cursor"] = next;
    meta["hasMore"] = has_more;
  }
  return voice.success(std::move(data), 200, std::move(meta));
}

// Answers are kept for 24 hours under their keys, failures too.
class Answers {
 public:
  explicit Answers(const Voice& voice) : voice_(voice) {}

  template <class Run>
  Reply once(const Request& request, const Caller& caller, bool needs_key, Run run) {
    const std::string key(request.header("idempotency-key"));
    if (key.empty()) return needs_key ? voice_.invalid("Idempotency-Key", "is missing") : run();
    const std::string asked = sha256_hex(request.method + " " + request.path + "\n" + request.body);
    const std::string name = caller.scope() + " " + key;
    const auto kept = kept_.find(name);
    if (kept == kept_.end() || voice_.now() - kept->second.at >= 24 * 3600) {
      const Reply reply = run();
      kept_[name] = {voice_.now(), asked, reply};
      return reply;
    }
    if (kept->second.asked != asked)
      return voice_.failure(409, "idempotency_mismatch", "the key was used for another request");
    if (voice_.is_on("in_flight"))
      return voice_.failure(409, "conflict", "a request with this key is still running");
    return kept->second.reply;
  }

 private:
  struct Kept {
    std::int64_t at = 0;
    std::string asked = {};
    Reply reply = {};
  };
  const Voice& voice_;
  std::map<std::string, Kept> kept_;
};

}  // namespace switchyard::sandbox::plugipay_simulator
