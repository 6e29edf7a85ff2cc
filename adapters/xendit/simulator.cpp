// Xendit as its documents describe it: invoices with a page, payment requests for one wallet or one
// bank account, refunds, one host for both modes, and webhooks that only bear a token. Sessions and
// the older direct calls are not played. README.md lists the settings that change its habits.
#include <cstdlib>
#include <map>
#include <mutex>

#include "adapters/xendit/simulator_book.h"
#include "adapters/xendit/simulator_calls.h"
#include "adapters/xendit/simulator_life.h"
#include "adapters/xendit/simulator_pages.h"
#include "adapters/xendit/simulator_refunds.h"
#include "adapters/xendit/simulator_webhooks.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace xendit_simulator;
using namespace std::chrono_literals;

class XenditSimulator final : public Simulator {
 public:
  explicit XenditSimulator(World& world)
      : world_(world),
        hooks_(world),
        life_(world, mutex_, hooks_),
        refunds_(world, mutex_, hooks_, life_.all()) {}
  std::string name() const override { return "xendit"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    life_.expire_due();
    const auto path = split(request.path);
    if (is_listed("web,ewallet,ovo,va", path[0])) return payer_page(request, path);
    if (path[0] == "replay" && path.size() == 2) return hooks_.replay(path[1]);
    const Call call = call_of(request, path);
    const std::int64_t own_limit = std::atoll(setting("rate_limit", "0").c_str());
    const std::int64_t limit = own_limit > 0 ? own_limit : call.mode == "live" ? 600 : 60;
    bool is_over = false;
    const Fields headers = limits_.count(call, limit, now(), is_over);
    Reply reply = is_over && own_limit > 0
                      ? failure(429, "RATE_LIMIT_EXCEEDED", "You have exceeded the rate limit.")
                      : signed_in(request, call);
    reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
    return reply;
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("xendit." + name, otherwise);
  }
  std::int64_t now() const { return world_.unix_time(); }

  Reply signed_in(const Request& request, const Call& call) {
    const bool is_invoices = request.path.find("/invoices") != std::string::npos;
    if (call.key.empty() && is_invoices) return invalid("api_key", "\"api_key\" is required");
    if (call.mode.empty() || call.key == setting("revoked_key", ""))
      return failure(401, "INVALID_API_KEY", "API key is not authorized for this API service.");
    return api(request, call);
  }

  Reply api(const Request& request, const Call& call) {
    const Json body = parse_json(request.body);
    const std::string& what = call.what;
    if (what == "POST /v2/invoices") return create_invoice(body, request, call.mode);
    if (what == "GET /v2/invoices") return list_invoices(request, call.mode);
    if (what == "GET /v2/invoices/*") return read_invoice(call.id, call.mode);
    if (what == "POST /invoices/*/expire!") return expire_invoice(call.id, call.mode);
    if (what == "POST /refunds")
      return keys_.once(request, call.mode, [&] { return refunds_.create(body, call.mode); });
    if (what == "GET /refunds") return refunds_.list(request, call.mode);
    if (what == "GET /refunds/*") return refunds_.read(call.id, call.mode);
    if (what == "POST /refunds/*/cancel") return refunds_.cancel(call.id, call.mode);
    const bool is_v3 = request.path.starts_with("/v3/");
    if (is_v3 && request.header("api-version") != "2024-11-11")
      return invalid("api-version", "\"api-version\" must be [2024-11-11]");
    if (what == "POST /v3/payment_requests") return create_request(body, request, call.mode);
    Payable* asked = is_v3 ? life_.find(call.id, call.mode) : nullptr;
    if (asked && !asked->is_invoice()) return call_about(*asked, what);
    const Payable* paid = is_v3 ? life_.find_paid(call.id, call.mode) : nullptr;
    if (paid && what == "GET /v3/payments/*") return answer(200, payment_json(*paid));
    // Nothing is ever held here: there is nothing to capture, and nothing to let go.
    if (paid && (what == "POST /v3/payments/*/capture" || what == "POST /v3/payments/*/cancel"))
      return failure(400, "INELIGIBLE_TRANSACTION_STATUS", "The payment is " + paid->status + ".");
    return nothing();
  }

  Reply call_about(Payable& asked, const std::string& what) {
    if (what == "GET /v3/payment_requests/*")
      return answer(200, request_json(asked, page_url(asked)));
    if (what == "POST /v3/payment_requests/*/cancel") return cancel_request(asked);
    if (what == "POST /v3/payment_requests/*/simulate") return simulate(asked);
    return nothing();
  }

  static Reply nothing() {
    return failure(404, "DATA_NOT_FOUND", "There is no such call, or nothing that it is about.");
  }

  // ---- what can be paid

  Payable new_payable(const std::string& id, const Json& body, const Request& request,
                      const std::string& mode) const {
    Payable made = {.id = id, .mode = mode, .user_id = std::string(request.header("for-user-id"))};
    if (made.user_id.empty()) made.user_id = "62440e322008e87fb29c1fd0";
    made.currency = text_at(body, "currency");
    made.description = text_at(body, "description");
    made.created = made.updated = time_text(now());
    made.asked = body;
    return made;
  }

  static std::string place_of(const Payable& payable) {
    if (payable.is_invoice()) return "web";
    if (payable.channel->kind == Kind::account) return "va";
    return payable.channel->kind == Kind::push ? "ovo" : "ewallet";
  }
  std::string page_url(const Payable& payable) const {
    return world_.base_url("xendit") + "/" + place_of(payable) + "/" + payable.id;
  }

  // ---- invoices: the same external_id may come again, and makes another one

  Reply create_invoice(const Json& body, const Request& request, const std::string& mode) {
    const std::string reference = text_at(body, "external_id");
    if (reference.empty()) return invalid("external_id", "\"external_id\" must be a string");
    Payable invoice = new_payable(to_hex(random_bytes(12)), body, request, mode);
    if (invoice.currency.empty()) invoice.currency = "IDR";
    if (!is_listed("IDR,USD,THB,VND,PHP,MYR", invoice.currency))
      return failure(400, "UNSUPPORTED_CURRENCY", "The currency is not supported.");
    const auto amount = smallest_unit(decimal_at(body, "amount"), decimals_of(invoice.currency));
    if (!amount) return invalid("amount", "\"amount\" must be a number");
    for (const Json& wanted : member_at(body, "payment_methods"))
      if (!find_page_channel(text_at(wanted, "")))
        return failure(400, "UNAVAILABLE_PAYMENT_METHOD_ERROR", "A payment method is not there.");
    invoice.reference = reference;
    invoice.amount = *amount;
    invoice.status = "PENDING";
    invoice.ends_at = now() + integer_at(body, "invoice_duration").value_or(86400);
    by_reference_[{mode, reference}].push_back(invoice.id);
    const Payable& kept = life_.keep(invoice);
    return answer(200, invoice_json(kept, page_url(kept)));
  }

  // Newest first.
  Reply list_invoices(const Request& request, const std::string& mode) {
    Json list = Json::array();
    const auto& ids = by_reference_[{mode, std::string(request.query_value("external_id"))}];
    for (auto each = ids.rbegin(); each != ids.rend(); ++each) {
      const Payable& invoice = *life_.find(*each, mode);
      list.push_back(invoice_json(invoice, page_url(invoice)));
    }
    return answer(200, list);
  }

  Reply read_invoice(const std::string& id, const std::string& mode) {
    const Payable* invoice = life_.find(id, mode);
    if (!invoice || !invoice->is_invoice()) return no_invoice(id);
    return answer(200, invoice_json(*invoice, page_url(*invoice)));
  }

  // Of one that is over already, the documents do not speak: it is answered as it is.
  Reply expire_invoice(const std::string& id, const std::string& mode) {
    Payable* invoice = life_.find(id, mode);
    if (!invoice || !invoice->is_invoice()) return no_invoice(id);
    if (invoice->is_open()) life_.cancel(*invoice);
    return answer(200, invoice_json(*invoice, page_url(*invoice)));
  }

  static Reply no_invoice(const std::string& id) {
    return failure(404, "INVOICE_NOT_FOUND_ERROR", "Could not find invoice by id " + id);
  }

  // ---- payment requests

  Reply create_request(const Json& body, const Request& request, const std::string& mode) {
    for (const char* name : {"reference_id", "country", "currency", "channel_code"})
      if (text_at(body, name).empty()) return invalid(name, std::string(name) + " is required");
    if (text_at(body, "type") != "PAY") return invalid("type", "only PAY is played here");
    // Cards can be held and captured later, and none of these channels.
    const std::string capture = text_at(body, "capture_method");
    if (capture == "MANUAL")
      return failure(400, "INVALID_VALUE_ERROR", "The channel takes the money at once.");
    if (!capture.empty() && capture != "AUTOMATIC")
      return invalid("capture_method", "capture_method is AUTOMATIC or MANUAL");
    const Channel* channel = find_channel(text_at(body, "channel_code"));
    if (!channel) return invalid("channel_code", "channel_code is not known");
    Payable made = new_payable("pr-" + new_uuid(), body, request, mode);
    made.channel = channel;
    made.reference = text_at(body, "reference_id");
    const int decimals = decimals_of(made.currency);
    const auto amount = smallest_unit(decimal_at(body, "request_amount"), decimals);
    const std::int64_t unit = decimals == 0 ? 1 : 100;
    if (!amount || made.currency != channel->currency || *amount < channel->minimum * unit ||
        (channel->maximum > 0 && *amount > channel->maximum * unit))
      return failure(400, "INVALID_VALUE_ERROR", "The channel does not take this amount.");
    if (std::string lack = lack_of(*channel, member_at(body, "channel_properties")); !lack.empty())
      return invalid("channel_properties." + lack, lack + " is required");
    if (is_listed(setting("inactive_channels", ""), channel->code))
      return failure(403, "CHANNEL_NOT_ACTIVATED", "The channel is not activated.");
    const std::string whole = *amount % unit == 0 ? std::to_string(*amount / unit) : "";
    const bool is_wallet = channel->kind != Kind::account;
    if (Reply refusal = magic_refusal(whole); is_wallet && refusal.status != 0) return refusal;
    made.amount = *amount;
    open(made);
    const Payable& kept = life_.keep(made);
    if (is_wallet) plan(kept, magic_failure(whole, setting("failure_codes", "")));
    return answer(201, request_json(kept, page_url(kept)));
  }

  // The property that is missing.
  std::string lack_of(const Channel& channel, const Json& properties) const {
    const std::string needed = channel.kind == Kind::account ? "display_name"
                               : channel.kind == Kind::push
                                   ? setting("ovo_phone_property", "mobile_number")
                                   : "success_return_url";
    return text_at(properties, needed).empty() ? needed : "";
  }

  void open(Payable& made) {
    const Channel& channel = *made.channel;
    const Json& properties = member_at(made.asked, "channel_properties");
    made.status = channel.kind == Kind::push ? setting("ovo_status", "PENDING") : "REQUIRES_ACTION";
    made.ends_at = now() + (channel.lasts_sec > 0 ? channel.lasts_sec : 86400);
    if (channel.kind != Kind::account) return;
    if (const auto asked = parse_rfc3339(text_at(properties, "expires_at")))
      made.ends_at = unix_seconds(*asked);
    made.account_number = text_at(properties, "virtual_account_number");
    if (made.account_number.empty())
      made.account_number = std::to_string(1'076'612'345'678 + accounts_++);
  }

  // What happens without the payer's touching a page.
  void plan(const Payable& made, const std::string& failure_code) {
    const std::string how = setting("ovo_answer", "approve");
    if (!failure_code.empty())
      life_.settle_in(made, 3s, failure_code);
    else if (made.channel->kind == Kind::push && how != "none")
      life_.settle_in(made, 5s, how == "decline" ? "USER_DECLINED_PAYMENT" : "");
  }

  Reply cancel_request(Payable& request) {
    if (request.status == "PENDING")
      return failure(400, "INELIGIBLE_TRANSACTION_STATUS", "The payment request is PENDING.");
    if (!request.is_open())
      return failure(400, "INACTIVE_PAYMENT_REQUEST", "It is " + request.status + ".");
    life_.cancel(request);
    return answer(200, request_json(request, page_url(request)));
  }

  Reply simulate(const Payable& request) {
    if (request.mode == "live")
      return failure(403, "REQUEST_FORBIDDEN_ERROR", "This works in test mode only.");
    life_.settle_in(request, 1s, "");
    return answer(200, {{"status", "PENDING"}, {"message", "A simulated payment is on its way."}});
  }

  // ---- what the payer sees

  Reply payer_page(const Request& request, const std::vector<std::string>& path) {
    Payable* payable = path.size() == 2 ? life_.find(path[1], "") : nullptr;
    if (!payable || place_of(*payable) != path[0]) return {.status = 404, .body = "{}"};
    const Request form = {.query = decode_fields(request.body)};
    const std::string act(form.query_value("act"));
    if (!life_.can_be_paid(*payable)) return over_page(*payable, back_of(*payable));
    if (request.method != "POST") return show(*payable, "");
    if (act == "fail") return show(*payable, "It did not work. Try again, or another way.");
    if (act == "expire") {
      life_.expire(*payable);
      return over_page(*payable, back_of(*payable));
    }
    if (act == "decline" || act == "poor") {
      life_.fail(*payable, act == "poor" ? "INSUFFICIENT_BALANCE" : "USER_DECLINED_PAYMENT");
      return leave(*payable);
    }
    return pay(*payable, form);
  }

  // An invoice may be paid with another amount than was asked for.
  Reply pay(Payable& payable, const Request& form) {
    const std::string way(form.query_value(payable.is_invoice() ? "pay" : "act"));
    const PageChannel* channel = find_page_channel(way);
    if (payable.is_invoice() ? !channel || !offers(payable, *channel) : way != "pay")
      return show(payable, "This page offers other ways to pay.");
    if (payable.is_invoice()) payable.page_channel = way;
    const auto typed =
        smallest_unit(form.query_value("paid_amount"), decimals_of(payable.currency));
    life_.take_money(payable,
                     payable.is_invoice() ? typed.value_or(payable.amount) : payable.amount);
    return leave(payable);
  }

  Reply show(const Payable& payable, const std::string& problem) const {
    if (payable.is_invoice()) return invoice_page(payable, problem);
    if (payable.channel->kind == Kind::account) return account_page(payable);
    if (payable.channel->kind == Kind::page) return wallet_page(payable);
    const std::string property = setting("ovo_phone_property", "mobile_number");
    return prompt_page(payable, text_at(payable.asked, "channel_properties." + property));
  }

  static std::string back_of(const Payable& payable) {
    const std::string way = payable.is_paid() ? "success_" : "failure_";
    return payable.is_invoice()
               ? text_at(payable.asked, way + "redirect_url")
               : text_at(payable.asked, "channel_properties." + way + "return_url");
  }
  // To the shop, where a browser came from there.
  static Reply leave(const Payable& payable) {
    const std::string url = back_of(payable);
    return url.empty() ? over_page(payable, url) : see_other(url);
  }

  World& world_;
  std::mutex mutex_;
  Hooks hooks_;
  Life life_;
  Refunds refunds_;
  Limits limits_;
  Keys keys_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> by_reference_;
  std::int64_t accounts_ = 0;
};

}  // namespace

std::unique_ptr<Simulator> make_xendit_simulator(World& world) {
  return std::make_unique<XenditSimulator>(world);
}

}  // namespace switchyard::sandbox
