// Soxara as its documents describe it: intents that are confirmed by card,
// phone or wallet, answers in an envelope, failures that are replayed for a day, signed webhooks.
// README.md lists the settings that change its habits.
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>

#include "adapters/soxara/simulator_book.h"
#include "adapters/soxara/simulator_calls.h"
#include "adapters/soxara/simulator_pages.h"
#include "adapters/soxara/simulator_webhooks.h"
#include "base/crypto.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace soxara_simulator;
using namespace std::chrono_literals;

class SoxaraSimulator final : public Simulator {
 public:
  explicit SoxaraSimulator(World& world) : world_(world), hooks_(world) {}
  std::string name() const override { return "soxara"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    const auto path = split(request.path);
    if (request.method == "OPTIONS") return answer(200, nullptr);
    if (request.path == "/js/v1") return script(world_.base_url("soxara"));
    if (path[0] == "pay" || path[0] == "3ds") return payer_page(request, path);
    if (path[0] == "replay" && path.size() == 2) return hooks_.replay(path[1]);
    const std::string mode = mode_of(request, setting("revoked_key", ""));
    if (mode.empty()) return failure(401, "UNAUTHORIZED", "this key opens nothing");
    const bool is_browser = request.path.ends_with("/confirm");
    const std::string scopes = "," + setting("scopes", std::string(all_scopes)) + ",";
    if (!is_browser && scopes.find("," + scope_of(request) + ",") == std::string::npos)
      return failure(403, "FORBIDDEN", "the key has no scope " + scope_of(request));
    if (request.method != "POST") return read(request, path, mode);
    return answers_.once(request, mode, world_.unix_time(),
                         [&] { return write(request, path, mode); });
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("soxara." + name, otherwise);
  }
  std::string time() const { return time_text(world_); }

  Reply read(const Request& request, const std::vector<std::string>& path,
             const std::string& mode) {
    const std::string what = path.size() > 1 ? path[1] : "", id = path.size() > 2 ? path[2] : "";
    if (what == "merchant") return success({{"id", "mer_1"}, {"country", "LR"}});
    if (what == "webhook-endpoints") return hooks_.change_endpoint(request, id, mode);
    if (what == "payments" && id.empty()) return list(request, mode);
    if (const Intent* intent = what == "payments" ? find(id, mode) : nullptr)
      return success(intent_json(*intent));
    const auto refund = refunds_.find(id);
    if (what == "refunds" && refund != refunds_.end() && refund->second.mode == mode)
      return success(refund_json(refund->second));
    return failure(404, "NOT_FOUND", "nothing here is yours");
  }

  Reply write(const Request& request, const std::vector<std::string>& path,
              const std::string& mode) {
    const Json body = parse_json(request.body);
    if (request.path == "/v1/payments") return create(body, mode, request);
    if (request.path == "/v1/refunds") return refund(body, mode);
    if (request.path == "/v1/webhook-endpoints") return hooks_.add_endpoint(body, mode);
    Intent* intent = path.size() == 4 && path[1] == "payments" ? find(path[2], mode) : nullptr;
    if (intent && path[3] == "confirm") return confirm(*intent, body);
    if (intent && path[3] == "cancel") return cancel(*intent);
    return failure(404, "NOT_FOUND", "nothing here is yours");
  }

  // An intent that nobody confirms is closed after a day.
  Intent* find(const std::string& id, std::string_view mode) {
    const auto found = intents_.find(id);
    if (found == intents_.end() || (!mode.empty() && found->second.mode != mode)) return nullptr;
    Intent& intent = found->second;
    if (intent.status == "requires_payment_method" &&
        world_.unix_time() - intent.created_unix >= 24 * 3600)
      change(intent, "canceled");
    return &intent;
  }

  Reply list(const Request& request, const std::string& mode) {
    std::size_t limit = 25;
    const std::string_view text = request.query_value("limit");
    std::from_chars(text.data(), text.data() + text.size(), limit);
    limit = std::clamp<std::size_t>(limit, 1, 100);
    Json items = Json::array();
    bool is_after = request.query_value("starting_after").empty();
    bool has_more = false;
    for (auto id = order_.rbegin(); id != order_.rend() && !has_more; ++id) {
      const Intent& intent = intents_[*id];
      if (is_after && intent.mode == mode) {
        has_more = items.size() == limit;
        if (!has_more) items.push_back(intent_json(intent));
      }
      if (*id == request.query_value("starting_after")) is_after = true;
    }
    const Json cursor = has_more ? items.back()["id"] : Json();
    return success({{"items", items}, {"has_more", has_more}, {"next_cursor", cursor}});
  }

  Reply create(const Json& body, const std::string& mode, const Request& request) {
    const std::string currency = text_at(body, "currency");
    const Json& amount = member_at(body, "amount");
    if (!amount.is_number_integer() || amount.get<std::int64_t>() <= 0)
      return failure(422, "VALIDATION_ERROR", "amount has to be a whole number above zero",
                     {{"field", "amount"}, {"received", amount}});
    if (currency != "USD" && currency != "LRD")
      return failure(422, "INVALID_CURRENCY", "currency has to be USD or LRD");
    if (amount.get<std::int64_t>() < (currency == "USD" ? 50 : 5000))
      return failure(422, "AMOUNT_TOO_SMALL", "the amount is too small");
    Intent intent = {.id = new_object_id("pi"), .mode = mode};
    intent.client_secret = intent.id + "_secret_" + to_hex(random_bytes(8));
    intent.currency = currency;
    intent.amount = amount.get<std::int64_t>();
    intent.created_at = time();
    intent.created_unix = world_.unix_time();
    intent.description = text_at(body, "description");
    if (member_at(body, "metadata").is_object()) intent.metadata = body["metadata"];
    intent.reference = text_at(body, "metadata.attempt_id");
    if (intent.reference.empty()) intent.reference = request.header("x-idempotency-key");
    order_.push_back(intent.id);
    const Intent& kept = intents_[intent.id] = intent;
    hooks_.send("payment.created", mode, intent_json(kept));
    Json object = intent_json(kept);
    object["client_secret"] = kept.client_secret;  // said once, here
    return success(std::move(object), 201);
  }

  Reply confirm(Intent& intent, const Json& body) {
    if (text_at(body, "client_secret") != intent.client_secret)
      return invalid("client_secret", "the client secret is not this intent's");
    if (intent.status != "requires_payment_method")
      return failure(409, "INVALID_STATE", "the intent is " + intent.status);
    const Json& method = member_at(body, "payment_method");
    const std::string type = text_at(method, "type");
    intent.return_url = text_at(body, "return_url");
    if (type == "momo") return confirm_momo(intent, method);
    if (type == "soxara_wallet") return confirm_wallet(intent, method);
    if (type == "card") return confirm_card(intent, text_at(method, "card.number"));
    return invalid("payment_method.type", "it has to be card, momo or soxara_wallet");
  }

  Reply confirm_momo(Intent& intent, const Json& method) {
    const std::string network = text_at(method, "momo.provider");
    const std::string phone = text_at(method, "momo.phone_number");
    if (network != "mtn" && network != "orange")
      return invalid("payment_method.momo.provider", "it has to be mtn or orange");
    if (!is_e164(phone)) return failure(422, "INVALID_PHONE_NUMBER", "the phone is not E.164");
    intent.payment_method = method;
    intent.next_action = {{"type", "momo_prompt"}, {"provider", network}, {"phone_number", phone}};
    change(intent, "requires_action");
    const std::string code = failure_of_phone(phone);
    const auto timeout = std::chrono::seconds(std::atoi(setting("prompt_timeout_s", "30").c_str()));
    settle_in(intent, code == "PROMPT_TIMEOUT" ? timeout : 5s, code);
    return success(intent_json(intent));
  }

  // With test keys only test buyers have a wallet: 1000 USD each, and it is really emptied.
  Reply confirm_wallet(Intent& intent, const Json& method) {
    const std::string phone = text_at(method, "soxara_wallet.phone_number");
    const std::string buyers = "," + setting("wallet_buyers", "+231880000001,+231880000002") + ",";
    if (phone.empty() || buyers.find("," + phone + ",") == std::string::npos)
      return failure(403, "FORBIDDEN", "wallet payments need a test buyer");
    std::int64_t& balance = wallets_.try_emplace(phone + intent.currency, 100'000).first->second;
    const bool is_enough = balance >= intent.amount;
    if (is_enough) balance -= intent.amount;
    intent.payment_method = method;
    intent.next_action = {{"type", "wallet_approval"}};
    change(intent, "requires_action");
    settle_in(intent, 5s, is_enough ? "" : "INSUFFICIENT_FUNDS");
    return success(intent_json(intent));
  }

  Reply confirm_card(Intent& intent, const std::string& number) {
    const std::string last4 = number.size() > 4 ? number.substr(number.size() - 4) : "";
    intent.payment_method = {{"type", "card"}, {"card", {{"last4", last4}}}};
    if (number == challenged_card) {
      const std::string url = world_.base_url("soxara") + "/3ds/" + intent.id;
      intent.next_action = {{"type", "redirect_to_url"},
                            {"redirect_to_url", {{"url", url}, {"return_url", intent.return_url}}}};
      change(intent, "requires_action");
    } else {
      settle(intent, failure_of_card(number));
    }
    if (number == disputed_card)
      world_.after(10s, [this, mode = intent.mode, object = intent_json(intent)] {
        const std::lock_guard lock(mutex_);
        hooks_.send("payment.disputed", mode, object);
      });
    return success(intent_json(intent));
  }

  void settle_in(const Intent& intent, std::chrono::milliseconds delay, const std::string& code) {
    world_.after(delay, [this, id = intent.id, code] {
      const std::lock_guard lock(mutex_);
      settle(intents_[id], code);
    });
  }

  // A cancel can lose the race against an open prompt: with `late_success` it does.
  void settle(Intent& intent, const std::string& code) {
    const bool is_late = intent.status == "canceled" && setting("late_success", "") == "true";
    if (intent.status != "requires_action" && intent.status != "requires_payment_method" &&
        !is_late)
      return;
    intent.failure_code = code;
    if (!code.empty()) return change(intent, "failed");
    world_.record(
        {"soxara", "charge", intent.id, intent.reference, intent.amount, intent.currency});
    change(intent, "succeeded");
  }

  void change(Intent& intent, const std::string& status) {
    intent.status = status;
    hooks_.send("payment." + status, intent.mode, intent_json(intent));
  }

  Reply cancel(Intent& intent) {
    if (intent.status != "requires_payment_method" && intent.status != "requires_action")
      return failure(409, "INVALID_STATE", "the intent is " + intent.status);
    change(intent, "canceled");
    world_.record(
        {"soxara", "cancel", intent.id, intent.reference, intent.amount, intent.currency});
    return success(intent_json(intent));
  }

  // ---- refunds

  Reply refund(const Json& body, const std::string& mode) {
    std::string id = text_at(body, "payment_id");
    if (id.empty()) id = text_at(body, "payment");
    Intent* intent = find(id, mode);
    if (!intent) return failure(404, "NOT_FOUND", "no such payment");
    if (intent->status != "succeeded")
      return failure(409, "INVALID_STATE", "the payment is " + intent->status);
    const std::int64_t left = intent->amount - intent->refund_asked;
    const Json& amount = member_at(body, "amount");
    const std::int64_t wanted = amount.is_number_integer() ? amount.get<std::int64_t>() : left;
    if (wanted <= 0 || wanted > left)
      return invalid("amount", "the amount is not within what is left");
    Refund refund = {.id = new_object_id("re"), .mode = mode, .payment_id = id};
    refund.currency = intent->currency;
    refund.amount = wanted;
    refund.reason = text_at(body, "reason");
    refund.created_at = time();
    if (member_at(body, "metadata").is_object()) refund.metadata = body["metadata"];
    intent->refund_asked += wanted;
    refunds_[refund.id] = refund;
    hooks_.send("refund.created", mode, refund_json(refund));
    world_.after(2s, [this, id = refund.id] {
      const std::lock_guard lock(mutex_);
      finish_refund(refunds_[id]);
    });
    return success(refund_json(refund), 201);
  }

  void finish_refund(Refund& refund) {
    refund.status = setting("refund_result", "succeeded");
    if (refund.status == "succeeded") {
      intents_[refund.payment_id].refunded += refund.amount;
      std::string reference = text_at(refund.metadata, "refund_attempt_id");
      world_.record({"soxara", "refund", refund.id, reference, refund.amount, refund.currency});
    } else {
      intents_[refund.payment_id].refund_asked -= refund.amount;
      refund.failure_code = "PROVIDER_ERROR";
    }
    hooks_.send("refund." + refund.status, refund.mode, refund_json(refund));
  }

  // ---- what the payer sees

  Reply payer_page(const Request& request, const std::vector<std::string>& path) {
    Intent* intent = path.size() == 2 ? find(path[1], "") : nullptr;
    if (!intent) return {.status = 404, .body = "{}"};
    const std::string action = world_.base_url("soxara") + request.path;
    const bool is_post = request.method == "POST", is_challenge = path[0] == "3ds";
    const Request form = {.query = decode_fields(request.body)};
    if (is_challenge && intent->status == "requires_action") {
      if (!is_post) return challenge_page(*intent, action);
      const bool is_approved = form.query_value("decision") == "approve";
      settle(*intent, is_approved ? "" : "three_d_secure_failed");
      return see_other(intent->return_url);
    }
    if (is_challenge || intent->status != "requires_payment_method") return state_page(*intent, "");
    if (!is_post)
      return method_page(*intent, action, std::string(request.query_value("return_url")));
    return submit(*intent, form);
  }

  Reply submit(Intent& intent, const Request& form) {
    const std::string type(form.query_value("type"));
    const Json fields = {{"provider", form.query_value("provider")},
                         {"phone_number", form.query_value("phone_number")},
                         {"number", form.query_value("number")}};
    const Reply reply = confirm(intent, {{"client_secret", intent.client_secret},
                                         {"return_url", form.query_value("return_url")},
                                         {"payment_method", {{"type", type}, {type, fields}}}});
    const Json said = parse_json(reply.body);
    const std::string url = text_at(said, "data.next_action.redirect_to_url.url");
    if (!url.empty()) return see_other(url);
    if (reply.status == 200 && !intent.return_url.empty()) return see_other(intent.return_url);
    return state_page(intent, text_at(said, "error.message"));
  }

  World& world_;
  std::mutex mutex_;
  Hooks hooks_;
  Answers answers_;
  std::map<std::string, Intent> intents_;
  std::vector<std::string> order_;  // of the intents, oldest first
  std::map<std::string, Refund> refunds_;
  std::map<std::string, std::int64_t> wallets_;  // by phone and currency
};

}  // namespace

std::unique_ptr<Simulator> make_soxara_simulator(World& world) {
  return std::make_unique<SoxaraSimulator>(world);
}

}  // namespace switchyard::sandbox
