// MintCash as its documents describe it: one set of keys per mode, externalId
// as the key of everything, a hosted page, refunds one at a time, webhooks signed over their body.
// README.md lists the settings that change its habits.
#include <cstdlib>
#include <map>
#include <mutex>

#include "adapters/mintcash/simulator_book.h"
#include "adapters/mintcash/simulator_calls.h"
#include "adapters/mintcash/simulator_pages.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace mintcash_simulator;
using namespace std::chrono_literals;

class MintcashSimulator final : public Simulator {
 public:
  explicit MintcashSimulator(World& world) : world_(world) {}
  std::string name() const override { return "mintcash"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    const auto path = split(request.path);
    if (path[0] == "hpp" && path.size() >= 2) return hosted_page(request, path);
    if (path[0] == "ping") return ping();
    const std::string mode = mode_of(request, setting("revoked_key", ""));
    if (mode.empty()) return error(401, "unauthenticated", "these keys open nothing");
    if (setting("ip_not_allowed", "false") == "true")
      return error(403, "ip_not_allowed", "the caller's address is not on the list");
    return api(request, path, mode);
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("mintcash." + name, otherwise);
  }
  std::string time() const { return to_rfc3339(from_unix_seconds(world_.unix_time())); }

  Reply api(const Request& request, const std::vector<std::string>& path, const std::string& mode) {
    const bool is_post = request.method == "POST", is_get = request.method == "GET";
    const auto at = [&](std::size_t i) { return i < path.size() ? path[i] : std::string(); };
    if (is_get && request.path == "/merchant/api-keys") return api_keys(mode);
    if (is_post && request.path == "/payments") return create(parse_json(request.body), mode);
    if (is_get && path.size() == 2 && path[0] == "refunds") return get_refund(path[1], mode);
    if (path[0] == "subscriptions") return subscriptions(request, at(1), mode);
    Payment* payment = path[0] == "payments" ? find(at(1), mode) : nullptr;
    if (!payment) return error(404, "not_found", "nothing here is yours");
    if (is_get && path.size() == 2) return payment_reply(*payment, false);
    if (is_post && at(2) == "refund") return refund(*payment, parse_json(request.body));
    if (is_get && at(2) == "refunds") return list_refunds(*payment);
    return error(404, "not_found", "no such call");
  }

  Payment* find(const std::string& id, std::string_view mode) {
    const auto found = payments_.find(id);
    if (found == payments_.end() || (!mode.empty() && found->second.mode != mode)) return nullptr;
    expire_if_old(found->second);
    return &found->second;
  }

  Reply api_keys(const std::string& mode) const {
    const Json key = {{"id", "key_1"},       {"publicKey", "pk_" + mode + "_demo"},
                      {"environment", mode}, {"isActive", true},
                      {"createdAt", time()}, {"revokedAt", nullptr}};
    return {.body = write_json({{"apiKeys", {key}}})};
  }

  // ---- payments

  Reply create(const Json& body, const std::string& mode) {
    std::string problem = problem_of(body, setting("billing_required", "false") == "true");
    const std::string token = text_at(body, "cardToken");
    if (!token.empty() && !tokens_.contains(token)) problem = "cardToken is not known";
    if (!problem.empty()) return error(400, "invalid_argument", problem);
    const std::string external_id = text_at(body, "externalId");
    const auto asked = nlohmann::json::parse(write_json(body), nullptr, false);
    if (const auto known = by_external_id_.find({mode, external_id});
        known != by_external_id_.end()) {
      Payment& payment = *find(known->second, mode);
      if (payment.asked != asked)
        return error(409, "already_exists", "externalId was used with other data");
      return payment_reply(payment, true);
    }
    Payment payment = {.id = new_uuid(), .mode = mode, .external_id = external_id};
    payment.currency = text_at(body, "currency");
    payment.amount = *integer_at(body, "amount");
    payment.asked = asked;
    payment.customer = body["customer"];
    payment.customer["id"] = new_uuid();
    if (!payment.customer.contains("phone")) payment.customer["phone"] = nullptr;
    payment.billing = member_at(body, "billing");
    payment.return_url = text_at(body, "returnUrl");
    payment.callback_url = text_at(body, "callbackUrl");
    payment.transaction_id = "cpi_" + payment.id.substr(0, 5);
    payment.created_at = payment.updated_at = time();
    payment.opened_at = world_.unix_time();
    payment.has_page = token.empty();
    by_external_id_[{mode, external_id}] = payment.id;
    Payment& kept = payments_[payment.id] = payment;
    send_webhook(kept, "payment.created");
    return kept.has_page ? payment_reply(kept, true) : pay_by_token(kept, token);
  }

  // Without a page it is decided at once, and a decline is the answer's status: 499.
  Reply pay_by_token(Payment& payment, const std::string& token) {
    payment.card = tokens_[token];
    const std::string code = setting("token_decline", "");
    change(payment, "pending");
    if (code.empty()) {
      take_money(payment);
      return payment_reply(payment, true);
    }
    fail(payment, code);
    return error(499, "aborted", "declined by the acquirer",
                 {{"failureCode", code}, {"failureMessage", message_of(code)}});
  }

  Reply payment_reply(const Payment& payment, bool is_create) const {
    Json flat = payment_json(payment, setting("answer_unit", "minor") == "major");
    flat["createdAt"] = payment.created_at;
    const Json url = payment.has_page ? Json(page_url(payment)) : Json();
    if (!is_create) {
      flat["cardToken"] = or_null(payment.card_token);
      flat["card"] = payment.card;
    } else if (setting("create_shape", "flat") == "nested") {
      return {.body = write_json({{"payment", flat}, {"redirectUrl", url}})};
    }
    flat["redirectUrl"] = url;
    return {.body = write_json(flat)};
  }

  // False, and nothing happens, where the table has no such change.
  bool change(Payment& payment, const std::string& status) {
    if (!may_become(payment.status, status)) return false;
    payment.status = status;
    payment.updated_at = time();
    // A refund tells of itself, and of the payment's new status with it.
    if (payment.refunds.empty()) send_webhook(payment, "payment." + status);
    return true;
  }

  void take_money(Payment& payment) {
    if (!may_become(payment.status, "succeeded")) return;
    payment.card_token = "tok_" + new_uuid().substr(0, 8);
    tokens_[payment.card_token] = payment.card;
    world_.record(
        {"mintcash", "charge", payment.id, payment.external_id, payment.amount, payment.currency});
    change(payment, "succeeded");
  }

  void fail(Payment& payment, const std::string& code) {
    if (!may_become(payment.status, "failed")) return;
    payment.failure_code = code;
    change(payment, "failed");
  }

  void expire_if_old(Payment& payment) {
    const std::string lasts = setting("hpp_ttl_s", "1800");
    if (payment.status == "created" && payment.has_page &&
        world_.unix_time() - payment.opened_at >= std::atoll(lasts.c_str()))
      fail(payment, "expired");
  }

  // ---- the hosted page

  std::string page_url(const Payment& payment) const {
    return world_.base_url("mintcash") + "/hpp/" + payment.id;
  }

  Reply hosted_page(const Request& request, const std::vector<std::string>& path) {
    Payment* payment = find(path[1], "");
    if (!payment || !payment->has_page) return {.status = 404, .body = "{}"};
    const std::string url = page_url(*payment);
    const bool is_3ds = path.size() == 3 && path[2] == "3ds";
    if (request.method != "POST") {
      if (is_3ds && payment->status == "pending") return three_ds_page(*payment, url + "/3ds");
      return payment->status == "created" ? card_page(*payment, url) : over_page(*payment);
    }
    const Request form = {.query = decode_fields(request.body)};
    if (is_3ds) return decide_3ds(*payment, form.query_value("decision") == "approve");
    if (payment->status != "created") return over_page(*payment);
    if (form.query_value("action") == "expire") {
      fail(*payment, "expired");
      return see_other(payment->return_url);
    }
    return submit_card(*payment, form);
  }

  Reply submit_card(Payment& payment, const Request& form) {
    std::string number(form.query_value("card"));
    std::erase_if(number, [](char c) { return c < '0' || c > '9'; });
    const std::string expiry(form.query_value("expiry"));
    const Card* card = std::ranges::find(test_cards, number, &Card::number);
    const bool is_known = card != std::end(test_cards);
    const std::string last4 = number.size() > 4 ? number.substr(number.size() - 4) : number;
    payment.card = {{"brand", number.starts_with("5") ? "mastercard" : "visa"},
                    {"first6", number.substr(0, 6)},
                    {"last4", last4},
                    {"mask", number.substr(0, 6) + "******" + last4},
                    {"expMonth", expiry.substr(0, 2)},
                    {"expYear", expiry.size() > 2 ? expiry.substr(expiry.size() - 2) : ""}};
    payment.will_succeed = is_known && card->succeeds;
    payment.failure_code.clear();
    outcome_[payment.id] =
        is_known ? failure_of(expiry.substr(0, 2), setting("expiry_map", std::string(expiry_map)))
                 : "invalid_pan";
    change(payment, "pending");
    if (is_known && card->asks_3ds) return see_other(page_url(payment) + "/3ds");
    settle_in(payment, 1000ms);
    return see_other(payment.return_url);
  }

  Reply decide_3ds(Payment& payment, bool is_approved) {
    if (payment.status != "pending") return over_page(payment);
    if (!is_approved) {
      payment.will_succeed = false;
      outcome_[payment.id] = "client_auth_failed";
    }
    settle_in(payment, 3000ms);
    return see_other(payment.return_url);
  }

  void settle_in(const Payment& payment, std::chrono::milliseconds delay) {
    world_.after(delay, [this, id = payment.id] {
      const std::lock_guard lock(mutex_);
      Payment& payment = payments_[id];
      if (payment.will_succeed)
        take_money(payment);
      else
        fail(payment, outcome_[id]);
    });
  }

  // ---- refunds

  Reply refund(Payment& payment, const Json& body) {
    const std::string external_id = text_at(body, "externalId");
    const Json& amount = member_at(body, "amount");
    if (external_id.empty() || !(amount.is_null() || amount.is_number_integer()))
      return error(400, "invalid_argument", "externalId or amount is wrong");
    const std::int64_t wanted =
        amount.is_null() ? payment.refundable() : amount.get<std::int64_t>();
    for (const Refund& each : payment.refunds)
      if (each.external_id == external_id)
        return amount.is_null() || each.amount == wanted
                   ? refund_reply(payment, each)
                   : error(409, "already_exists", "externalId was used with other data");
    if (wanted <= 0 && payment.refundable() > 0)
      return error(400, "invalid_argument", "amount has to be above zero");
    const bool is_running =
        std::ranges::any_of(payment.refunds, [](auto& each) { return each.status == "pending"; });
    if (is_running || !payment.took_money() || payment.status == "refunded")
      return error(409, "failed_precondition", "not refundable now");
    if (wanted > payment.refundable())
      return error(422, "failed_precondition", "more than what is left");
    payment.refunds.push_back({.id = new_uuid(),
                               .external_id = external_id,
                               .reason = text_at(body, "reason"),
                               .status = "pending",
                               .created_at = time(),
                               .amount = wanted});
    finish_or_wait(payment);
    return refund_reply(payment, payment.refunds.back());
  }

  void finish_or_wait(Payment& payment) {
    const std::string result = setting("refund_result", "succeeded");
    if (result != "pending") return finish_refund(payment, result == "succeeded");
    world_.after(2000ms, [this, id = payment.id] {
      const std::lock_guard lock(mutex_);
      finish_refund(payments_[id], true);
    });
  }

  void finish_refund(Payment& payment, bool succeeds) {
    Refund& refund = payment.refunds.back();  // the one in flight is always the last
    refund.status = succeeds ? "succeeded" : "failed";
    if (succeeds) {
      change(payment, payment.refundable() == 0 ? "refunded" : "partially_refunded");
      world_.record(
          {"mintcash", "refund", refund.id, refund.external_id, refund.amount, payment.currency});
    } else {
      refund.failure_code = "provider_error";
    }
    const std::string event = succeeds ? payment.status : "refund_failed";
    send_webhook(payment, "payment." + event, refund_json(payment, refund, true));
  }

  Reply refund_reply(const Payment& payment, const Refund& refund) const {
    const bool is_major = setting("answer_unit", "minor") == "major";
    return {.body = write_json(refund_json(payment, refund, is_major))};
  }

  Reply get_refund(const std::string& id, const std::string& mode) const {
    for (const auto& [unused, payment] : payments_)
      for (const Refund& refund : payment.refunds)
        if (refund.id == id && payment.mode == mode) return refund_reply(payment, refund);
    return error(404, "not_found", "no such refund");
  }

  Reply list_refunds(const Payment& payment) const {
    Json all = Json::array();  // newest first
    for (auto each = payment.refunds.rbegin(); each != payment.refunds.rend(); ++each)
      all.push_back(refund_json(payment, *each, setting("answer_unit", "minor") == "major"));
    return {.body = write_json({{"refunds", all}})};
  }

  // ---- subscriptions: kept and ended, never charged

  Reply subscriptions(const Request& request, const std::string& id, const std::string& mode) {
    const Json body = parse_json(request.body);
    if (request.method == "POST" && id.empty()) {
      Json& kept = subscriptions_[mode + text_at(body, "externalId")];
      if (kept.is_null()) {
        kept = body;
        kept["id"] = new_uuid();
        kept["status"] = "created";
        kept["createdAt"] = time();
        kept["redirectUrl"] = nullptr;
      }
      return {.body = write_json(kept)};
    }
    for (auto& [key, kept] : subscriptions_) {
      if (!key.starts_with(mode) || kept["id"] != id) continue;
      if (request.method == "DELETE") kept["status"] = "cancelled";
      return {.body = write_json(kept)};
    }
    return error(404, "not_found", "no such subscription");
  }

  // ---- webhooks

  void send_webhook(const Payment& payment, const std::string& event, Json refund = nullptr) {
    Json entity = webhook_json(payment, setting("payload", "real") == "documented");
    if (refund.is_object()) entity["refund"] = std::move(refund);
    const Json body = {{"eventId", new_uuid()},       {"event", event},
                       {"type", "payment"},           {"apiVersion", "2026-05-01"},
                       {"environment", payment.mode}, {"createdAt", time()},
                       {"data", std::move(entity)}};
    const std::string own = payment.callback_url;
    deliver(own.empty() ? setting("webhook_url", "") : own, write_json(body), true);
  }

  void deliver(const std::string& url, const std::string& body, bool is_signed) {
    if (url.empty()) return;
    WebhookOrder order = {
        .provider = "mintcash",
        .request = {"POST", url, {{"Content-Type", "application/json"}}, body},
        .schedule = {300ms, 30s, 2min, 10min, 1h, 6h},
    };
    const std::string secret = setting("secret_key", "demo-signing-secret-91ab");
    if (is_signed)
      order.request.headers.emplace_back("x-signature", to_hex(hmac_sha256(secret, body)));
    world_.send_webhook(std::move(order));
  }

  // The unsigned probe that has been seen at receivers.
  Reply ping() {
    deliver(setting("webhook_url", ""), R"({"ping":true})", false);
    return {.body = "{}"};
  }

  World& world_;
  std::mutex mutex_;
  std::map<std::string, Payment> payments_;
  std::map<std::pair<std::string, std::string>, std::string> by_external_id_;  // mode and id
  std::map<std::string, std::string> outcome_;  // how a payment fails if it does
  std::map<std::string, Json> tokens_;
  std::map<std::string, Json> subscriptions_;
};

}  // namespace

std::unique_ptr<Simulator> make_mintcash_simulator(World& world) {
  return std::make_unique<MintcashSimulator>(world);
}

}  // namespace switchyard::sandbox
