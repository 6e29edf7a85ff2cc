// Orange Money, Web Payment: the payer is sent to a page of Orange and types the phone number and a
// one-time code there, so that no number passes through us. Our order_id opens one page, ever. What
// became of it is told only to who knows the order_id, the amount and the pay_token of the page.
// Orange counts whole units of every currency, signs nothing, and gives nothing back by a call.
#include <algorithm>
#include <cstddef>
#include <iterator>

#include "adapters/adapter.h"
#include "adapters/orange_money/declines.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace orange_money_words;

constexpr std::size_t longest_url = 120;
constexpr std::ptrdiff_t longest_name = 30;
constexpr std::size_t longest_token = 128;  // 64 hexadecimal digits as documented

// Orange's sandbox is a country of its own, with a currency that nobody else has.
bool is_sandbox(const Account& account) { return account.setting("country") == "dev"; }

std::optional<std::int64_t> whole_units(const Money& money) { return with_exponent(money, 0); }

HttpRequest post(const Account& account, const std::string& call, const Json& body) {
  const HttpRequest request = {
      .method = "POST",
      .url = account.base_url + "/orange-money-webpay/" +
             percent_encoded(account.setting("country")) + "/v1/" + call,
      .headers = {{"Accept", "application/json"}},
      .token = "access",
  };
  return with_json(request, body);
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  const std::string_view sandbox_currency = "OUV";
  return post(
      account, "webpayment",
      {
          {"merchant_key", account.setting("merchant_key")},
          {"currency", is_sandbox(account) ? sandbox_currency : charge.money.currency.code()},
          {"order_id", charge.attempt_id},
          {"amount", whole_units(charge.money).value()},
          {"return_url", charge.return_url},
          {"cancel_url", charge.return_url},  // either way it is looked up
          {"notif_url", charge.webhook_url},
          {"lang", account.setting("lang")},
          {"reference", account.setting("merchant_name")},
      });
}

// Why there is no page; nothing for an answer that is not documented.
std::optional<Decline> decline_of(int status, const std::string& code) {
  switch (status) {
    case 400:  // a member is missing or malformed
    case 401:
    case 404:  // the path
      return Decline::configuration;
    case 403:
      return decline_from(declines, code);
    case 429:
      return Decline::provider_unavailable;
    default:
      return {};
  }
}

// A no to the first copy of our request, in which case there is no page. An answer that is not
// documented decides nothing; nobody has seen the page then, if there is one.
Update error_said(const HttpResponse& response) {
  if (response.status < 400 || response.status >= 500) return {};
  const Json body = parse_json(response.body);
  Update update = {.provider_code = text_at(body, "code"),
                   .provider_message = text_at(body, "message")};
  if (update.provider_code.empty()) update.provider_code = decimal_at(body, "code");
  if (update.provider_code.empty() && update.provider_message.empty()) return {};
  if (const std::string more = text_at(body, "description"); !more.empty())
    update.provider_message += (update.provider_message.empty() ? "" : ": ") + more;
  update.decline = decline_of(response.status, update.provider_code);
  if (update.decline) update.verdict = Verdict::refused;
  return update;
}

// The page's end is ours to assume. It is remembered with all that a look-up has to repeat; the
// core seals what an attempt remembers, which the notif_token, a secret, asks for.
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (!is_success(response)) return error_said(response);
  const Json body = parse_json(response.body);
  const std::string pay_token = plain_id_at(body, "pay_token", longest_token);
  const std::string url = text_at(body, "payment_url");
  if (pay_token.empty() || !url.starts_with("http")) return {};  // nobody is sent there
  const Time ends_at = charge.now + seconds_in(account, "page_lasts_s");
  Update update = {.verdict = Verdict::requires_action, .provider_reference = pay_token};
  update.next_action = redirect_to(url);
  update.memory = {{"amount_sent", whole_units(charge.money).value_or(0)},
                   {"page_ends_at", to_rfc3339(ends_at)}};
  const std::string notif_token = plain_id_at(body, "notif_token", longest_token);
  if (!notif_token.empty()) update.memory["notif_token"] = notif_token;
  return update;
}

// All three must be what they were when the page was made.
HttpRequest build_lookup(const Account& account, const Charge& charge) {
  const std::int64_t amount = whole_units(charge.money).value_or(0);
  return post(account, "transactionstatus",
              {{"order_id", charge.attempt_id},
               {"amount", integer_at(charge.memory, "amount_sent").value_or(amount)},
               {"pay_token", charge.provider_reference}});
}

// NOT FOUND, which is also spelled NOT_FOUND, is no word of the payment: one of the three that we
// asked with does not fit, and that is for a person to see.
Verdict verdict_of(std::string_view status) {
  if (status == "INITIATED") return Verdict::requires_action;
  if (status == "PENDING") return Verdict::pending;
  if (status == "SUCCESS") return Verdict::captured;
  if (status == "FAILED") return Verdict::refused;
  if (status == "EXPIRED") return Verdict::expired;
  return Verdict::unknown;
}

// Orange calls a page that was left INITIATED for ever, and nobody can pay it any more. Should
// somebody have done so all the same, it is late money.
bool is_abandoned(const Account& account, const Charge& charge) {
  const auto ended_at = parse_rfc3339(text_at(charge.memory, "page_ends_at"));
  return ended_at && charge.now > *ended_at + seconds_in(account, "abandoned_after_s");
}

Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (!is_success(response)) return {};
  const Json body = parse_json(response.body);
  const std::string status = text_at(body, "status");  // a number in the answer to a create
  Update update = {.verdict = verdict_of(status), .our_reference = text_at(body, "order_id")};
  if (const std::string id = text_at(body, "txnid"); !id.empty()) update.memory = {{"txnid", id}};
  if (update.verdict == Verdict::captured) {
    // Orange repeats no amount, but it was part of the question: a page with another one is NOT
    // FOUND. So an answer about our order_id is one about our money.
    if (update.our_reference == charge.attempt_id) update.money = charge.money;
    if (update.our_reference.empty()) update.verdict = Verdict::unknown;
  } else if (update.verdict == Verdict::requires_action && is_abandoned(account, charge)) {
    update.verdict = Verdict::expired;
    update.decline = Decline::payer_timeout;
  } else if (update.verdict == Verdict::refused || update.verdict == Verdict::expired) {
    add_refusal(update, declines, status, "");
  } else if (update.verdict == Verdict::unknown) {
    update.provider_code = status;
  }
  return update;
}

// ---- access tokens

HttpRequest build_access_token(const Account& account) {
  std::string authorization = account.setting("authorization");
  if (authorization.empty())
    authorization =
        basic_authorization(account.setting("client_id"), account.setting("client_secret"));
  const HttpRequest request = {
      .method = "POST",
      .url = account.base_url + account.setting("token_path"),
      .headers = {{"Authorization", authorization}, {"Accept", "application/json"}},
  };
  return with_form(request, Form().add("grant_type", "client_credentials"));
}

// What 403 forbids it forbids the merchant, with any token.
bool refuses_token(const HttpResponse& response) { return response.status == 401; }

// ---- notifications

// Nothing is signed. The body repeats the notif_token that the page's answer held, but what an
// attempt remembers is not at hand here. In its stead stands the attempt's own address, which was
// told to Orange alone; and whatever comes to it, only the look-up decides.
//
// Three members and no order_id: only the address says whom it is about. The status is not taken
// over and the txnid not remembered: the look-up brings both.
std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  News news = {
      .about = News::About::charge,
      .provider_event_id = text_at(body, "txnid"),
      .our_reference = incoming.attempt_id,
      .type = text_at(body, "status"),
  };
  return {news};
}

// ---- what speaks against a charge

std::ptrdiff_t characters_of(std::string_view utf8) {
  return std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; });
}

// While a route is chosen the two URLs are not made yet: asked again when they are.
std::string objection(const Account& account, const Charge& charge) {
  const bool has_client =
      !account.setting("client_id").empty() && !account.setting("client_secret").empty();
  if (!has_client && account.setting("authorization").empty())
    return "Orange Money needs client_id and client_secret, or authorization";
  if (is_sandbox(account) != (account.mode == Mode::test))
    return "Orange Money's country dev is for test mode, and test mode for no other country";
  if (characters_of(account.setting("merchant_name")) > longest_name)
    return "Orange Money takes no merchant_name longer than 30 characters";
  if (charge.return_url.size() > longest_url || charge.webhook_url.size() > longest_url)
    return "Orange Money takes no URL longer than 120 characters: public_url is too long";
  const std::string& currency = account.setting("currency");
  const std::string asked(charge.money.currency.code());
  if (currency != asked) return "this Orange Money account takes " + currency + ", not " + asked;
  if (!whole_units(charge.money))
    return "Orange Money takes whole units only, not " + charge.money.display();
  return {};
}

// However the merchant asks for it, it is the same page.
Offer on_page(Offer offer) {
  constexpr std::string_view currencies[] = {"XOF", "XAF", "GNF", "MGA",
                                             "BWP", "SLE", "LRD", "CDF"};
  for (const std::string_view code : currencies) {
    offer.currencies.emplace_back(code);
    offer.amounts.push_back(
        {.currency = code,
         .uncertain = "the least and greatest amount depend on the country and the payer's KYC "
                      "level and are not verified"});
  }
  offer.refunds = Refunds::none;
  offer.steps = {{"create", {build_create, read_create}, Moves::once_shown}};
  offer.needs = {"return_url"};
  return offer;
}

}  // namespace

extern const Adapter orange_money;
const Adapter orange_money = {
    .name = "orange_money",
    .title = "Orange Money",
    .base_url_test = "https://api.orange.com",  // one host: the country picks the sandbox
    .base_url_live = "https://api.orange.com",
    .settings =
        {
            secret("merchant_key", "Given at subscription; each country has its own."),
            {"client_id", "Of the application at developer.orange.com."},
            {.name = "client_secret", .sentence = "Goes with client_id.", .is_secret = true},
            {.name = "authorization",
             .sentence = "The header that the portal shows (Basic …), instead of client_id and "
                         "client_secret.",
             .is_secret = true},
            required("country",
                     "Of the subscription, as it stands in Orange's URLs: ci, sn, ml, cm, … In "
                     "test mode: dev."),
            required("currency",
                     "The one currency of that country's offer: XOF, XAF, GNF, … With country dev "
                     "it is what your payments are in; Orange is told OUV."),
            required("merchant_name", "The shop's name on Orange's page, at most 30 characters."),
            {"lang", "Language of Orange's page: fr or en.", "fr"},
            {"token_path", "Where access tokens are fetched; older applications: /oauth/v2/token.",
             "/oauth/v3/token"},
            uncertain("page_lasts_s", "600", "How many seconds Orange's page can be paid.",
                      "how long a page can be paid: ten minutes is a default, and countries "
                      "differ in details"),
            uncertain("abandoned_after_s", "1200",
                      "How many seconds after the page's end a payment that nobody confirmed "
                      "counts as expired. Orange never says so itself.",
                      "how late a page that was left can still turn out paid: its status stays "
                      "INITIATED for ever"),
        },
    .offers = {on_page({.rail = Rail::mobile_money, .kinds = {"orange"}}),
               on_page({.rail = Rail::hosted_page})},
    .objection = objection,
    .tokens = {{"access", build_access_token, read_bearer_token}},
    .refuses_token = refuses_token,
    .finds_out_by = FindsOutBy::id,
    .lookup = {build_lookup, read_lookup},
    .webhook = {.verify = proof_by_address,
                .read = read_webhook,
                .comes_to_attempts = true,
                .proves_sender = true},
    .webhooks_prove_themselves = false,
    .repeats_amounts = false,
    .dedup_window = 0s,  // an order_id that comes again is refused
    .prompt_lasts = 10min,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
