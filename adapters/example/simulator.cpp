// Plays Example Pay and its relatives as README.md describes them. Written from that page, not from
// the adapter. Long because all of it is one state under one mutex.
#include <charconv>
#include <future>
#include <map>
#include <mutex>
#include <optional>

#include "adapters/example/simulator_keys.h"
#include "adapters/example/simulator_manners.h"
#include "adapters/example/simulator_page.h"
#include "adapters/example/simulator_parts.h"
#include "adapters/example/simulator_voice.h"
#include "base/id.h"
#include "sandbox/page.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace std::chrono_literals;
using namespace example_pay;

constexpr auto payer_takes = 5s;
constexpr auto prompt_lasts = 120s;

class ExampleSimulator final : public Simulator {
 public:
  ExampleSimulator(World& world, const Manners& manners)
      : world_(world), manners_(manners), voice_(world, manners), keys_(manners.key_lasts_sec) {}

  std::string name() const override { return std::string(manners_.name); }

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
  Reply replay_or_run(const Request& request, const Path& path, const std::string& account,
                      bool& is_slow) {
    const std::lock_guard lock(mutex_);
    if (!keys_.exist()) return run(request, path, account, is_slow);
    const std::string_view key = request.header("idempotency-key");
    if (key.empty()) return refused(400, "bad_request", "Idempotency-Key is missing.");
    const std::string name = account + " " + std::string(key);
    const std::int64_t now = world_.unix_time();
    if (auto known = keys_.find(name, request, now)) return latest(std::move(*known), account);
    const Reply reply = run(request, path, account, is_slow);
    keys_.keep(name, request, reply, now);
    return reply;
  }

  Reply latest(Reply kept, const std::string& account) {
    const SimCharge* charge =
        manners_.replays_latest ? find(account, text_at(parse_json(kept.body), "id")) : nullptr;
    if (charge) kept.body = write_json(voice_.told(*charge));
    return kept;
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
      for (const std::string& id : by_reference_[reference]) {
        expire_if_due(charges_.at(id));
        if (voice_.is_visible(charges_.at(id))) found.push_back(voice_.seen(charges_.at(id)));
      }
      return {200, write_json({{"charges", found}})};
    }
    if (path.first == "charges")
      if (SimCharge* charge = find(account, path.second); charge && voice_.is_visible(*charge))
        return {200, write_json(voice_.seen(*charge))};
    if (path.first == "refunds")
      if (const SimRefund* refund = find_refund(account, path.second, reference))
        return {200, write_json(to_json(*refund))};
    return refused(404, "not_found", "No such charge or refund.");
  }

  SimCharge* find(const std::string& account, const std::string& id) {
    const auto found = charges_.find(id);
    if (found == charges_.end() || found->second.account != account) return nullptr;
    expire_if_due(found->second);
    return &found->second;
  }

  // By its id, or the first one under that "ACCOUNT REFERENCE".
  const SimRefund* find_refund(const std::string& account, const std::string& id,
                               const std::string& reference) const {
    const auto named = refund_by_reference_.find(reference);
    const auto found = refunds_.find(named == refund_by_reference_.end() ? id : named->second);
    return found == refunds_.end() || found->second.account != account ? nullptr : &found->second;
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
    std::vector<std::string>& ids = by_reference_[reference];
    if (!ids.empty())
      if (const SimCharge& known = charges_.at(ids.back());
          manners_.remembers_references || known.status == "canceled")
        return repeated(known, charge);
    const Json& source = member_at(body, "source");
    if (!is_source_known(source)) return refused(400, "token_unknown", "No such token or session.");
    charge.id = new_id("ch");
    charge.page_url = world_.base_url(name()) + "/pay/" + charge.id;
    ids.push_back(charge.id);
    SimCharge& kept = charges_[charge.id] = std::move(charge);
    hide_for_a_while(kept);
    if (manners_.answers_later) return accept(kept, source);
    decide(kept, source);
    is_slow = kept.token == "tok_slow";
    return {kept.status == "rejected" ? 402 : 201, write_json(answered(kept))};
  }

  // What becomes of it is said by a webhook, and to who asks.
  Reply accept(SimCharge& charge, const Json& source) {
    change(charge, "processing");
    later(charge.id, payer_takes, [this, source](SimCharge& it) { decide(it, source); });
    return {202, write_json({{"reference", charge.reference}, {"status", "processing"}})};
  }

  Reply repeated(const SimCharge& known, const SimCharge& asked) {
    if (manners_.refuses_repeats) return refused(409, "exists", "This reference exists.");
    const bool was_closed_unseen = known.currency.empty();
    if (!was_closed_unseen && (known.amount != asked.amount || known.currency != asked.currency))
      return refused(409, "reference_mismatch", "This reference was used for another amount.");
    return {known.status == "canceled" ? 409 : 200, write_json(voice_.told(known))};
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
    if (code.empty() && voice_.lie(charge).kind == "late_success")
      return pay_after_refusing(charge);
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
    voice_.record(charge.is_manual ? "authorize" : "charge", charge, charge.amount);
    change(charge, charge.is_manual ? "authorized" : "paid");
    if (voice_.lie(charge).kind == "success_then_failed") take_back_in_words(charge.id);
  }

  void reject(SimCharge& charge, const std::string& code) {
    charge.code = code;
    change(charge, "rejected");
  }

  void change(SimCharge& charge, const std::string& status) {
    charge.status = status;
    voice_.send_webhook("charge.updated", charge, {"charge", voice_.told(charge)});
  }

  Reply cancel(SimCharge& charge) {
    if (charge.status == "canceled") return {200, write_json(voice_.told(charge))};
    const bool can_close = charge.is_payable() || charge.status == "authorized";
    if (!can_close) return {409, write_json(voice_.told(charge))};
    charge.is_open = false;
    voice_.record("cancel", charge, charge.amount);
    change(charge, "canceled");
    return {200, write_json(voice_.told(charge))};
  }

  // A reference that was never seen is closed for ever.
  Reply cancel_reference(const std::string& account, std::string_view reference) {
    if (reference.empty()) return refused(400, "bad_request", "reference is missing.");
    const std::string key = account + " " + std::string(reference);
    std::optional<Reply> last;
    for (const std::string& id : by_reference_[key]) {
      expire_if_due(charges_.at(id));
      last = cancel(charges_.at(id));
    }
    if (last) return *last;
    SimCharge closed;
    closed.id = new_id("ch");
    closed.reference = reference;
    closed.account = account;
    closed.status = "canceled";
    voice_.record("cancel", closed, 0);
    by_reference_[key].push_back(closed.id);
    return {200, write_json(voice_.told(charges_[closed.id] = closed))};
  }

  Reply capture(SimCharge& charge, const Json& body) {
    const std::string reference = text_at(body, "reference");
    if (charge.status == "paid" && charge.capture_reference == reference)
      return {200, write_json(voice_.told(charge))};
    if (charge.status != "authorized") return {409, write_json(voice_.told(charge))};
    const auto amount = minor_units(text_at(body, "amount"), charge.currency);
    if (!amount || *amount <= 0) return refused(400, "bad_request", "amount is not an amount.");
    if (*amount > charge.amount)
      return refused(422, "amount_too_large", "More than was authorized.");
    charge.captured = *amount;
    charge.capture_reference = reference;
    voice_.record("capture", charge, *amount);
    change(charge, "paid");
    return {200, write_json(voice_.told(charge))};
  }

  Reply refund(const std::string& account, const Json& body) {
    const std::string reference = text_at(body, "reference");
    const std::string name = account + " " + reference;
    if (manners_.remembers_references)
      if (const SimRefund* known = find_refund(account, "", name))
        return manners_.refuses_repeats ? refused(409, "exists", "This reference exists.")
                                        : Reply{200, write_json(to_json(*known))};
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
    refund_by_reference_.try_emplace(name, made.id);
    settle_refund(*charge, made.id);
    if (manners_.answers_later)
      return {202, write_json({{"reference", reference}, {"status", "pending"}})};
    return {201, write_json(to_json(kept))};
  }

  void settle_refund(const SimCharge& charge, const std::string& id) {
    if (!manners_.answers_later && !charge.token.starts_with("tok_ok_refund_"))
      return finish_refund(id, true);
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
      world_.record({name(), "refund", id, refund.reference, refund.amount, refund.currency});
    else
      charge.refunded -= refund.amount;
    voice_.send_webhook("refund.updated", charge, {"refund", to_json(refund)});
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
    if (found == charges_.end())
      return html_page("Example Pay", "There is no such payment", "", 404);
    SimCharge& charge = found->second;
    expire_if_due(charge);
    if (request.method != "POST") return payment_page(charge);
    if (charge.is_payable()) act(charge, request.body);
    if (charge.return_url.empty()) return payment_page(charge);
    return see_other(charge.return_url);
  }

  void act(SimCharge& charge, std::string_view form) {
    if (form == "action=pay") return pay(charge);
    charge.is_open = false;
    reject(charge, form == "action=decline" ? "card_declined" : "payer_left");
  }

  // In the first answer.
  Json answered(const SimCharge& charge) const {
    Json json = voice_.told(charge);
    const auto at = charges_.find(charge.id);
    if (voice_.lie(charge).kind != "swapped" || at == charges_.begin()) return json;
    const SimCharge& before = std::prev(at)->second;
    if (before.account != charge.account) return json;
    json["id"] = before.id;
    json["reference"] = before.reference;
    return json;
  }

  void hide_for_a_while(SimCharge& charge) {
    const std::string_view kind = voice_.lie(charge).kind;
    if (kind != "not_found" && kind != "stale") return;
    charge.is_young = true;
    world_.after(payer_takes, [this, id = charge.id] {
      const std::lock_guard lock(mutex_);
      charges_.at(id).is_young = false;
    });
  }

  void pay_after_refusing(SimCharge& charge) {
    reject(charge, "card_declined");
    world_.after(payer_takes, [this, id = charge.id] {
      const std::lock_guard lock(mutex_);
      pay(charges_.at(id));
    });
  }

  void take_back_in_words(const std::string& id) {
    world_.after(payer_takes, [this, id] {
      const std::lock_guard lock(mutex_);
      SimCharge untrue = charges_.at(id);
      untrue.status = "rejected";
      untrue.code = "card_declined";
      voice_.send_webhook("charge.updated", untrue, {"charge", to_json(untrue)});
    });
  }

  // On the sandbox's timer, so that --speed counts here too.
  void wait_like_the_payer() {
    const auto is_over = std::make_shared<std::promise<void>>();
    world_.after(payer_takes, [is_over] { is_over->set_value(); });
    is_over->get_future().wait();
  }

  World& world_;
  const Manners manners_;
  const Voice voice_;
  std::mutex mutex_;  // guards all below
  Keys keys_;
  std::map<std::string, SimCharge> charges_;
  std::map<std::string, std::vector<std::string>> by_reference_;  // "ACCOUNT REFERENCE" → ids
  std::map<std::string, SimRefund> refunds_;
  std::map<std::string, std::string> refund_by_reference_;  // "ACCOUNT REFERENCE" → the first one
  std::set<std::string> wallet_sessions_;
};

}  // namespace

std::unique_ptr<Simulator> make_example_simulator(World& world) {
  return std::make_unique<ExampleSimulator>(world, Manners{});
}

// [relatives]
std::unique_ptr<Simulator> make_example_short_simulator(World& world) {
  return std::make_unique<ExampleSimulator>(world, short_memory);
}
std::unique_ptr<Simulator> make_example_reference_simulator(World& world) {
  return std::make_unique<ExampleSimulator>(world, keyed_by_reference);
}
std::unique_ptr<Simulator> make_example_keyless_simulator(World& world) {
  return std::make_unique<ExampleSimulator>(world, without_keys);
}
// [end]

}  // namespace switchyard::sandbox
