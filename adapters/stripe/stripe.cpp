// Stripe: cards by payment intents, and a page of Stripe's own by Checkout Sessions.
// The payer's browser makes the card's token with Stripe.js; we create and confirm in one call.
// A refused payment intent waits for another card, so it is canceled before anything else is tried.
// docs.stripe.com/api/payment_intents and /checkout/sessions, read 2026-11.
#include "adapters/adapter.h"
#include "adapters/stripe/amounts.h"
#include "adapters/stripe/answers.h"
#include "adapters/stripe/checkout.h"
#include "adapters/stripe/declines.h"
#include "adapters/stripe/webhook.h"
#include "adapters/stripe/wire.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace stripe_api;

bool is_page(const Charge& charge) { return charge.method.rail == Rail::hosted_page; }

// The payment intent that holds the money. A page has none before the payer pays.
std::string intent_of(const Charge& charge) {
  return is_page(charge) ? text_at(charge.memory, "payment_intent") : charge.provider_reference;
}

HttpRequest build_card(const Account& account, const Charge& charge) {
  const std::string& token = charge.method.token;
  Form form;
  form.add("amount", amount_text(charge.money))
      .add("currency", in_lower_case(charge.money.currency.code()))
      .add("confirm", "true")
      .add("automatic_payment_methods[enabled]", "true");
  // Without a page to come back to, methods that redirect must be ruled out.
  if (charge.return_url.empty())
    form.add("automatic_payment_methods[allow_redirects]", "never");
  else
    form.add("return_url", charge.return_url);
  if (token.starts_with("pm_"))
    form.add("payment_method", token);
  else
    form.add("payment_method_data[type]", "card").add("payment_method_data[card][token]", token);
  if (charge.manual_capture) form.add("capture_method", "manual");
  form.add_unless_empty("description", charge.description)
      .add_unless_empty("statement_descriptor_suffix",
                        account.setting("statement_descriptor_suffix"));
  add_references(form, "metadata", charge);
  return post(account, charge, "/v1/payment_intents", form);
}

Update read_card(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  return is_object(response, body, "payment_intent") ? intent_said(body) : refused_call(response);
}

// By id only: before the id is known the charge is sent again under its key, or searched for.
HttpRequest build_lookup(const Account& account, const Charge& charge) {
  if (!is_page(charge))
    return get(account, intent_path(charge.provider_reference),
               Form().add("expand[0]", "latest_charge"));
  return get(account, session_path(charge.provider_reference),
             Form().add("expand[0]", "payment_intent.latest_charge"));
}

// Only an object decides anything. That it was not found, or that we may not ask, does not.
Update read_lookup(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (is_object(response, body, "payment_intent")) return intent_said(body);
  if (is_object(response, body, "checkout.session")) return session_said(body);
  const bool is_missing =
      response.status == 404 && text_at(body, "error.code") == "resource_missing";
  return {.verdict = is_missing ? Verdict::not_found : Verdict::unknown};
}

// Stripe's search lags by a minute and more, may lose again what it has shown, and is not offered
// everywhere: it tells the id and decides nothing. A page cannot be searched for; where its address
// never reached us nobody can pay on it.
HttpRequest build_find(const Account& account, const Charge& charge) {
  return get(account, "/v1/payment_intents/search",
             Form().add("query", "metadata['switchyard_attempt']:'" + charge.attempt_id + "'"));
}

Update read_find(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_object(response, body, "search_result")) return {};
  for (const Json& intent : member_at(body, "data"))
    if (text_at(intent, "metadata.switchyard_attempt") == charge.attempt_id &&
        text_at(intent, "object") == "payment_intent")
      return {.verdict = Verdict::unknown, .provider_reference = text_at(intent, "id")};
  return {.verdict = Verdict::not_found};
}

// A page that was not paid is expired. One that was, and whose money is only held, is closed by its
// payment intent.
HttpRequest build_cancel(const Account& account, const Charge& charge) {
  const std::string intent = intent_of(charge);
  if (intent.empty() && is_page(charge))
    return post(account, charge, session_path(charge.provider_reference) + "/expire", {});
  return post(account, charge, intent_path(intent) + "/cancel",
              Form().add("cancellation_reason", "requested_by_customer"));
}

// A second cancel is an error, and so is one that comes after the money. Then the error holds the
// payment intent as it is.
Update read_cancel(const Account&, const Charge& charge, const HttpResponse& response) {
  if (response.status >= 500) return {};
  const Json body = parse_json(response.body);
  Update update;
  if (is_object(response, body, "payment_intent")) update = intent_said(body);
  if (is_object(response, body, "checkout.session")) update = session_said(body);
  if (update.verdict == Verdict::expired) update.verdict = Verdict::canceled;
  if (const Json& intent = member_at(body, "error.payment_intent"); intent.is_object()) {
    update = intent_said(intent);
    if (update.verdict == Verdict::refused) return {};
  }
  if (is_page(charge)) update.provider_reference = charge.provider_reference;
  return update;
}

HttpRequest build_capture(const Account& account, const Charge& charge) {
  return post(account, charge, intent_path(intent_of(charge)) + "/capture",
              Form().add("amount_to_capture", amount_text(charge.operation.money)));
}

// Captured before, by a copy of this call perhaps, is what was wanted.
Update read_capture(const Account&, const Charge& charge, const HttpResponse& response) {
  if (response.status >= 500) return {};
  const Json body = parse_json(response.body);
  const Json& wrong = member_at(body, "error.payment_intent");
  Update update;
  if (is_object(response, body, "payment_intent")) {
    update = intent_said(body);
  } else if (response.status == 400 && text_at(wrong, "status") == "succeeded") {
    update = intent_said(wrong);
  } else {
    update = refused_call(response);
    // It is the capture that was refused. The authorization may still stand.
    const bool is_state = text_at(body, "error.code") == "payment_intent_unexpected_state";
    if (response.status == 400 && is_state) {
      update.verdict = Verdict::refused;
      add_reason(update, member_at(body, "error"));
    }
    update.is_still_payable = false;
  }
  if (is_page(charge)) update.provider_reference = charge.provider_reference;
  return update;
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const std::string& reason = charge.operation.reason;
  Form form;
  form.add("payment_intent", intent_of(charge)).add("amount", amount_text(charge.operation.money));
  // "fraudulent" also puts the card and the e-mail on Stripe's block list: only where that is
  // wanted.
  const bool is_blocking = reason == "fraudulent" && account.is_on("block_fraudulent_payers");
  if (reason == "duplicate" || reason == "requested_by_customer" || is_blocking)
    form.add("reason", reason);
  // Nothing of the payment's metadata is copied to a refund.
  form.add("metadata[switchyard_payment]", charge.payment_id)
      .add("metadata[switchyard_attempt]", charge.operation.attempt_id);
  if (is_page(charge)) form.add("metadata[switchyard_rail]", word_of(charge.method.rail));
  return post(account, charge, "/v1/refunds", form);
}

Update read_refund(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (is_object(response, body, "refund")) return refund_said(body);
  Update update = refused_call(response);
  update.is_still_payable = false;  // of the payment, which the error may hold
  update.money.reset();
  update.provider_reference.clear();
  update.our_reference.clear();
  return update;
}

// Before its id is known: among the refunds of the payment, which are listed without delay.
HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  if (!charge.operation.provider_reference.empty())
    return get(account, "/v1/refunds/" + percent_encoded(charge.operation.provider_reference));
  return get(account, "/v1/refunds",
             Form().add("payment_intent", intent_of(charge)).add("limit", "100"));
}

Update read_lookup_refund(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (is_object(response, body, "refund")) return refund_said(body);
  if (response.status == 404 && text_at(body, "error.code") == "resource_missing")
    return {.verdict = Verdict::not_found};
  if (!is_object(response, body, "list")) return {};
  for (const Json& refund : member_at(body, "data"))
    if (text_at(refund, "metadata.switchyard_attempt") == charge.operation.attempt_id)
      return refund_said(refund);
  return {.verdict = Verdict::not_found};
}

std::string objection(const Account&, const Charge& charge) {
  const auto amount = stripe_amount(charge.money);
  const std::string currency(charge.money.currency.code());
  const std::int64_t least = smallest_amount(currency);
  if (!amount && exponent_of(currency) == 3)
    return "Stripe takes " + currency + " with two decimals only.";
  if (!amount) return "Stripe has no such amount of " + currency + ".";
  if (*amount < least)
    return "Stripe takes no less than " +
           our_money(least, charge.money.currency).value_or(Money{}).display() + ".";
  if (*amount > largest_amount) return "Stripe takes no amounts of more than twelve digits.";
  return "";
}

bool recognizes_token(std::string_view token) {
  return token.starts_with("tok_") || token.starts_with("pm_");
}

}  // namespace

extern const Adapter stripe;
const Adapter stripe = {
    .name = "stripe",
    .title = "Stripe",
    // One host: the key decides between test and live.
    .base_url_test = "https://api.stripe.com",
    .base_url_live = "https://api.stripe.com",
    .settings =
        {
            secret("secret_key", "The secret or restricted key, sk_test_… or sk_live_…."),
            secret("webhook_secret", "The signing secret of the webhook endpoint, whsec_…."),
            {"statement_descriptor_suffix",
             "What card statements show after the account's own words."},
            {"checkout_lasts_min", "How many minutes Stripe's page can be paid, 40 to 1430.", "60"},
            {"block_fraudulent_payers",
             "Whether a refund for fraud also puts the card on Stripe's block list.", "false"},
        },
    .offers =
        {
            {.rail = Rail::card,
             .currencies = currencies,
             .manual_capture = true,
             .steps = {{"create", {build_card, read_card}}},
             .find = {build_find, read_find},
             .needs = {"token"}},
            {.rail = Rail::hosted_page,
             .currencies = currencies,
             .manual_capture = true,
             .steps = {{"create", {build_session, read_session}}},
             .needs = {"return_url"}},
        },
    .objection = objection,
    .recognizes_token = recognizes_token,
    .finds_out_by = FindsOutBy::same_key_resend,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_cancel},
    .capture = {build_capture, read_capture},
    .partial_capture = true,
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .is_payable_after_refusal = true,
    // Confirming asks the card's bank: Stripe's own libraries wait this long.
    .timeout = 80s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
