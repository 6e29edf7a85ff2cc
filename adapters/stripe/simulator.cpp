// Plays Stripe's API, its checkout page and its webhooks, from Stripe's documents.
// Settings: stripe.webhook_url and stripe.webhook_secret (several with spaces between them),
// stripe.webhook_version, stripe.secret_key (empty: any test key), stripe.refund_delay_ms,
// stripe.debit_delay_ms, stripe.dispute_delay_ms, stripe.hold_posts (true: POSTs run, and their
// keys are in use, until it is false; ten seconds at most), stripe.reference_key (which metadata
// the ledger shows) and stripe.fail_posts: rate_limit, lock_timeout, 500 (executed), 500_before.
#include <mutex>
#include <regex>
#include <set>
#include <thread>

#include "adapters/stripe/simulator_calls.h"
#include "adapters/stripe/simulator_pages.h"

namespace switchyard::sandbox {
namespace stripe_simulator {
namespace {

struct Kept {
  std::string fingerprint;
  int status = 200;
  std::string body;
  std::string request_id;
  std::int64_t at = 0;
};

struct Caller {
  bool is_public = false;
  std::optional<Refusal> refusal;
};

class StripeSimulator final : public Simulator {
 public:
  explicit StripeSimulator(World& world)
      : world_(world), book_(world, mutex_), calls_(book_), pages_(book_) {}

  std::string name() const override { return "stripe"; }

  Reply handle(const Request& request) override {
    std::unique_lock lock(mutex_);
    book_.idempotency_key = "";
    book_.request_id = "";
    if (!request.path.starts_with("/v1/")) return pages_.handle(request);
    if (request.method == "OPTIONS") return with_headers({}, "", "");
    const std::string request_id = make_id("req_", 14);
    const std::string version = version_of(request);
    if (auto refusal = check_gate(request, version))
      return with_headers(written(*refusal), request_id, version);
    Reply reply = request.method == "POST" ? answer_post(request, request_id, version, lock)
                                           : answer_read(request, request_id, version);
    return with_headers(std::move(reply), request_id, version);
  }

 private:
  static constexpr std::int64_t keys_last_sec = 24 * 60 * 60;

  std::string version_of(const Request& request) const {
    const std::string asked(request.header("stripe-version"));
    return asked.empty() ? world_.setting("stripe.webhook_version", newest_version) : asked;
  }

  // What is asked before a request is looked at: who, which version, in which form.
  std::optional<Refusal> check_gate(const Request& request, const std::string& version) {
    caller_ = identify(request);
    if (caller_.refusal) return caller_.refusal;
    static const std::regex known(R"(\d{4}-\d{2}-\d{2}(\.(acacia|basil|clover|dahlia|endive))?)");
    if (!std::regex_match(version, known))
      return refuse(400, "", "Invalid Stripe API version: " + version);
    const std::string_view type = request.header("content-type");
    if (!request.body.empty() && !type.starts_with("application/x-www-form-urlencoded"))
      return refuse(400, "",
                    "Invalid request (check that your POST content type is "
                    "application/x-www-form-urlencoded).");
    return std::nullopt;
  }

  Caller identify(const Request& request) const {
    const std::string key = key_of(request);
    const std::string only = world_.setting("stripe.secret_key", "");
    if (key.empty()) return {.refusal = refuse(401, "", "You did not provide an API key.")};
    if (key.starts_with("pk_test_")) return {.is_public = true};
    if (key == "sk_test_expired")
      return {.refusal = refuse(401, "api_key_expired", "Expired API Key provided.")};
    if (key == "rk_test_none")
      return {.refusal = refuse(403, "", "The provided key does not have the permissions.")};
    const bool is_secret = key.starts_with("sk_test_") || key.starts_with("rk_test_");
    if (!is_secret || (!only.empty() && key != only))
      return {.refusal = refuse(401, "", "Invalid API Key provided.")};
    return {};
  }

  static std::string key_of(const Request& request) {
    const std::string_view header = request.header("authorization");
    if (header.starts_with("Bearer ")) return std::string(header.substr(7));
    if (!header.starts_with("Basic ")) return "";
    const std::string decoded = from_base64(header.substr(6)).value_or("");
    return decoded.substr(0, decoded.find(':'));
  }

  Reply answer_read(const Request& request, const std::string& request_id,
                    const std::string& version) {
    book_.request_id = request_id;
    return execute(request, Params(request.query), version).reply;
  }

  // The first answer is kept once the request has begun, and given again for the same key.
  Reply answer_post(const Request& request, const std::string& request_id,
                    const std::string& version, std::unique_lock<std::mutex>& lock) {
    const std::string key(request.header("idempotency-key"));
    const Params params(decode_fields(request.body));
    const std::string fingerprint = request.path + params.fingerprint();
    if (key.size() > 255) return written(refuse(400, "", "Idempotency keys have 255 characters."));
    if (auto reply = answer_again(key, fingerprint)) return *reply;
    if (auto refusal = fail_before()) return written(*refusal);
    hold(key, lock);
    book_.request_id = request_id;
    book_.idempotency_key = key;
    Executed done = execute(request, params, version);
    if (world_.setting("stripe.fail_posts", "") == "500" && done.is_kept) {
      const Json error = {{"message", "An unknown error occurred"}, {"type", "api_error"}};
      done.reply = written({500, error, true, {{"Stripe-Should-Retry", "false"}}});
    }
    if (!key.empty()) done.reply.headers.emplace_back("Idempotency-Key", key);
    if (!key.empty() && done.is_kept) {
      kept_[key] = {fingerprint, done.reply.status, done.reply.body, request_id, book_.now()};
      done.reply.headers.emplace_back("Original-Request", request_id);
    }
    return done.reply;
  }

  std::optional<Reply> answer_again(const std::string& key, const std::string& fingerprint) {
    if (running_.contains(key))
      return written(refuse(409, "idempotency_key_in_use",
                            "There is currently another in-progress request using this key."));
    const auto found = kept_.find(key);
    if (found == kept_.end() || key.empty()) return std::nullopt;
    if (book_.now() - found->second.at >= keys_last_sec) {
      kept_.erase(found);
      return std::nullopt;
    }
    const Kept& kept = found->second;
    if (kept.fingerprint != fingerprint) return written(mismatch(key));
    return Reply{.status = kept.status,
                 .body = kept.body,
                 .headers = {{"Idempotency-Key", key},
                             {"Idempotent-Replayed", "true"},
                             {"Original-Request", kept.request_id}}};
  }

  static Refusal mismatch(const std::string& key) {
    return {400,
            {{"message",
              "Keys for idempotent requests can only be used with the same parameters they were "
              "first used with. Try using a key other than '" +
                  key + "' if you meant to execute a different request."},
             {"type", "idempotency_error"}}};
  }

  std::optional<Refusal> fail_before() const {
    const std::string how = world_.setting("stripe.fail_posts", "");
    if (how == "500_before")
      return Refusal{500, {{"message", "An error occurred"}, {"type", "api_error"}}};
    if (how == "lock_timeout")
      return refuse(429, "lock_timeout", "This object cannot be accessed right now.");
    if (how != "rate_limit") return std::nullopt;
    Refusal refusal = refuse(429, "rate_limit", "Request rate limit exceeded.");
    refusal.headers = {{"Stripe-Rate-Limited-Reason", "global-rate"}};
    return refusal;
  }

  // Keeps a request running, and its key in use, as long as the setting says so.
  void hold(const std::string& key, std::unique_lock<std::mutex>& lock) {
    const auto is_held = [this] { return world_.setting("stripe.hold_posts", "") == "true"; };
    if (!is_held()) return;
    const Caller caller = caller_;
    if (!key.empty()) running_.insert(key);
    for (int tries = 0; is_held() && tries < 2000; ++tries) {
      lock.unlock();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      lock.lock();
    }
    running_.erase(key);
    caller_ = caller;
  }

  struct Executed {
    Reply reply;
    bool is_kept = true;
  };
  Executed execute(const Request& request, const Params& params, const std::string& version) {
    Answer answer = calls_.answer(request.method, request.path, params, caller_.is_public, version);
    if (!answer) return {written(answer.error()), answer.error().is_kept};
    for (const std::string& path : params.list("expand"))
      if (request.method == "POST") calls_.expand(*answer, path);
    return {{.status = 200, .body = write_json(*answer)}};
  }

  static Reply written(const Refusal& refusal) {
    return {.status = refusal.status,
            .body = write_json({{"error", refusal.error}}),
            .headers = refusal.headers};
  }

  // Browsers may make tokens from any shop's page.
  static Reply with_headers(Reply reply, const std::string& request_id,
                            const std::string& version) {
    reply.headers.emplace_back("Access-Control-Allow-Origin", "*");
    reply.headers.emplace_back("Access-Control-Allow-Headers",
                               "authorization, content-type, stripe-version");
    if (!request_id.empty()) reply.headers.emplace_back("Request-Id", request_id);
    if (!version.empty()) reply.headers.emplace_back("Stripe-Version", version);
    return reply;
  }

  World& world_;
  std::mutex mutex_;
  Book book_;
  Calls calls_;
  Pages pages_;
  Caller caller_;  // of the request that is being answered
  std::map<std::string, Kept> kept_;
  std::set<std::string> running_;
};

}  // namespace
}  // namespace stripe_simulator

std::unique_ptr<Simulator> make_stripe_simulator(World& world) {
  return std::make_unique<stripe_simulator::StripeSimulator>(world);
}

}  // namespace switchyard::sandbox
