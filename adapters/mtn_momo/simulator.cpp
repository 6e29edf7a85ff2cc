// MTN MoMo as its documents describe it: two products with keys and tokens of their own, requests
// that are accepted with an empty 202 and decided on the payer's phone, one callback or none, and
// refunds through Disbursements. README.md lists the settings that change its habits.
#include <cstdlib>
#include <map>
#include <mutex>

#include "adapters/mtn_momo/simulator_book.h"
#include "adapters/mtn_momo/simulator_calls.h"
#include "adapters/mtn_momo/simulator_pages.h"
#include "base/crypto.h"
#include "sandbox/simulator.h"

namespace switchyard::sandbox {
namespace {

using namespace mtn_momo_simulator;
using namespace std::chrono_literals;

// One API user is there from the start, and each product has a key.
constexpr const char* demo_user = "72a6b1d0-3f3e-4a55-9d4e-8b1f0a2c7e11";
constexpr const char* demo_api_key = "f1db798c98df4bcf83b538175893bbf0";
constexpr const char* demo_collection_key = "5c1e9f0a7b3d4e6288aa01c4d2f7b9e3";
constexpr const char* demo_disbursement_key = "d07be4a15f9c4b7ca2360e8f1c5d9b42";

class MtnMomoSimulator final : public Simulator {
 public:
  explicit MtnMomoSimulator(World& world) : world_(world) {}
  std::string name() const override { return "mtn_momo"; }

  Reply handle(const Request& request) override {
    const std::lock_guard lock(mutex_);
    if (request.path.find("//") != std::string::npos) return nothing(400);
    const auto path = split(request.path);
    if (path[0] == "phone" && path.size() == 2) return phone(request, path[1]);
    if (setting("ip_not_allowed", "") == "true") return nothing(403);
    if (setting("is_down", "") == "true")
      return problem(503, "SERVICE_UNAVAILABLE",
                     "Service temporarily unavailable, try again later.");
    if (path[0] == "v1_0") return provision(request, path);
    if (path[0] == "collection" || path[0] == "disbursement") return call_product(request, path);
    return not_found();
  }

 private:
  using Path = std::vector<std::string>;

  std::string setting(const std::string& name, const std::string& otherwise) const {
    return world_.setting("mtn_momo." + name, otherwise);
  }
  std::int64_t number(const std::string& name, std::int64_t otherwise) const {
    return std::atoll(setting(name, std::to_string(otherwise)).c_str());
  }
  std::chrono::seconds seconds(const std::string& name, std::int64_t otherwise) const {
    return std::chrono::seconds(number(name, otherwise));
  }
  Manners manners() const {
    return {.has_reason_objects = setting("reason_shape", "string") == "object",
            .has_two_decimals = setting("two_decimals", "") == "true"};
  }

  // ---- who calls

  bool has_key_of(const std::string& product, const Request& request) const {
    const char* demo = product == "collection" ? demo_collection_key : demo_disbursement_key;
    return is_listed(setting(product + "_key", demo), request.header("ocp-apim-subscription-key"));
  }

  std::optional<ApiUser> find_user(const std::string& id) const {
    if (const auto found = users_.find(id); found != users_.end()) return found->second;
    if (id != setting("api_user", demo_user)) return {};
    return ApiUser{setting("callback_host", ""), setting("api_key", demo_api_key)};
  }

  Reply provision(const Request& request, const Path& path) {
    if (!has_key_of("collection", request) && !has_key_of("disbursement", request))
      return denied("Access denied due to invalid subscription key.");
    const bool is_post = request.method == "POST";
    if (path.size() < 2 || path[1] != "apiuser") return not_found();
    if (path.size() == 2) return is_post ? add_user(request) : not_found();
    std::optional<ApiUser> user = find_user(path[2]);
    if (!user) return not_found();
    if (path.size() == 3 && !is_post)
      return answer({{"providerCallbackHost", user->callback_host},
                     {"targetEnvironment", setting("target_environment", "sandbox")}});
    if (path.size() != 4 || path[3] != "apikey" || !is_post) return not_found();
    user->api_key = to_hex(random_bytes(16));
    users_[path[2]] = *user;
    return answer({{"apiKey", user->api_key}}, 201);
  }

  Reply add_user(const Request& request) {
    const std::string id(request.header("x-reference-id"));
    const std::string host = text_at(parse_json(request.body), "providerCallbackHost");
    if (!is_uuid4(id) || host.empty() || host.find('/') != std::string::npos) return nothing(400);
    if (find_user(id)) return exists_already();
    users_[id] = ApiUser{host, ""};
    return nothing(201);
  }

  Reply make_token(const Request& request, const std::string& product) {
    if (request.method != "POST") return not_found();
    if (!request.body.empty()) return nothing(400);
    if (!has_header(request, "content-length")) return nothing(411);
    const std::string header(request.header("authorization"));
    const std::string pair =
        header.starts_with("Basic ") ? from_base64(header.substr(6)).value_or("") : "";
    const std::size_t colon = pair.find(':');
    const auto user = find_user(pair.substr(0, colon));
    if (!user || user->api_key.empty() || colon == std::string::npos ||
        pair.substr(colon + 1) != user->api_key)
      return denied("The API user and its key do not fit.");
    const std::int64_t now = world_.unix_time(), lasts = number("token_lasts_s", 3600);
    std::erase_if(tokens_, [&](const auto& each) { return each.second.ends_at <= now; });
    const std::string text = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + to_hex(random_bytes(24));
    tokens_[text] = {product, user->callback_host, now + number("token_ends_s", lasts)};
    return answer({{"access_token", text}, {"token_type", "access_token"}, {"expires_in", lasts}});
  }

  // Null: not a token of this product, or not any more.
  const Token* token_of(const Request& request, const std::string& product) const {
    const std::string header(request.header("authorization"));
    if (!header.starts_with("Bearer ")) return nullptr;
    const auto found = tokens_.find(header.substr(7));
    const bool is_good = found != tokens_.end() && found->second.product == product &&
                         world_.unix_time() < found->second.ends_at;
    return is_good ? &found->second : nullptr;
  }

  Reply call_product(const Request& request, const Path& path) {
    const std::string& product = path[0];
    if (!has_key_of(product, request))
      return denied(
          "Access denied due to invalid subscription key. Make sure to provide a valid "
          "key for an active subscription.");
    if (request.path == "/" + product + "/token/") return make_token(request, product);
    const Token* token = token_of(request, product);
    if (!token) return denied("The access token is not valid, or not for this product.");
    const std::string environment(request.header("x-target-environment"));
    const std::string only = setting("target_environment", "");
    if (environment.empty()) return nothing(400);
    if (currency_of(environment).empty() || (!only.empty() && environment != only))
      return problem(500, "NOT_ALLOWED_TARGET_ENVIRONMENT",
                     "Access to target environment is forbidden.");
    if (request.method == "POST") return write(request, path, environment, *token);
    return request.method == "GET" ? read(path, environment) : not_found();
  }

  std::string money_of(const std::string& environment) const {
    return setting("currency." + environment, currency_of(environment));
  }

  // ---- what is asked for

  Reply write(const Request& request, const Path& path, const std::string& environment,
              const Token& token) {
    const std::string& product = path[0];
    if (path.size() == 5 && path[4] == "deliverynotification")
      return find(product, path[3]) ? nothing(200) : not_found();
    const bool is_payment = request.path == "/collection/v1_0/requesttopay";
    const bool is_refund =
        request.path == "/disbursement/v1_0/refund" || request.path == "/disbursement/v2_0/refund";
    if (!is_payment && !is_refund) return not_found();
    if (const auto refusal = refuse_headers(request, token)) return *refusal;
    const std::string id(request.header("x-reference-id"));
    if (find(product, id)) return exists_already();
    const Json body = parse_json(request.body);
    if (!is_well_formed(body)) return nothing(400);
    Transaction it = {.id = id, .product = product, .environment = environment};
    it.amount = text_at(body, "amount");
    it.currency = text_at(body, "currency");
    it.external_id = text_at(body, "externalId");
    it.message = text_at(body, "payerMessage");
    it.note = text_at(body, "payeeNote");
    it.callback_url = request.header("x-callback-url");
    if (it.currency != money_of(environment))
      return problem(500, "INVALID_CURRENCY", "Currency not supported.");
    if (!minor_units(it.amount, it.currency)) return nothing(400);
    return is_payment ? request_to_pay(std::move(it), body) : refund(std::move(it), body);
  }

  std::optional<Reply> refuse_headers(const Request& request, const Token& token) const {
    const std::string_view url = request.header("x-callback-url");
    if (!is_uuid4(request.header("x-reference-id"))) return nothing(400);
    if (!request.header("content-type").starts_with("application/json")) return nothing(400);
    if (!has_header(request, "x-callback-url")) return {};
    if (host_of(url).empty()) return nothing(400);
    if (token.callback_host.empty() || token.callback_host == host_of(url)) return {};
    return problem(static_cast<int>(number("bad_callback_status", 500)),
                   "INVALID_CALLBACK_URL_HOST", "Callback URL with a wrong host was provided.");
  }

  Transaction* find(const std::string& product, const std::string& id) {
    const auto found = transactions_.find(product + "/" + id);
    return found == transactions_.end() ? nullptr : &found->second;
  }

  const Transaction& keep(Transaction it) {
    const std::string product = it.product, id = it.id;
    const auto hidden = seconds("visible_after_s", 0);
    it.order = ++arrived_;
    it.transaction_id = std::to_string(23'503'451 + arrived_);
    it.is_visible = hidden == 0s;
    if (!it.is_visible)
      world_.after(hidden, [this, product, id] {
        const std::lock_guard lock(mutex_);
        find(product, id)->is_visible = true;
      });
    return transactions_[product + "/" + id] = std::move(it);
  }

  Reply request_to_pay(Transaction it, const Json& body) {
    it.party = member_at(body, "payer");
    if (!is_party(it.party)) return nothing(400);
    open_prompt(keep(std::move(it)));
    return nothing(202);
  }

  std::string outcome_of(const std::string& phone) const {
    const std::string own = setting("outcome." + phone, "");
    if (!own.empty()) return own;
    for (const TestNumber& each : test_numbers)
      if (each.phone == phone) return std::string(each.outcome);
    return setting("outcome", "success");
  }

  void open_prompt(const Transaction& it) {
    const std::string outcome = outcome_of(it.phone());
    if (outcome == "pending") return;
    if (outcome == "ongoing")
      return world_.after(seconds("ongoing_s", 30), [this, id = it.id] {
        const std::lock_guard lock(mutex_);
        find("collection", id)->is_ripe = true;
      });
    const bool is_slept_through =
        outcome == "EXPIRED" || outcome == "COULD_NOT_PERFORM_TRANSACTION";
    if (outcome == "ask" || is_slept_through)
      settle_in(it, seconds("prompt_lasts_s", 300), is_slept_through ? outcome : "EXPIRED");
    else
      settle_in(it, seconds("payer_takes_s", 5), outcome == "success" ? "" : outcome);
  }

  // Needs the original, of the same environment, and takes any amount of it: no bound is
  // documented.
  Reply refund(Transaction it, const Json& body) {
    const Transaction* paid = find("collection", text_at(body, "referenceIdToRefund"));
    if (!paid || paid->environment != it.environment || paid->status != "SUCCESSFUL")
      return not_found();
    it.party = paid->party;
    it.is_on_phone = false;
    const Transaction& kept = keep(std::move(it));
    const std::string result = setting("refund_result", "success");
    if (result != "pending")
      settle_in(kept, seconds("refund_takes_s", 2), result == "success" ? "" : result);
    return nothing(202);
  }

  void settle_in(const Transaction& it, std::chrono::milliseconds delay,
                 const std::string& reason) {
    world_.after(delay, [this, product = it.product, id = it.id, reason] {
      const std::lock_guard lock(mutex_);
      settle(*find(product, id), reason);
    });
  }

  // Whatever comes first counts: the payer, the page, or the end of the prompt.
  void settle(Transaction& it, const std::string& reason) {
    if (it.status != "PENDING") return;
    it.is_on_phone = false;
    it.reason = reason;
    it.status = reason.empty() ? "SUCCESSFUL" : "FAILED";
    if (reason.empty())
      world_.record({"mtn_momo", it.is_refund() ? "refund" : "charge", it.id, it.external_id,
                     minor_units(it.amount, it.currency).value_or(0), it.currency});
    send_callback(it);
  }

  // Once, and never again.
  void send_callback(const Transaction& it) {
    if (it.callback_url.empty() || setting("callbacks", "one") != "one") return;
    world_.send_webhook({.provider = "mtn_momo",
                         .request = {.method = setting("callback_method", "POST"),
                                     .url = it.callback_url,
                                     .headers = {{"Content-Type", "application/json"}},
                                     .body = write_json(status_json(it, manners()))},
                         .schedule = {0ms}});
  }

  // ---- what is read

  Reply read(const Path& path, const std::string& environment) {
    const std::string what = path.size() > 2 ? path[2] : "";
    if (what == "accountholder" && path.size() == 6 && path[5] == "active")
      return answer({{"result", outcome_of(path[4]) != "PAYER_NOT_FOUND"}});
    if (what == "account" && path.size() == 4 && path[3] == "balance")
      return answer({{"availableBalance", "15000"}, {"currency", money_of(environment)}});
    const std::string kind = path[0] == "collection" ? "requesttopay" : "refund";
    Transaction* it = what == kind && path.size() == 4 ? find(path[0], path[3]) : nullptr;
    if (!it || !it->is_visible || it->environment != environment) return not_found();
    if (it->is_ripe) settle(*it, "");
    return answer(status_json(*it, manners()));
  }

  // ---- what the payer sees

  Reply phone(const Request& request, const std::string& msisdn) {
    if (!is_msisdn(msisdn)) return not_found();
    if (request.method == "POST") {
      const Request form = {.query = decode_fields(request.body)};
      Transaction* it = find("collection", std::string(form.query_value("id")));
      const bool is_approved = form.query_value("decision") == "approve";
      if (it && it->is_on_phone && it->phone() == msisdn)
        settle(*it, is_approved ? "" : "APPROVAL_REJECTED");
      return see_other(world_.base_url("mtn_momo") + "/phone/" + msisdn);
    }
    std::vector<const Transaction*> prompts;
    for (const auto& [key, it] : transactions_)
      if (it.is_on_phone && it.phone() == msisdn) prompts.push_back(&it);
    std::ranges::sort(prompts, {}, &Transaction::order);
    return phone_page(msisdn, prompts);
  }

  World& world_;
  std::mutex mutex_;
  std::map<std::string, ApiUser> users_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, Transaction> transactions_;  // "PRODUCT/ID"
  std::int64_t arrived_ = 0;
};

}  // namespace

std::unique_ptr<Simulator> make_mtn_momo_simulator(World& world) {
  return std::make_unique<MtnMomoSimulator>(world);
}

}  // namespace switchyard::sandbox
