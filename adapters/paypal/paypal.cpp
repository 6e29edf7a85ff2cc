// PayPal: the payer approves an order on PayPal's pages, which moves nothing; money moves only when
// we then capture or authorize it. Amounts are decimal text, in three currencies without decimals.
// developer.paypal.com/docs/api/orders/v2 and /payments/v2.
#include <algorithm>
#include <utility>

#include "adapters/adapter.h"
#include "adapters/paypal/amounts.h"
#include "adapters/paypal/answers.h"
#include "adapters/paypal/declines.h"
#include "adapters/paypal/webhook.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace paypal_words;

constexpr std::chrono::days key_of_payments_lasts{45};  // an order's lasts six hours

HttpRequest get(const Account& account, const std::string& path) {
  return {.method = "GET", .url = account.base_url + path, .token = "access"};
}

// The short answer, which is the default, may lack the very captures that we need.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body = Json::object()) {
  return with_json(
      {.method = "POST",
       .url = account.base_url + path,
       .headers = {{"PayPal-Request-Id", charge.provider_key}, {"Prefer", "return=representation"}},
       .token = "access"},
      body);
}

std::string order_path(const Charge& charge) {
  return "/v2/checkout/orders/" + percent_encoded(charge.provider_reference);
}

std::string authorization_path(const Charge& charge) {
  return "/v2/payments/authorizations/" +
         percent_encoded(text_at(charge.memory, "authorization_id"));
}

void add_unless_empty(Json& json, const char* name, const std::string& text, std::size_t most) {
  if (!text.empty()) json[name] = shortened(text, most);
}

Json experience_of(const Account& account, const Charge& charge) {
  Json experience = {
      {"user_action", "PAY_NOW"},
      {"shipping_preference", account.setting("shipping_preference")},
      {"payment_method_preference", account.setting("payment_method_preference")},
      {"return_url", charge.return_url},
      {"cancel_url", charge.return_url},
  };
  add_unless_empty(experience, "brand_name", account.setting("brand_name"), 127);
  add_unless_empty(experience, "locale", account.setting("locale"), 10);
  add_unless_empty(experience, "landing_page", account.setting("landing_page"), 13);
  return experience;
}

// PayPal pays an invoice id once: the attempt's, and not the order number of the shop, which a
// second attempt would share.
HttpRequest build_create(const Account& account, const Charge& charge) {
  Json unit = {
      {"reference_id", "default"},
      {"custom_id", charge.attempt_id},
      {"invoice_id", charge.attempt_id},
      {"amount", amount_json(charge.money)},
  };
  add_unless_empty(unit, "description", charge.description, 127);
  add_unless_empty(unit, "soft_descriptor", account.setting("soft_descriptor"), 22);
  Json body;
  body["intent"] = charge.manual_capture ? "AUTHORIZE" : "CAPTURE";
  body["purchase_units"] = Json::array({unit});
  body["payment_source"]["paypal"]["experience_context"] = experience_of(account, charge);
  return post(account, charge, "/v2/checkout/orders", body);
}

// An order without a name could never be paid by us, and without a link the payer cannot go there:
// it is asked for.
Update read_create(const Account&, const Charge&, const HttpResponse& response) {
  if (!is_success(response)) return refusal_said(response);
  Update update = order_said(parse_json(response.body));
  if (update.provider_reference.empty()) return {};
  if (update.verdict == Verdict::requires_action && update.next_action.is_null())
    update.verdict = Verdict::pending;
  return update;
}

HttpRequest build_pay(const Account& account, const Charge& charge) {
  return post(account, charge,
              order_path(charge) + (charge.manual_capture ? "/authorize" : "/capture"));
}

// PayPal does not say for how long it knows an order that was paid, nor how soon it forgets one
// that was not. A hold or capture that we know of, or may have asked for, is not gone because its
// order is.
Update missing_order(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  const bool is_said =
      has_issue(body, "INVALID_RESOURCE_ID") || text_at(body, "name") == "RESOURCE_NOT_FOUND";
  if (!is_said) return {};
  const bool is_kept = !text_at(charge.memory, "authorization_id").empty() ||
                       !text_at(charge.memory, "capture_id").empty();
  const bool has_expired = !charge.provider_reference.empty() && !is_kept && !charge.may_be_paid &&
                           account.setting("missing_order") == "expired";
  return {.verdict = has_expired ? Verdict::expired : Verdict::not_found};
}

// An order that is still open is no answer to what we asked: a capture may be on its way.
Update unless_open(Update update) {
  if (update.verdict == Verdict::next_step || update.verdict == Verdict::requires_action)
    update.verdict = Verdict::unknown;
  update.next_action = nullptr;
  return update;
}

// After a no such as INSTRUMENT_DECLINED or ORDER_NOT_APPROVED the payer may approve the same order
// again. It cannot be paid by that: money moves only when we capture, and we do not call twice. So
// such an order is refused and is not `is_still_payable`.
Update read_pay(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (response.status == 404) return missing_order(account, charge, response);
  if (!is_success(response)) return money_refusal_said(response);
  return unless_open(order_said(parse_json(response.body)));
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return get(account, order_path(charge));
}

// Whether a capture of a hold was refused only its own entry says; the hold may still stand.
Update captured_part(const Charge& charge, const Json& order, Update update) {
  for (const Json& capture : member_at(order, "purchase_units.0.payments.captures")) {
    if (text_at(capture, "invoice_id") != charge.operation.attempt_id) continue;
    const Update said = capture_said(capture);
    update.verdict = said.verdict;
    update.decline = said.decline;
    update.provider_code = said.provider_code;
  }
  return update;
}

Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (response.status == 404) return missing_order(account, charge, response);
  if (response.status != 200) return {};
  const Json order = parse_json(response.body);
  Update update = order_said(order);
  if (update.verdict == Verdict::authorized && !charge.operation.attempt_id.empty())
    update = captured_part(charge, order, std::move(update));
  return update;
}

HttpRequest build_capture(const Account& account, const Charge& charge) {
  Json body = {
      {"amount", amount_json(charge.operation.money)},
      {"invoice_id", charge.operation.attempt_id},
      {"final_capture", true},
  };
  add_unless_empty(body, "soft_descriptor", account.setting("soft_descriptor"), 22);
  return post(account, charge, authorization_path(charge) + "/capture", body);
}

Update read_capture(const Account&, const Charge&, const HttpResponse& response) {
  if (!is_success(response)) return money_refusal_said(response);
  return capture_said(parse_json(response.body));
}

// There is no call that closes an order. Where nothing is held it is only asked how it stands.
HttpRequest build_cancel(const Account& account, const Charge& charge) {
  if (text_at(charge.memory, "authorization_id").empty()) return build_lookup(account, charge);
  HttpRequest request = post(account, charge, authorization_path(charge) + "/void");
  request.body.clear();  // not even an empty object
  return request;
}

Update read_cancel(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (text_at(charge.memory, "authorization_id").empty())
    return unless_open(read_lookup(account, charge, response));
  if (response.status == 204) return {.verdict = Verdict::canceled};
  const Json body = parse_json(response.body);
  if (response.status == 422 && has_issue(body, "PREVIOUSLY_VOIDED"))
    return {.verdict = Verdict::canceled};
  Update update;
  if (response.status == 200) update = authorization_said(body);
  if (update.verdict != Verdict::canceled) update.verdict = Verdict::unknown;
  return update;
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  Json body = {
      {"amount", amount_json(refund.money)},
      {"custom_id", refund.attempt_id},
      {"invoice_id", refund.attempt_id},
  };
  add_unless_empty(body, "note_to_payer", account.setting("refund_note"), 255);
  const std::string capture = percent_encoded(text_at(charge.memory, "capture_id"));
  return post(account, charge, "/v2/payments/captures/" + capture + "/refund", body);
}

Update read_refund(const Account&, const Charge&, const HttpResponse& response) {
  if (!is_success(response)) return money_refusal_said(response);
  return refund_said(parse_json(response.body));
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  return get(account,
             "/v2/payments/refunds/" + percent_encoded(charge.operation.provider_reference));
}

Update read_lookup_refund(const Account&, const Charge&, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return response.status == 200 ? refund_said(parse_json(response.body)) : Update{};
}

// There is no HUF 12.50 here.
std::string decimals_objection(Money money) {
  if (!has_no_decimals(money.currency) || with_exponent(money, 0)) return {};
  return "PayPal takes " + std::string(money.currency.code()) + " without decimals only, and not " +
         money.display();
}

std::string refund_objection(const Account&, const Charge& charge) {
  if (text_at(charge.memory, "capture_id").empty())
    return "PayPal has not said yet by which capture it took this money; try again later";
  return decimals_objection(charge.operation.money);
}

std::string objection(const Account& account, const Charge& charge) {
  constexpr std::int64_t most = 999'999'999'999'999;  // before the point
  const std::string code(charge.money.currency.code());
  if (std::string odd = decimals_objection(charge.money); !odd.empty()) return odd;
  if (const auto whole = with_exponent(charge.money, 0); whole && *whole > most)
    return "PayPal takes no amounts of more than fifteen digits";
  if (is_listed("BRL, CNY, MYR", code) &&
      std::ranges::find(account.currencies, code) == account.currencies.end())
    return "PayPal takes " + code +
           " only for accounts of that country; name it in the account's currencies if it is one";
  return {};
}

HttpRequest build_token(const Account& account) {
  const std::string credentials =
      basic_authorization(account.setting("client_id"), account.setting("client_secret"));
  return with_form({.method = "POST",
                    .url = account.base_url + "/v1/oauth2/token",
                    .headers = {{"Authorization", credentials}, {"Accept", "application/json"}}},
                   Form().add("grant_type", "client_credentials"));
}

// In either of PayPal's two shapes. A merchant's account that is closed is no matter of tokens.
bool refuses_token(const HttpResponse& response) {
  return response.status == 401 && !has_issue(parse_json(response.body), "INVALID_ACCOUNT_STATUS");
}

}  // namespace

extern const Adapter paypal;
const Adapter paypal = {
    .name = "paypal",
    .title = "PayPal",
    .base_url_test = "https://api-m.sandbox.paypal.com",
    .base_url_live = "https://api-m.paypal.com",
    .settings =
        {
            required("client_id", "The app's client id; one of the sandbox looks like any other."),
            secret("client_secret", "The app's secret."),
            required("webhook_id",
                     "The id of the webhook that PayPal sends here; part of each signature."),
            {"account_name", "The merchant id of the account, as answers repeat it."},
            {"webhook_verification",
             "How webhooks are proven: certificate (here, by PayPal's certificate) or api (PayPal "
             "is asked about each).",
             "certificate"},
            {"certificate_hosts",
             "More hosts, as host or host:port with commas between, that certificates may be "
             "fetched from; on this machine also without TLS. For sandboxes."},
            {"certificate_name", "How the name in the certificate ends.", ".paypal.com"},
            {"certificate_roots",
             "PEM of the roots that a certificate must lead to; empty: the system's."},
            {"brand_name", "The shop's name on PayPal's pages."},
            {"soft_descriptor",
             "What statements show after PAYPAL *, cut after 22 characters in all."},
            {"locale", "Language of PayPal's pages, as in de-DE."},
            {"landing_page", "LOGIN, GUEST_CHECKOUT or NO_PREFERENCE; empty: PayPal's choice."},
            {"shipping_preference", "NO_SHIPPING, GET_FROM_FILE or SET_PROVIDED_ADDRESS.",
             "NO_SHIPPING"},
            {"payment_method_preference",
             "IMMEDIATE_PAYMENT_REQUIRED, or UNRESTRICTED, which lets payers use eChecks that stay "
             "pending for days.",
             "IMMEDIATE_PAYMENT_REQUIRED"},
            {"refund_note", "What PayPal tells the payer with each refund."},
            uncertain("missing_order", "expired",
                      "What it means that PayPal no longer knows an order that it made: expired, "
                      "or not_found, which leaves it to a person.",
                      "what a missing order means: how soon PayPal forgets an unpaid one, and how "
                      "long it keeps a paid one"),
        },
    .offers = {{.rail = Rail::wallet,
                .kinds = {"paypal"},
                .currencies = {"AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR",
                               "GBP", "HKD", "HUF", "ILS", "JPY", "MXN", "MYR", "NOK",
                               "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "TWD", "USD"},
                .manual_capture = true,
                .steps = {{"create", {build_create, read_create}, Moves::nothing},
                          {"capture", {build_pay, read_pay}, Moves::money}},
                .needs = {"return_url"}}},
    .objection = objection,
    .tokens = {{"access", build_token, read_bearer_token}},
    .refuses_token = refuses_token,
    .finds_out_by = FindsOutBy::id,
    // A refund whose answer was lost has no id: there is no list to find it in.
    .refund_finds_out_by = FindsOutBy::same_key_resend,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_cancel, key_of_payments_lasts},
    .capture = {build_capture, read_capture, key_of_payments_lasts},
    .partial_capture = true,
    .refund = {build_refund, read_refund, key_of_payments_lasts},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .refund_objection = refund_objection,
    .webhook = {.verify = verify_webhook,
                .read = read_webhook,
                .inquiry = {build_inquiry, read_inquiry, 24h}},
    .webhooks_prove_themselves = false,  // its signature covers too little: see webhook.cpp
    .dedup_window = 6h,
    .prompt_lasts = 3h,
    .timeout = 60s,  // captures with a review of the risk are slow
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
