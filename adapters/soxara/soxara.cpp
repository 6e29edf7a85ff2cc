// Soxara, Liberia: an intent is created, which moves no money, and then confirmed, which does: by
// us for phones and wallets where the vendor has confirmed the route, else in the payer's browser
// by Soxara's script. Both currencies have two decimals: L$100.00 is 10000.
#include "adapters/adapter.h"
#include "adapters/soxara/answers.h"
#include "adapters/soxara/declines.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace soxara_words;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", "Bearer " + account.setting("secret_key")}},
  };
}

// The key is mandatory, and the header is called X-Idempotency-Key. Failures are replayed too.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("X-Idempotency-Key", charge.provider_key);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = write_json(body);
  return request;
}

// As people write them: "0881 158 457", "231-881158457".
std::string plain_phone(std::string phone) {
  std::erase_if(phone, [](char c) { return c == ' ' || c == '-' || c == '(' || c == ')'; });
  if (phone.starts_with("231")) return "+" + phone;
  return phone.starts_with("0") ? "+231" + phone.substr(1) : phone;
}

bool is_liberian(std::string_view phone) {
  if (!phone.starts_with("+231")) return false;
  phone.remove_prefix(4);
  return phone.size() >= 7 && phone.size() <= 9 &&
         phone.find_first_not_of("0123456789") == std::string_view::npos;
}

Json payment_method_of(const Charge& charge) {
  const std::string phone = plain_phone(charge.method.phone_number);
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
    const auto lasts = amount_from_decimal(account.setting("momo_timeout_s"), 0).value_or(0);
    std::string ends_at = text_at(charge.memory, "prompt_ends_at");
    if (ends_at.empty()) ends_at = to_rfc3339(charge.now + std::chrono::seconds(lasts));
    update.memory["prompt_ends_at"] = ends_at;
    update.next_action = {{"type", "approve_on_phone"},
                          {"approve_on_phone",
                           {{"network", charge.method.network},
                            {"phone_number", plain_phone(charge.method.phone_number)},
                            {"expires_at", ends_at}}}};
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

// Soxara-Signature: t=SECONDS,v1=HEX[,v1=HEX], over "SECONDS.BODY", with the whole secret, whsec_
// included.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  std::string parts = header_of(incoming.headers, "soxara-signature") + ",";
  std::string time;
  std::vector<std::string> signatures;
  for (std::size_t end; (end = parts.find(',')) != std::string::npos; parts.erase(0, end + 1)) {
    const std::string part = parts.substr(parts.starts_with(' '), end - parts.starts_with(' '));
    if (part.starts_with("t=")) time = part.substr(2);
    if (part.starts_with("v1=")) signatures.push_back(part.substr(3));
  }
  const auto sent_at = amount_from_decimal(time, 0);
  const auto tolerance = amount_from_decimal(account.setting("webhook_tolerance_s"), 0);
  const std::string& key = account.setting("webhook_secret");
  if (!sent_at || !tolerance || key.empty()) return Proof::rejected;
  if (std::chrono::abs(incoming.received_at - from_unix_seconds(*sent_at)) >
      std::chrono::seconds(*tolerance))
    return Proof::rejected;
  const std::string ours = to_hex(hmac_sha256(key, time + "." + incoming.body));
  const bool is_theirs = std::ranges::any_of(
      signatures, [&](const std::string& each) { return equal_in_constant_time(ours, each); });
  return is_theirs ? Proof::verified : Proof::rejected;
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

std::string objection(const Account& account, const Charge& charge) {
  const bool is_usd = charge.money.currency.code() == "USD";
  const std::string_view name = is_usd ? "min_amount_usd" : "min_amount_lrd";
  const auto least = amount_from_decimal(account.setting(name), 0);
  if (least && charge.money.amount < *least)
    return "Soxara takes no less than " + Money{*least, charge.money.currency}.display();
  if (charge.method.rail != Rail::card && !charge.method.phone_number.empty() &&
      !is_liberian(plain_phone(charge.method.phone_number)))
    return "Soxara takes only Liberian numbers, +231 and seven to nine digits";
  return {};
}

// Cards are typed into Soxara's own fields after the intent is made: no token comes before it.
bool recognizes_token(std::string_view) { return false; }

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
            {.name = "publishable_key",
             .sentence = "Given to the payer's page as it is. It looks like the secret key: "
                         "never put that one here.",
             .is_required = true},
            secret("webhook_secret", "Signs the webhooks of our endpoint; whole, whsec_ included."),
            {.name = "server_side_confirm",
             .sentence = "true: we confirm phone and wallet payments; only once Soxara has "
                         "confirmed the route. false: the payer's browser does.",
             .otherwise = "false",
             .uncertain = "whether a server may confirm an intent: the guide speaks of an endpoint "
                          "and does not give it"},
            {.name = "confirm_path",
             .sentence = "Where we confirm an intent.",
             .otherwise = "/v1/payments/{id}/confirm",
             .uncertain = "where an intent is confirmed: the guide speaks of an endpoint and does "
                          "not give it"},
            {.name = "script_url",
             .sentence = "Soxara's script for the payer's page.",
             .otherwise = "https://js.soxara.com/v1"},
            {.name = "refund_payment_field",
             .sentence = "What a refund calls its payment: payment_id or payment.",
             .otherwise = "payment_id",
             .uncertain = "what a refund calls its payment: the body of a refund is not stated"},
            {.name = "send_refund_reason",
             .sentence = "false: a refund gives no reason.",
             .otherwise = "true",
             .uncertain = "whether a refund takes a reason: the body of a refund is not stated"},
            {.name = "failure_code_pointers",
             .sentence = "Where a failed payment may say why; the first that is there counts.",
             .otherwise = "failure_code,last_payment_error.code,error.code",
             .uncertain = "where a failed payment says why: the place is not stated"},
            {.name = "reuse_intent_after_failure",
             .sentence = "true: a failed intent can be confirmed again, so it is canceled before "
                         "another account is tried.",
             .otherwise = "false",
             .uncertain = "whether a failed intent can be confirmed again"},
            {.name = "momo_timeout_s",
             .sentence = "How long the payer is told that a phone prompt lasts.",
             .otherwise = "120",
             .uncertain = "how long a prompt on the phone can be answered: no time is stated"},
            {.name = "min_amount_usd",
             .sentence = "Least amount in US cents.",
             .otherwise = "50",
             .uncertain =
                 "the least amount in US dollars: there is one, and the figure is not stated"},
            {.name = "min_amount_lrd",
             .sentence = "Least amount in Liberian cents.",
             .otherwise = "5000",
             .uncertain = "the least amount in Liberian dollars: there is one, and the figure is "
                          "not stated"},
            {.name = "webhook_tolerance_s",
             .sentence = "How many seconds a webhook's time may differ from ours.",
             .otherwise = "300"},
        },
    .offers =
        {
            {.rail = Rail::mobile_money,
             .kinds = {"mtn", "orange"},
             .currencies = {"USD", "LRD"},
             .countries = {"LR"},
             .steps = {{"create", {build_create, read_create}, Moves::once_shown},
                       {"confirm", {build_confirm, read_confirm}}},
             .needs = {"phone_number"}},
            {.rail = Rail::wallet,
             .kinds = {"soxara_wallet"},
             .currencies = {"USD", "LRD"},
             .steps = {{"create", {build_create, read_create}, Moves::once_shown},
                       {"confirm", {build_confirm, read_confirm}}},
             .needs = {"phone_number"}},
            {.rail = Rail::card,
             .currencies = {"USD", "LRD"},
             .steps = {{"create", {build_create, read_create}, Moves::once_shown}}},
        },
    .objection = objection,
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
