// Orange Money's Web Payment as its documents describe it: an access token, a page for each
// order_id, 201 for everything that works, a status for who knows all three words, and one
// notification without a signature. README.md lists the settings that change its habits.
#include <charconv>
#include <map>
#include <mutex>
#include <set>

#include "adapters/orange_money/simulator_book.h"
#include "adapters/orange_money/simulator_calls.h"
#include "adapters/orange_money/simulator_pages.h"
#include "base/crypto.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace orange_money_simulator;

class OrangeMoneySimulator final : public Simulator {
 public:
  explicit OrangeMoneySimulator(World& world) : world_(world) {}
  std::string name() const override { return "orange_money"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    const auto path = split(request.path);
    const std::string first = path.empty() ? "" : path[0];
    const bool is_post = request.method == "POST";
    if (first == "simulator") return phone(request);
    if (first == "payment" && path.size() == 3) return payer_page(request, path[2]);
    if (first == "revoke" && is_post) return revoke();
    if (first == "oauth" && path.size() == 3 && path[2] == "token" && is_post)
      return give_token(request, path[1]);
    if (first == "orange-money-webpay") return api(request, path);
    return no_such_path();
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("orange_money." + name, otherwise);
  }
  bool is_on(const std::string& name) const { return setting(name, "false") == "true"; }
  std::int64_t seconds(const std::string& name, std::int64_t otherwise) const {
    const std::string text = setting(name, "");
    std::int64_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }
  static Reply no_such_path() { return error(404, 404, "Not found", "There is no such path."); }

  // ---- access tokens

  // The older service, v2, says how long a token lasts in a text.
  Reply give_token(const Request& request, const std::string& version) {
    const std::string client = client_of(request);
    if (client.empty() || client == setting("revoked_client", ""))
      return error(401, 41, "Invalid credentials", "The client id or secret is wrong.");
    const Request form = {.query = decode_fields(request.body)};
    if (form.query_value("grant_type") != "client_credentials")
      return error(400, 400, "Bad request", "grant_type has to be client_credentials.");
    const bool is_old = version == "v2";
    const std::int64_t lasts = seconds("token_lasts_s", is_old ? 7'776'000 : 3600);
    const bool is_text = setting("expires_in", is_old ? "string" : "number") == "string";
    const std::string token = to_hex(random_bytes(24));
    tokens_[token] = world_.unix_time() + lasts;
    const Json expires_in = is_text ? Json(std::to_string(lasts)) : Json(lasts);
    return {.body = write_json(
                {{"token_type", "Bearer"}, {"access_token", token}, {"expires_in", expires_in}})};
  }

  // Every token ends before its time.
  Reply revoke() {
    tokens_.clear();
    return {.body = "{}"};
  }

  // ---- the API

  Reply api(const Request& request, const std::vector<std::string>& path) {
    const auto token = tokens_.find(bearer_of(request));
    if (token == tokens_.end() || token->second <= world_.unix_time())
      return error(401, 42, "Expired credentials", "The access token is not valid any more.");
    if (is_on("quota_is_used")) return error(429, 429, "Too many requests", "Come back later.");
    if (request.method != "POST" || path.size() != 4 || path[2] != "v1") return no_such_path();
    const std::string& country = path[1];
    if (!is_subscribed(country)) return error(403, 50, "Forbidden", "Forbidden access to the api.");
    const Json body = parse_json(request.body);
    if (path[3] == "webpayment") return create(body, country);
    if (path[3] == "transactionstatus") return status(body, country);
    return no_such_path();
  }

  // An application has the sandbox and one country.
  bool is_subscribed(const std::string& country) const {
    const std::string own = setting("country", "");
    if (country == "dev") return true;
    return !currency_of(country).empty() && (own.empty() || own == country);
  }

  Reply create(const Json& body, const std::string& country) {
    if (const std::string problem = problem_of(body); !problem.empty())
      return error(400, 400, "Bad request", problem);
    const std::string key = text_at(body, "merchant_key");
    const std::string right_key = setting("merchant_key", "");
    if (!right_key.empty() && key != right_key)
      return error(403, 1202, "Invalid merchant key", "The merchant key is not known here.");
    if (is_on("forbids_transactions"))
      return error(403, 1201, "Forbidden transaction", "This merchant may not be paid.");
    if (text_at(body, "currency") != currency_of(country))
      return error(403, 1203, "Currency not authorised", "The offer is in another currency.");
    const std::string order_id = text_at(body, "order_id");
    if (!orders_.insert(country + " " + key + " " + order_id).second)
      return error(403, 1204, "Order id already exists", "An order id opens one page, ever.");
    return open_page(body, country);
  }

  Reply open_page(const Json& body, const std::string& country) {
    WebPayment payment = {.pay_token = to_hex(random_bytes(32)),
                          .notif_token = to_hex(random_bytes(16)),
                          .country = country,
                          .order_id = text_at(body, "order_id"),
                          .currency = text_at(body, "currency"),
                          .shop = text_at(body, "reference"),
                          .return_url = text_at(body, "return_url"),
                          .cancel_url = text_at(body, "cancel_url"),
                          .notif_url = text_at(body, "notif_url")};
    payment.amount = integer_at(body, "amount").value_or(0);
    payment.opened_at = world_.unix_time();
    payments_[payment.pay_token] = payment;
    if (is_on("forged_notification")) forge(payment);
    return {.status = 201,
            .body = write_json({{"status", 201},
                                {"message", "OK"},
                                {"pay_token", payment.pay_token},
                                {"payment_url", page_url(payment)},
                                {"notif_token", payment.notif_token}})};
  }

  // The path's country is part of who one is; order_id, amount and pay_token have all to fit.
  Reply status(const Json& body, const std::string& country) const {
    const std::string order_id = text_at(body, "order_id"), token = text_at(body, "pay_token");
    if (order_id.empty() || token.empty() || !is_whole_amount(body))
      return error(400, 400, "Bad request", "order_id, amount or pay_token is missing.");
    const auto found = payments_.find(token);
    const bool fits = found != payments_.end() && found->second.country == country &&
                      found->second.order_id == order_id &&
                      found->second.amount == integer_at(body, "amount");
    Json answer = {{"status", fits ? found->second.status : setting("not_found", "NOT FOUND")},
                   {"order_id", order_id}};
    if (fits && !found->second.txnid.empty()) answer["txnid"] = found->second.txnid;
    return {.status = 201, .body = write_json(answer)};
  }

  // ---- what the payer does

  std::string page_url(const WebPayment& payment) const {
    return world_.base_url("orange_money") + "/payment/pay_token/" + payment.pay_token;
  }

  // The simulated phone: dialing makes a new code, which serves once.
  Reply phone(const Request& request) {
    const Request form = {.query = decode_fields(request.body)};
    const std::string number = digits_of(form.query_value("msisdn"));
    if (request.method != "POST" || number.empty()) return phone_page("", "");
    const std::string fixed = setting("code", "");
    codes_[number] = fixed.empty() ? new_one_time_code() : fixed;
    return phone_page(number, html_escaped(codes_[number]));
  }

  bool take_code(const std::string& number, std::string_view code) {
    const std::string fixed = setting("code", "");
    if (!fixed.empty()) return code == fixed;
    const auto found = codes_.find(number);
    if (found == codes_.end() || found->second != code) return false;
    codes_.erase(found);
    return true;
  }

  Reply payer_page(const Request& request, const std::string& token) {
    const auto found = payments_.find(token);
    if (found == payments_.end()) return page("There is no such payment", "", 404);
    WebPayment& payment = found->second;
    if (payment.status != "INITIATED") return over_page(payment);
    const std::string phone_url = world_.base_url("orange_money") + "/simulator";
    if (request.method != "POST") return pay_page(payment, phone_url, "");
    const Request form = {.query = decode_fields(request.body)};
    const std::string_view decision = form.query_value("decision");
    if (decision == "cancel") return see_other(payment.cancel_url);  // and stays INITIATED
    if (!take_code(digits_of(form.query_value("msisdn")), form.query_value("otp")))
      return pay_page(payment, phone_url, "That code is not right. Dial for a new one.");
    return confirm(payment, decision != "refuse");
  }

  // The end of a page is noticed by who confirms too late, and told to nobody.
  Reply confirm(WebPayment& payment, bool will_succeed) {
    const std::int64_t age = world_.unix_time() - payment.opened_at;
    if (age >= seconds("page_lasts_s", 600) && !is_on("late_payment")) {
      payment.status = "EXPIRED";
      return over_page(payment);
    }
    payment.status = "PENDING";
    payment.txnid = transaction_id(world_.unix_time(), ++transactions_);
    if (setting("notification", "after") == "before") {
      settle(payment, will_succeed);
      return over_page(payment);
    }
    const std::chrono::seconds delay(seconds("settles_in_s", 2));
    world_.after(delay, [this, token = payment.pay_token, will_succeed] {
      const std::lock_guard lock(mutex_);
      settle(payments_[token], will_succeed);
    });
    return see_other(payment.return_url);
  }

  void settle(WebPayment& payment, bool succeeds) {
    payment.status = succeeds ? "SUCCESS" : "FAILED";
    if (succeeds)
      world_.record({"orange_money", "charge", payment.pay_token, payment.order_id, payment.amount,
                     payment.currency});
    const std::chrono::seconds delay(seconds("notification_delay_s", 0));
    notify(payment.notif_url, notification_of(payment), delay);
  }

  // ---- notifications: once, whatever is answered

  void notify(const std::string& url, const Json& body, std::chrono::milliseconds delay) {
    world_.send_webhook({.provider = "orange_money",
                         .request = {.method = "POST",
                                     .url = url,
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = write_json(body)},
                         .schedule = {delay}});
  }

  // By somebody who knows the address and not the token: that a page was paid that nobody has seen.
  void forge(WebPayment payment) {
    payment.status = "SUCCESS";
    payment.notif_token = std::string(32, '0');
    payment.txnid = transaction_id(world_.unix_time(), 0);
    notify(payment.notif_url, notification_of(payment), std::chrono::milliseconds(0));
  }

  World& world_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> tokens_;  // until when, Unix seconds
  std::map<std::string, WebPayment> payments_;  // by pay_token
  std::set<std::string> orders_;                // country, merchant key and order_id
  std::map<std::string, std::string> codes_;    // one-time codes by phone number
  int transactions_ = 0;
};

}  // namespace

std::unique_ptr<Simulator> make_orange_money_simulator(World& world) {
  return std::make_unique<OrangeMoneySimulator>(world);
}

}  // namespace switchyard::sandbox
