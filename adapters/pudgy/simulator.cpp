// Pudgy as its documents describe it: tokens that work once, charges that are answered at once,
// refunds that name nothing, keys that hold for a day, webhooks signed over their time. Its own
// host answers nothing, so this is all there is to try an adapter on. README.md lists the settings
// that change its habits.
#include <mutex>
#include <set>
#include <thread>

#include "adapters/pudgy/simulator_book.h"
#include "adapters/pudgy/simulator_calls.h"
#include "adapters/pudgy/simulator_pages.h"
#include "adapters/pudgy/simulator_webhooks.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace pudgy_simulator;
using namespace std::chrono_literals;

class PudgySimulator final : public Simulator {
 public:
  explicit PudgySimulator(World& world) : world_(world), hooks_(world) {}
  std::string name() const override { return "pudgy"; }

  Reply handle(const Request& request) override {
    std::unique_lock lock(mutex_);
    const auto path = split(request.path);
    if (path[0] == "card") return card_fields(request);
    if (path[0] == "replay" && path.size() == 2) return hooks_.replay(path[1]);
    if (path[0] == "enable" && path.size() == 2) return hooks_.enable(path[1]);
    const Caller caller = caller_of(request, setting("revoked_key", ""));
    const bool is_too_much = caller.is_publishable && request.path != "/v1/tokens";
    if (caller.mode.empty() || is_too_much)
      return error(401, "authentication_error", "api_key_invalid", "this key opens nothing here");
    if (request.method == "GET") return read(request, path, caller.mode);
    if (request.method != "POST") return missing("call");
    const Call call = {.path = request.path,
                       .mode = caller.mode,
                       .key = std::string(request.header("idempotency-key")),
                       .params = params_of(request)};
    return once(call, path, lock);
  }

 private:
  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("pudgy." + name, otherwise);
  }

  // ---- keys

  Reply once(const Call& call, const std::vector<std::string>& path,
             std::unique_lock<std::mutex>& lock) {
    if (call.key.size() > 255) return invalid("Idempotency-Key", "it has 255 characters at most");
    const std::pair name{call.mode, call.key};
    if (!call.key.empty() && running_.contains(name))
      return error(409, "invalid_request_error", "idempotency_in_progress",
                   "the first request with this key is still running");
    if (auto kept = answers_.find(call, world_.unix_time())) return *kept;
    hold(name, lock);
    const Reply reply = write(call, path);
    answers_.keep(call, world_.unix_time(), reply);
    // Charged, and kept for the key; only the answer to the first copy never arrives.
    const bool is_lost = reply.status == 200 && call.path == "/v1/charges" &&
                         text_of(call.params, "source") == "tok_sim_timeout";
    return is_lost ? error(504, "api_error", "timeout", "no answer in time") : reply;
  }

  // Keeps a request running, and its key in use, as long as the setting says so.
  void hold(const std::pair<std::string, std::string>& name, std::unique_lock<std::mutex>& lock) {
    const auto is_held = [this] { return setting("hold_posts", "") == "true"; };
    if (!is_held()) return;
    running_.insert(name);
    for (int tries = 0; is_held() && tries < 2000; ++tries) {
      lock.unlock();
      std::this_thread::sleep_for(5ms);
      lock.lock();
    }
    running_.erase(name);
  }

  // ---- calls

  Reply read(const Request& request, const std::vector<std::string>& path,
             const std::string& mode) {
    const std::string what = path.size() > 1 ? path[1] : "";
    if (what == "account" && path.size() == 2)
      return answer({{"id", "acct_sim"}, {"object", "account"}, {"livemode", mode == "live"}});
    if (what == "charges" && path.size() == 2) return list(request, stores_[mode]);
    if (what != "charges" || path.size() != 3) return missing("call");
    const auto& charges = stores_[mode].charges;
    const auto found = charges.find(path[2]);
    return found == charges.end() ? missing("charge") : answer(json_of(found->second));
  }

  Reply write(const Call& call, const std::vector<std::string>& path) {
    Store& store = stores_[call.mode];
    if (call.path == "/v1/charges") return charge(call, store);
    if (call.path == "/v1/refunds") return refund(call, store);
    if (call.path == "/v1/tokens") return make_token(call, store);
    if (call.path == "/v1/customers") return add_customer(call, store);
    if (call.path == "/v1/webhook_endpoints") return hooks_.add_endpoint(call);
    if (call.path == "/v1/test/events") return send_sample(call);
    if (call.path == "/v1/products" || call.path == "/v1/prices" ||
        call.path == "/v1/subscriptions")
      return add_object(call, store, path[1]);
    const bool is_card = path.size() == 4 && path[1] == "customers" && path[3] == "cards";
    return is_card ? add_card(call, store, path[2]) : missing("call");
  }

  Json json_of(const Charge& charge) const {
    return charge_json(charge, setting("failure_code_field", ""));
  }

  // Newest first. A cursor is the id of the last one that was shown.
  Reply list(const Request& request, Store& store) {
    const std::string asked(request.query_value("limit"));
    const auto limit = asked.empty() ? 25 : integer_of(asked).value_or(0);
    if (limit < 1 || limit > 100) return invalid("limit", "it has to be 1 to 100");
    const std::string after(request.query_value("starting_after"));
    auto next = store.order.rbegin();
    if (!after.empty()) {
      next = std::find(store.order.rbegin(), store.order.rend(), after);
      if (next == store.order.rend()) return invalid("starting_after", "no page ended there");
      ++next;
    }
    Json data = Json::array();
    for (; next != store.order.rend() && data.size() < static_cast<std::size_t>(limit); ++next)
      data.push_back(json_of(store.charges[*next]));
    const bool has_more = next != store.order.rend();
    const Json cursor = has_more ? data.back()["id"] : Json();
    return answer({{"object", "list"},
                   {"data", std::move(data)},
                   {"has_more", has_more},
                   {"next_cursor", cursor}});
  }

  // ---- charges

  std::optional<Reply> problem_of(const Params& params) const {
    const std::string currency = text_of(params, "currency");
    const std::string all = "," + setting("currencies", "usd") + ",";
    if (integer_of(text_of(params, "amount")).value_or(0) <= 0)
      return invalid("amount", "it has to be a whole number above zero");
    if (currency.empty() || all.find("," + currency + ",") == std::string::npos)
      return invalid("currency", "it has to be one of " + setting("currencies", "usd"));
    if (text_of(params, "source").empty()) return invalid("source", "it is missing");
    return std::nullopt;
  }

  // The card behind a token or saved card, into `card`. A token is used up by being looked at.
  std::optional<Reply> take_source(const Call& call, Store& store, Card& card) {
    const std::string source = text_of(call.params, "source");
    const TestToken* constant = find_test_token(source);
    if (constant && call.mode == "test") {
      card.outcome = std::string(constant->outcome);
      if (source == "tok_mastercard") card = {.brand = "mastercard", .last4 = "4444"};
      return std::nullopt;
    }
    if (const auto saved = store.cards.find(source); saved != store.cards.end()) {
      card = saved->second;
      return std::nullopt;
    }
    const auto token = store.tokens.find(source);
    if (token == store.tokens.end()) return missing("token or card", "source");
    if (token->second.is_used)
      return invalid("source", "the token has been used", "token_already_used");
    const auto lasts = integer_of(setting("token_ttl_s", "900")).value_or(900);
    if (world_.unix_time() - token->second.made_at >= lasts)
      return invalid("source", "the token is too old", "token_expired");
    token->second.is_used = true;
    card = token->second.card;
    return std::nullopt;
  }

  Reply charge(const Call& call, Store& store) {
    if (auto problem = problem_of(call.params)) return *problem;
    Card card;
    if (auto problem = take_source(call, store, card)) return *problem;
    if (card.outcome == "rate_limited") {
      Reply reply = error(429, "rate_limit_error", "rate_limited", "too many requests");
      reply.headers.emplace_back("Retry-After", "2");
      return reply;
    }
    if (card.outcome == "processing_error") {
      const auto times = integer_of(setting("processing_error_times", "1")).value_or(1);
      if (failures_[{call.mode, call.key}]++ < times)
        return error(502, "api_error", "processing_error", "the card network did not answer");
      card.outcome = "";
    }
    return decide(new_charge(call), card.outcome);
  }

  // Not yet in the list: a declined one may never be.
  Charge new_charge(const Call& call) const {
    Charge charge = {.id = new_object_id("ch"), .mode = call.mode};
    charge.currency = text_of(call.params, "currency");
    charge.status = "pending";
    charge.description = text_of(call.params, "description");
    charge.created = time_text(world_);
    charge.amount = integer_of(text_of(call.params, "amount")).value_or(0);
    charge.reference = reference_in(charge.description);
    if (charge.reference.empty()) charge.reference = call.key;
    return charge;
  }

  Reply decide(Charge charge, const std::string& outcome) {
    const std::string id = charge.id, mode = charge.mode;
    const bool is_pending = outcome == "pending" || outcome == "pending_fail";
    const bool pays = outcome.empty() || outcome == "timeout";
    if (is_pending || pays || setting("store_declined", "true") == "true") {
      stores_[mode].order.push_back(id);
      stores_[mode].charges[id] = std::move(charge);
    }
    if (is_pending) {
      world_.after(3000ms, [this, mode, id, code = outcome == "pending" ? "" : "card_declined"] {
        const std::lock_guard lock(mutex_);
        settle(mode, id, code);
      });
      return answer(json_of(stores_[mode].charges[id]));
    }
    settle(mode, id, pays ? "" : outcome);
    if (pays) return answer(json_of(stores_[mode].charges[id]));
    return error(402, "card_error", outcome, message_of(outcome), "source");
  }

  void settle(const std::string& mode, const std::string& id, const std::string& code) {
    const auto found = stores_[mode].charges.find(id);
    if (found == stores_[mode].charges.end() || found->second.status != "pending") return;
    Charge& charge = found->second;
    charge.status = code.empty() ? "succeeded" : "failed";
    charge.failure_code = code;
    if (code.empty())
      world_.record({"pudgy", "charge", charge.id, charge.reference, charge.amount,
                     in_capitals(charge.currency)});
    hooks_.send("charge." + charge.status, mode, json_of(charge));
  }

  // ---- refunds

  Reply refund(const Call& call, Store& store) {
    const auto found = store.charges.find(text_of(call.params, "charge"));
    if (found == store.charges.end()) return missing("charge", "charge");
    Charge& charge = found->second;
    if (charge.status != "succeeded")
      return invalid("charge", "the charge is " + charge.status, "charge_not_refundable");
    const std::int64_t left = charge.amount - charge.refund_asked;
    const std::string amount = text_of(call.params, "amount");
    const std::int64_t wanted = amount.empty() ? left : integer_of(amount).value_or(0);
    if (left == 0) return invalid("charge", "nothing is left", "charge_already_refunded");
    if (wanted <= 0) return invalid("amount", "it has to be a whole number above zero");
    if (wanted > left) return invalid("amount", "it is more than what is left", "amount_too_large");
    Refund refund = {.id = new_object_id("re"), .mode = call.mode, .charge = charge.id};
    refund.status = "pending";
    refund.reference = call.key;
    refund.amount = wanted;
    charge.refund_asked += wanted;
    store.refunds[refund.id] = refund;
    const std::string result = setting("refund_result", "succeeded");
    const bool succeeds = result != "failed" && result != "pending_fail";
    if (!result.starts_with("pending")) {
      finish_refund(call.mode, refund.id, succeeds);
    } else {
      world_.after(2000ms, [this, mode = call.mode, id = refund.id, succeeds] {
        const std::lock_guard lock(mutex_);
        finish_refund(mode, id, succeeds);
      });
    }
    return answer(refund_json(store.refunds[refund.id]));
  }

  // A refund that fails is told by nobody.
  void finish_refund(const std::string& mode, const std::string& id, bool succeeds) {
    Refund& refund = stores_[mode].refunds[id];
    Charge& charge = stores_[mode].charges[refund.charge];
    refund.status = succeeds ? "succeeded" : "failed";
    if (!succeeds) {
      charge.refund_asked -= refund.amount;
      return;
    }
    world_.record({"pudgy", "refund", refund.id, refund.reference, refund.amount,
                   in_capitals(charge.currency)});
    const bool says_refund = setting("refund_event_object", "charge") == "refund";
    hooks_.send("charge.refunded", mode, says_refund ? refund_json(refund) : json_of(charge));
  }

  // ---- tokens, customers, and what is only kept

  std::string keep_token(Store& store, const Card& card) const {
    const std::string id = new_object_id("tok");
    store.tokens[id] = {.card = card, .made_at = world_.unix_time()};
    return id;
  }

  Reply make_token(const Call& call, Store& store) {
    if (text_of(call.params, "card[number]").empty())
      return invalid("card[number]", "it is missing");
    Card card = card_of_number(text_of(call.params, "card[number]"));
    card.exp_month = integer_of(text_of(call.params, "card[exp_month]")).value_or(card.exp_month);
    card.exp_year = integer_of(text_of(call.params, "card[exp_year]")).value_or(card.exp_year);
    return answer({{"id", keep_token(store, card)}, {"object", "token"}});
  }

  Reply add_customer(const Call& call, Store& store) {
    Card card;
    const bool has_card = !text_of(call.params, "source").empty();
    if (has_card)
      if (auto problem = take_source(call, store, card)) return *problem;
    const Json customer = {{"id", new_object_id("cus")},
                           {"object", "customer"},
                           {"email", text_of(call.params, "email")}};
    store.objects[text_at(customer, "id")] = customer;
    if (has_card) store.cards[new_object_id("card")] = card;
    hooks_.send("customer.created", call.mode, customer);
    return answer(customer);
  }

  Reply add_card(const Call& call, Store& store, const std::string& customer) {
    if (!store.objects.contains(customer)) return missing("customer");
    Card card;
    if (auto problem = take_source(call, store, card)) return *problem;
    const std::string id = new_object_id("card");
    store.cards[id] = card;
    return answer(card_json(id, card));
  }

  // Products, prices and subscriptions are kept and never charged.
  Reply add_object(const Call& call, Store& store, const std::string& kind) {
    for (const auto* link : {"product", "customer", "price"})
      if (const std::string id = text_of(call.params, link);
          !id.empty() && !store.objects.contains(id))
        return missing(link, link);
    const bool is_subscription = kind == "subscriptions";
    const std::string word = kind.substr(0, kind.size() - 1);
    const std::string prefix = is_subscription ? "sub" : word == "product" ? "prod" : "price";
    Json object = {{"id", new_object_id(prefix)}, {"object", word}};
    for (const auto& [name, value] : call.params) object[name] = value;
    if (is_subscription) object["status"] = "active";
    store.objects[text_at(object, "id")] = object;
    return answer(object);
  }

  Reply send_sample(const Call& call) {
    const std::string type = text_of(call.params, "type");
    if (call.mode != "test") return invalid("type", "samples are sent with a test key only");
    if (std::ranges::find(event_types, type) == std::end(event_types))
      return invalid("type", "there is no such event");
    Charge charge = {.id = new_object_id("ch"), .mode = "test", .currency = "usd"};
    charge.status = type == "charge.failed" ? "failed" : "succeeded";
    charge.description = "Sample";
    charge.created = time_text(world_);
    charge.amount = 2000;
    const bool is_charge = type.starts_with("charge.");
    const std::string word = type.substr(0, type.find('.'));
    hooks_.send(type, "test",
                is_charge ? json_of(charge) : Json{{"id", word + "_sample"}, {"object", word}});
    return answer({{"object", "test_event"}, {"type", type}});
  }

  // ---- what the payer sees

  Reply card_fields(const Request& request) {
    const std::string action = world_.base_url("pudgy") + "/card";
    if (request.method != "POST")
      return card_page(action, std::string(request.query_value("return_url")));
    const Request form = {.query = decode_fields(request.body)};
    std::string number(form.query_value("number"));
    std::erase_if(number, [](char c) { return c < '0' || c > '9'; });
    const TestToken* ready = find_test_token(form.query_value("token"));
    std::string token(ready ? ready->token : "");
    if (token.empty()) token = keep_token(stores_["test"], card_of_number(number));
    const std::string url(form.query_value("return_url"));
    return url.empty() ? token_page(token) : see_other(with_query(url, "token=" + token));
  }

  World& world_;
  std::mutex mutex_;
  Hooks hooks_;
  Answers answers_;
  std::map<std::string, Store> stores_;                          // by mode
  std::set<std::pair<std::string, std::string>> running_;        // mode and key
  std::map<std::pair<std::string, std::string>, int> failures_;  // by the same
};

}  // namespace

std::unique_ptr<Simulator> make_pudgy_simulator(World& world) {
  return std::make_unique<PudgySimulator>(world);
}

}  // namespace switchyard::sandbox
