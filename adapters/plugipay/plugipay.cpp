// Plugipay, Indonesia: a checkout session, which the payer pays on Plugipay's page by QRIS, virtual
// account, e-wallet, card, at a shop's counter, by PayPal or by bank transfer. Making a session
// moves no money; nobody can pay before the page was shown. The vendor's libraries and its pages
// describe two different contracts: `dialect` says which one we write, and both are read. No event
// tells of a session that failed or was canceled: those are looked up.
#include "adapters/adapter.h"
#include "adapters/plugipay/answers.h"
#include "adapters/plugipay/declines.h"
#include "adapters/plugipay/settings.h"
#include "adapters/plugipay/webhook.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace plugipay_words;

// In the unit that the account says Plugipay counts in. Both objections see to it that there is
// such an amount; 0 is refused there.
std::int64_t units_of(const Account& account, Money money) {
  const auto exponent = exponent_of(account, money.currency);
  return exponent ? with_exponent(money, *exponent).value_or(0) : 0;
}

HttpRequest open_call(const Account& account, std::string method, const std::string& path) {
  HttpRequest request = {
      .method = std::move(method),
      .url = account.base_url + (is_doc(account) ? "/v1" : "/api/v1") + path,
      .headers = {{"Accept", "application/json"}},
  };
  // What is signed instead gets its signature when it leaves.
  if (account.setting("auth") == "bearer")
    request.headers.emplace_back("Authorization", "Bearer " + account.setting("api_key"));
  const std::string& merchant = account.setting("on_behalf_of");
  if (merchant.empty()) return request;
  request.headers.emplace_back("X-Plugipay-On-Behalf-Of", merchant);
  if (account.is_on("mode_header"))
    request.headers.emplace_back("X-Plugipay-Mode", std::string(word_of(account.mode)));
  return request;
}

HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body) {
  HttpRequest request = open_call(account, "POST", path);
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = write_json(body);
  return request;
}

std::string session_path(const Charge& charge) {
  return "/checkout-sessions/" + percent_encoded(charge.provider_reference);
}

// PayPal does not settle rupiah. The pages' contract leaves the methods out, and the page then
// shows them all; the libraries' demands them.
bool leaves_methods_out(const Account& account) {
  return is_doc(account) && account.setting("methods").empty();
}

std::vector<std::string> methods_of(const Account& account, Currency currency) {
  const bool is_rupiah = currency.code() == "IDR";
  std::vector<std::string> methods = items_of(account.setting("methods"));
  if (methods.empty())
    methods = items_of(is_rupiah ? "qris,va,ewallet,card,retail" : "card,paypal");
  if (is_rupiah) std::erase(methods, "paypal");
  return methods;
}

// Ours is the only way back to us, so it stands first and is never pushed out.
Json metadata_of(const Account& account, const Charge& charge) {
  constexpr std::size_t longest_value = 500;
  const std::int64_t most = number_in(account, "metadata_max", 50);
  Json metadata = {{"attemptId", charge.attempt_id}};
  for (const auto& [name, value] : charge.metadata)
    if (std::ssize(metadata) < most && value.size() <= longest_value && !metadata.contains(name))
      metadata[name] = value;
  return metadata;
}

// One line, so that the lines add up.
Json lines_of(const Charge& charge, std::int64_t amount) {
  Json line = {{"name", charge.description}, {"quantity", 1}, {"unitAmount", amount}};
  if (charge.description.empty()) line["name"] = "Payment " + charge.payment_id;
  return Json::array({line});
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  const std::int64_t amount = units_of(account, charge.money);
  Json body = {{"amount", amount}, {"currency", charge.money.currency.code()}};
  if (!leaves_methods_out(account)) body["methods"] = methods_of(account, charge.money.currency);
  body["successUrl"] = charge.return_url;
  body["cancelUrl"] = charge.return_url;  // neither proves anything, so we look there from both
  if (is_doc(account) && !charge.description.empty()) body["description"] = charge.description;
  body["lineItems"] = lines_of(charge, amount);
  body["expiresInSec"] =
      std::clamp<std::int64_t>(number_in(account, "expires_in_s", 86'400), 300, 86'400);
  body["metadata"] = metadata_of(account, charge);
  return post(account, charge, "/checkout-sessions", body);
}

// An open session without its page is of no use to anybody.
Update read_create(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) return error_said(response, body);
  const Json& session = member_at(body, "data");
  Update update = session_said(account, session);
  if (update.verdict == Verdict::requires_action) {
    std::string url = text_at(session, "hostedUrl");
    if (url.empty()) url = text_at(session, "url");
    if (url.empty())
      update.verdict = Verdict::unknown;
    else
      update.next_action = redirect_to(url);
  }
  return traced(std::move(update), body);
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return open_call(account, "GET", session_path(charge));
}

HttpRequest build_cancel(const Account& account, const Charge& charge) {
  return post(account, charge, session_path(charge) + "/cancel", Json::object());
}

// Of a look-up or a cancel only the session itself decides. A cancel that came too late is a 409,
// and the look-up that follows it tells the rest.
Update read_session(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) return nothing_said(response, body);
  return traced(session_said(account, member_at(body, "data")), body);
}

bool is_manual(const Charge& charge) { return bool_at(charge.memory, "is_manual").value_or(false); }

// The charge of the provider behind, once the session has named it. What a shop has confirmed by
// hand has no other charge than the session.
std::string charge_behind(const Charge& charge) {
  const std::string id = text_at(charge.memory, "payment_id");
  return id.empty() && is_manual(charge) ? charge.provider_reference : id;
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  const std::string target = refund_target(account);
  Json body = Json::object();
  if (target == "charge") {
    body["chargeId"] = charge_behind(charge);
  } else if (target == "payment") {
    body["paymentId"] = charge_behind(charge);
  } else {
    body["sourceType"] = "checkout_session";
    body["sourceId"] = charge.provider_reference;
  }
  body["amount"] = units_of(account, refund.money);  // without one it would be all that is left
  if (!refund.reason.empty()) body["reason"] = refund.reason;
  body["metadata"] = {{"refundId", refund.attempt_id}};
  if (is_doc(account) && refund.reason == "other")
    body["metadata"]["description"] = "Refund of " + charge.payment_id;
  return post(account, charge, "/refunds", body);
}

// A 422 is the no of the provider behind, and leaves a failed refund there. Too many calls are no
// answer to this one: it goes again under its key.
Update read_refund(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (is_success(response, body))
    return traced(refund_said(account, member_at(body, "data")), body);
  Update update = error_said(response, body);
  if (update.verdict != Verdict::refused) return update;
  if (response.status == 429) {
    update.verdict = Verdict::unknown;
    update.decline.reset();
  } else if (text_at(body, "error.field") == "amount") {
    update.decline = Decline::amount_too_large;
  } else if (response.status == 422) {
    update.decline = Decline::provider_error;
  }
  return update;
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  return open_call(account, "GET",
                   "/refunds/" + percent_encoded(charge.operation.provider_reference));
}

Update read_lookup_refund(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) return nothing_said(response, body);
  return traced(refund_said(account, member_at(body, "data")), body);
}

// The path as it is sent, query included.
std::string_view path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t slash = url.find('/', host);
  return slash == std::string_view::npos ? "/" : url.substr(slash);
}

// Over the method, path, time, body and idempotency key. The time may differ by 300 seconds, so
// every copy is signed anew.
void sign(const Account& account, Time now, HttpRequest& request) {
  if (account.setting("auth") != "hmac") return;
  const std::string time = std::to_string(unix_seconds(now));
  std::string text = request.method + "\n" + std::string(path_of(request.url)) + "\n" + time +
                     "\n" + sha256_hex(request.body);
  const std::string key = header_of(request.headers, "Idempotency-Key");
  if (!key.empty()) text += "\n" + key;
  const std::string signature = to_hex(hmac_sha256(account.setting("secret"), text));
  request.headers.emplace_back("Authorization",
                               "Plugipay-HMAC-SHA256 keyId=" + account.setting("key_id") +
                                   ", scope=*, signature=" + signature);
  request.headers.emplace_back("X-Plugipay-Timestamp", time);
}

std::string problem_of(const Account& account) {
  const std::string dialect = account.setting("dialect"), auth = account.setting("auth");
  const std::string target = refund_target(account);
  if (dialect != "sdk" && dialect != "doc") return "Plugipay's dialect has to be sdk or doc";
  if (auth != "bearer" && auth != "hmac") return "Plugipay's auth has to be bearer or hmac";
  if (auth == "bearer" && account.setting("api_key").empty()) return "Plugipay needs an api_key";
  if (auth == "hmac" && (account.setting("key_id").empty() || account.setting("secret").empty()))
    return "Plugipay needs a key_id and a secret";
  if (target != "session" && target != "charge" && target != "payment")
    return "Plugipay's refund_target has to be session, charge or payment";
  return {};
}

std::string amount_problem(const Account& account, Money money) {
  const auto exponent = exponent_of(account, money.currency);
  if (!exponent) return "Plugipay's currency_exponent_idr has to be 0, 1 or 2";
  if (!with_exponent(money, *exponent)) return "Plugipay has no such amount";
  return {};
}

std::string objection(const Account& account, const Charge& charge) {
  const Currency currency = charge.money.currency;
  std::string problem = problem_of(account);
  if (problem.empty()) problem = amount_problem(account, charge.money);
  if (!problem.empty()) return problem;
  if (!leaves_methods_out(account) && methods_of(account, currency).empty())
    return "Plugipay's account has no method for " + std::string(currency.code());
  const bool is_rupiah = currency.code() == "IDR";
  const Money least{number_in(account, is_rupiah ? "min_amount_idr" : "min_amount_usd", 0),
                    currency};
  if (charge.money.amount < least.amount) return "Plugipay takes no less than " + least.display();
  return {};
}

// A refund of what was paid by hand would be noted there as succeeded, and nobody would get money.
std::string refund_objection(const Account& account, const Charge& charge) {
  std::string problem = problem_of(account);
  if (problem.empty()) problem = amount_problem(account, charge.operation.money);
  if (!problem.empty()) return problem;
  if (is_manual(charge) && !account.is_on("refund_manual_payments"))
    return "Plugipay moves no money back of a bank transfer: send it back from the bank";
  if (refund_target(account) != "session" && charge_behind(charge).empty())
    return "Plugipay has not said yet which charge a refund would have to name";
  return {};
}

}  // namespace

extern const Adapter plugipay;
const Adapter plugipay = {
    .name = "plugipay",
    .title = "Plugipay",
    .base_url_test = "https://plugipay.com",  // one host: the key picks the mode
    .base_url_live = "https://plugipay.com",
    .settings =
        {
            {.name = "dialect",
             .sentence = "sdk: the contract of Plugipay's libraries, below /api/v1. doc: that of "
                         "its pages, below /v1; then base_url is https://api.plugipay.com.",
             .otherwise = "sdk",
             .uncertain =
                 "which of two published contracts holds: the libraries and the pages disagree"},
            {.name = "auth",
             .sentence = "bearer: api_key goes with every call. hmac: calls are signed with key_id "
                         "and secret.",
             .otherwise = "bearer",
             .uncertain = "whether a bearer key is enough: the libraries send one, the pages do "
                          "not mention it"},
            {.name = "api_key",
             .sentence = "For bearer: pk_test_… or pk_live_…, a secret whatever its prefix says.",
             .is_secret = true},
            {.name = "key_id", .sentence = "For hmac: ak_test_… or ak_live_…; in doc pk_…."},
            {.name = "secret", .sentence = "For hmac: signs our calls.", .is_secret = true},
            secret("webhook_secret", "Signs the webhooks of our endpoint; whole, whsec_ included."),
            {.name = "account_name",
             .sentence = "acc_…, where answers about any other account shall be set aside."},
            {.name = "on_behalf_of",
             .sentence = "For platform keys: the merchant's acc_… in X-Plugipay-On-Behalf-Of."},
            {.name = "mode_header",
             .sentence = "true: X-Plugipay-Mode goes with on_behalf_of.",
             .otherwise = "false"},
            {.name = "methods",
             .sentence = "What the page offers, comma between: qris, va, ewallet, card, retail, "
                         "paypal. Left out: for USD card and paypal, for IDR all but paypal.",
             .uncertain = "what methods are called and whether they must be sent: the libraries "
                          "and the pages disagree"},
            {.name = "expires_in_s",
             .sentence = "How long a session can be paid, 300 to 86400 seconds.",
             .otherwise = "86400",
             .uncertain =
                 "how short or long a session may live: only its default of a day is stated"},
            {.name = "currency_exponent_idr",
             .sentence = "0: amounts in IDR are whole rupiah. 2: hundredths. Try one small live "
                         "payment: a wrong value is a factor of 100.",
             .otherwise = "0",
             .uncertain = "whether rupiah amounts have two extra digits: guide and examples "
                          "disagree, by a factor of 100"},
            {.name = "min_amount_idr",
             .sentence = "Least amount in rupiah.",
             .otherwise = "1000",
             .uncertain =
                 "the least amount in rupiah: it depends on the provider behind and is not stated"},
            {.name = "min_amount_usd",
             .sentence = "Least amount in US cents.",
             .otherwise = "50",
             .uncertain = "the least amount in US dollars: it depends on the provider behind and "
                          "is not stated"},
            {.name = "metadata_max",
             .sentence = "How many pairs of metadata a session takes, ours included.",
             .otherwise = "50",
             .uncertain = "how much metadata a session takes: a limit of 50 pairs is stated for "
                          "customers only"},
            {.name = "refund_target",
             .sentence = "What a refund names: session, charge (of the provider behind) or payment "
                         "(its name in doc). Left out: session, in doc payment.",
             .uncertain = "what a refund names: the libraries say the session or its charge, the "
                          "guide says the payment"},
            {.name = "refund_manual_payments",
             .sentence = "true: bank transfers confirmed by hand are refunded too; Plugipay only "
                         "notes that, and you send the money back yourself.",
             .otherwise = "false"},
            {.name = "signature_headers",
             .sentence = "Headers that may hold a webhook's signature.",
             .otherwise = "X-Plugipay-Signature,Plugipay-Signature",
             .uncertain =
                 "what the signature's header is called: one page names it without the X-"},
            {.name = "webhook_tolerance_s",
             .sentence = "How many seconds a webhook's time may differ from ours.",
             .otherwise = "300"},
        },
    .offers = {{.rail = Rail::hosted_page,
                .currencies = {"IDR", "USD"},
                .steps = {{"create", {build_create, read_create}, Moves::once_shown}},
                .needs = {"return_url"}}},
    .objection = objection,
    .sign = sign,
    .finds_out_by = FindsOutBy::id,
    .lookup = {build_lookup, read_session},
    .cancel = {build_cancel, read_session},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .refund_objection = refund_objection,
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .prompt_lasts = 24h,
    .timeout = 15s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
