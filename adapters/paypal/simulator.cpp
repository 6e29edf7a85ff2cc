// PayPal as its documents describe it: access tokens, orders that a payer approves on a page and
// that take money only when they are captured, refunds of captures, webhooks signed with a
// certificate. README.md lists the settings that change its habits.
#include <cstdlib>
#include <mutex>

#include "adapters/paypal/simulator_book.h"
#include "adapters/paypal/simulator_calls.h"
#include "adapters/paypal/simulator_pages.h"
#include "adapters/paypal/simulator_shop.h"
#include "adapters/paypal/simulator_webhooks.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace paypal_simulator;

class PaypalSimulator final : public Simulator {
 public:
  explicit PaypalSimulator(World& world)
      : world_(world), hooks_(world), shop_(world, mutex_, hooks_) {}
  std::string name() const override { return "paypal"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    const auto path = split(request.path);
    if (path[0] == "checkoutnow") return payer_page(request);
    if (path[0] == "dashboard") return dashboard(request, path);
    if (request.path == certificate_path) return hooks_.certificate();
    if (setting("rate_limited", "false") == "true") return failure("RATE_LIMIT_REACHED");
    if (request.path == "/v1/oauth2/token") return issue_token(request);
    if (auto refused = tokens_.refuse(request, generation(), world_.unix_time())) return *refused;
    const bool is_post = request.method == "POST";
    if (is_post && !request.header("content-type").starts_with("application/json"))
      return failure("UNSUPPORTED_MEDIA_TYPE");
    if (request.path.starts_with("/v1/notifications/")) return hooks_.handle(request, path);
    if (path[0] != "v2" || path.size() < 3) return failure("INVALID_RESOURCE_ID");
    return is_post ? write(request, path) : read(request, path);
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("paypal." + name, otherwise);
  }
  std::string generation() const { return setting("token_generation", "1"); }

  Reply issue_token(const Request& request) {
    const std::string pair = setting("client_id", "paypal-sandbox-client") + ":" +
                             setting("client_secret", "paypal-sandbox-secret");
    const std::int64_t lasts_sec = std::atoll(setting("token_lasts_s", "32400").c_str());
    return tokens_.issue(request, pair, lasts_sec, generation(), world_.unix_time());
  }

  // ---- calls

  // An id is found at its own address, and in no other collection.
  Reply read(const Request& request, const std::vector<std::string>& path) {
    const bool is_read = request.method == "GET" && path.size() == 4;
    Json found = is_read ? shop_.shown(path[3]) : Json();
    if (text_at(found, "links.0.href") != shop_.base() + request.path)
      return failure("INVALID_RESOURCE_ID");
    if (path[2] == "captures") found["payee"] = payee_json();
    return answer(200, found);
  }

  // "create", "capture", "authorize", "capture_authorization", "void" or "refund"; "" for others.
  static std::string operation_of(const std::vector<std::string>& path) {
    const std::string what = path[1] + "/" + path[2];
    const std::string verb = path.size() == 5 ? path[4] : "";
    if (what == "checkout/orders" && path.size() == 3) return "create";
    if (what == "checkout/orders" && (verb == "capture" || verb == "authorize")) return verb;
    if (what == "payments/authorizations" && verb == "capture") return "capture_authorization";
    if (what == "payments/authorizations" && verb == "void") return verb;
    return what == "payments/captures" && verb == "refund" ? verb : "";
  }

  // What a key has made is answered as it is now. Without a key everything is done once more.
  Reply write(const Request& request, const std::vector<std::string>& path) {
    const std::string operation = operation_of(path);
    if (operation.empty()) return failure("INVALID_RESOURCE_ID");
    if (request.header("paypal-request-id").size() > 108) return failure("INVALID_STRING_LENGTH");
    const std::string known = keys_.made_by(request, world_.unix_time());
    if (!known.empty()) return written(request, operation, known, true);
    const std::string ordered = ordered_issue(request, operation);
    if (!ordered.empty()) return failure(ordered);
    const Json body = body_of(request);
    if (!body.is_object()) return failure("MALFORMED_REQUEST_JSON");
    const Outcome outcome = run(operation, path.size() > 3 ? path[3] : "", body);
    if (!outcome.issue.empty()) return failure(outcome.issue, outcome.redirect);
    const std::int64_t lasts = path[1] == "checkout" ? 6 * 3600 : 45 * a_day;
    keys_.keep(request, outcome.made, world_.unix_time() + lasts);
    return written(request, operation, outcome.made, false);
  }

  // As with PayPal's negative testing, or by a setting, for callers that send no such header.
  std::string ordered_issue(const Request& request, const std::string& operation) const {
    const Json header = parse_json(request.header("paypal-mock-response"));
    const std::string issue = text_at(header, "mock_application_codes");
    return issue.empty() ? setting("mock_" + operation, "") : issue;
  }

  Outcome run(const std::string& operation, const std::string& id, const Json& body) {
    if (operation == "create") return shop_.create(body);
    if (operation == "capture" || operation == "authorize")
      return shop_.pay(id, operation == "capture");
    if (operation == "capture_authorization") return shop_.capture_hold(id, body);
    return operation == "void" ? shop_.void_hold(id) : shop_.refund(id, body);
  }

  // A new order with a source in its request is answered with 200, everything else that is new
  // with 201.
  Reply written(const Request& request, const std::string& operation, const std::string& id,
                bool is_again) {
    const Json all = shop_.shown(id);
    if (all.is_null()) return failure("INVALID_RESOURCE_ID");
    if (operation == "void" && !wants_all(request)) return nothing();
    const bool has_source = operation == "create" && all.contains("payment_source");
    const int status = is_again || has_source || operation == "void" ? 200 : 201;
    return answer(status, wants_all(request) ? all : short_of(all));
  }

  // ---- what people do with a browser

  Reply payer_page(const Request& request) {
    const std::string id(request.query_value("token"));
    Order* order = shop_.find_order(id);
    if (!order) return state_page("There is no such order any more", "");
    if (order->status != "CREATED" && order->status != "PAYER_ACTION_REQUIRED")
      return state_page("This order is " + order->status, order->return_url);
    if (request.method != "POST")
      return approval_page(*order, payer_page_of(*order, world_.base_url("paypal")));
    const Request form = {.query = decode_fields(request.body)};
    const std::string decision(form.query_value("decision"));
    if (decision == "cancel") return see_other(with_query(order->cancel_url, "token=" + id));
    const bool is_plan = decision == "review" || decision == "bounce" || decision == "decline";
    if (!is_plan && decision != "approve" && decision != "leave")
      return approval_page(*order, payer_page_of(*order, world_.base_url("paypal")));
    shop_.approve(*order, is_plan ? decision : "");
    const std::string back =
        with_query(order->return_url, "token=" + id + "&PayerID=" + std::string(payer_id));
    return decision == "leave" ? state_page("You agreed to pay", "") : see_other(back);
  }

  // POST /dashboard/captures/ID/refund: a refund that the merchant makes on PayPal's own pages.
  Reply dashboard(const Request& request, const std::vector<std::string>& path) {
    const Json body = body_of(request);
    if (path.size() != 4 || path[1] != "captures" || path[3] != "refund" || !body.is_object())
      return failure("INVALID_RESOURCE_ID");
    const Outcome outcome = shop_.refund(path[2], body);
    return outcome.issue.empty() ? answer(201, shop_.shown(outcome.made)) : failure(outcome.issue);
  }

  World& world_;
  std::mutex mutex_;
  Hooks hooks_;
  Shop shop_;
  Tokens tokens_;
  Keys keys_;
};

}  // namespace

std::unique_ptr<Simulator> make_paypal_simulator(World& world) {
  return std::make_unique<PaypalSimulator>(world);
}

}  // namespace switchyard::sandbox
