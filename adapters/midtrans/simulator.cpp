// Midtrans as its documents describe it: Snap's page below /snap, the Core API below /v2, both of
// them here under one base; amounts that come back as text, codes in the body that the HTTP status
// does not repeat, and notifications. README.md lists the settings that change its habits.
#include <mutex>
#include <utility>

#include "adapters/midtrans/simulator_book.h"
#include "adapters/midtrans/simulator_calls.h"
#include "adapters/midtrans/simulator_life.h"
#include "adapters/midtrans/simulator_pages.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace midtrans_simulator;

class MidtransSimulator final : public Simulator {
 public:
  explicit MidtransSimulator(World& world) : world_(world), life_(world, mutex_) {}
  std::string name() const override { return "midtrans"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    const auto path = split(request.path, '/');
    const auto at = [&](std::size_t place) {
      return place < path.size() ? path[place] : std::string();
    };
    const bool is_snap = at(0) == "snap", is_post = request.method == "POST";
    if (is_snap && at(1) == "v3") return payer_page(request, at(3));
    if (!is_snap && at(0) != "v2") return {.status = 404, .body = "{}"};
    const std::string key = server_key_of(request, life_.setting("revoked_key", ""));
    if (key.empty())
      return is_snap
                 ? snap_error(401, snap_denies)
                 : core_error(401, "401", "Transaction cannot be authorized with this server key.");
    if (request.header("accept").find("application/json") == std::string_view::npos)
      return is_snap ? snap_error(403, wrong_accept) : core_error(403, "403", wrong_accept);
    if (is_snap)
      return is_post ? snap(request, key, at(3), at(4)) : snap_error(404, "no such call");
    if (!is_post) return read(request, key, at(1), at(2));
    return answers_.once(request, key, world_.unix_time(),
                         [&] { return write(request, key, at(1), at(2), at(3)); });
  }

 private:
  static constexpr const char* snap_denies =
      "Access denied due to unauthorized transaction, please check client or server key";
  static constexpr const char* wrong_accept = "The Accept header has to be application/json.";

  // ---- Snap

  Reply snap(const Request& request, const std::string& key, const std::string& token,
             const std::string& what) {
    if (token.empty()) return create(request, key);
    return what == "cancel" ? cancel_page(key, token) : snap_error(404, "no such call");
  }

  Reply create(const Request& request, const std::string& key) {
    const Json body = parse_json(request.body);
    std::string problem = problem_of(body);
    if (problem.empty()) problem = problem_of_page(body);
    if (!problem.empty()) return snap_error(400, problem);
    if (life_.is_taken(key, text_at(body, "transaction_details.order_id")))
      return snap_error(400, "transaction_details.order_id has already been taken");
    const Order* order = life_.add(read_order(body, request, key, world_.unix_time()));
    return answer(201, {{"token", order->token}, {"redirect_url", page_url(*order)}});
  }

  std::string page_url(const Order& order) const {
    return world_.base_url("midtrans") + "/snap/v3/redirection/" + order.token;
  }

  Reply cancel_page(const std::string& key, const std::string& token) {
    Order* order = life_.find_page(token);
    if (!order || order->server_key != key || life_.is_page_over(*order))
      return snap_error(404, "Token not found");
    if (order->is_page_canceled) return snap_error(400, "Token is already canceled");
    if (order->transaction.is_open()) return snap_error(400, "Transaction is in progress");
    life_.cancel_page(*order);
    return answer(200, {{"canceled_at", jakarta_time(world_.unix_time())}});
  }

  // ---- Core

  static Reply reply(const Order& order, const std::string& code, const std::string& message) {
    return answer(200, transaction_json(order, code, message));
  }

  // Only what has a transaction. DANA's are found by their own id alone, by who says that they were
  // made by Snap.
  Order* find(const Request& request, const std::string& key, const std::string& id) {
    Order* order = life_.find(key, id);
    if (!order || order->transaction.id.empty()) return nullptr;
    const bool is_named_rightly =
        id == order->transaction.id && request.header("transaction-source") == "SNAP_API";
    return order->transaction.payment_type != "dana" || is_named_rightly ? order : nullptr;
  }

  Reply read(const Request& request, const std::string& key, const std::string& id,
             const std::string& what) {
    const Order* order = what == "status" ? find(request, key, id) : nullptr;
    if (!order) return not_found();
    return reply(*order, code_of(order->transaction), "Success, transaction is found");
  }

  Reply write(const Request& request, const std::string& key, const std::string& id,
              const std::string& what, const std::string& manner) {
    const Json body = parse_json(request.body);
    if (id == "charge") return charge(body, request, key);
    if (id == "capture") return capture(body, key);
    Order* order = find(request, key, id);
    if (!order) return not_found();
    if (what == "cancel") return cancel(*order);
    if (what == "expire") return expire(*order);
    if (what == "approve" || what == "deny") return judge(*order, what == "approve");
    return what == "refund" ? refund(*order, body, manner == "online") : not_found();
  }

  // Beside Snap: wallets, transfers and shops.
  Reply charge(const Json& body, const Request& request, const std::string& key) {
    if (const std::string problem = problem_of(body); !problem.empty())
      return core_invalid(problem);
    const std::string type = text_at(body, "payment_type");
    const std::string phone = text_at(body, "ovo.payer_phone_number");
    std::string name = type;
    if (type == "bank_transfer") name = text_at(body, "bank_transfer.bank") + "_va";
    if (type == "cstore") name = text_at(body, "cstore.store");
    if (type == "qris") name = "other_qris";
    const Method* method = find_method(name);
    // DANA is paid on pages alone.
    if (!method || method->payment_type != type || type == "dana")
      return core_error(402, "402", "No access to this payment type.");
    if (name == "ovo" && code_of_phone(phone) == "14")
      return core_error(404, "404", "User with requested phone number doesn't exist");
    if (life_.is_taken(key, text_at(body, "transaction_details.order_id")))
      return core_error(406, "406", "The order id has been used already.");
    Order order = read_order(body, request, key, world_.unix_time());
    order.token.clear();  // there is no page
    Order* kept = life_.add(order);
    life_.start(*kept, *method, phone);
    Json made = transaction_json(
        *kept, "201",
        type == "gopay" ? "GO-PAY transaction is created" : "Success, transaction is created");
    const Json actions = actions_of(kept->transaction, world_.base_url("midtrans"));
    if (!actions.empty()) made["actions"] = actions;
    return answer(200, made);
  }

  Reply capture(const Json& body, const std::string& key) {
    Order* order = life_.find(key, text_at(body, "transaction_id"));
    if (!order) return not_found();
    const Transaction& held = order->transaction;
    const std::int64_t amount = integer_at(body, "gross_amount").value_or(held.gross);
    if (held.status != "authorize" || held.fraud != "accept") return not_modifiable();
    if (amount <= 0 || amount > held.gross) return core_invalid("gross_amount is too much");
    life_.capture(*order, amount);
    return reply(*order, "200", "Success, transaction is captured");
  }

  Reply cancel(Order& order) {
    const std::string& status = order.transaction.status;
    if (status != "authorize" && status != "capture" && status != "pending")
      return not_modifiable();
    life_.cancel(order);
    return reply(order, "200", "Success, transaction is canceled");
  }

  // The HTTP status says success, the body 407.
  Reply expire(Order& order) {
    if (order.transaction.status != "pending") return not_modifiable();
    life_.expire(order);
    return reply(order, "407", "Success, transaction is expired");
  }

  Reply judge(Order& order, bool is_approved) {
    const std::string& status = order.transaction.status;
    if (order.transaction.fraud != "challenge" || (status != "authorize" && status != "capture"))
      return not_modifiable();
    life_.judge(order, is_approved);
    return reply(order, code_of(order.transaction), "Success, transaction is judged");
  }

  Reply refund(Order& order, const Json& body, bool is_direct) {
    const Transaction& paid = order.transaction;
    const std::string& type = paid.payment_type;
    const std::string key = text_at(body, "refund_key");
    for (const Refund& each : paid.refunds)
      if (!key.empty() && each.key == key)
        return core_error(406, "406", "The refund key has been used already.");
    const bool has_none = type == "bank_transfer" || type == "echannel" || type == "cstore";
    if (has_none || (paid.status != "settlement" && paid.status != "partial_refund"))
      return not_modifiable();
    const std::int64_t left = paid.gross - paid.refunded();
    const std::int64_t amount = integer_at(body, "amount").value_or(left);
    const bool is_whole_only = type == "shopeepay" || type == "ovo";
    const std::string result = life_.setting("refund_result", "approved");
    if (amount <= 0 || amount > left || (is_whole_only && amount != paid.gross) ||
        result == "no_balance")
      return core_error(414, "414", "Refund rejected: its amount, or too little balance");
    if (result == "denied") return refund_reply(order, "202", "Refund is denied by the bank", {});
    Refund refund = {.amount = amount};
    refund.key = key.empty() ? new_uuid() : key;
    refund.reason = text_at(body, "reason");
    return refund_reply(order, "200", "Success, refund request is approved",
                        life_.give_back(order, refund, is_direct));
  }

  // Of one refund, not the list of them.
  static Reply refund_reply(const Order& order, const std::string& code, const std::string& message,
                            const Refund& refund) {
    Json object = transaction_json(order, code, message);
    object.erase("refunds");
    object["refund_amount"] = rupiah(refund.amount);
    if (refund.id > 0) object["refund_chargeback_id"] = refund.id;
    if (!refund.key.empty()) object["refund_key"] = refund.key;
    return answer(200, object);
  }

  // ---- what the payer sees

  Reply payer_page(const Request& request, const std::string& token) {
    Order* found = life_.find_page(token);
    if (!found) return {.status = 404, .body = "{}"};
    Order& order = *found;
    const Transaction& transaction = order.transaction;
    const bool is_post = request.method == "POST";
    const Request form = {.query = decode_fields(request.body)};
    if (order.is_page_canceled) return over_page(order, "canceled");
    if (life_.is_page_over(order)) return over_page(order, "expired");
    if (transaction.is_open() && transaction.status != "pending")
      return over_page(order, transaction.status);
    if (transaction.is_open())
      return is_post ? decide(order, form) : pending_page(order, page_url(order));
    if (is_post) return order.card.empty() ? pick(order, form) : confirm_card(order, form);
    if (!order.card.empty()) return otp_page(order, page_url(order));
    return method_page(order, page_url(order),
                       transaction.id.empty() ? "" : "That was declined. Try another way.");
  }

  // After a refusal the page stays open.
  Reply back(const Order& order) const {
    const std::string url = finish_url(order);
    return see_other(url.empty() || order.transaction.status == "deny" ? page_url(order) : url);
  }

  // A card waits for its bank's question; only then there is a transaction.
  Reply pick(Order& order, const Request& form) {
    const std::string name(form.query_value("method")), phone(form.query_value("phone"));
    const std::string url = page_url(order);
    if (!order.takes(name == "gopay_qr" ? "gopay" : name))
      return method_page(order, url, "Choose another way.");
    if (name == "credit_card") {
      order.card = form.query_value("number");
      std::erase_if(order.card, [](char c) { return c < '0' || c > '9'; });
      return see_other(url);
    }
    const Method* method = find_method(name);
    if (!method) return method_page(order, url, "Choose one of these.");
    if (name == "ovo" && code_of_phone(phone) == "14")
      return method_page(order, url, "This phone is not registered at OVO.");
    life_.start(order, *method, phone);
    return see_other(url);
  }

  Reply confirm_card(Order& order, const Request& form) {
    const std::string number = std::exchange(order.card, "");
    if (form.query_value("otp") != "112233")
      return method_page(order, page_url(order), "The bank did not recognize you.");
    life_.pay_by_card(order, number);
    return back(order);
  }

  Reply decide(Order& order, const Request& form) {
    const std::string_view decision = form.query_value("decision");
    if (decision == "pay") life_.take(order);
    if (decision == "deny") life_.deny(order, is_card(order.transaction) ? "05" : "");
    if (decision == "cancel") life_.cancel(order);
    if (decision == "expire") life_.expire(order);
    return back(order);
  }

  World& world_;
  std::mutex mutex_;
  Life life_;
  Answers answers_;
};

}  // namespace

std::unique_ptr<Simulator> make_midtrans_simulator(World& world) {
  return std::make_unique<MidtransSimulator>(world);
}

}  // namespace switchyard::sandbox
