// What Stripe knows, and what happens to it: payment intents, charges, pages, refunds and the
// events that tell of them. Not safe from several threads: the simulator holds its lock.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "adapters/stripe/simulator_objects.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::stripe_simulator {

struct Intent {
  Json json;
  const TestCard* card = nullptr;
  std::string return_url;
  std::string session;  // of the page that made it
};

struct Session {
  Json json;
  Json intent_metadata;
  std::string description, capture_method;
};

struct Token {
  const TestCard* card = nullptr;
  bool is_used = false;
};

// How the payer is there for a confirmation.
struct Presence {
  std::string return_url;
  bool is_off_session = false;
  bool is_action_an_error = false;
};

class Book {
 public:
  Book(World& world, std::mutex& mutex) : world_(world), mutex_(mutex) {}

  std::map<std::string, Intent> intents;
  std::map<std::string, Session> sessions;
  std::map<std::string, Json> charges, refunds, methods;
  std::map<std::string, const TestCard*> cards_of_methods;
  std::map<std::string, Token> tokens;
  std::vector<Json> events;
  // Of the call that is being answered: events name it.
  std::string request_id, idempotency_key;

  std::int64_t now() const { return world_.unix_time(); }
  World& world() { return world_; }

  std::string add_method(const TestCard& card) {
    Json method = new_method(card, now());
    const std::string id = text_at(method, "id");
    cards_of_methods[id] = &card;
    methods[id] = std::move(method);
    return id;
  }

  // One try to pay. The refusal is the 402; the payment intent waits for another card.
  std::optional<Refusal> confirm(Intent& intent, const TestCard& card, const std::string& method,
                                 const Presence& presence) {
    intent.card = &card;
    intent.return_url = presence.return_url;
    intent.json["payment_method"] = method;
    intent.json["last_payment_error"] = nullptr;
    const bool is_asked =
        card.authentication == Authentication::always ||
        (card.authentication == Authentication::on_session && !presence.is_off_session);
    if (is_asked && (presence.is_off_session || presence.is_action_an_error))
      return decline(intent, card_error("authentication_required",
                                        presence.is_off_session ? "authentication_required"
                                                                : "authentication_not_handled",
                                        "", ""));
    if (is_asked) {
      ask_for_authentication(intent);
      return std::nullopt;
    }
    return charge(intent);
  }

  // After authentication, or without one.
  std::optional<Refusal> charge(Intent& intent) {
    const TestCard& card = *intent.card;
    intent.json["next_action"] = nullptr;
    if (!card.code.empty())
      return decline(intent, card_error(card.code, card.decline_code, card.advice, card.param));
    Json made = new_charge(intent.json, card, now());
    const std::string id = text_at(made, "id");
    charges[id] = std::move(made);
    intent.json["latest_charge"] = id;
    if (text_at(intent.json, "capture_method") == "manual") {
      intent.json["amount_capturable"] = intent.json["amount"];
      intent.json["status"] = "requires_capture";
      record("authorize", intent, *integer_at(intent.json, "amount"));
      emit("charge.succeeded", charges[id]);
      emit("payment_intent.amount_capturable_updated", intent.json);
    } else {
      take(intent, *integer_at(intent.json, "amount"), "charge");
      emit("charge.succeeded", charges[id]);
      emit("payment_intent.succeeded", intent.json);
    }
    if (card.later == Later::dispute) dispute_later(id);
    return std::nullopt;
  }

  void fail_authentication(Intent& intent) {
    Json error = card_error("payment_intent_authentication_failure", "", "", "");
    error["type"] = "invalid_request_error";
    error["message"] = "The provided PaymentMethod has failed authentication.";
    decline(intent, std::move(error));
  }

  void capture(Intent& intent, std::int64_t amount) {
    intent.json["amount_capturable"] = 0;
    take(intent, amount, "capture");
    emit("charge.captured", charge_of(intent));
    emit("payment_intent.succeeded", intent.json);
  }

  void cancel(Intent& intent, const std::string& reason) {
    const bool was_held = text_at(intent.json, "status") == "requires_capture";
    intent.json["status"] = "canceled";
    intent.json["canceled_at"] = now();
    intent.json["cancellation_reason"] = or_null(reason);
    intent.json["amount_capturable"] = 0;
    intent.json["next_action"] = nullptr;
    record("cancel", intent, *integer_at(intent.json, "amount"));
    if (was_held) {  // shown as if it had been given back
      Json& held = charge_of(intent);
      held["amount_refunded"] = held["amount"];
      held["refunded"] = true;
      emit("charge.refunded", held);
    }
    emit("payment_intent.canceled", intent.json);
  }

  // Collected: what a bank transfer brings later arrives here too.
  void take(Intent& intent, std::int64_t amount, const std::string& operation) {
    Json& made = charge_of(intent);
    made["captured"] = true;
    made["amount_captured"] = amount;
    made["status"] = "succeeded";
    intent.json["amount_received"] = amount;
    intent.json["status"] = "succeeded";
    record(operation, intent, amount);
  }

  Json& charge_of(Intent& intent) { return charges[text_at(intent.json, "latest_charge")]; }
  const TestCard& card_of(const Json& charge) {
    const auto found = intents.find(text_at(charge, "payment_intent"));
    return found == intents.end() || !found->second.card ? test_cards[0] : *found->second.card;
  }

  Json add_refund(Json& charge, std::int64_t amount, const Params& params) {
    Json refund = new_refund(charge, amount, params, now());
    const Later later = card_of(charge).later;
    const std::string id = text_at(refund, "id");
    if (later == Later::refund_is_pending) {
      refund["status"] = "pending";
      refund["pending_reason"] = "processing";
    }
    refunds[id] = refund;
    give_back(charge, amount);
    if (later != Later::refund_is_pending) record_refund(refund, amount);
    emit("refund.created", refund);
    emit("charge.refunded", charge);
    if (later == Later::refund_is_pending || later == Later::refund_fails)
      world_.after(delay("stripe.refund_delay_ms", 3000), [this, id, later] {
        const std::lock_guard lock(mutex_);
        finish_refund(refunds[id], later == Later::refund_is_pending);
      });
    return refund;
  }

  void complete(Session& session, const std::string& payment_status) {
    session.json["status"] = "complete";
    session.json["payment_status"] = payment_status;
    session.json["url"] = nullptr;
    emit("checkout.session.completed", session.json);
  }

  void expire(Session& session) {
    session.json["status"] = "expired";
    session.json["url"] = nullptr;
    const auto found = intents.find(text_at(session.json, "payment_intent"));
    if (found != intents.end()) cancel(found->second, "automatic");
    emit("checkout.session.expired", session.json);
  }
  void expire_if_late(Session& session) {
    if (text_at(session.json, "status") == "open" &&
        now() >= integer_at(session.json, "expires_at").value_or(0))
      expire(session);
  }

  void finish_debit_later(const std::string& session_id, bool succeeds) {
    world_.after(delay("stripe.debit_delay_ms", 3000), [this, session_id, succeeds] {
      const std::lock_guard lock(mutex_);
      request_id = idempotency_key = "";
      Session& session = sessions[session_id];
      Intent& intent = intents[text_at(session.json, "payment_intent")];
      if (!succeeds) {
        charge_of(intent)["status"] = "failed";
        decline(intent, card_error("payment_intent_payment_attempt_failed", "", "", ""));
        return emit("checkout.session.async_payment_failed", session.json);
      }
      session.json["payment_status"] = "paid";
      take(intent, *integer_at(intent.json, "amount"), "charge");
      emit("payment_intent.succeeded", intent.json);
      emit("checkout.session.async_payment_succeeded", session.json);
    });
  }

  void emit(const std::string& type, const Json& object) {
    const std::string version =
        world_.setting("stripe.webhook_version", std::string(newest_version));
    events.push_back(
        {{"id", make_id("evt_")},
         {"object", "event"},
         {"api_version", version},
         {"created", now()},
         {"data", {{"object", shown_as(object, version)}}},
         {"livemode", false},
         {"pending_webhooks", 1},
         {"request", {{"id", or_null(request_id)}, {"idempotency_key", or_null(idempotency_key)}}},
         {"type", type}});
    for (const std::string& url : words_of("stripe.webhook_url")) send(url, events.back());
  }

  std::chrono::milliseconds delay(std::string_view name, int otherwise) const {
    return std::chrono::milliseconds(
        std::atoi(world_.setting(name, std::to_string(otherwise)).c_str()));
  }

 private:
  void ask_for_authentication(Intent& intent) {
    const std::string id = text_at(intent.json, "id");
    intent.json["status"] = "requires_action";
    intent.json["next_action"] =
        intent.return_url.empty()
            ? Json{{"type", "use_stripe_sdk"}, {"use_stripe_sdk", Json::object()}}
            : Json{{"redirect_to_url",
                    {{"return_url", intent.return_url},
                     {"url", world_.base_url("stripe") + "/3d_secure_2/hosted?payment_intent=" +
                                 id + "&payment_intent_client_secret=" +
                                 text_at(intent.json, "client_secret")}}},
                   {"type", "redirect_to_url"}};
    emit("payment_intent.requires_action", intent.json);
  }

  Refusal decline(Intent& intent, Json error) {
    Json made = new_charge(intent.json, *intent.card, now());
    const std::string id = text_at(made, "id");
    made["paid"] = false;
    made["status"] = "failed";
    made["failure_code"] = error["code"];
    made["failure_message"] = error["message"];
    error["charge"] = id;
    error["payment_method"] = methods[text_at(intent.json, "payment_method")];
    intent.json["latest_charge"] = id;
    intent.json["next_action"] = nullptr;
    intent.json["payment_method"] = nullptr;
    intent.json["last_payment_error"] = error;
    intent.json["status"] = "requires_payment_method";
    emit("charge.failed", charges[id] = std::move(made));
    emit("payment_intent.payment_failed", intent.json);
    error["payment_intent"] = intent.json;
    return {402, std::move(error), true};
  }

  void give_back(Json& charge, std::int64_t amount) {
    const auto total = integer_at(charge, "amount_refunded").value_or(0) + amount;
    charge["amount_refunded"] = total;
    charge["refunded"] = total >= integer_at(charge, "amount_captured").value_or(0);
  }

  void finish_refund(Json& refund, bool succeeds) {
    request_id = idempotency_key = "";
    const std::int64_t amount = *integer_at(refund, "amount");
    refund["status"] = succeeds ? "succeeded" : "failed";
    refund.erase("pending_reason");
    if (succeeds) {
      record_refund(refund, amount);
    } else {  // the money is the merchant's again
      refund["failure_reason"] = "expired_or_canceled_card";
      record_refund(refund, -amount);
      give_back(charges[text_at(refund, "charge")], -amount);
      emit("refund.failed", refund);
    }
    emit("refund.updated", refund);
  }

  void dispute_later(const std::string& charge_id) {
    world_.after(delay("stripe.dispute_delay_ms", 3000), [this, charge_id] {
      const std::lock_guard lock(mutex_);
      request_id = idempotency_key = "";
      Json& charge = charges[charge_id];
      charge["disputed"] = true;
      emit("charge.dispute.created", {{"id", make_id("dp_")},
                                      {"object", "dispute"},
                                      {"amount", charge["amount"]},
                                      {"charge", charge_id},
                                      {"currency", charge["currency"]},
                                      {"payment_intent", charge["payment_intent"]},
                                      {"reason", "fraudulent"},
                                      {"status", "needs_response"}});
    });
  }

  // The caller's own reference: what it wrote into the metadata, else the key of the call.
  std::string reference_in(const Json& object) const {
    const std::string key = world_.setting("stripe.reference_key", "switchyard_attempt");
    const std::string reference = text_at(member_at(object, "metadata"), key);
    return reference.empty() ? idempotency_key : reference;
  }
  void record(const std::string& operation, const Intent& intent, std::int64_t amount) {
    world_.record({"stripe", operation, text_at(intent.json, "id"), reference_in(intent.json),
                   amount, upper(text_at(intent.json, "currency"))});
  }
  void record_refund(const Json& refund, std::int64_t amount) {
    world_.record({"stripe", "refund", text_at(refund, "id"), reference_in(refund), amount,
                   upper(text_at(refund, "currency"))});
  }
  static std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
  }

  // Endpoints of older versions get a list of charges where newer ones get the id of the latest.
  Json shown_as(Json object, const std::string& version) {
    if (version >= "2022-11-15" || text_at(object, "object") != "payment_intent") return object;
    const auto found = charges.find(text_at(object, "latest_charge"));
    object["charges"] = {{"object", "list"}, {"data", Json::array()}};
    if (found != charges.end()) object["charges"]["data"].push_back(found->second);
    object.erase("latest_charge");
    return object;
  }

  std::vector<std::string> words_of(std::string_view setting,
                                    std::string_view otherwise = "") const {
    std::vector<std::string> words{""};
    for (const char c : world_.setting(setting, otherwise))
      if (c == ' ' || c == ',')
        words.emplace_back();
      else
        words.back() += c;
    std::erase(words, "");
    return words;
  }

  // Each try is signed anew, once with every active secret.
  void send(const std::string& url, const Json& event) {
    WebhookOrder order;
    order.provider = "stripe";
    order.request = {"POST",
                     url,
                     {{"Content-Type", "application/json; charset=utf-8"},
                      {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}},
                     event.dump(2, ' ', false, Json::error_handler_t::replace)};
    using std::chrono::milliseconds;
    order.schedule = {milliseconds(0), milliseconds(1000), milliseconds(5000), milliseconds(30000)};
    const std::vector<std::string> secrets = words_of("stripe.webhook_secret", "whsec_sandbox");
    order.before_try = [this, secrets](HttpRequest& request) {
      const std::string time = std::to_string(world_.unix_time());
      std::string header = "t=" + time;
      for (const std::string& secret : secrets)
        header += ",v1=" + to_hex(hmac_sha256(secret, time + "." + request.body));
      std::erase_if(request.headers, [](const auto& h) { return h.first == "Stripe-Signature"; });
      request.headers.emplace_back("Stripe-Signature", header);
    };
    world_.send_webhook(std::move(order));
  }

  World& world_;
  std::mutex& mutex_;
};

}  // namespace switchyard::sandbox::stripe_simulator
