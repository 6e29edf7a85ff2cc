// Plugipay as its documents describe it, in the words of either of its contracts: checkout sessions
// with a hosted page, refunds, customers, events and signed webhooks, behind keys or signatures.
// README.md lists the settings that change its habits.
#include <algorithm>
#include <iterator>
#include <mutex>
#include <string_view>

#include "adapters/plugipay/simulator_calls.h"
#include "adapters/plugipay/simulator_customers.h"
#include "adapters/plugipay/simulator_payer.h"
#include "adapters/plugipay/simulator_refunds.h"
#include "adapters/plugipay/simulator_sessions.h"
#include "adapters/plugipay/simulator_webhooks.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace plugipay_simulator;

// What a call can be told for no reason of its own, by the setting `refuse_with`.
struct Refusal {
  std::string_view code;
  int status;
};
// clang-format off
constexpr Refusal refusals[] = {
    {"validation_error",     400},
    {"invalid_request",      400},
    {"invalid_signature",    401},
    {"invalid_key",          401},
    {"invalid_timestamp",    401},
    {"timestamp_skew",       401},
    {"insufficient_scope",   403},
    {"person_only",          403},
    {"not_found",            404},
    {"conflict",             409},
    {"invalid_transition",   409},
    {"idempotency_mismatch", 409},
    {"already_queued",       409},
    {"endpoint_disabled",    409},
    {"rate_limited",         429},
    {"internal_error",       500},
    {"upstream_error",       502},
    {"service_unavailable",  503},
};
// clang-format on

int status_of(std::string_view code) {
  const auto* found = std::ranges::find(refusals, code, &Refusal::code);
  return found == std::end(refusals) ? 400 : found->status;
}

class PlugipaySimulator final : public Simulator {
 public:
  explicit PlugipaySimulator(World& world)
      : voice_(world),
        hooks_(world, voice_),
        customers_(voice_, hooks_),
        sessions_(world, voice_, hooks_, customers_, mutex_),
        refunds_(world, voice_, hooks_, sessions_, mutex_),
        payer_(world, voice_, sessions_),
        answers_(voice_) {}
  std::string name() const override { return "plugipay"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    sessions_.expire_due();
    std::vector<std::string> path = split(request.path, '/');
    if (path.empty()) return voice_.missing();
    if (path[0] == "c" || path[0] == "pay") return payer_.hosted(request, path);
    if (path[0] == "dashboard") return payer_.dashboard(request, path);
    if (path[0] == "qr" && path.size() == 2) return qr_picture(path[1]);
    // Both base paths are open, whatever the dialect.
    const bool is_sdk = path.size() > 2 && path[0] == "api" && path[1] == "v1";
    const bool is_doc = path.size() > 1 && path[0] == "v1";
    if (!is_sdk && !is_doc) return voice_.missing();
    path.erase(path.begin(), path.begin() + (is_sdk ? 2 : 1));
    if (path[0] == "public") return payer_.widget(request, path);
    return call(request, path);
  }

 private:
  Reply call(const Request& request, const std::vector<std::string>& path) {
    const Caller caller = caller_of(request, voice_);
    if (!caller.code.empty()) return voice_.failure(401, caller.code, "nobody is known by these");
    if (const std::string code = voice_.setting("refuse_with"); !code.empty())
      return voice_.failure(status_of(code), code, "as the setting refuse_with says");
    if (path[0] == "api-keys")
      return voice_.failure(403, "person_only", "only a signed-in person may do this");
    if (request.method == "GET") return read(request, path, caller);
    return answers_.once(request, caller, needs_key(request.method, path),
                         [&] { return write(request, path, caller); });
  }

  // What is confirmed, and what is changed of an endpoint, the vendor's own library sends without.
  static bool needs_key(const std::string& method, const std::vector<std::string>& path) {
    if (path.size() > 2 && path[2] == "confirm") return false;
    const bool is_change = method == "POST" || method == "PATCH";
    return is_change &&
           (path[0] == "checkout-sessions" || path[0] == "refunds" || path[0] == "customers");
  }

  // The webhooks' routes have moved: the older path answers 404.
  bool is_webhooks(const std::string& noun) const {
    return noun == (voice_.is_doc() ? "webhook-endpoints" : "webhooks");
  }

  Reply read(const Request& request, const std::vector<std::string>& path, const Caller& caller) {
    const std::string& noun = path[0];
    const std::string id = path.size() > 1 ? path[1] : "";
    if (noun == "workspaces") return voice_.success(Json::array({workspace_json(caller)}));
    if (noun == "adapters") return voice_.success(adapters_json());
    if (noun == "checkout" && id == "settings") return voice_.success(settings_json());
    if (noun == "events") return hooks_.events(request, id, caller.mode);
    if (is_webhooks(noun) && id.empty()) return hooks_.endpoints(request, caller.mode);
    if (noun == "customers") return customers_.read(request, id, caller);
    if (noun == "refunds")
      return id.empty() ? refunds_.list(request, caller) : refunds_.get(id, caller);
    if (noun != "checkout-sessions") return voice_.missing();
    if (id.empty()) return sessions_.list(request, caller);
    const Session* session = sessions_.find(id, caller.scope());
    return session ? voice_.success(sessions_.json(*session)) : voice_.missing();
  }

  Reply write(const Request& request, const std::vector<std::string>& path, const Caller& caller) {
    const std::string& noun = path[0];
    const std::string id = path.size() > 1 ? path[1] : "", verb = path.size() > 2 ? path[2] : "";
    const std::string key(request.header("idempotency-key"));
    const Json body = parse_json(request.body);
    const bool is_post = request.method == "POST";
    if (is_webhooks(noun)) return hooks_.change(request, id, caller.mode);
    if (noun == "customers") return write_customer(request.method, id, body, caller);
    if (is_post && noun == "refunds" && id.empty()) return refunds_.create(body, caller, key);
    if (is_post && noun == "events" && id == "replay") return hooks_.replay(body, caller.mode);
    if (is_post && noun == "events" && id == "trigger") return hooks_.trigger(body, caller);
    if (noun != "checkout-sessions") return voice_.missing();
    if (is_post && id.empty()) return sessions_.create(body, caller, key);
    Session* session = sessions_.find(id, caller.scope());
    if (session && is_post && verb == "cancel") return sessions_.cancel(*session);
    if (session && is_post && verb == "confirm") return sessions_.confirm(*session);
    return voice_.missing();
  }

  Reply write_customer(const std::string& method, const std::string& id, const Json& body,
                       const Caller& caller) {
    if (method == "POST" && id.empty()) return customers_.create(body, caller);
    if (method == "PATCH") return customers_.update(id, body, caller);
    if (method == "DELETE") return customers_.remove(id, caller, sessions_.has_paid(id));
    return voice_.missing();
  }

  // ---- what a workspace is

  static Json workspace_json(const Caller& caller) {
    return {{"id", "ws_1"}, {"accountId", caller.account}, {"name", "A shop"}};
  }

  // An object by kind, where other lists are lists.
  Json adapters_json() const {
    Json adapters = Json::object();
    for (const auto* kind : {"xendit", "midtrans", "paypal", "manual", "managed"}) {
      const std::string_view name = kind;
      const bool is_active = name == "managed" ? voice_.is_on("managed") : name != "midtrans";
      adapters[kind] = {{"kind", kind},
                        {"status", is_active ? "active" : "unconfigured"},
                        {"secretKeyLast4", nullptr},
                        {"publicConfig", Json::object()},
                        {"configuredAt", nullptr},
                        {"lastErrorAt", nullptr},
                        {"lastErrorCode", nullptr}};
    }
    return adapters;
  }

  static Json settings_json() {
    const Json methods = Json::array({"qris", "va", "ewallet", "card", "retail", "paypal"});
    Json adapter_of = Json::object();
    for (const Json& method : methods) {
      const std::string name = method.get<std::string>();
      adapter_of[name] = name == "paypal" ? "paypal" : "xendit";
    }
    Json settings = Json::object();
    settings["enabledMethods"] = methods;
    settings["methodOrder"] = methods;
    settings["methodAdapter"] = adapter_of;
    settings["availableMethods"] = methods;
    return settings;
  }

  std::mutex mutex_;
  const Voice voice_;
  Hooks hooks_;
  Customers customers_;
  Sessions sessions_;
  Refunds refunds_;
  Payer payer_;
  Answers answers_;
};

}  // namespace

std::unique_ptr<Simulator> make_plugipay_simulator(World& world) {
  return std::make_unique<PlugipaySimulator>(world);
}

}  // namespace switchyard::sandbox
