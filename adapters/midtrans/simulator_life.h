// What becomes of orders: how a method is chosen, and how it is paid, refused, held or given back.
#pragma once

#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "adapters/midtrans/simulator_book.h"
#include "adapters/midtrans/simulator_hooks.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox::midtrans_simulator {

// Its caller holds `mutex`; what happens later takes it.
class Life {
 public:
  Life(World& world, std::mutex& mutex) : world_(world), mutex_(mutex), hooks_(world) {}

  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("midtrans." + name, otherwise);
  }

  Order* add(const Order& order) {
    if (!order.token.empty()) by_token_[order.token] = place_of(order);
    return &(orders_[place_of(order)] = order);
  }
  bool is_taken(const std::string& key, const std::string& id) const {
    return orders_.contains(key + " " + id);
  }
  // By the order's id or a transaction's.
  Order* find(const std::string& key, const std::string& id) {
    const auto by_transaction = order_of_.find(id);
    const auto found =
        orders_.find(by_transaction == order_of_.end() ? key + " " + id : by_transaction->second);
    if (found == orders_.end() || found->second.server_key != key) return nullptr;
    expire_if_due(found->second);
    return &found->second;
  }
  Order* find_page(const std::string& token) {
    const auto place = by_token_.find(token);
    if (place == by_token_.end()) return nullptr;
    expire_if_due(orders_[place->second]);
    return &orders_[place->second];
  }
  bool is_page_over(const Order& order) const {
    return !order.transaction.is_open() && world_.unix_time() >= order.page_ends_at;
  }

  void choose(Order& order, const Method& method) {
    Transaction transaction = {.id = new_uuid(), .payment_type = std::string(method.payment_type)};
    transaction.enabled_name = method.name;
    transaction.gross = order.gross;
    transaction.made_at = world_.unix_time();
    transaction.expires_at = order.payment_ends_at > 0 && method.name != "ovo"
                                 ? order.payment_ends_at
                                 : transaction.made_at + method.lasts_sec;
    if (method.lasts_sec >= 86400) transaction.number = number_of(order.id);
    order_of_[transaction.id] = place_of(order);
    order.transaction = transaction;
  }

  void start(Order& order, const Method& method, const std::string& phone) {
    choose(order, method);
    hooks_.send(order);
    if (method.name == "ovo") answer_on_phone(order, code_of_phone(phone));
  }

  void pay_by_card(Order& order, const std::string& number) {
    using namespace std::chrono_literals;
    static constexpr Method card = {"credit_card", "credit_card", "Card", 600};
    choose(order, card);
    Transaction& transaction = order.transaction;
    transaction.masked_card =
        number.substr(0, 8) + "-" + (number.size() > 4 ? number.substr(number.size() - 4) : "");
    const std::string code = code_of_card(number);
    if (number == fraud_card) transaction.fraud = "deny";
    if (number == fraud_card || !code.empty()) return deny(order, code);
    if (number != slow_card) return take(order);
    hooks_.send(order);
    later(60s, order, &Life::take);
  }

  // Cards are captured or held and settle later; everything else is settled at once.
  void take(Order& order) {
    Transaction& transaction = order.transaction;
    if (transaction.status != "pending") return;
    if (!is_card(transaction)) {
      transaction.settled_at = world_.unix_time();
      record(order, "charge", transaction.gross);
      return change(order, "settlement");
    }
    transaction.fraud = setting("fraud_status", "accept");
    transaction.channel_code = "00";
    transaction.message = "Approved";
    transaction.status = order.is_authorize ? "authorize" : "capture";
    if (transaction.fraud != "challenge") accept(order);
    hooks_.send(order);
  }

  void capture(Order& order, std::int64_t amount) {
    order.transaction.gross = amount;
    record(order, "capture", amount);
    change(order, "capture");
    later(seconds("card_settles_s", "5"), order, &Life::settle);
  }

  void cancel(Order& order) {
    record(order, "cancel", order.transaction.gross);
    change(order, "cancel");
  }
  void cancel_page(Order& order) {
    order.is_page_canceled = true;
    world_.record({"midtrans", "cancel", order.token, order.id, order.gross, "IDR"});
  }

  void deny(Order& order, const std::string& code) {
    order.transaction.channel_code = code;
    order.transaction.message = code.empty() ? "" : "Declined";
    change(order, "deny");
  }

  void expire(Order& order) {
    if (order.transaction.status == "pending") change(order, "expire");
  }

  // What a person decides about a card that the fraud system was not sure of.
  void judge(Order& order, bool is_approved) {
    order.transaction.fraud = is_approved ? "accept" : "deny";
    if (is_approved) accept(order);
    change(order, is_approved ? order.transaction.status : "deny");
  }

  // A direct refund is told of once; the bank confirms any other later, which is told again.
  const Refund& give_back(Order& order, Refund refund, bool is_direct) {
    Transaction& transaction = order.transaction;
    refund.id = ++last_refund_;
    refund.method = "online";
    refund.created_at = jakarta_time(world_.unix_time());
    if (is_direct) refund.confirmed_at = world_.unix_time();
    transaction.refunds.push_back(refund);
    record(order, "refund", refund.amount, refund.key);
    change(order, transaction.refunded() == transaction.gross ? "refund" : "partial_refund");
    if (!is_direct) later(seconds("bank_confirms_s", "2"), order, &Life::confirm_refunds);
    return transaction.refunds.back();
  }

 private:
  static std::string place_of(const Order& order) { return order.server_key + " " + order.id; }

  std::chrono::seconds seconds(const std::string& name, const std::string& otherwise) const {
    return std::chrono::seconds(std::atoi(setting(name, otherwise).c_str()));
  }

  void record(const Order& order, const std::string& operation, std::int64_t amount,
              const std::string& key = "") {
    world_.record(
        {"midtrans", operation, order.transaction.id, key.empty() ? order.id : key, amount, "IDR"});
  }

  void change(Order& order, const std::string& status) {
    order.transaction.status = status;
    hooks_.send(order);
  }

  // If it is still the order's transaction by then.
  void later(std::chrono::milliseconds delay, const Order& order, void (Life::*run)(Order&)) {
    world_.after(delay, [this, place = place_of(order), id = order.transaction.id, run] {
      const std::lock_guard lock(mutex_);
      Order& kept = orders_[place];
      if (kept.transaction.id == id) (this->*run)(kept);
    });
  }

  void accept(Order& order) {
    if (order.transaction.status == "authorize")
      return record(order, "authorize", order.transaction.gross);
    record(order, "charge", order.transaction.gross);
    later(seconds("card_settles_s", "5"), order, &Life::settle);
  }

  void settle(Order& order) {
    if (order.transaction.status != "capture") return;
    order.transaction.settled_at = world_.unix_time();
    change(order, "settlement");
  }

  void confirm_refunds(Order& order) {
    for (Refund& each : order.transaction.refunds)
      if (each.confirmed_at == 0) each.confirmed_at = world_.unix_time();
    hooks_.send(order);
  }

  void expire_if_due(Order& order) {
    if (!order.transaction.id.empty() && world_.unix_time() >= order.transaction.expires_at)
      expire(order);
  }

  // Nothing is heard of a phone whose code is 68.
  void answer_on_phone(Order& order, const std::string& code) {
    using namespace std::chrono_literals;
    if (code.empty()) return later(2s, order, &Life::take);
    if (code == "expire") return later(65s, order, &Life::expire);
    order.transaction.channel_code = code;
    if (code != "68") later(2s, order, &Life::say_no);
  }
  void say_no(Order& order) {
    if (order.transaction.status == "pending") deny(order, order.transaction.channel_code);
  }

  World& world_;
  std::mutex& mutex_;
  Hooks hooks_;
  std::map<std::string, Order> orders_;          // by key and order id
  std::map<std::string, std::string> by_token_;  // of the page
  std::map<std::string, std::string> order_of_;  // by transaction id
  std::int64_t last_refund_ = 0;
};

}  // namespace switchyard::sandbox::midtrans_simulator
