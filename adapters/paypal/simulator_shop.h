// Orders, and the money that is taken, held and given back by them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "adapters/paypal/simulator_book.h"
#include "adapters/paypal/simulator_calls.h"
#include "adapters/paypal/simulator_webhooks.h"

namespace switchyard::sandbox::paypal_simulator {

constexpr std::int64_t a_day = 24 * 3600;

// What was made or changed, or why nothing was.
struct Outcome {
  std::string made = {};  // its id
  std::string issue = {};
  std::string redirect = {};  // where the payer can settle it
};

inline std::string issue_of_order(const Json& body) {
  const Json& units = member_at(body, "purchase_units");
  const Json& unit = member_at(units, "0");
  const std::string intent = text_at(body, "intent");
  if (!body.is_object()) return "MALFORMED_REQUEST_JSON";
  if (intent.empty() || !units.is_array()) return "MISSING_REQUIRED_PARAMETER";
  if (intent != "CAPTURE" && intent != "AUTHORIZE") return "INVALID_PARAMETER_VALUE";
  if (units.empty()) return "INVALID_ARRAY_MIN_ITEMS";
  if (units.size() > 1) return units.size() > 10 ? "INVALID_ARRAY_MAX_ITEMS" : "NOT_SUPPORTED";
  const Asked asked = read_money(member_at(unit, "amount"));
  if (!asked.issue.empty()) return asked.issue;
  for (const char* name : {"custom_id", "invoice_id", "description"})
    if (text_at(unit, name).size() > 127) return "INVALID_STRING_MAX_LENGTH";
  if (text_at(unit, "soft_descriptor").size() > 22) return "INVALID_STRING_MAX_LENGTH";
  const Json& total = member_at(unit, "amount.breakdown.item_total");
  if (!member_at(unit, "items").empty() && !total.is_object()) return "ITEM_TOTAL_REQUIRED";
  if (total.is_object() && read_money(total).amount != asked.amount) return "AMOUNT_MISMATCH";
  const Json& source = member_at(body, "payment_source.paypal");
  if (!source.is_object()) return "";
  if (text_at(source, "experience_context.return_url").empty()) return "RETURN_URL_REQUIRED";
  return text_at(source, "experience_context.cancel_url").empty() ? "CANCEL_URL_REQUIRED" : "";
}

// Not safe by itself: the simulator's mutex, which timers take as well, guards it.
class Shop {
 public:
  Shop(World& world, std::mutex& mutex, Hooks& hooks)
      : world_(world), mutex_(mutex), hooks_(hooks) {}

  // ---- as answers show them; null for what there is not

  Json shown(const std::string& id) {
    if (const Order* order = find_order(id)) return order_json(*order, payments_of(*order), base());
    if (const Authorization* hold = find_hold(id)) return authorization_json(*hold, base());
    if (const auto found = captures_.find(id); found != captures_.end())
      return with_related(capture_json(found->second, base()), found->second);
    const auto refund = refunds_.find(id);
    return refund == refunds_.end() ? Json() : refund_json(refund->second, base());
  }

  // An order that nobody pays is forgotten.
  Order* find_order(const std::string& id) {
    const auto found = orders_.find(id);
    if (found == orders_.end()) return nullptr;
    Order& order = found->second;
    const bool is_old = world_.unix_time() - order.created_unix >= number("order_lasts_s", 10'800);
    return is_old && order.status != "COMPLETED" ? nullptr : &order;
  }

  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("paypal." + name, otherwise);
  }
  std::string base() const { return world_.base_url("paypal"); }

  // ---- orders

  Outcome create(const Json& body) {
    if (std::string issue = issue_of_order(body); !issue.empty()) return {.issue = issue};
    const Json& source = member_at(body, "payment_source.paypal");
    const Json& context = source.is_object() ? member_at(source, "experience_context")
                                             : member_at(body, "application_context");
    Order order = {.id = new_object_id(), .intent = text_at(body, "intent")};
    order.unit = body["purchase_units"][0];
    const Asked asked = read_money(member_at(order.unit, "amount"));
    order.has_source = source.is_object();
    order.status = order.has_source ? "PAYER_ACTION_REQUIRED" : "CREATED";
    order.currency = asked.currency;
    order.amount = asked.amount;
    order.custom_id = text_at(order.unit, "custom_id");
    order.invoice_id = text_at(order.unit, "invoice_id");
    order.return_url = text_at(context, "return_url");
    order.cancel_url = text_at(context, "cancel_url");
    order.brand_name = text_at(context, "brand_name");
    order.created_at = time();
    order.created_unix = world_.unix_time();
    orders_[order.id] = order;
    return {.made = order.id};
  }

  // `plan` is what will become of the capture: "", "review", "bounce" or "decline".
  void approve(Order& order, const std::string& plan) {
    order.plan = plan;
    order.status = "APPROVED";
    order.updated_at = time();
    hooks_.send("CHECKOUT.ORDER.APPROVED", "checkout-order", "An order has been approved by buyer",
                order_json(order, nullptr, base()));
  }

  Outcome pay(const std::string& id, bool is_capture) {
    Order* order = find_order(id);
    if (!order) return {.issue = "INVALID_RESOURCE_ID"};
    if ((order->intent == "CAPTURE") != is_capture)
      return {.issue = "ACTION_DOES_NOT_MATCH_INTENT"};
    if (order->status == "COMPLETED")
      return {.issue = is_capture ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED"};
    const std::string page = payer_page_of(*order, base());
    if (order->status != "APPROVED") return {.issue = "ORDER_NOT_APPROVED", .redirect = page};
    if (order->plan == "decline") {
      order->status = setting("after_decline", "PAYER_ACTION_REQUIRED");
      order->plan = order->status == "APPROVED" ? "decline" : "";
      return {.issue = "INSTRUMENT_DECLINED", .redirect = page};
    }
    if (is_invoice_used(order->invoice_id, order)) return {.issue = "DUPLICATE_INVOICE_ID"};
    order->status = "COMPLETED";
    order->updated_at = time();
    if (is_capture)
      add_capture(*order, nullptr, order->amount, order->invoice_id, true);
    else
      order->authorization = add_hold(*order);
    return {.made = id};
  }

  // ---- holds

  Outcome capture_hold(const std::string& id, const Json& body) {
    Authorization* hold = find_hold(id);
    if (!hold) return {.issue = "INVALID_RESOURCE_ID"};
    if (hold->status == "VOIDED") return {.issue = "AUTHORIZATION_VOIDED"};
    if (hold->status == "DENIED") return {.issue = "AUTHORIZATION_DENIED"};
    if (hold->status == "PENDING") return {.issue = "TRANSACTION_REFUSED"};
    if (hold->status == "CAPTURED") return {.issue = "AUTHORIZATION_ALREADY_CAPTURED"};
    Asked asked = {.currency = hold->currency, .amount = hold->amount - hold->captured};
    if (body.contains("amount")) asked = read_money(body["amount"]);
    if (!asked.issue.empty()) return {.issue = asked.issue};
    if (asked.currency != hold->currency) return {.issue = "AUTH_CAPTURE_CURRENCY_MISMATCH"};
    if (hold->captured + asked.amount > hold->amount * 115 / 100)
      return {.issue = "MAX_CAPTURE_AMOUNT_EXCEEDED"};
    std::string invoice = text_at(body, "invoice_id");
    if (invoice.empty()) invoice = hold->invoice_id;
    Order& order = orders_[hold->order_id];
    if (is_invoice_used(invoice, &order)) return {.issue = "DUPLICATE_INVOICE_ID"};
    const bool is_final = bool_at(body, "final_capture").value_or(false);
    hold->captured += asked.amount;
    hold->status = is_final || hold->captured >= hold->amount ? "CAPTURED" : "PARTIALLY_CAPTURED";
    hold->updated_at = time();
    return {.made = add_capture(order, hold, asked.amount, invoice, is_final)};
  }

  Outcome void_hold(const std::string& id) {
    Authorization* hold = find_hold(id);
    if (!hold) return {.issue = "INVALID_RESOURCE_ID"};
    if (hold->status == "VOIDED") return {.issue = "PREVIOUSLY_VOIDED"};
    if (hold->status == "DENIED") return {.issue = "CANNOT_BE_VOIDED"};
    if (hold->captured > 0) return {.issue = "PREVIOUSLY_CAPTURED"};
    release(*hold);
    return {.made = id};
  }

  // ---- refunds

  Outcome refund(const std::string& id, const Json& body) {
    const auto found = captures_.find(id);
    if (found == captures_.end()) return {.issue = "INVALID_RESOURCE_ID"};
    Capture& capture = found->second;
    const std::int64_t left = capture.amount - capture.refund_asked;
    Asked asked = {.currency = capture.currency, .amount = left};
    if (body.contains("amount")) asked = read_money(body["amount"]);
    if (capture.status == "PENDING") return {.issue = "PENDING_CAPTURE"};
    if (is_refused(capture)) return {.issue = "REFUND_NOT_ALLOWED"};
    if (left == 0) return {.issue = "CAPTURE_FULLY_REFUNDED"};
    if (!asked.issue.empty()) return {.issue = asked.issue};
    if (asked.currency != capture.currency) return {.issue = "REFUND_CAPTURE_CURRENCY_MISMATCH"};
    if (asked.amount > left) return {.issue = "REFUND_AMOUNT_EXCEEDED"};
    Refund refund = {.id = new_object_id(), .capture_id = id, .order_id = capture.order_id};
    refund.invoice_id = text_at(body, "invoice_id");
    if (is_invoice_used(refund.invoice_id, nullptr)) return {.issue = "DUPLICATE_INVOICE_ID"};
    bearers_.emplace(refund.invoice_id, refund.id);
    refund.custom_id = text_at(body, "custom_id");
    if (refund.custom_id.empty()) refund.custom_id = capture.custom_id;
    refund.note = text_at(body, "note_to_payer");
    refund.currency = capture.currency;
    refund.amount = asked.amount;
    refund.created_at = time();
    capture.refund_asked += asked.amount;
    settle(refunds_[refund.id] = refund);
    return {.made = refund.id};
  }

 private:
  std::string time() const { return time_text(world_.unix_time()); }
  std::int64_t number(const std::string& name, std::int64_t otherwise) const {
    return std::atoll(setting(name, std::to_string(otherwise)).c_str());
  }
  void later(std::int64_t seconds, std::function<void()> run) {
    world_.after(std::chrono::seconds(seconds), [this, run = std::move(run)] {
      const std::lock_guard lock(mutex_);
      run();
    });
  }

  // Whether a refund bears it already, or a capture of another order. One that was declined or has
  // failed uses nothing up.
  bool is_invoice_used(const std::string& invoice, const Order* order) const {
    const auto [first, last] = bearers_.equal_range(invoice);
    return !invoice.empty() && std::any_of(first, last, [&](const auto& bearer) {
      const auto capture = captures_.find(bearer.second);
      if (capture == captures_.end()) return true;
      const bool is_own = order && capture->second.order_id == order->id;
      return !is_own && !is_refused(capture->second);
    });
  }

  Json payments_of(const Order& order) {
    Json payments = Json::object();
    if (const Authorization* hold = find_hold(order.authorization))
      payments["authorizations"] = Json::array({authorization_json(*hold, base())});
    for (const std::string& id : order.captures)
      payments["captures"].push_back(capture_json(captures_[id], base()));
    return payments.empty() ? Json() : payments;
  }

  // Beside the capture itself, as its own call and its events show it.
  static Json with_related(Json json, const Capture& capture) {
    Json& related = json["supplementary_data"]["related_ids"];
    related["order_id"] = capture.order_id;
    if (!capture.authorization_id.empty()) related["authorization_id"] = capture.authorization_id;
    return json;
  }

  // ---- captures

  std::string add_capture(Order& order, const Authorization* hold, std::int64_t amount,
                          const std::string& invoice, bool is_final) {
    Capture capture = {.id = new_object_id(), .order_id = order.id};
    if (hold) capture.authorization_id = hold->id;
    capture.custom_id = order.custom_id;
    capture.invoice_id = invoice;
    capture.currency = order.currency;
    capture.amount = amount;
    capture.is_final = is_final;
    capture.created_at = time();
    order.captures.push_back(capture.id);
    bearers_.emplace(invoice, capture.id);
    settle(captures_[capture.id] = capture, order.plan);
    return capture.id;
  }

  // By the payer's choice, or by the setting.
  void settle(Capture& capture, const std::string& plan) {
    std::string result = setting("capture_result", "COMPLETED");
    if (plan == "review" || plan == "bounce") result = "PENDING";
    if (result != "PENDING") return change(capture, result);
    capture.reason = "PENDING_REVIEW";
    change(capture, "PENDING");
    std::string then = setting("pending_result", "COMPLETED");
    if (plan == "bounce") then = "DECLINED";
    later(number("pending_s", 5), [this, id = capture.id, then] {
      Capture& capture = captures_[id];
      capture.reason.clear();
      change(capture, then);
    });
  }

  void change(Capture& capture, const std::string& status) {
    capture.status = status;
    capture.updated_at = time();
    const std::string event = is_refused(capture) ? setting("denied_event", "DENIED") : status;
    if (status == "COMPLETED")
      world_.record({"paypal", capture.authorization_id.empty() ? "charge" : "capture", capture.id,
                     capture.custom_id.empty() ? capture.invoice_id : capture.custom_id,
                     capture.amount, capture.currency});
    hooks_.send("PAYMENT.CAPTURE." + event, "capture", "A capture is " + status,
                with_related(capture_json(capture, base()), capture));
  }

  // ---- holds

  std::string add_hold(const Order& order) {
    Authorization hold = {.id = new_object_id(), .order_id = order.id};
    hold.status = setting("authorize_result", "CREATED");
    hold.custom_id = order.custom_id;
    hold.invoice_id = order.invoice_id;
    hold.currency = order.currency;
    hold.amount = order.amount;
    hold.created_unix = world_.unix_time();
    hold.created_at = hold.updated_at = time();
    hold.expires_at = time_text(hold.created_unix + 29 * a_day);
    holds_[hold.id] = hold;
    if (hold.status == "CREATED") {
      record(hold, "authorize");
      tell(hold, "PAYMENT.AUTHORIZATION.CREATED");
    }
    return hold.id;
  }

  // One that is still open ends after 29 days.
  Authorization* find_hold(const std::string& id) {
    const auto found = holds_.find(id);
    if (found == holds_.end()) return nullptr;
    Authorization& hold = found->second;
    const bool is_open =
        hold.status == "CREATED" || hold.status == "PENDING" || hold.status == "PARTIALLY_CAPTURED";
    if (is_open && world_.unix_time() - hold.created_unix >= 29 * a_day) release(hold);
    return &hold;
  }

  // What is pending holds nothing yet.
  void release(Authorization& hold) {
    if (hold.status != "PENDING") record(hold, "cancel");
    hold.status = "VOIDED";
    hold.updated_at = time();
    tell(hold, "PAYMENT.AUTHORIZATION.VOIDED");
  }

  // Of what is left of it.
  void record(const Authorization& hold, const char* operation) {
    world_.record({"paypal", operation, hold.id,
                   hold.custom_id.empty() ? hold.invoice_id : hold.custom_id,
                   hold.amount - hold.captured, hold.currency});
  }

  void tell(const Authorization& hold, const char* event) {
    Json json = authorization_json(hold, base());
    json["supplementary_data"]["related_ids"]["order_id"] = hold.order_id;
    hooks_.send(event, "authorization", "An authorization is " + hold.status, json);
  }

  // ---- refunds

  void settle(Refund& refund) {
    const std::string result = setting("refund_result", "COMPLETED");
    if (result == "COMPLETED") return finish(refund, result);
    refund.reason = "ECHECK";
    refund.status = "PENDING";
    tell(refund, "PAYMENT.REFUND.PENDING");
    later(number("pending_s", 5), [this, id = refund.id, result] {
      finish(refunds_[id], result == "PENDING" ? "COMPLETED" : result);
    });
  }

  void finish(Refund& refund, const std::string& status) {
    Capture& capture = captures_[refund.capture_id];
    refund.status = status;
    refund.updated_at = time();
    if (status == "COMPLETED") {
      refund.reason.clear();
      capture.refunded += refund.amount;
      capture.status = capture.refunded == capture.amount ? "REFUNDED" : "PARTIALLY_REFUNDED";
      world_.record(
          {"paypal", "refund", refund.id, refund.custom_id, refund.amount, refund.currency});
    } else {
      capture.refund_asked -= refund.amount;
    }
    refund.total = capture.refunded;
    if (status != "CANCELLED")
      tell(refund, status == "COMPLETED" ? "PAYMENT.CAPTURE.REFUNDED" : "PAYMENT.REFUND." + status);
  }

  void tell(const Refund& refund, const std::string& event) {
    Json json = refund_json(refund, base());
    if (setting("refund_related_ids", "false") == "true")
      json["supplementary_data"]["related_ids"] = {{"order_id", refund.order_id},
                                                   {"capture_id", refund.capture_id}};
    hooks_.send(event, "refund", "A refund is " + refund.status, json);
  }

  World& world_;
  std::mutex& mutex_;
  Hooks& hooks_;
  std::map<std::string, Order> orders_;
  std::map<std::string, Authorization> holds_;
  std::map<std::string, Capture> captures_;
  std::map<std::string, Refund> refunds_;
  std::multimap<std::string, std::string> bearers_;  // of an invoice id: captures and refunds
};

}  // namespace switchyard::sandbox::paypal_simulator
