// Plugipay, Indonesia: a checkout session, which the payer pays on Plugipay's page by QRIS, virtual
// account, e-wallet, card, at a shop's counter, by PayPal or by bank transfer. Making a session
// moves no money; nobody can pay before the page was shown. The vendor's libraries and its pages
// describe two different contracts: `dialect` says which one we write, and both are read. No event
// tells of a session that failed or was canceled: those are looked up.
#include <algorithm>
#include <utility>

#include "adapters/adapter.h"
#include "adapters/plugipay/answers.h"
#include "adapters/plugipay/declines.h"
#include "adapters/plugipay/webhook.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace plugipay_words;

// Which of the two published contracts we write: that of the vendor's pages, or of its libraries.
bool is_doc(const Account& account) { return account.setting("dialect") == "doc"; }

// What a refund names: "session", "charge" or "payment".
std::string refund_target(const Account& account) {
  const std::string& set = account.setting("refund_target");
  if (!set.empty()) return set;
  return is_doc(account) ? "payment" : "session";
}

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
    request.headers.emplace_back("Authorization", bearer_authorization(account.setting("api_key")));
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
  return with_json(std::move(request), body);
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
  std::vector<std::string> methods = words_of(account.setting("methods"));
  if (methods.empty())
    methods = words_of(is_rupiah ? "qris,va,ewallet,card,retail" : "card,paypal");
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

// Of a look-up or a cancel only the object itself decides. A cancel that came too late is a 409,
// and the look-up that follows it tells the rest.
template <Update (*said)(const Account&, const Json&)>
Update read_object(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) return nothing_said(response, body);
  return traced(said(account, member_at(body, "data")), body);
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
  Json body = {{"sourceType", "checkout_session"}, {"sourceId", charge.provider_reference}};
  if (target != "session") body = {{target + "Id", charge_behind(charge)}};
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

// With the settings, or with an amount that is to be charged or given back.
std::string problem_with(const Account& account, Money money) {
  const auto has = [&](std::string_view name) { return !account.setting(name).empty(); };
  const std::string& auth = account.setting("auth");
  if (!is_listed("sdk,doc", account.setting("dialect")))
    return "Plugipay's dialect has to be sdk or doc";
  if (!is_listed("bearer,hmac", auth)) return "Plugipay's auth has to be bearer or hmac";
  if (auth == "bearer" && !has("api_key")) return "Plugipay needs an api_key";
  if (auth == "hmac" && !(has("key_id") && has("secret")))
    return "Plugipay needs a key_id and a secret";
  if (!is_listed("session,charge,payment", refund_target(account)))
    return "Plugipay's refund_target has to be session, charge or payment";
  const auto exponent = exponent_of(account, money.currency);
  if (!exponent) return "Plugipay's currency_exponent_idr has to be 0, 1 or 2";
  return with_exponent(money, *exponent) ? "" : "Plugipay has no such amount";
}

std::string objection(const Account& account, const Charge& charge) {
  const Currency currency = charge.money.currency;
  const std::string problem = problem_with(account, charge.money);
  if (!problem.empty()) return problem;
  if (!leaves_methods_out(account) && methods_of(account, currency).empty())
    return "Plugipay's account has no method for " + std::string(currency.code());
  return {};
}

// A refund of what was paid by hand would be noted there as succeeded, and nobody would get money.
std::string refund_objection(const Account& account, const Charge& charge) {
  const std::string problem = problem_with(account, charge.operation.money);
  if (!problem.empty()) return problem;
  if (is_manual(charge) && !account.is_on("refund_manual_payments"))
    return "Plugipay moves no money back of a bank transfer: send it back from the bank";
  if (refund_target(account) != "session" && charge_behind(charge).empty())
    return "Plugipay has not said yet which charge a refund would have to name";
  return {};
}

constexpr std::string_view why_least =
    "the least amount: it depends on the provider behind and is not stated";

}  // namespace

extern const Adapter plugipay;
const Adapter plugipay = {
    .name = "plugipay",
    .title = "Plugipay",
    .base_url_test = "https://plugipay.com",  // one host: the key picks the mode
    .base_url_live = "https://plugipay.com",
    .settings =
        {
            uncertain("dialect", "sdk",
                      "sdk: the contract of Plugipay's libraries, below /api/v1. doc: that of "
                      "its pages, below /v1; then base_url is https://api.plugipay.com.",
                      "which of two published contracts holds: the libraries and the pages "
                      "disagree"),
            uncertain("auth", "bearer",
                      "bearer: api_key goes with every call. hmac: calls are signed with key_id "
                      "and secret.",
                      "whether a bearer key is enough: the libraries send one, the pages do not "
                      "mention it"),
            {.name = "api_key",
             .sentence = "For bearer: pk_test_… or pk_live_…, a secret whatever its prefix says.",
             .is_secret = true},
            {"key_id", "For hmac: ak_test_… or ak_live_…; in doc pk_…."},
            {.name = "secret", .sentence = "For hmac: signs our calls.", .is_secret = true},
            secret("webhook_secret", "Signs the webhooks of our endpoint; whole, whsec_ included."),
            {"account_name", "acc_…, where answers about any other account shall be set aside."},
            {"on_behalf_of", "For platform keys: the merchant's acc_… in X-Plugipay-On-Behalf-Of."},
            {"mode_header", "true: X-Plugipay-Mode goes with on_behalf_of.", "false"},
            uncertain("methods", "",
                      "What the page offers, comma between: qris, va, ewallet, card, retail, "
                      "paypal. Left out: for USD card and paypal, for IDR all but paypal.",
                      "what methods are called and whether they must be sent: the libraries and "
                      "the pages disagree"),
            uncertain("expires_in_s", "86400",
                      "How long a session can be paid, 300 to 86400 seconds.",
                      "how short or long a session may live: only its default of a day is stated"),
            uncertain("currency_exponent_idr", "0",
                      "0: amounts in IDR are whole rupiah. 2: hundredths. Try one small live "
                      "payment: a wrong value is a factor of 100.",
                      "whether rupiah amounts have two extra digits: guide and examples disagree, "
                      "by a factor of 100"),
            uncertain("metadata_max", "50",
                      "How many pairs of metadata a session takes, ours included.",
                      "how much metadata a session takes: a limit of 50 pairs is stated for "
                      "customers only"),
            uncertain("refund_target", "",
                      "What a refund names: session, charge (of the provider behind) or payment "
                      "(its name in doc). Left out: session, in doc payment.",
                      "what a refund names: the libraries say the session or its charge, the guide "
                      "says the payment"),
            {"refund_manual_payments",
             "true: bank transfers confirmed by hand are refunded too; Plugipay only notes that, "
             "and you send the money back yourself.",
             "false"},
            uncertain("signature_headers", "X-Plugipay-Signature,Plugipay-Signature",
                      "Headers that may hold a webhook's signature.",
                      "what the signature's header is called: one page names it without the X-"),
            webhook_tolerance,
        },
    .offers = {{.rail = Rail::hosted_page,
                .currencies = {"IDR", "USD"},
                .amounts = {{"IDR", 1000, 0, why_least}, {"USD", 50, 0, why_least}},
                .steps = {{"create", {build_create, read_create}, Moves::once_shown}},
                .needs = {"return_url"}}},
    .objection = objection,
    .sign = sign,
    .finds_out_by = FindsOutBy::id,
    .lookup = {build_lookup, read_object<session_said>},
    .cancel = {build_cancel, read_object<session_said>},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_object<refund_said>},
    .refund_objection = refund_objection,
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .prompt_lasts = 24h,
    .timeout = 15s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
