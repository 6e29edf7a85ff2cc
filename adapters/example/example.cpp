// Example Pay exists only in this repository: the reference adapter, to copy. Amounts are decimal
// strings. A repeated reference is charged once; a reference can be closed before it was ever seen.
#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/adapter.h"
#include "adapters/example/declines.h"
#include "adapters/wire.h"

namespace switchyard {
// Named, so that relatives.cpp can use what its providers share with this one.
namespace example_pay {

using namespace std::chrono_literals;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", bearer_authorization(account.setting("api_key"))}},
  };
}

// A POST repeated under the same key is answered again and executed once.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  return with_json(std::move(request), body);
}

Json source_of(const Charge& charge) {
  const PaymentMethod& method = charge.method;
  switch (method.rail) {
    case Rail::card:
      return {{"type", "token"}, {"token", method.token}};
    case Rail::mobile_money:
      return {{"type", "phone"}, {"network", method.network}, {"number", method.phone_number}};
    case Rail::wallet:
      return {{"type", "wallet"}, {"session", text_at(charge.memory, "wallet_session")}};
    default:
      return {{"type", "page"}};
  }
}

// [guide: build_charge]
HttpRequest build_charge(const Account& account, const Charge& charge) {
  Json body = {
      {"reference", charge.attempt_id},  // ours, to look it up by
      {"amount", charge.money.decimal()},
      {"currency", charge.money.currency.code()},
      {"capture", charge.manual_capture ? "manual" : "automatic"},
      {"source", source_of(charge)},
      {"notify_url", account.webhook_url},
  };
  if (!charge.return_url.empty()) body["return_url"] = charge.return_url;
  if (!charge.description.empty()) body["description"] = charge.description;
  if (!charge.metadata.empty()) body["metadata"] = charge.metadata;
  return post(account, charge, "/charges", body);
}
// [end]

// [guide: verdict_of]
// A new word is unknown, never refused: unknown is looked up, refused is tried elsewhere.
Verdict verdict_of(std::string_view status) {
  if (status == "paid") return Verdict::captured;
  if (status == "authorized") return Verdict::authorized;
  if (status == "awaiting_payer") return Verdict::requires_action;
  if (status == "processing") return Verdict::pending;
  if (status == "rejected") return Verdict::refused;
  if (status == "canceled") return Verdict::canceled;
  if (status == "expired") return Verdict::expired;
  return Verdict::unknown;
}
// [end]

std::optional<Money> money_at(const Json& body, std::string_view member) {
  return money_from(decimal_at(body, member), text_at(body, "currency"));
}

// As in our API: what the merchant passes on to the payer.
Json next_action_of(const Charge& charge, const Json& body) {
  const std::string url = text_at(body, "approve_url");
  if (const Json& prompt = member_at(body, "prompt"); prompt.is_object())
    return approve_on_phone(text_at(prompt, "network"), text_at(prompt, "number"),
                            text_at(prompt, "expires_at"));
  if (charge.method.rail == Rail::wallet)
    return {{"type", "approve_in_app"},
            {"approve_in_app", {{"kind", "example_wallet"}, {"url", url}}}};
  return redirect_to(url);
}

// [guide: charge_said]
// What a charge says, wherever it is written: in an answer, a lookup or a webhook.
Update charge_said(const Charge& charge, const Json& body) {
  Update update = {
      .verdict = verdict_of(text_at(body, "status")),
      .provider_reference = plain_id_at(body, "id"),
      .our_reference = text_at(body, "reference"),
      .account_echo = text_at(body, "account"),
      .money = money_at(body, "amount"),
  };
  believe_only_readable_money(update);  // the core compares it with ours
  if (update.verdict == Verdict::captured) {
    const auto captured = money_at(body, "captured");
    if (captured && captured != update.money) update.received = captured;
  }
  if (update.verdict == Verdict::requires_action) update.next_action = next_action_of(charge, body);
  if (update.verdict == Verdict::refused) {
    add_refusal(update, example_declines, text_at(body, "code"), text_at(body, "message"));
    update.is_still_payable = bool_at(body, "open").value_or(false);
  }
  return update;
}
// [end]

bool is_charge(const Json& body) { return body.is_object() && body.contains("status"); }

// An error in Example Pay's own words about our request: nothing was made of it. Whether that ends
// an attempt, or was only the answer to a repetition, is for the core to say.
Update refused_request(const HttpResponse& response, const Json& body) {
  static constexpr int noes[] = {400, 401, 403, 422, 429};
  const bool is_theirs = body.is_object() && body.contains("code");
  if (!is_theirs || std::ranges::find(noes, response.status) == std::end(noes)) return {};
  Update update = {.verdict = Verdict::refused};
  add_refusal(update, example_declines, text_at(body, "code"), text_at(body, "message"));
  return update;
}

// [guide: read_charge]
Update read_charge(const Account&, const Charge& charge, const HttpResponse& response) {
  if (response.status >= 500) return {};  // may have been executed, whatever the body claims
  const Json body = parse_json(response.body);
  if (is_charge(body)) return charge_said(charge, body);
  return refused_request(response, body);
}
// [end]

// A wallet needs a session first. It moves no money, so a failed one is simply left behind.
HttpRequest build_wallet_session(const Account& account, const Charge& charge) {
  const Json body = {{"kind", charge.method.kind}, {"reference", charge.attempt_id}};
  return post(account, charge, "/wallet_sessions", body);
}

Update read_wallet_session(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response)) return refused_request(response, body);
  const std::string id = plain_id_at(body, "id");
  if (id.empty()) return {};
  return {.verdict = Verdict::next_step, .memory = {{"wallet_session", id}}};
}

// [guide: lookup]
// By its id, or by our reference while that is all we know.
std::string path_to(const std::string& list, const std::string& id, const std::string& reference) {
  return id.empty() ? list + "?reference=" + reference : list + "/" + id;
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET",
                   path_to("/charges", charge.provider_reference, charge.attempt_id));
}

// Only a charge decides anything. That it was not found, or that we may not ask, does not.
Update read_lookup(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status == 404 && text_at(body, "code") == "not_found")
    return {.verdict = Verdict::not_found};
  if (response.status != 200) return {};
  if (is_charge(body)) return charge_said(charge, body);
  const Json& found = member_at(body, "charges");
  if (found.is_array() && found.empty()) return {.verdict = Verdict::not_found};
  if (!found.is_array() || found.size() != 1) return {};
  return charge_said(charge, found[0]);
}
// [end]

// By reference it closes even a charge that Example Pay has not seen: a copy that comes later is
// answered `canceled`.
HttpRequest build_cancel(const Account& account, const Charge& charge) {
  return post(account, charge,
              charge.provider_reference.empty()
                  ? "/cancel?reference=" + charge.attempt_id
                  : "/charges/" + charge.provider_reference + "/cancel",
              Json::object());
}

// 409: too late. The body is the charge as it is, paid perhaps.
Update read_operation(const Account&, const Charge& charge, const HttpResponse& response) {
  if (response.status >= 500) return {};
  const Json body = parse_json(response.body);
  return is_charge(body) ? charge_said(charge, body) : Update{};
}

HttpRequest build_capture(const Account& account, const Charge& charge) {
  const Json body = {{"reference", charge.operation.attempt_id},
                     {"amount", charge.operation.money.decimal()}};
  return post(account, charge, "/charges/" + charge.provider_reference + "/capture", body);
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Json body = {
      {"reference", charge.operation.attempt_id},
      {"charge", charge.provider_reference},
      {"amount", charge.operation.money.decimal()},
      {"currency", charge.operation.money.currency.code()},
      {"reason", charge.operation.reason},
  };
  return post(account, charge, "/refunds", body);
}

Update refund_said(const Json& body) {
  const std::string status = text_at(body, "status");
  Update update = {
      .provider_reference = plain_id_at(body, "id"),
      .our_reference = text_at(body, "reference"),
      .account_echo = text_at(body, "account"),
      .money = money_at(body, "amount"),
  };
  if (status == "succeeded") update.verdict = Verdict::captured;
  if (status == "pending") update.verdict = Verdict::pending;
  if (status == "canceled") update.verdict = Verdict::canceled;
  if (status == "failed") {
    update.verdict = Verdict::refused;
    add_refusal(update, example_declines, text_at(body, "code"), text_at(body, "message"));
  }
  believe_only_readable_money(update);
  return update;
}

Update read_refund(const Account&, const Charge&, const HttpResponse& response) {
  if (response.status >= 500) return {};
  const Json body = parse_json(response.body);
  return is_charge(body) ? refund_said(body) : refused_request(response, body);
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  return signed_in(account, "GET",
                   path_to("/refunds", refund.provider_reference, refund.attempt_id));
}

Update read_lookup_refund(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status == 404 && text_at(body, "code") == "not_found")
    return {.verdict = Verdict::not_found};
  return response.status == 200 ? refund_said(body) : Update{};
}

// [guide: verify_webhook]
// Example-Signature: t=1763622000,v1=HEX, where HEX is HMAC-SHA256 over "1763622000." and the body.
// Several v1 while a key is changed.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  const bool is_theirs = is_signed_with_time(header_of(incoming.headers, "example-signature"),
                                             account.setting("webhook_key"), incoming.body,
                                             incoming.received_at, 300s);
  return is_theirs ? Proof::verified : Proof::rejected;
}
// [end]

// [guide: read_webhook]
std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  News news = {
      .provider_event_id = text_at(body, "id"),
      .type = text_at(body, "type"),
      .is_live = bool_at(body, "live"),
  };
  if (news.type == "ping") news.about = News::About::ping;
  if (news.type == "charge.updated") {
    const Json& said = member_at(body, "charge");
    news.about = News::About::charge;
    news.update = charge_said({}, said);
    // How the payer acts was said in the answer; a webhook only brings word of what came of it.
    news.update.next_action = nullptr;
    news.provider_reference = news.update.provider_reference;
    news.our_reference = news.update.our_reference;
  }
  if (news.type == "refund.updated") {
    const Json& said = member_at(body, "refund");
    news.about = News::About::refund;
    news.update = refund_said(said);
    news.provider_reference = plain_id_at(said, "charge");
    news.our_reference = news.update.our_reference;
    news.refund_reference = news.update.provider_reference;
  }
  return {news};
}
// [end]

bool recognizes_token(std::string_view token) { return token.starts_with("tok_"); }

// A function: what other files begin with must not depend on the order of their beginning.
std::vector<std::string> currencies() {
  return {"EUR", "GBP", "IDR", "JPY", "KES", "LRD", "NGN", "TND", "UGX", "USD", "XAF", "XOF"};
}

}  // namespace example_pay

using namespace example_pay;

// [guide: adapter]
// A call builds a request and reads its answer. What is absent is not supported.
extern const Adapter example;
const Adapter example = {
    .name = "example",
    .title = "Example Pay",
    .base_url_test = "https://api.test.example-pay.invalid",
    .base_url_live = "https://api.example-pay.invalid",
    .settings =
        {
            secret("api_key", "The secret key of Example Pay's dashboard, sk_test_… or sk_live_…."),
            secret("webhook_key", "The key that signs Example Pay's webhooks."),
            {"account_name", "The account's name there, which answers repeat."},
        },
    .offers =
        {
            {.rail = Rail::card,
             .currencies = currencies(),
             .manual_capture = true,
             .steps = {{"create", {build_charge, read_charge}}},
             .needs = {"token"}},
            {.rail = Rail::hosted_page,
             .currencies = currencies(),
             .manual_capture = true,
             .steps = {{"create", {build_charge, read_charge}}},
             .needs = {"return_url"}},
            {.rail = Rail::mobile_money,
             .kinds = {"mtn", "orange", "prompt"},
             .currencies = currencies(),
             .steps = {{"create", {build_charge, read_charge}}},
             .needs = {"phone_number"}},
            {.rail = Rail::wallet,
             .kinds = {"example_wallet"},
             .currencies = currencies(),
             .steps = {{"session", {build_wallet_session, read_wallet_session}, Moves::once_shown},
                       {"create", {build_charge, read_charge}}}},
        },
    .recognizes_token = recognizes_token,
    .finds_out_by = FindsOutBy::our_reference,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_operation},
    .capture = {build_capture, read_charge},
    .partial_capture = true,
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .prompt_lasts = 120s,
    .declines = {std::begin(example_declines), std::end(example_declines)},
};
// [end]

}  // namespace switchyard
