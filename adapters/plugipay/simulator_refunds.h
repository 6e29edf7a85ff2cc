// Refunds: of any part, at the provider's pace, and refused ones that stay in the list.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/plugipay/simulator_sessions.h"

namespace switchyard::sandbox::plugipay_simulator {

// Guarded as Sessions are.
class Refunds {
 public:
  Refunds(World& world, const Voice& voice, Hooks& hooks, Sessions& sessions, std::mutex& mutex)
      : world_(world), voice_(voice), hooks_(hooks), sessions_(sessions), mutex_(mutex) {}

  Reply create(const Json& body, const Caller& caller, const std::string& key) {
    Session* session = session_of(body, caller);
    if (!session) return voice_.failure(404, "not_found", "there is no such charge");
    if (session->status != "completed")
      return voice_.failure(409, "invalid_transition", "the session is " + session->status);
    const std::int64_t left = session->amount - session->refund_asked;
    const Json& amount = member_at(body, "amount");
    const std::int64_t wanted = amount.is_null() ? left : integer_at(body, "amount").value_or(0);
    if (wanted <= 0 || wanted > left)
      return voice_.invalid("amount", "is not within what is left, " + std::to_string(left));
    const std::string reason = text_at(body, "reason");
    if (!reason.empty() && reason != "requested_by_customer" && reason != "duplicate" &&
        reason != "fraudulent" && reason != "other")
      return voice_.invalid("reason", "is not one of the list");
    Refund& refund = add(*session, caller, body, wanted);
    refund.reason = reason;
    if (refund.reference.empty()) refund.reference = key;
    if (is_refused_by_provider(*session, wanted)) return refuse(*session, refund);
    announce(refund);
    const bool is_at_once = voice_.is_on("managed") && session->payment_method == "card";
    if (is_at_once) finish(refund);
    const Json said = refund_json(refund);
    if (!is_at_once) finish_later(refund, *session);
    return voice_.success(said, 201);
  }

  Reply get(const std::string& id, const Caller& caller) const {
    const auto found = refunds_.find(id);
    if (found == refunds_.end() || found->second.scope != caller.scope()) return voice_.missing();
    return voice_.success(refund_json(found->second));
  }

  Reply list(const Request& request, const Caller& caller) const {
    const std::string_view charge = request.query_value("chargeId");
    const std::string_view status = request.query_value("status");
    std::vector<Json> found;
    for (const std::string& id : order_) {
      const Refund& refund = refunds_.at(id);
      if (refund.scope != caller.scope()) continue;
      if (!charge.empty() && refund.charge_id != charge) continue;
      if (!status.empty() && refund.status != status) continue;
      found.push_back(refund_json(refund));
    }
    return page_of(request, voice_, std::move(found));
  }

 private:
  static std::string charge_of(const Session& session) {
    return session.payment_id.empty() ? session.id : session.payment_id;
  }

  // By the session, or by the charge of the provider behind, under either of its names.
  Session* session_of(const Json& body, const Caller& caller) {
    if (text_at(body, "sourceType") == "checkout_session")
      return sessions_.find(text_at(body, "sourceId"), caller.scope());
    std::string charge = text_at(body, "chargeId");
    if (charge.empty() && voice_.is_doc()) charge = text_at(body, "paymentId");
    if (charge.empty()) return nullptr;
    for (auto& [id, session] : sessions_.all())
      if (session.scope == caller.scope() && charge_of(session) == charge) return &session;
    return nullptr;
  }

  Refund& add(Session& session, const Caller& caller, const Json& body, std::int64_t amount) {
    Refund refund = {.id = new_id(voice_.is_doc() ? "rfd" : "rf"), .scope = caller.scope()};
    refund.account = caller.account;
    refund.mode = caller.mode;
    refund.session_id = session.id;
    refund.charge_id = charge_of(session);
    refund.currency = session.currency;
    refund.amount = amount;
    refund.created_at = refund.updated_at = voice_.time();
    refund.reference = text_at(body, "metadata.refundId");
    if (member_at(body, "metadata").is_object()) refund.metadata = body["metadata"];
    session.refund_asked += amount;
    order_.push_back(refund.id);
    return refunds_[refund.id] = refund;
  }

  // An amount ending …22, and methods that the provider behind gives nothing back of.
  bool is_refused_by_provider(const Session& session, std::int64_t amount) const {
    const std::vector<std::string> never = split(voice_.setting("unrefundable"), ',');
    return amount % 100 == 22 ||
           std::find(never.begin(), never.end(), group_of(session.payment_method)) != never.end();
  }

  // Said with a 422, and kept.
  Reply refuse(Session& session, Refund& refund) {
    session.refund_asked -= refund.amount;
    refund.failure_code = "refund_not_possible";
    refund.failure_message = "The provider gives nothing back of this payment.";
    change(refund, "failed");
    hooks_.send("refund.failed", owner(refund), refund_json(refund));
    return voice_.failure(422, "invalid_request", refund.failure_message);
  }

  void announce(const Refund& refund) {
    if (voice_.is_doc())
      hooks_.send("refund.created", owner(refund), refund_json(refund));
    else if (voice_.is_on("issued_while_pending"))
      hooks_.send("refund.issued", owner(refund), refund_json(refund));
  }

  void finish_later(const Refund& refund, const Session& session) {
    using namespace std::chrono_literals;
    const std::string group = group_of(session.payment_method);
    std::chrono::milliseconds delay = 8s;
    if (group == "card" || group == "paypal") delay = 2s;
    if (group == "qr" || group == "ewallet") delay = 4s;
    world_.after(delay, [this, id = refund.id] {
      const std::lock_guard lock(mutex_);
      finish(refunds_[id]);
    });
  }

  // What a shop confirmed by hand is noted as given back, and no money moves.
  void finish(Refund& refund) {
    change(refund, "succeeded");
    if (refund.charge_id != refund.session_id)
      world_.record(
          {"plugipay", "refund", refund.id, refund.reference, refund.amount, refund.currency});
    hooks_.send(voice_.is_doc() ? "refund.succeeded" : "refund.issued", owner(refund),
                refund_json(refund));
  }

  void change(Refund& refund, const std::string& status) {
    refund.status = status;
    refund.updated_at = voice_.time();
  }

  static Caller owner(const Refund& refund) {
    return {.mode = refund.mode, .account = refund.account};
  }

  World& world_;
  const Voice& voice_;
  Hooks& hooks_;
  Sessions& sessions_;
  std::mutex& mutex_;
  std::map<std::string, Refund> refunds_;
  std::vector<std::string> order_;  // oldest first
};

}  // namespace switchyard::sandbox::plugipay_simulator
