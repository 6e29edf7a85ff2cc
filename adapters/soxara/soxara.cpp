// Soxara, Liberia: an intent is created, which moves no money, and then confirmed, which does: by
// us for phones and wallets where the vendor has confirmed the route, else in the payer's browser
// by Soxara's script. Both currencies have two decimals: L$100.00 is 10000.
#include "adapters/adapter.h"
#include "adapters/soxara/answers.h"
#include "adapters/soxara/declines.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace soxara_words;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", bearer_authorization(account.setting("secret_key"))}},
  };
}

// The key is mandatory, and the header is called X-Idempotency-Key. Failures are replayed too.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("X-Idempotency-Key", charge.provider_key);
  return with_json(std::move(request), body);
}

Json payment_method_of(const Charge& charge) {
  const std::string& phone = charge.method.phone_number;
  if (charge.method.rail == Rail::mobile_money)
    return {{"type", "momo"},
            {"momo", {{"provider", charge.method.network}, {"phone_number", phone}}}};
  if (charge.method.rail == Rail::wallet)
    return {{"type", "soxara_wallet"}, {"soxara_wallet", {{"phone_number", phone}}}};
  return {{"type", "card"}};
}

bool is_confirmed_by_us(const Account& account, const Charge& charge) {
  return charge.method.rail != Rail::card && account.is_on("server_side_confirm");
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  Json metadata = charge.metadata;
  metadata["attempt_id"] = charge.attempt_id;  // the only way back to us
  Json body = {
      {"amount", with_exponent(charge.money, decimals).value()},
      {"currency", charge.money.currency.code()},
      {"metadata", metadata},
  };
  if (!charge.description.empty()) body["description"] = charge.description;
  return post(account, charge, "/v1/payments", body);
}

Json browser_action(const Account& account, const Charge& charge, const std::string& secret) {
  return {{"type", "use_browser_sdk"},
          {"use_browser_sdk",
           {{"provider", "soxara"},
            {"script_url", account.setting("script_url")},
            {"publishable_key", account.setting("publishable_key")},
            {"client_secret", secret},
            {"payment_method", payment_method_of(charge)},
            {"return_url", charge.return_url}}}};
}

// `requires_action` alone is enough: the payer's phone says the rest. The prompt's end is ours to
// assume, and is remembered so that a lookup does not put it off.
void add_next_action(Update& update, const Account& account, const Charge& charge,
                     const Json& payment) {
  const std::string url = text_at(payment, "next_action.redirect_to_url.url");
  if (!url.empty()) {
    update.next_action = redirect_to(url);
  } else if (charge.method.rail == Rail::wallet) {
    update.next_action = {{"type", "approve_in_app"},
                          {"approve_in_app", {{"kind", charge.method.kind}}}};
  } else if (charge.method.rail == Rail::mobile_money) {
    update.next_action = approve_on_phone(
        charge.method.network, charge.method.phone_number,
        remember_prompt_end(update, charge, seconds_in(account, "momo_timeout_s")));
  }
}

// Whoever holds the client secret can confirm the intent. The core seals what an attempt remembers,
// and the confirmation's answer takes the secret out again.
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) return error_said(response, body);
  const Json& intent = body["data"];
  Update update = payment_said(account, intent);
  // The answer to a copy of our request: the payment has come further since, and who must act and
  // does not know how is looked up.
  if (update.verdict == Verdict::requires_action) {
    add_next_action(update, account, charge, intent);
    if (update.next_action.is_null()) update.verdict = Verdict::pending;
  }
  const std::string secret = text_at(intent, "client_secret");
  if (text_at(intent, "status") == "requires_payment_method" && !secret.empty()) {
    if (is_confirmed_by_us(account, charge)) {
      update.verdict = Verdict::next_step;
      update.memory = {{"client_secret", secret}};
    } else {
      update.verdict = Verdict::requires_action;
      update.next_action = browser_action(account, charge, secret);
    }
  }
  return traced(update, response);
}

HttpRequest build_confirm(const Account& account, const Charge& charge) {
  constexpr std::string_view id = "{id}";
  std::string path = account.setting("confirm_path");
  if (const auto at = path.find(id); at != std::string::npos)
    path.replace(at, id.size(), charge.provider_reference);
  return post(account, charge, path,
              {{"client_secret", text_at(charge.memory, "client_secret")},
               {"payment_method", payment_method_of(charge)},
               {"return_url", charge.return_url}});
}

Update read_payment(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  const Json& payment = body["data"];
  const std::string status = text_at(payment, "status");
  Update update = payment_said(account, payment);
  if (update.verdict == Verdict::requires_action)
    add_next_action(update, account, charge, payment);
  else if (status == "requires_payment_method" && !is_confirmed_by_us(account, charge))
    update.verdict = Verdict::pending;  // the payer's browser has the word
  if (update.verdict != Verdict::unknown && charge.memory.contains("client_secret"))
    update.memory["client_secret"] = nullptr;
  return traced(update, response);
}

Update read_confirm(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  return is_success(response, body) ? read_payment(account, charge, response)
                                    : error_said(response, body);
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET", "/v1/payments/" + charge.provider_reference);
}

// Of a lookup or a cancel only the payment itself decides. Money may have been faster than a
// cancel.
Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (is_success(response, parse_json(response.body)))
    return read_payment(account, charge, response);
  return traced({.verdict = response.status == 404 ? Verdict::not_found : Verdict::unknown},
                response);
}

HttpRequest build_cancel(const Account& account, const Charge& charge) {
  return post(account, charge, "/v1/payments/" + charge.provider_reference + "/cancel",
              Json::object());
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  Json body = {
      {account.setting("refund_payment_field"), charge.provider_reference},
      {"amount", with_exponent(refund.money, decimals).value()},
      // Not called attempt_id, lest a refund that repeats its payment's metadata be taken for ours.
      {"metadata", {{"refund_attempt_id", refund.attempt_id}}},
  };
  if (account.is_on("send_refund_reason")) body["reason"] = refund.reason;
  return post(account, charge, "/v1/refunds", body);
}

Update refund_said(const Account& account, const Json& refund) {
  Update update = object_said(account, refund);
  update.our_reference = text_at(refund, "metadata.refund_attempt_id");
  return update;
}

Update read_refund(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response, body)) {
    Update update = error_said(response, body);
    if (update.decline && text_at(body, "error.details.field") == "amount")
      update.decline = Decline::amount_too_large;
    return update;
  }
  return traced(refund_said(account, body["data"]), response);
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  return signed_in(account, "GET", "/v1/refunds/" + charge.operation.provider_reference);
}

Update read_lookup_refund(const Account& account, const Charge& charge,
                          const HttpResponse& response) {
  if (is_success(response, parse_json(response.body)))
    return read_refund(account, charge, response);
  return traced({.verdict = response.status == 404 ? Verdict::not_found : Verdict::unknown},
                response);
}

// "t=SECONDS,v1=HEX[,v1=HEX]", over "SECONDS.BODY", with the whole secret, whsec_ included.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  return proof_by_time(account, incoming, "soxara-signature");
}

// A refund may come before the payment that it belongs to: each stands for itself. How the payer
// acts was said in the answer; a webhook only brings word of what came of it.
std::vector<News> read_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const Json& object = member_at(body, "data.object");
  News news = {
      .provider_event_id = text_at(body, "id"),
      .type = text_at(body, "type"),
      .is_live = bool_at(body, "livemode"),
  };
  if (news.type.starts_with("payment.") && news.type != "payment.disputed") {
    news.about = News::About::charge;
    news.update = payment_said(account, object);
    news.provider_reference = news.update.provider_reference;
  } else if (news.type.starts_with("refund.")) {
    news.about = News::About::refund;
    news.update = refund_said(account, object);
    news.refund_reference = news.update.provider_reference;
    for (const auto* link : {"payment_id", "payment", "payment_intent"})
      if (news.provider_reference.empty()) news.provider_reference = id_at(object, link);
  }
  news.our_reference = news.update.our_reference;
  return {news};
}

// Cards are typed into Soxara's own fields after the intent is made: no token comes before it.
bool recognizes_token(std::string_view) { return false; }

std::vector<AmountRange> amounts() {
  constexpr std::string_view why = "the least amount: there is one, and the figure is not stated";
  return {{"USD", 50, 0, why}, {"LRD", 5000, 0, why}};
}

Offer on_phone(Offer offer) {
  offer.currencies = {"USD", "LRD"};
  offer.amounts = amounts();
  offer.phone_prefixes = {"+231"};
  offer.steps = {{"create", {build_create, read_create}, Moves::once_shown},
                 {"confirm", {build_confirm, read_confirm}}};
  offer.needs = {"phone_number"};
  return offer;
}

}  // namespace

extern const Adapter soxara;
const Adapter soxara = {
    .name = "soxara",
    .title = "Soxara",
    .base_url_test = "https://api.soxara.com",  // one host: the key picks the mode
    .base_url_live = "https://api.soxara.com",
    .settings =
        {
            secret("secret_key", "sxm_test_… or sxm_live_…, 49 characters."),
            required("publishable_key",
                     "Given to the payer's page as it is. It looks like the secret key: never put "
                     "that one here."),
            secret("webhook_secret", "Signs the webhooks of our endpoint; whole, whsec_ included."),
            uncertain("server_side_confirm", "false",
                      "true: we confirm phone and wallet payments; only once Soxara has confirmed "
                      "the route. false: the payer's browser does.",
                      "whether a server may confirm an intent: the guide speaks of an endpoint and "
                      "does not give it"),
            uncertain("confirm_path", "/v1/payments/{id}/confirm", "Where we confirm an intent.",
                      "where an intent is confirmed: the guide speaks of an endpoint and does not "
                      "give it"),
            {"script_url", "Soxara's script for the payer's page.", "https://js.soxara.com/v1"},
            uncertain("refund_payment_field", "payment_id",
                      "What a refund calls its payment: payment_id or payment.",
                      "what a refund calls its payment: the body of a refund is not stated"),
            uncertain("send_refund_reason", "true", "false: a refund gives no reason.",
                      "whether a refund takes a reason: the body of a refund is not stated"),
            uncertain("failure_code_pointers", "failure_code,last_payment_error.code,error.code",
                      "Where a failed payment may say why; the first that is there counts.",
                      "where a failed payment says why: the place is not stated"),
            uncertain("reuse_intent_after_failure", "false",
                      "true: a failed intent can be confirmed again, so it is canceled before "
                      "another account is tried.",
                      "whether a failed intent can be confirmed again"),
            uncertain("momo_timeout_s", "120",
                      "How long the payer is told that a phone prompt lasts.",
                      "how long a prompt on the phone can be answered: no time is stated"),
            webhook_tolerance,
        },
    .offers = {on_phone(
                   {.rail = Rail::mobile_money, .kinds = {"mtn", "orange"}, .countries = {"LR"}}),
               on_phone({.rail = Rail::wallet, .kinds = {"soxara_wallet"}}),
               {.rail = Rail::card,
                .currencies = {"USD", "LRD"},
                .amounts = amounts(),
                .steps = {{"create", {build_create, read_create}, Moves::once_shown}}}},
    .recognizes_token = recognizes_token,
    .finds_out_by = FindsOutBy::id,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_lookup},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .timeout = 10s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
