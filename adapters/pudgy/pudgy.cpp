// Pudgy: a card's token comes from the browser, and one call charges it and says what came of it.
// There is no metadata and no search: our reference stands at the end of the description, and a
// lost answer is found by sending the same bytes again under the same key, for 24 hours. Amounts
// are minor units, currencies are written in lower case.
#include <algorithm>
#include <cassert>
#include <iterator>

#include "adapters/adapter.h"
#include "adapters/pudgy/answers.h"
#include "adapters/pudgy/declines.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace pudgy_words;

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", bearer_authorization(account.setting("secret_key"))}},
  };
}

Form form_of(const Json& fields) {
  Form form;
  for (const auto& [name, value] : fields.items())
    form.add(name, value.is_string() ? value.get<std::string>() : write_json(value));
  return form;
}

// The guides send forms, and the reference declares JSON.
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Json& fields) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  return account.setting("request_encoding") == "json"
             ? with_json(std::move(request), fields)
             : with_form(std::move(request), form_of(fields));
}

std::int64_t minor_units(Money money) {
  const auto amount = with_exponent(money, minor_digits(money.currency));
  assert(amount);  // `objection` has refused what cannot be converted
  return *amount;
}

// The description is the one place for our reference, which therefore stands at its end whatever
// the format is, and is never cut.
std::string description_of(const Account& account, const Charge& charge) {
  constexpr std::string_view ours = "[{attempt_id}]", theirs = "{description}";
  std::string text = account.setting("description_format");
  if (text.ends_with(ours)) text.resize(text.size() - ours.size());
  if (const auto at = text.find(theirs); at != std::string::npos)
    text.replace(at, theirs.size(), charge.description);
  const std::string tail = "[" + charge.attempt_id + "]";
  const auto most = number_in(account, "description_max", 255);
  const auto room = most - static_cast<std::int64_t>(tail.size()) - 1;
  text = shortened(text, static_cast<std::size_t>(std::max<std::int64_t>(room, 0)));
  while (text.ends_with(' ')) text.pop_back();
  return text.empty() ? tail : text + " " + tail;
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  Json fields = {
      {"amount", minor_units(charge.money)},
      {"currency", in_lower_case(charge.money.currency.code())},
      {"source", charge.method.token},
      {"description", description_of(account, charge)},
  };
  const std::string& customer = charge.payer.external_id;
  if (account.is_on("send_customer_with_card") && charge.method.token.starts_with("card_") &&
      customer.starts_with("cus_"))
    fields["customer"] = customer;
  return post(account, charge, "/v1/charges", fields);
}

// Pudgy tells its merchants to wait for the event. A look-up shows the same object, so it is
// believed in any case: an event may be lost, and the money is not.
Update read_create(const Account& account, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response)) return error_said(response, body);
  Update update = charge_said(account, body);
  if (update.verdict == Verdict::captured && !account.is_on("trust_sync_success"))
    update.verdict = Verdict::pending;
  return update;
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET", "/v1/charges/" + charge.provider_reference);
}

Update read_lookup(const Account& account, const Charge&, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return is_success(response) ? charge_said(account, parse_json(response.body)) : Update{};
}

// All charges, newest first, a hundred at a time: a look that found nothing is followed by one that
// goes on where it stopped, and after the last page they begin again.
HttpRequest build_find(const Account& account, const Charge& charge) {
  Form query;
  query.add("limit", "100");
  query.add_unless_empty("starting_after", text_at(charge.memory, "list_cursor"));
  return signed_in(account, "GET", "/v1/charges?" + query.text());
}

Update read_find(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  const Json& list = member_at(body, "data");
  if (!is_success(response) || !list.is_array()) return {};
  for (const Json& each : list)
    if (text_at(each, "object") == "charge" &&
        reference_in(text_at(each, "description")) == charge.attempt_id)
      return {.verdict = Verdict::unknown, .provider_reference = id_at(each, "id")};
  Update update = {.verdict = Verdict::not_found};
  const bool has_more = bool_at(body, "has_more").value_or(false);
  const std::string next = has_more ? text_at(body, "next_cursor") : "";
  if (!next.empty() || charge.memory.contains("list_cursor"))
    update.memory["list_cursor"] = next.empty() ? Json() : Json(next);
  return update;
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Json fields = {
      {"charge", charge.provider_reference},
      {"amount", minor_units(charge.operation.money)},
  };
  return post(account, charge, "/v1/refunds", fields);
}

Update read_refund(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (!is_success(response)) return error_said(response, body);
  const std::string of = text_at(body, "charge");
  if (!of.empty() && of != charge.provider_reference) return {};  // it speaks of another one's
  return refund_said(body, charge.operation.money.currency);
}

// "t=SECONDS,v1=HEX", over "SECONDS.BODY", with the whole secret, whsec_ included.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  return proof_by_time(account, incoming, "pudgy-signature");
}

// `charge.refunded` carries the charge, and says neither which refund has succeeded nor how much it
// was. That it may carry the refund instead is not excluded.
void add_refund(News& news, const Account& account, const Json& object) {
  if (text_at(object, "object") == "refund") {
    news.update = refund_said(object, {});
    news.refund_reference = news.update.provider_reference;
    news.provider_reference = id_at(object, "charge");
  } else if (text_at(object, "object") == "charge") {
    news.provider_reference = id_at(object, "id");
    const bool settles = account.setting("refund_event_policy") == "settle";
    if (settles && !news.provider_reference.empty()) news.update.verdict = Verdict::captured;
  }
  const bool is_about_any = !news.refund_reference.empty() || !news.provider_reference.empty();
  news.about = is_about_any ? News::About::refund : News::About::other;
}

// Events come late, twice and in any order. What the object says counts, not the event's name.
std::vector<News> read_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const Json& object = member_at(body, "data.object");
  News news = {.provider_event_id = text_at(body, "id"), .type = text_at(body, "type")};
  if (news.type == "charge.refunded") {
    add_refund(news, account, object);
  } else if (news.type == "charge.succeeded" || news.type == "charge.failed") {
    news.update = charge_said(account, object);
    news.provider_reference = news.update.provider_reference;
    news.our_reference = news.update.our_reference;
    if (!news.provider_reference.empty()) news.about = News::About::charge;
  }
  return {news};
}

// They look like any token, and the vendor publishes them.
bool is_test_token(std::string_view token) {
  static constexpr std::string_view all[] = {
      "tok_visa",        "tok_mastercard",      "tok_chargeDeclined", "tok_insufficientFunds",
      "tok_expiredCard", "tok_processingError",
  };
  return std::ranges::find(all, token) != std::end(all);
}

std::string objection(const Account& account, const Charge& charge) {
  const Money money = charge.money;
  if (account.mode == Mode::live && is_test_token(charge.method.token))
    return "Pudgy's test tokens are refused in live mode";
  if (account.currencies.empty() && money.currency.code() != "USD")
    return "Pudgy is known to take USD; the account's currencies may name others";
  if (!with_exponent(money, minor_digits(money.currency)))
    return "the amount is not a whole number of Pudgy's units";
  return {};
}

bool recognizes_token(std::string_view token) {
  return token.starts_with("tok_") || token.starts_with("card_");
}

}  // namespace

extern const Adapter pudgy;
const Adapter pudgy = {
    .name = "pudgy",
    .title = "Pudgy",
    .base_url_test = "https://api.pudgypay.dev",  // one host: the key picks the mode
    .base_url_live = "https://api.pudgypay.dev",
    .settings =
        {
            secret("secret_key",
                   "sk_test_… or sk_live_…. Two may be valid at once, so that a key "
                   "is changed without a gap."),
            secret("webhook_secret", "Signs the webhooks of our endpoint; whole, whsec_ included."),
            uncertain("request_encoding", "form", "How requests are written: form or json.",
                      "whether requests are forms or JSON: the guides and the reference disagree"),
            {"description_format",
             "A charge's description. It ends in [{attempt_id}], which is added where it is "
             "missing: it is the only way back to us.",
             "{description} [{attempt_id}]"},
            uncertain("description_max", "255",
                      "The longest description, in bytes. The merchant's words are cut, our "
                      "reference never is.",
                      "how long a description may be: no limit is stated"),
            uncertain("trust_sync_success", "true",
                      "false: a charge that is answered as succeeded is pending until its webhook "
                      "or a look-up says so too.",
                      "whether an answer that says succeeded is final: the vendor tells merchants "
                      "to wait for the webhook"),
            uncertain("send_customer_with_card", "false",
                      "true: a saved card (card_…) is charged together with its customer, where "
                      "the payer's external_id is the cus_… of one.",
                      "whether a saved card has to be charged together with its customer"),
            uncertain("failure_code_field", "failure_code", "Where a failed charge may say why.",
                      "whether a failed charge says why, and under which name"),
            uncertain("refund_event_policy", "settle",
                      "What charge.refunded does, which names no refund: settle (the one that is "
                      "pending) or reconcile (nothing; a person does).",
                      "what charge.refunded holds and which refund it is about: it names neither "
                      "refund nor amount"),
            webhook_tolerance,
        },
    .offers = {{.rail = Rail::card,
                .steps = {{"create", {build_create, read_create}, Moves::money}},
                .find = {build_find, read_find},
                .needs = {"token"}}},
    .objection = objection,
    .recognizes_token = recognizes_token,
    .finds_out_by = FindsOutBy::same_key_resend,
    .refund_finds_out_by = FindsOutBy::same_key_resend,
    .lookup = {build_lookup, read_lookup},
    .refund = {build_refund, read_refund},
    // charge.refunded names no refund: with one under way there is no doubt which.
    .one_refund_at_a_time = true,
    .webhook = {verify_webhook, read_webhook},
    .dedup_window = 24h,
    .timeout = 10s,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
