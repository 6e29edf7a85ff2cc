// Example Pay exists only in this repository: the reference adapter, to copy. Amounts are decimal
// strings. A repeated reference is charged once; a reference can be closed before it was ever seen.
#include "adapters/adapter.h"
#include "adapters/example/declines.h"
#include "base/crypto.h"

namespace switchyard {
// Named, so that relatives.cpp can use what its providers share with this one.
namespace example_pay {

using namespace std::chrono_literals;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", "Bearer " + account.setting("api_key")}},
  };
}

// A POST repeated under the same key is answered again and executed once.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& body) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = write_json(body);
  return request;
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

// Their ids go into our URLs, so one that is not made of these letters is none of theirs.
std::string id_at(const Json& body, std::string_view path) {
  const std::string id = text_at(body, path);
  const bool is_plain =
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
      std::string::npos;
  return is_plain ? id : std::string();
}

std::optional<Money> money_at(const Json& body, std::string_view member) {
  const auto currency = find_currency(text_at(body, "currency"));
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(decimal_at(body, member), currency->exponent());
  if (!amount) return std::nullopt;
  return Money{*amount, *currency};
}

// As in our API: what the merchant passes on to the payer.
Json next_action_of(const Charge& charge, const Json& body) {
  const std::string url = text_at(body, "approve_url");
  if (const Json& prompt = member_at(body, "prompt"); prompt.is_object())
    return {{"type", "approve_on_phone"},
            {"approve_on_phone",
             {{"network", text_at(prompt, "network")},
              {"phone_number", text_at(prompt, "number")},
              {"expires_at", text_at(prompt, "expires_at")}}}};
  if (charge.method.rail == Rail::wallet)
    return {{"type", "approve_in_app"},
            {"approve_in_app", {{"kind", "example_wallet"}, {"url", url}}}};
  return {{"type", "redirect"}, {"redirect", {{"url", url}}}};
}

void add_refusal(Update& update, const Json& body) {
  update.provider_code = text_at(body, "code");
  update.provider_message = text_at(body, "message");
  update.decline = decline_from(example_declines, update.provider_code);
}

// [guide: charge_said]
// What a charge says, wherever it is written: in an answer, a lookup or a webhook.
Update charge_said(const Charge& charge, const Json& body) {
  Update update = {
      .verdict = verdict_of(text_at(body, "status")),
      .provider_reference = id_at(body, "id"),
      .our_reference = text_at(body, "reference"),
      .account_echo = text_at(body, "account"),
      .money = money_at(body, "amount"),
  };
  const bool is_money =
      update.verdict == Verdict::captured || update.verdict == Verdict::authorized;
  // The core compares the money with ours. Money that cannot be read cannot be compared.
  if (is_money && !update.money) update.verdict = Verdict::unknown;
  if (update.verdict == Verdict::captured) {
    const auto captured = money_at(body, "captured");
    if (captured && captured != update.money) update.received = captured;
  }
  if (update.verdict == Verdict::requires_action) update.next_action = next_action_of(charge, body);
  if (update.verdict == Verdict::refused) {
    add_refusal(update, body);
    update.is_still_payable = bool_at(body, "open").value_or(false);
  }
  return update;
}
// [end]

bool is_charge(const Json& body) { return body.is_object() && body.contains("status"); }

// An error in Example Pay's own words about our request: nothing was made of it. Whether that ends
// an attempt, or was only the answer to a repetition, is for the core to say.
Update refused_request(const HttpResponse& response, const Json& body) {
  Update update;
  const bool is_theirs = body.is_object() && body.contains("code");
  const int status = response.status;
  if (!is_theirs ||
      !(status == 400 || status == 401 || status == 403 || status == 422 || status == 429))
    return update;
  update.verdict = Verdict::refused;
  add_refusal(update, body);
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
  if (response.status >= 300)
    return response.status >= 500 ? Update{} : refused_request(response, body);
  const std::string id = id_at(body, "id");
  if (id.empty()) return {};
  return {.verdict = Verdict::next_step, .memory = {{"wallet_session", id}}};
}

// [guide: lookup]
HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET",
                   charge.provider_reference.empty() ? "/charges?reference=" + charge.attempt_id
                                                     : "/charges/" + charge.provider_reference);
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

Update read_capture(const Account& account, const Charge& charge, const HttpResponse& response) {
  Update update = read_operation(account, charge, response);
  if (update.verdict != Verdict::unknown || response.status >= 500) return update;
  return refused_request(response, parse_json(response.body));
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
      .provider_reference = id_at(body, "id"),
      .our_reference = text_at(body, "reference"),
      .account_echo = text_at(body, "account"),
      .money = money_at(body, "amount"),
  };
  if (status == "succeeded" && update.money) update.verdict = Verdict::captured;
  if (status == "pending") update.verdict = Verdict::pending;
  if (status == "canceled") update.verdict = Verdict::canceled;
  if (status == "failed") {
    update.verdict = Verdict::refused;
    add_refusal(update, body);
  }
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
                   refund.provider_reference.empty() ? "/refunds?reference=" + refund.attempt_id
                                                     : "/refunds/" + refund.provider_reference);
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
  constexpr auto window = 300s;
  const std::string header = header_of(incoming.headers, "example-signature");
  std::string time;
  std::vector<std::string> signatures;
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = std::min(header.find(',', at), header.size());
    const std::string part = header.substr(at, end - at);
    if (part.starts_with("t=")) time = part.substr(2);
    if (part.starts_with("v1=")) signatures.push_back(part.substr(3));
    at = end + 1;
  }
  const auto sent_at = amount_from_decimal(time, 0);
  if (!sent_at || account.setting("webhook_key").empty()) return Proof::rejected;
  if (std::chrono::abs(incoming.received_at - from_unix_seconds(*sent_at)) > window)
    return Proof::rejected;
  const std::string ours =
      to_hex(hmac_sha256(account.setting("webhook_key"), time + "." + incoming.body));
  for (const std::string& theirs : signatures)
    if (equal_in_constant_time(ours, theirs)) return Proof::verified;
  return Proof::rejected;
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
    news.provider_reference = id_at(said, "charge");
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
            {.name = "account_name", .sentence = "The account's name there, which answers repeat."},
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
    .capture = {build_capture, read_capture},
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
