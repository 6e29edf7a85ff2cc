// MintCash: cards on a page that MintCash hosts. There is no idempotency header: `externalId` in
// the body is the key, for ever, so it is the attempt's id and a repeated create is a lookup.
// Amounts are minor units in requests, major units in webhooks, and either of them in answers.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "adapters/adapter.h"
#include "adapters/mintcash/amounts.h"
#include "adapters/mintcash/declines.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace mintcash_words;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", basic_authorization(account.setting("public_key"),
                                                        account.setting("secret_key"))}},
  };
}

HttpRequest post(const Account& account, const std::string& path, const Json& body) {
  return with_json(signed_in(account, "POST", path), body);
}

Verdict verdict_of(std::string_view status) {
  if (status == "created" || status == "pending") return Verdict::pending;
  if (status == "authorized") return Verdict::authorized;
  if (status == "succeeded" || status == "partially_refunded" || status == "refunded")
    return Verdict::captured;
  if (status == "failed") return Verdict::refused;
  if (status == "voided") return Verdict::canceled;
  return Verdict::unknown;
}

Update payment_said(const Json& payment, Unit unit) {
  Update update = {
      .verdict = verdict_of(text_at(payment, "status")),
      .provider_reference = plain_id_at(payment, "id"),
      .our_reference = text_at(payment, "externalId"),
      .money = money_at(payment, "amount", unit),
  };
  if (update.verdict == Verdict::captured || update.verdict == Verdict::authorized) {
    const auto refunded = money_at(payment, "amountRefunded", unit);
    if (refunded && refunded->amount > 0) update.refunded_total = refunded->amount;
  }
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused) {
    add_refusal(update, declines, text_at(payment, "failureCode"),
                text_at(payment, "failureMessage"));
    // An abandoned page "fails" too; nobody has refused anything.
    if (update.provider_code == "expired") update.verdict = Verdict::expired;
  }
  return update;
}

// The error envelope. 409 decides nothing: that id exists, or another refund is running.
Update error_said(const HttpResponse& response, const Json& body) {
  const int status = response.status;
  const std::string code = text_at(body, "code");
  Update update;
  if (const std::string id = text_at(body, "details.requestId"); !id.empty())
    update.memory = {{"request_id", id}};
  if (status >= 500 || code.empty()) return update;
  add_refusal(update, declines, code, text_at(body, "message"));
  static constexpr int noes[] = {400, 401, 403, 404, 422, 429};
  if (std::ranges::find(noes, status) != std::end(noes))
    update.verdict = Verdict::refused;
  else
    update.decline.reset();
  if (status == 422) update.decline = Decline::amount_too_large;  // only refunds are told so
  if (status == 429) update.decline = Decline::provider_unavailable;
  return update;
}

// 499 is no client that hung up: the acquirer has declined.
Update decline_said(const Json& body) {
  Update update = {.verdict = Verdict::refused,
                   .provider_reference = plain_id_at(body, "payment.id")};
  for (const auto* place : {"details", "payment"}) {
    const Json& said = member_at(body, place);
    if (text_at(said, "failureCode").empty()) continue;
    add_refusal(update, declines, text_at(said, "failureCode"), text_at(said, "failureMessage"));
    return update;
  }
  if (text_at(body, "code").empty()) return {};  // some proxy's 499, which is a client that hung up
  add_refusal(update, declines, text_at(body, "code"), text_at(body, "message"));
  return update;
}

Json customer_of(const Charge& charge) {
  // An upsert by externalId. Merchants that share an account must not meet, hence our own id.
  Json customer = {{"externalId", charge.payer.id.empty() ? charge.attempt_id : charge.payer.id}};
  if (!charge.payer.email.empty()) customer["email"] = charge.payer.email;
  if (!charge.payer.name.empty()) customer["name"] = charge.payer.name;
  return customer;
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  Json body = {
      {"externalId", charge.attempt_id},          {"amount", minor_units(charge.money)},
      {"currency", charge.money.currency.code()}, {"returnUrl", charge.return_url},
      {"customer", customer_of(charge)},
  };
  if (!charge.description.empty()) body["description"] = charge.description;
  if (!charge.metadata.empty()) body["metadata"] = charge.metadata;
  if (account.is_on("send_callback_url")) body["callbackUrl"] = account.webhook_url;
  return post(account, "/payments", body);
}

// The reference describes a flat answer, the guides a nested one.
Update read_payment(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status == 499) return decline_said(body);
  if (!is_success(response)) return error_said(response, body);
  const Json& payment = member_at(body, "payment").is_object() ? body["payment"] : body;
  Update update = payment_said(payment, unit_of(account, payment, charge.money));
  std::string url = text_at(body, "redirectUrl");
  if (url.empty()) url = text_at(payment, "redirectUrl");
  if (text_at(payment, "status") == "created" && !url.empty()) {
    update.verdict = Verdict::requires_action;
    update.next_action = redirect_to(url);
  }
  return update;
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET", "/payments/" + charge.provider_reference);
}

Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return response.status == 200 ? read_payment(account, charge, response) : Update{};
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  return post(
      account, "/payments/" + charge.provider_reference + "/refund",
      {{"externalId", refund.attempt_id},
       {"amount", minor_units(refund.money)},
       {"reason", refund.reason == "requested_by_customer" ? "customer_request" : refund.reason}});
}

// The words of a refund are nowhere listed, so an account can name more: "settled=succeeded".
Verdict refund_verdict(const Account& account, const std::string& status) {
  const std::string& map = account.setting("refund_status_map");
  if (is_listed(map, status + "=succeeded")) return Verdict::captured;
  if (is_listed(map, status + "=failed")) return Verdict::refused;
  return is_listed(map, status + "=pending") ? Verdict::pending : Verdict::unknown;
}

Update refund_said(const Account& account, const Json& refund, Unit unit) {
  Update update = {
      .verdict = refund_verdict(account, text_at(refund, "status")),
      .provider_reference = plain_id_at(refund, "id"),
      .our_reference = text_at(refund, "externalId"),
      .money = money_at(refund, "amount", unit),
  };
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused)
    add_refusal(update, declines, text_at(refund, "failureCode"),
                text_at(refund, "failureMessage"));
  return update;
}

Update read_refund(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status == 499) return decline_said(body);
  if (!is_success(response)) return error_said(response, body);
  return refund_said(account, body, unit_of(account, body, charge.operation.money));
}

// Sending a refund again answers it as it is: the one way to find it that MintCash promises.
HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  constexpr std::string_view id = "{refundId}";
  std::string path = account.setting("refund_get_path");
  const auto at = path.find(id);
  if (charge.operation.provider_reference.empty() || at == std::string::npos)
    return build_refund(account, charge);
  return signed_in(account, "GET",
                   path.replace(at, id.size(), charge.operation.provider_reference));
}

Update read_lookup_refund(const Account& account, const Charge& charge,
                          const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return is_success(response) ? read_refund(account, charge, response) : Update{};
}

// x-signature: HMAC-SHA256 of the raw body in hex. There is no time in it, so besides the event's
// id only the age of the event stands against a replay; and test and live may share a URL by
// mistake.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  const std::string& key = account.setting("signing_secret");
  const std::string ours = to_hex(hmac_sha256(key, incoming.body));
  if (key.empty() || !equal_in_constant_time(ours, header_of(incoming.headers, "x-signature")))
    return Proof::rejected;
  const Json body = parse_json(incoming.body);
  if (text_at(body, "environment") != word_of(account.mode)) return Proof::rejected;
  const std::chrono::seconds max_age = seconds_in(account, "webhook_max_age_s");
  const auto made_at = parse_rfc3339(text_at(body, "createdAt"));
  const bool is_old = !made_at || incoming.received_at - *made_at > max_age;
  return max_age > 0s && is_old ? Proof::rejected : Proof::verified;
}

// Where a refund event holds its refund is not documented.
Json refund_in(const Json& body) {
  const Json& entity = member_at(body, "data");
  if (member_at(entity, "refund").is_object()) return entity["refund"];
  const Json& all = member_at(entity, "refunds");
  if (all.is_array() && !all.empty()) return all.back();
  return text_at(body, "type") == "refund" ? entity : Json();
}

// Decided by `event`: refund events say `type: payment`. A refund event without its refund tells of
// the payment and its total, which the core stores and never takes for a refund of its own.
std::vector<News> read_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const Json& entity = member_at(body, "data");
  News news = {
      .provider_event_id = text_at(body, "eventId"),
      .type = text_at(body, "event"),
      .is_live = text_at(body, "environment") == "live",
  };
  if (!news.type.starts_with("payment.")) return {news};  // subscriptions, and what is to come
  const bool is_refund =
      is_listed("payment.refunded, payment.partially_refunded, payment.refund_failed", news.type);
  if (const Json refund = is_refund ? refund_in(body) : Json(); refund.is_object()) {
    news.about = News::About::refund;
    news.update = refund_said(account, refund, Unit::major);
    news.refund_reference = news.update.provider_reference;
    news.provider_reference = plain_id_at(entity, entity == refund ? "paymentId" : "id");
  } else {
    news.about = News::About::charge;
    news.update = payment_said(entity, Unit::major);
    news.provider_reference = news.update.provider_reference;
  }
  news.our_reference = news.update.our_reference;
  return {news};
}

std::string objection(const Account& account, const Charge& charge) {
  const Currency currency = charge.money.currency;
  if (account.currencies.empty() && !is_listed("USD, EUR, GBP", currency.code()))
    return "MintCash is known to take USD, EUR and GBP; the account's currencies may name others";
  if (!with_exponent(charge.money, their_exponent(currency)))
    return "the amount is not a whole number of MintCash's units";
  return {};
}

}  // namespace

extern const Adapter mintcash;
const Adapter mintcash = {
    .name = "mintcash",
    .title = "MintCash",
    .base_url_test = "https://sandbox.mintcash.me",
    .base_url_live = "https://api.mintcash.me",
    .settings =
        {
            required("public_key", "pk_test_… or pk_live_…."),
            secret("secret_key", "sk_test_… or sk_live_…; a new one ends the old one at once."),
            secret("signing_secret", "Signs MintCash's webhooks; used as it is written."),
            uncertain("response_amount_unit", "auto",
                      "Unit of amounts in answers: auto (recognized by ours), minor or major.",
                      "whether amounts in answers are in cents: reference and guides do not agree"),
            uncertain("refund_status_map",
                      "created=pending,pending=pending,processing=pending,succeeded=succeeded,"
                      "success=succeeded,refunded=succeeded,failed=failed,declined=failed",
                      "What each status word of a refund means: pending, succeeded or failed.",
                      "which words the status of a refund can have: they are not listed"),
            uncertain("refund_get_path", "",
                      "Path that reads a refund, as in /refunds/{refundId}, once MintCash has "
                      "confirmed one; without it a refund is found by sending it again.",
                      "where a single refund is read: the call exists, its path could not be "
                      "confirmed"),
            uncertain("send_callback_url", "false",
                      "true: name our webhook URL in every payment, as callbackUrl.",
                      "what callbackUrl is for: its purpose is not described"),
            uncertain("webhook_max_age_s", "604800",
                      "Refuse webhooks older than so many seconds; 0: never.",
                      "how old a true webhook can be: its signature holds no time and no limit is "
                      "stated"),
        },
    .offers = {{.rail = Rail::hosted_page,
                .steps = {{"create", {build_create, read_payment}}},
                .needs = {"return_url", "customer.email", "customer.name"}}},
    .objection = objection,
    .finds_out_by = FindsOutBy::same_key_resend,
    .lookup = {build_lookup, read_lookup},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .one_refund_at_a_time = true,
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = std::chrono::years(10),  // for ever, as far as anyone knows
    .timeout = 15s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
