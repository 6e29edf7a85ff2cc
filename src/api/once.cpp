#include "api/once.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/seeded_bug.h"
#include "web/problem.h"

namespace switchyard {
namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr std::string_view api_version = "v1";
constexpr std::chrono::milliseconds look_again_after{100};
constexpr int longest_wait_sec = 20;
constexpr std::size_t longest_key = 255;
// Parts the request's id, which a client may choose and repeat, from what makes an owner unique.
constexpr char owner_mark = '#';

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// "abc" of RFC 8941 is abc; nullopt where a quoted form is not well formed.
std::optional<std::string> unquoted(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  if (text.size() < 2 || !text.ends_with('"')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\')))
      return std::nullopt;
    plain += text[i];
  }
  return plain;
}

// The same for the same document, whatever the order of its keys.
void write_canonical(const Json& json, std::string& out) {
  if (json.is_array()) {
    out += '[';
    for (const Json& item : json) {
      write_canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (json.is_object()) {
    std::map<std::string, const Json*> members;
    for (const auto& member : json.items()) members.emplace(member.key(), &member.value());
    out += '{';
    for (const auto& [key, value] : members) {
      out += write_json(key) + ":";
      write_canonical(*value, out);
      out += ',';
    }
    out += '}';
  } else {
    out += write_json(json);
  }
}

std::string fingerprint_of(const Once& what) {
  std::string text = std::string(api_version) + "\n" + what.operation + "\n";
  write_canonical(what.typed, text);
  return sha256_hex(text);
}

std::string request_of(const std::string& owner) { return owner.substr(0, owner.find(owner_mark)); }

KeyClaim claim_of(const ApiCall& call, const Once& what, const std::string& key) {
  // A browser's keys live beside its payment, so that they can never meet the merchant's own.
  const std::string scope =
      call.asker.is_publishable ? std::string(call.request.param("id")) : std::string();
  const std::string mode(word_of(call.asker.mode));
  return {.merchant_id = call.asker.merchant_id,
          .mode = call.asker.mode,
          .key_hash = sha256_hex(call.asker.merchant_id + "\n" + mode + "\n" + scope + "\n" + key),
          .fingerprint = fingerprint_of(what),
          .request_id = call.request.request_id + owner_mark + to_hex(random_bytes(8)),
          .fate = std::make_shared<KeyFate>()};
}

// N of Prefer: wait=N, at most 20 seconds; 0 when absent.
std::chrono::seconds wished_wait(std::string_view prefer) {
  const std::size_t at = prefer.find("wait=");
  if (at == std::string_view::npos) return {};
  int seconds = 0;
  for (const char c : prefer.substr(at + 5)) {
    if (c < '0' || c > '9' || seconds > longest_wait_sec) break;
    seconds = seconds * 10 + (c - '0');
  }
  return std::chrono::seconds(std::min(seconds, longest_wait_sec));
}

std::string payment_among(const std::string& object_id) {
  return object_id.starts_with("pay_") ? object_id : "";
}

Failure still_running(const StoredKey& key) {
  return fail(Error{.code = ErrorCode::idempotency_key_in_use,
                    .message =
                        "The first request with this Idempotency-Key is still running: retry after "
                        "a second, or send Prefer: wait=N.",
                    .payment_id = payment_among(key.object_id),
                    .retry_after_sec = 1});
}

std::string path_of(const std::string& object_id) {
  if (object_id.starts_with("pay_")) return "/v1/payments/" + object_id;
  if (object_id.starts_with("ref_")) return "/v1/refunds/" + object_id;
  if (object_id.starts_with("cus_")) return "/v1/customers/" + object_id;
  return "";
}

Result<Reply> replay(const StoredKey& key) {
  if (!key.answer)
    return fail(Error{.code = ErrorCode::idempotency_key_expired,
                      .message =
                          "This Idempotency-Key was used more than 30 days ago. Nothing was run "
                          "again: read the object instead.",
                      .payment_id = payment_among(key.object_id)});
  Reply reply = to_reply(*key.answer);
  if (SEEDED_BUG("X17")) reply.body = nlohmann::json::parse(reply.body).dump();
  reply.headers.emplace_back("Idempotent-Replayed", "true");
  reply.headers.emplace_back("Original-Request-Id", request_of(key.request_id));
  if (const std::string path = path_of(key.object_id); !path.empty())
    reply.headers.emplace_back("Link", "<" + path + ">; rel=\"self\"");
  return reply;
}

// One request with a key, from its first look at the key to its answer.
class Run {
 public:
  Run(Api& api, const ApiCall& call, const Once& what, const std::string& key)
      : api_(api), call_(call), what_(what), claim_(claim_of(call, what, key)) {}

  Result<Reply> answer();

 private:
  // Each of these returns nullopt when somebody else has the key by now: look again.
  using MaybeReply = std::optional<Result<Reply>>;
  MaybeReply answer_from(const StoredKey& key);
  MaybeReply run_first();
  MaybeReply take_over(const StoredKey& key);
  MaybeReply settle(const Result<Reply>& outcome);
  MaybeReply settle_error(const Error& error);
  MaybeReply store(const Reply& reply);
  MaybeReply store_after_look(const Reply& reply);

  Result<std::optional<StoredKey>> look() {
    return find_key(api_.services.database, api_.services.sealer, claim_.merchant_id, claim_.mode,
                    claim_.key_hash);
  }
  Result<void> finish(const Reply& reply);
  Result<void> claim_and_finish(const Reply& reply);
  void release() {
    if (const auto done = release_key(api_.services.database, claim_); !done)
      log_warning("idempotency_key.not_released", {{"request", call_.request.request_id}});
  }

  Api& api_;
  const ApiCall& call_;
  const Once& what_;
  KeyClaim claim_;
};

// Waits until `deadline` for somebody else's answer, if there is room to wait.
class Waiting {
 public:
  Waiting(KeyKeeper& keeper, const std::string& merchant_id)
      : keeper_(keeper), merchant_id_(merchant_id), may_wait_(keeper.begin_wait(merchant_id)) {}
  ~Waiting() {
    if (may_wait_) keeper_.end_wait(merchant_id_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  bool until(Moment deadline) const {
    if (!may_wait_ || std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(look_again_after);
    return true;
  }

 private:
  KeyKeeper& keeper_;
  const std::string merchant_id_;
  const bool may_wait_;
};

Result<Reply> Run::answer() {
  const Moment begun = std::chrono::steady_clock::now();
  const Moment answer_by = begun + api_.services.policies.answer_within;
  const Moment patient_until =
      std::min(answer_by, begun + wished_wait(call_.request.header("prefer")));
  std::optional<Waiting> waiting;
  if (what_.claims_first)
    if (const MaybeReply reply = run_first()) return *reply;
  while (true) {
    const auto key = TRY(look());
    if (const MaybeReply reply = key ? answer_from(*key) : run_first()) return *reply;
    // Whoever was fenced off while it worked owes its client the answer of the new owner.
    const Moment deadline = claim_.fate->is_claimed() ? answer_by : patient_until;
    if (!key) continue;
    if (!waiting) waiting.emplace(api_.key_keeper, claim_.merchant_id);
    if (!waiting->until(deadline)) return still_running(*key);
  }
}

Run::MaybeReply Run::answer_from(const StoredKey& key) {
  if (key.fingerprint != claim_.fingerprint)
    return fail(
        ErrorCode::idempotency_key_reused,
        "This Idempotency-Key belongs to a different request: use a new key for a new request.");
  if (SEEDED_BUG("X9") && key.lease_is_over) return take_over(key);
  if (key.is_finished) return replay(key);
  if (key.lease_is_over) return take_over(key);
  return std::nullopt;
}

class Hold {
 public:
  Hold(KeyKeeper& keeper, const KeyClaim& claim) : keeper_(keeper), claim_(claim) {
    keeper.hold(claim);
  }
  ~Hold() { keeper_.let_go(claim_); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  KeyKeeper& keeper_;
  const KeyClaim& claim_;
};

Run::MaybeReply Run::run_first() {
  FAILPOINT("key.before_claim");
  const Hold hold(api_.key_keeper, claim_);
  claim_.takes_over = 0;
  return settle(what_.run(claim_));
}

Run::MaybeReply Run::take_over(const StoredKey& key) {
  FAILPOINT("rescue.after_select");
  const Hold hold(api_.key_keeper, claim_);
  claim_.takes_over = key.lease_token;
  const auto taken = api_.services.writer.write(
      {.decide = [](Draft&) -> Result<void> { return {}; }, .claim = claim_});
  if (!taken && taken.error().code == ErrorCode::idempotency_key_in_use) return std::nullopt;
  if (!taken) return fail(taken.error());
  FAILPOINT("key.after_claim");
  log_info("idempotency_key.taken_over", {{"object", key.object_id}});
  const bool is_begun = what_.resume && !key.object_id.empty();
  return settle(is_begun ? what_.resume(key.object_id) : what_.run(std::nullopt));
}

Run::MaybeReply Run::settle(const Result<Reply>& outcome) {
  FAILPOINT("key.before_finish");
  // What was stored with the change itself is the answer, whatever was read since.
  if (const auto kept = claim_.fate->answer()) {
    FAILPOINT("key.after_finish");
    return to_reply(*kept);
  }
  if (!outcome) return settle_error(outcome.error());
  if ((outcome->status >= 500 && !SEEDED_BUG("X18")) ||
      (outcome->status == 202 && !what_.is_202_stored)) {
    release();
    return outcome;
  }
  MaybeReply stored = claim_.fate->is_claimed() ? store(*outcome) : store_after_look(*outcome);
  FAILPOINT("key.after_finish");
  return stored;
}

Run::MaybeReply Run::settle_error(const Error& error) {
  const int status = info_of(error.code).http_status;
  if (error.code == ErrorCode::overloaded) return fail(error);  // before the claim
  if (SEEDED_BUG("X18") && status >= 500)
    return store_after_look(to_reply(error, call_.request.request_id));
  if (status >= 500 || status == 429) {
    release();
    return fail(error);
  }
  const auto key = look();
  if (!key) return fail(key.error());
  if (!*key) {
    // Refused before anything was committed, so the retry is clean; unless the claim lost against
    // one that has been given up since.
    if (error.code == ErrorCode::idempotency_key_in_use) return std::nullopt;
    return fail(error);
  }
  if ((*key)->request_id != claim_.request_id) return std::nullopt;
  if ((*key)->is_finished) return fail(error);
  return store(to_reply(error, call_.request.request_id));
}

Result<void> Run::finish(const Reply& reply) {
  return api_.services.writer.write({.decide = [&](Draft& draft) -> Result<void> {
    draft.answer = to_answer(reply, claim_.object_id);
    draft.finishes = claim_;
    return {};
  }});
}

// For an answer that needed no change: nobody has claimed the key yet.
Result<void> Run::claim_and_finish(const Reply& reply) {
  KeyClaim claim = claim_;
  claim.takes_over = 0;
  return api_.services.writer.write({.decide = [&](Draft& draft) -> Result<void> {
                                       draft.answer = to_answer(reply, claim_.object_id);
                                       return {};
                                     },
                                     .claim = claim});
}

Run::MaybeReply Run::store(const Reply& reply) {
  const auto finished = finish(reply);
  if (finished) return reply;
  if (finished.error().code != ErrorCode::idempotency_key_in_use) return fail(finished.error());
  return store_after_look(reply);
}

Run::MaybeReply Run::store_after_look(const Reply& reply) {
  const auto key = look();
  if (!key) return fail(key.error());
  if (!*key) {
    const auto claimed = claim_and_finish(reply);
    if (claimed) return reply;
    if (claimed.error().code != ErrorCode::idempotency_key_in_use) return fail(claimed.error());
    return std::nullopt;
  }
  if ((*key)->request_id != claim_.request_id) return std::nullopt;
  if ((*key)->is_finished) return (*key)->answer ? to_reply(*(*key)->answer) : reply;
  const auto finished = finish(reply);
  if (finished) return reply;
  if (finished.error().code != ErrorCode::idempotency_key_in_use) return fail(finished.error());
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> idempotency_key(const Request& request) {
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(request.headers,
                               [&](const auto& header) { return header.first == name; });
  };
  const bool has_plain = has("idempotency-key");
  if (!has_plain && !has("x-idempotency-key")) return std::nullopt;
  const std::string_view given =
      request.header(has_plain ? "idempotency-key" : "x-idempotency-key");
  const auto key = unquoted(given);
  const bool are_two =
      has_plain && has("x-idempotency-key") && request.header("x-idempotency-key") != given;
  if (are_two || !key || key->empty() || key->size() > longest_key || !is_visible(*key))
    return fail(ErrorCode::idempotency_key_invalid,
                "Idempotency-Key must be sent once, with 1 to 255 visible ASCII characters.");
  return key;
}

KeyAnswer to_answer(const Reply& reply, const std::string& object_id) {
  return {.status = reply.status,
          .content_type = reply.content_type,
          .headers = reply.headers,
          .body = reply.body,
          .object_id = object_id};
}

Reply to_reply(const KeyAnswer& answer) {
  Reply reply{.status = answer.status, .body = answer.body};
  reply.content_type = answer.content_type;
  reply.headers = answer.headers;
  return reply;
}

Result<Reply> once(Api& api, const ApiCall& call, const Once& what) {
  const auto key = TRY(idempotency_key(call.request));
  if (key) return Run(api, call, what, *key).answer();
  if (what.can_move_money && api.services.policies.require_idempotency_key)
    return fail(ErrorCode::idempotency_key_missing,
                "Send an Idempotency-Key with this call: a retry without one could pay twice.");
  return what.run(std::nullopt);
}

}  // namespace switchyard
