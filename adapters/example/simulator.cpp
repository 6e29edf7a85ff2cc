// Plays Example Pay as its README.md describes it. Written from that page, not from the adapter.
#include <charconv>
#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "adapters/example/simulator_parts.h"
#include "base/crypto.h"
#include "base/id.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace std::chrono_literals;
using namespace example_pay;

constexpr auto payer_takes = 5s;
constexpr auto prompt_lasts = 120s;
constexpr std::int64_t key_lasts_sec = 24 * 60 * 60;

class ExampleSimulator final : public Simulator {
 public:
  explicit ExampleSimulator(World& world) : world_(world) {}

  std::string name() const override { return "example"; }

  Reply handle(const Request& request) override {
    const Path path = split_path(request.path);
    if (path.first == "pay") return handle_page(request, path.second);
    std::string account;
    if (auto refusal = refuse_key(request, account)) return *refusal;
    if (request.method == "GET") return read(request, path, account);
    bool is_slow = false;
    const Reply reply = replay_or_run(request, path, account, is_slow);
    if (is_slow) wait_like_the_payer();
    return reply;
  }

 private:
  struct Kept {
    std::string fingerprint;
    Reply reply;
    std::int64_t until = 0;
  };

  // Keys are sk_test_NAME; the account is NAME.
  static std::optional<Reply> refuse_key(const Request& request, std::string& account) {
    constexpr std::string_view start = "Bearer sk_test_";
    const std::string_view key = request.header("authorization");
    if (!key.starts_with(start) || key == "Bearer sk_test_wrong")
      return refused(401, "bad_key", "This key is not known.");
    account = key.substr(start.size());
    return std::nullopt;
  }

  Reply replay_or_run(const Request& request, const Path& path, const std::string& account,
                      bool& is_slow) {
    const std::string_view key = request.header("idempotency-key");
    if (key.empty()) return refused(400, "bad_request", "Idempotency-Key is missing.");
    const std::string fingerprint =
        sha256(request.method + request.raw_target + "\n" + request.body);
    const std::lock_guard lock(mutex_);
    Kept& kept = kept_[account + " " + std::string(key)];
    if (kept.until > world_.unix_time()) {
      if (kept.fingerprint == fingerprint) return kept.reply;
      return refused(409, "key_mismatch", "This key was used for another request.");
    }
    kept = {fingerprint, run(request, path, account, is_slow), world_.unix_time() + key_lasts_sec};
    return kept.reply;
  }

  Reply run(const Request& request, const Path& path, const std::string& account, bool& is_slow) {
    if (request.method != "POST") return refused(405, "bad_request", "Only GET and POST.");
    const Json body = parse_json(request.body);
    if (path.first == "charges" && path.second.empty()) return create(account, body, is_slow);
    if (path.first == "wallet_sessions") return open_wallet(body);
    if (path.first == "refunds" && path.second.empty()) return refund(account, body);
    if (path.first == "cancel") return cancel_reference(account, request.query_value("reference"));
    SimCharge* charge = find(account, path.second);
    if (path.first == "charges" && charge && path.third == "cancel") return cancel(*charge);
    if (path.first == "charges" && charge && path.third == "capture") return capture(*charge, body);
    return refused(404, "not_found", "No such charge or address.");
  }

  Reply read(const Request& request, const Path& path, const std::string& account) {
    const std::lock_guard lock(mutex_);
    const std::string reference = account + " " + std::string(request.query_value("reference"));
    if (path.first == "charges" && path.second.empty()) {
      Json found = Json::array();
      if (const auto at = by_reference_.find(reference); at != by_reference_.end())
        found.push_back(shown(charges_.at(at->second)));
      return {200, write_json({{"charges", found}})};
    }
    if (path.first == "charges")
      if (SimCharge* charge = find(account, path.second)) return {200, write_json(shown(*charge))};
    if (path.first == "refunds")
      for (const auto& [id, refund] : refunds_)
        if (refund.account == account &&
            (id == path.second || account + " " + refund.reference == reference))
          return {200, write_json(to_json(refund))};
    return refused(404, "not_found", "No such charge or refund.");
  }

  SimCharge* find(const std::string& account, const std::string& id) {
    const auto found = charges_.find(id);
    if (found == charges_.end() || found->second.account != account) return nullptr;
    expire_if_due(found->second);
    return &found->second;
  }

  // A page nobody paid in time. Noticed when somebody looks, so that POST /clock can bring it
  // about.
  void expire_if_due(SimCharge& charge) {
    if (!charge.is_payable() || charge.expires_at == 0 || world_.unix_time() < charge.expires_at)
      return;
    charge.is_open = false;
    change(charge, "expired");
  }

  Reply create(const std::string& account, const Json& body, bool& is_slow) {
    SimCharge charge;
    if (const std::string problem = read_charge(body, charge); !problem.empty())
      return refused(400, "bad_request", problem);
    charge.account = account;
    const std::string reference = account + " " + charge.reference;
    if (const auto known = by_reference_.find(reference); known != by_reference_.end())
      return repeated(charges_.at(known->second), charge);
    const Json& source = member_at(body, "source");
    if (!is_source_known(source)) return refused(400, "token_unknown", "No such token or session.");
    charge.id = new_id("ch");
    charge.page_url = world_.base_url("example") + "/pay/" + charge.id;
    by_reference_[reference] = charge.id;
    SimCharge& kept = charges_[charge.id] = std::move(charge);
    decide(kept, source);
    is_slow = kept.token == "tok_slow";
    return {kept.status == "rejected" ? 402 : 201, write_json(shown(kept))};
  }

  Reply repeated(const SimCharge& known, const SimCharge& asked) {
    const bool was_closed_unseen = known.currency.empty();
    if (!was_closed_unseen && (known.amount != asked.amount || known.currency != asked.currency))
      return refused(409, "reference_mismatch", "This reference was used for another amount.");
    return {known.status == "canceled" ? 409 : 200, write_json(shown(known))};
  }

  bool is_source_known(const Json& source) const {
    const std::string type = text_at(source, "type");
    if (type == "token") return is_token_known(text_at(source, "token"));
    if (type == "wallet") return wallet_sessions_.contains(text_at(source, "session"));
    return type == "page" || (type == "phone" && !text_at(source, "number").empty());
  }

  void decide(SimCharge& charge, const Json& source) {
    const std::string type = text_at(source, "type");
    if (type == "token") return decide_card(charge, text_at(source, "token"));
    if (type == "phone") return ask_phone(charge, source);
    await_payer(charge);
  }

  void decide_card(SimCharge& charge, const std::string& token) {
    charge.token = token;
    if (token == "tok_3ds") return await_payer(charge);
    if (token == "tok_pending" || token == "tok_new_status") {
      change(charge, token == "tok_pending" ? "processing" : "marinating");
      return later(charge.id, payer_takes, [this](SimCharge& it) { pay(it); });
    }
    const std::string code = decline_code_of(token);
    if (code.empty()) return pay(charge);
    charge.is_open = token == "tok_stays_payable_declined";
    reject(charge, code);
  }

  // The last three digits say what the payer will do.
  void ask_phone(SimCharge& charge, const Json& source) {
    charge.network = text_at(source, "network");
    charge.number = text_at(source, "number");
    if (charge.number.ends_with("005")) return reject(charge, "phone_unknown");
    charge.expires_at = world_.unix_time() + std::chrono::seconds(prompt_lasts).count();
    change(charge, "awaiting_payer");
    const auto refuse_later = [&](std::chrono::seconds delay, std::string code) {
      later(charge.id, delay, [this, code](SimCharge& it) { reject(it, code); });
    };
    if (charge.number.ends_with("001")) return refuse_later(payer_takes, "payer_refused");
    if (charge.number.ends_with("002")) return refuse_later(prompt_lasts, "prompt_timed_out");
    if (charge.number.ends_with("003")) return refuse_later(payer_takes, "insufficient_funds");
    if (charge.number.ends_with("004")) return;  // never answers
    later(charge.id, payer_takes, [this](SimCharge& it) { pay(it); });
  }

  void await_payer(SimCharge& charge) {
    const std::string lasts = world_.setting("example.page_lasts_sec", "3600");
    std::int64_t seconds = 3600;
    std::from_chars(lasts.data(), lasts.data() + lasts.size(), seconds);
    charge.expires_at = world_.unix_time() + seconds;
    change(charge, "awaiting_payer");
  }

  void later(const std::string& id, std::chrono::seconds delay,
             std::function<void(SimCharge&)> happen) {
    world_.after(delay, [this, id, happen] {
      const std::lock_guard lock(mutex_);
      SimCharge& charge = charges_.at(id);
      if (charge.is_payable()) happen(charge);
    });
  }

  void pay(SimCharge& charge) {
    charge.is_open = false;
    charge.code.clear();
    if (!charge.is_manual) charge.captured = charge.amount;
    record(charge.is_manual ? "authorize" : "charge", charge, charge.amount);
    change(charge, charge.is_manual ? "authorized" : "paid");
  }

  void reject(SimCharge& charge, const std::string& code) {
    charge.code = code;
    change(charge, "rejected");
  }

  void change(SimCharge& charge, const std::string& status) {
    charge.status = status;
    send_webhook("charge.updated", charge, {"charge", shown(charge)});
  }

  Reply cancel(SimCharge& charge) {
    if (charge.status == "canceled") return {200, write_json(shown(charge))};
    const bool can_close = charge.is_payable() || charge.status == "authorized";
    if (!can_close) return {409, write_json(shown(charge))};
    charge.is_open = false;
    record("cancel", charge, charge.amount);
    change(charge, "canceled");
    return {200, write_json(shown(charge))};
  }

  // A reference that was never seen is closed for ever.
  Reply cancel_reference(const std::string& account, std::string_view reference) {
    if (reference.empty()) return refused(400, "bad_request", "reference is missing.");
    const std::string key = account + " " + std::string(reference);
    if (const auto known = by_reference_.find(key); known != by_reference_.end()) {
      SimCharge& charge = charges_.at(known->second);
      expire_if_due(charge);
      return cancel(charge);
    }
    SimCharge closed;
    closed.id = new_id("ch");
    closed.reference = reference;
    closed.account = account;
    closed.status = "canceled";
    record("cancel", closed, 0);
    by_reference_[key] = closed.id;
    return {200, write_json(shown(charges_[closed.id] = closed))};
  }

  Reply capture(SimCharge& charge, const Json& body) {
    const std::string reference = text_at(body, "reference");
    if (charge.status == "paid" && charge.capture_reference == reference)
      return {200, write_json(shown(charge))};
    if (charge.status != "authorized") return {409, write_json(shown(charge))};
    const auto amount = minor_units(text_at(body, "amount"), charge.currency);
    if (!amount || *amount <= 0) return refused(400, "bad_request", "amount is not an amount.");
    if (*amount > charge.amount)
      return refused(422, "amount_too_large", "More than was authorized.");
    charge.captured = *amount;
    charge.capture_reference = reference;
    record("capture", charge, *amount);
    change(charge, "paid");
    return {200, write_json(shown(charge))};
  }

  Reply refund(const std::string& account, const Json& body) {
    const std::string reference = text_at(body, "reference");
    for (const auto& [id, known] : refunds_)
      if (known.account == account && known.reference == reference)
        return {200, write_json(to_json(known))};
    SimCharge* charge = find(account, text_at(body, "charge"));
    if (!charge) return refused(404, "not_found", "No such charge.");
    const auto amount = minor_units(text_at(body, "amount"), charge->currency);
    if (!amount || *amount <= 0 || reference.empty())
      return refused(400, "bad_request", "reference or amount is missing or wrong.");
    if (charge->status != "paid" || *amount > charge->captured - charge->refunded)
      return refused(422, "amount_too_large", "More than is left of the charge.");
    charge->refunded += *amount;
    SimRefund made = {new_id("re"), reference, account,         charge->id,
                      "pending",    *amount,   charge->currency};
    const SimRefund& kept = refunds_[made.id] = made;
    settle_refund(*charge, made.id);
    return {201, write_json(to_json(kept))};
  }

  void settle_refund(const SimCharge& charge, const std::string& id) {
    if (!charge.token.starts_with("tok_ok_refund_")) return finish_refund(id, true);
    const bool succeeds = charge.token != "tok_ok_refund_fails";
    world_.after(payer_takes, [this, id, succeeds] {
      const std::lock_guard lock(mutex_);
      finish_refund(id, succeeds);
    });
  }

  void finish_refund(const std::string& id, bool succeeds) {
    SimRefund& refund = refunds_.at(id);
    SimCharge& charge = charges_.at(refund.charge);
    refund.status = succeeds ? "succeeded" : "failed";
    if (succeeds)
      world_.record({"example", "refund", id, refund.reference, refund.amount, refund.currency});
    else
      charge.refunded -= refund.amount;
    send_webhook("refund.updated", charge, {"refund", to_json(refund)});
  }

  Reply open_wallet(const Json& body) {
    if (text_at(body, "kind") != "example_wallet")
      return refused(400, "bad_request", "There is no such wallet.");
    const std::string id = new_id("ws");
    wallet_sessions_.insert(id);
    return {201, write_json({{"id", id}})};
  }

  Reply handle_page(const Request& request, const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = charges_.find(id);
    if (found == charges_.end()) return page(404, "<h1>There is no such payment</h1>");
    SimCharge& charge = found->second;
    expire_if_due(charge);
    if (request.method != "POST") return page(200, payment_page(charge));
    if (charge.is_payable()) act(charge, request.body);
    if (charge.return_url.empty()) return page(200, payment_page(charge));
    return {303, "", "text/html", {{"Location", charge.return_url}}};
  }

  void act(SimCharge& charge, std::string_view form) {
    if (form == "action=pay") return pay(charge);
    charge.is_open = false;
    reject(charge, form == "action=decline" ? "card_declined" : "payer_left");
  }

  // What the charge looks like to the caller. A liar, when told to be one.
  Json shown(const SimCharge& charge) const {
    Json json = to_json(charge);
    const std::string lie = world_.setting("example.lie", "");
    if (lie == "amount") json["amount"] = decimal(charge.amount * 2 + 1, charge.currency);
    if (lie == "currency") json["currency"] = charge.currency == "EUR" ? "USD" : "EUR";
    if (lie == "reference") json["reference"] = "att_of_somebody_else";
    if (lie == "account") json["account"] = "somebody_else";
    return json;
  }

  void record(const std::string& operation, const SimCharge& charge, std::int64_t amount) {
    world_.record({"example", operation, charge.id, charge.reference, amount, charge.currency});
  }

  void send_webhook(const std::string& type, const SimCharge& charge,
                    const std::pair<std::string, Json>& about) {
    if (charge.notify_url.empty()) return;
    Json body = {
        {"id", new_id("evt")}, {"type", type}, {"live", false}, {"account", charge.account}};
    body[about.first] = about.second;
    const std::string key = world_.setting("example.webhook_key." + charge.account,
                                           world_.setting("example.webhook_key", "whk_example"));
    WebhookOrder order = {.provider = "example",
                          .request = {"POST", charge.notify_url, {}, write_json(body)},
                          .schedule = {0s, 5s, 30s, 5min, 30min, 2h}};
    order.before_try = [this, key](HttpRequest& request) {
      const std::string time = std::to_string(world_.unix_time());
      const std::string signature = to_hex(hmac_sha256(key, time + "." + request.body));
      request.headers = {{"Content-Type", "application/json"},
                         {"Example-Signature", "t=" + time + ",v1=" + signature}};
    };
    world_.send_webhook(std::move(order));
  }

  // On the sandbox's timer, so that --speed counts here too.
  void wait_like_the_payer() {
    const auto is_over = std::make_shared<std::promise<void>>();
    world_.after(payer_takes, [is_over] { is_over->set_value(); });
    is_over->get_future().wait();
  }

  World& world_;
  std::mutex mutex_;  // guards all below
  std::map<std::string, SimCharge> charges_;
  std::map<std::string, std::string> by_reference_;  // "ACCOUNT REFERENCE" → id
  std::map<std::string, SimRefund> refunds_;
  std::set<std::string> wallet_sessions_;
  std::map<std::string, Kept> kept_;  // "ACCOUNT KEY"
};

}  // namespace

std::unique_ptr<Simulator> make_example_simulator(World& world) {
  return std::make_unique<ExampleSimulator>(world);
}

}  // namespace switchyard::sandbox
