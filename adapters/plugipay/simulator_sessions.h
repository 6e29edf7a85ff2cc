// The life of a checkout session: made, tried, paid once at most, closed, and told of by webhook.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/plugipay/simulator_book.h"
#include "adapters/plugipay/simulator_calls.h"
#include "adapters/plugipay/simulator_customers.h"
#include "adapters/plugipay/simulator_webhooks.h"

namespace switchyard::sandbox::plugipay_simulator {

// Not safe by itself: whoever calls holds the simulator's mutex, and what the timer runs takes it.
class Sessions {
 public:
  Sessions(World& world, const Voice& voice, Hooks& hooks, const Customers& customers,
           std::mutex& mutex)
      : world_(world), voice_(voice), hooks_(hooks), customers_(customers), mutex_(mutex) {}

  // `scope` "": of anybody, as the payer's page sees them.
  Session* find(const std::string& id, const std::string& scope) {
    const auto found = sessions_.find(id);
    const bool is_there =
        found != sessions_.end() && (scope.empty() || found->second.scope == scope);
    return is_there ? &found->second : nullptr;
  }

  std::map<std::string, Session>& all() { return sessions_; }
  Json json(const Session& session) const {
    return session_json(session, customers_.brief(session.customer_id, session.scope),
                        voice_.is_doc());
  }
  bool has_paid(const std::string& customer_id) const {
    return std::any_of(sessions_.begin(), sessions_.end(), [&](const auto& each) {
      return each.second.customer_id == customer_id && each.second.status == "completed";
    });
  }

  // Closes what nobody has paid in time.
  void expire_due() {
    while (!due_.empty() && due_.begin()->first <= voice_.now()) {
      Session& session = sessions_[due_.begin()->second];
      due_.erase(due_.begin());
      if (session.is_over()) continue;
      change(session, "expired");
      hooks_.send("checkout_session.expired", owner(session), json(session));
    }
  }

  Reply create(const Json& body, const Caller& caller, const std::string& key) {
    if (const Reply wrong = refusal_of(body); wrong.status != 200) return wrong;
    const bool is_doc = voice_.is_doc();
    const std::int64_t lasts = integer_at(body, "expiresInSec").value_or(86'400);
    Session session = {.id = new_id(is_doc ? "sess" : "cs"), .scope = caller.scope()};
    session.mode = caller.mode;
    session.account = caller.account;
    session.amount = integer_at(body, "amount").value_or(0);
    session.currency = text_at(body, "currency");
    session.customer_id = text_at(body, "customerId");
    session.success_url = text_at(body, "successUrl");
    session.cancel_url = text_at(body, "cancelUrl");
    session.page_url = world_.base_url("plugipay") + (is_doc ? "/pay/" : "/c/") + session.id;
    session.methods = methods_in(body, session.currency);
    if (member_at(body, "lineItems").is_array()) session.line_items = body["lineItems"];
    if (member_at(body, "metadata").is_object()) session.metadata = body["metadata"];
    session.reference = text_at(body, "metadata.attemptId");
    if (session.reference.empty()) session.reference = key;
    session.created_at = session.updated_at = voice_.time();
    session.expires_unix = voice_.now() + lasts;
    session.expires_at = voice_.time(session.expires_unix);
    due_.emplace(session.expires_unix, session.id);
    order_.push_back(session.id);
    const Session& kept = sessions_[session.id] = session;
    return voice_.success(json(kept), 201);
  }

  Reply list(const Request& request, const Caller& caller) {
    const std::string_view status = request.query_value("status");
    const std::string_view customer = request.query_value("customerId");
    const std::string_view after = request.query_value("createdAfter");
    const std::string_view before = request.query_value("createdBefore");
    std::vector<Json> found;
    for (const std::string& id : order_) {
      const Session& session = sessions_[id];
      if (session.scope != caller.scope()) continue;
      const Json said = json(session);
      if (!status.empty() && text_at(said, "status") != status) continue;
      if (!customer.empty() && session.customer_id != customer) continue;
      if (!after.empty() && session.created_at <= after) continue;
      if (!before.empty() && session.created_at >= before) continue;
      found.push_back(said);
    }
    return page_of(request, voice_, std::move(found));
  }

  // ---- what the payer does

  bool offers(const Session& session, const std::string& method) const {
    if (method == "manual_transfer") return voice_.setting("manual", "true") == "true";
    return std::find(session.methods.begin(), session.methods.end(), method) !=
           session.methods.end();
  }

  void begin(Session& session, const std::string& method) {
    session.payment_method = method;
    session.remark.clear();
    session.awaiting.clear();
    const std::string group = group_of(method);
    session.adapter = group == "paypal" ? "paypal" : group == "offline" ? "manual" : "xendit";
    session.updated_at = voice_.time();
  }

  // A transfer order or a shop's code is under way at once; the others when the payer has approved.
  void wait_for_payer(Session& session, const std::string& page) {
    session.awaiting = page;
    change(session, "pending");
  }

  // The payer may try again in the same session.
  void reopen(Session& session, const std::string& remark) {
    session.awaiting.clear();
    session.remark = remark;
    if (session.status == "pending") change(session, "open");
  }

  void pay_in(Session& session, std::chrono::milliseconds delay, bool is_pending) {
    if (is_pending) change(session, "pending");
    world_.after(delay, [this, id = session.id] {
      const std::lock_guard lock(mutex_);
      pay(sessions_[id]);
    });
  }

  // One payment at most. The end of the amount may say otherwise: …13 fails, …17 hangs.
  void pay(Session& session) {
    const bool is_late = session.status == "canceled" && voice_.is_on("late_success");
    if (session.is_over() && !is_late) return;
    session.awaiting.clear();
    if (session.amount % 100 == 17) {
      if (!is_late) change(session, "pending");
      return;
    }
    session.payment_id = new_payment_id(session);
    if (session.amount % 100 == 13) {
      change(session, "failed");
      if (voice_.is_doc()) hooks_.send("payment.failed", owner(session), payment_json(session));
      return;
    }
    session.completed_at = voice_.time();
    record("charge", session);
    change(session, "completed");
    if (voice_.is_doc()) hooks_.send("payment.succeeded", owner(session), payment_json(session));
    hooks_.send("checkout_session.completed", owner(session), json(session));
  }

  // ---- bank transfers, which the shop confirms

  bool claim(Session& session) {
    if (session.status != "open" || session.adapter != "manual") return false;
    change(session, "pending_review");
    return true;
  }

  Reply confirm(Session& session) {
    if (session.status != "pending_review") return wrong_state(session);
    pay(session);
    return voice_.success(json(session));
  }

  // No event tells of it.
  Reply cancel(Session& session) {
    if (session.is_over()) return wrong_state(session);
    session.awaiting.clear();
    change(session, "canceled");
    record("cancel", session);
    return voice_.success(json(session));
  }

  static Caller owner(const Session& session) {
    return {.mode = session.mode, .account = session.account};
  }

 private:
  Reply wrong_state(const Session& session) const {
    return voice_.failure(409, "invalid_transition", "the session is " + session.status);
  }

  void change(Session& session, const std::string& status) {
    session.status = status;
    session.updated_at = voice_.time();
  }

  void record(const std::string& operation, const Session& session) {
    world_.record(
        {"plugipay", operation, session.id, session.reference, session.amount, session.currency});
  }

  // A transfer by hand has no charge but the session.
  std::string new_payment_id(const Session& session) const {
    if (session.adapter == "manual") return {};
    if (voice_.is_doc()) return new_id("pay");
    return (session.payment_method == "qris" ? "qrpy_" : "chg_") + to_hex(random_bytes(6));
  }

  Json methods_in(const Json& body, const std::string& currency) const {
    if (member_at(body, "methods").is_array()) return body["methods"];
    if (currency == "USD") return Json::array({"card", "paypal"});
    return Json::array({"qris", "va", "ewallet", "card", "retail"});
  }

  // A 200 when nothing is wrong.
  Reply refusal_of(const Json& body) const {
    const std::string currency = text_at(body, "currency");
    const Json& methods = member_at(body, "methods");
    const Json& lines = member_at(body, "lineItems");
    const bool is_doc = voice_.is_doc();
    if (integer_at(body, "amount").value_or(0) <= 0)
      return voice_.invalid("amount", "has to be above zero");
    if (currency != "IDR" && currency != "USD")
      return voice_.invalid("currency", "has to be IDR or USD");
    if (!(methods.is_array() && !methods.empty()) && !(is_doc && methods.is_null()))
      return voice_.invalid("methods", "has to be a list");
    const bool has_paypal =
        std::find(methods.begin(), methods.end(), Json("paypal")) != methods.end();
    if (currency == "IDR" && has_paypal)
      return voice_.invalid("methods", "has paypal, which is for USD");
    for (const auto* url : {"successUrl", "cancelUrl"})
      if (!text_at(body, url).starts_with("http"))
        return voice_.invalid(url, "has to be a web address");
    if (!lines.is_array() && !is_doc) return voice_.invalid("lineItems", "has to be a list");
    if (lines.is_array() && !lines.empty() && sum_of(lines) != integer_at(body, "amount"))
      return voice_.invalid("lineItems", "has to add up to amount");
    const std::int64_t lasts = integer_at(body, "expiresInSec").value_or(86'400);
    if (lasts < 300 || lasts > 86'400)
      return voice_.invalid("expiresInSec", "has to be 300 to 86400");
    if (!is_map_of_texts(member_at(body, "metadata")))
      return voice_.invalid("metadata", "has to be up to 50 pairs of texts");
    return {.status = 200};
  }

  static std::int64_t sum_of(const Json& lines) {
    std::int64_t sum = 0;
    for (const Json& line : lines)
      sum += integer_at(line, "quantity").value_or(0) * integer_at(line, "unitAmount").value_or(0);
    return sum;
  }

  static bool is_map_of_texts(const Json& metadata) {
    if (metadata.is_null()) return true;
    if (!metadata.is_object() || metadata.size() > 50) return false;
    return std::all_of(metadata.begin(), metadata.end(),
                       [](const Json& value) { return value.is_string(); });
  }

  World& world_;
  const Voice& voice_;
  Hooks& hooks_;
  const Customers& customers_;
  std::mutex& mutex_;
  std::map<std::string, Session> sessions_;
  std::vector<std::string> order_;                // oldest first
  std::multimap<std::int64_t, std::string> due_;  // when each would expire
};

}  // namespace switchyard::sandbox::plugipay_simulator
