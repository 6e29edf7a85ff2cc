// MTN MoMo: the payer is asked for the PIN on the phone. Money comes by the product Collections and
// goes back by the product Disbursements, each with a subscription key, an API user and a token of
// its own. The id of what we ask for is the one that we send as X-Reference-Id. Its callback comes
// once, if at all, and nobody has signed it: only a look-up decides.
#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/adapter.h"
#include "adapters/mtn_momo/answers.h"
#include "adapters/mtn_momo/declines.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace mtn_momo_words;

// The products: the first part of a path, the beginning of a setting's name, and the kind of token.
constexpr const char* collection = "collection";
constexpr const char* disbursement = "disbursement";

// Each operator takes its country's money and numbers only; the sandbox euros only.
struct MtnEnvironment {
  std::string_view name;
  std::string_view currency;
  std::string_view prefix;
};
// clang-format off
constexpr MtnEnvironment environments[] = {
    {"sandbox",          "EUR", ""},
    {"mtnuganda",        "UGX", "+256"},
    {"mtnghana",         "GHS", "+233"},
    {"mtnrwanda",        "RWF", "+250"},
    {"mtnzambia",        "ZMW", "+260"},
    {"mtnbenin",         "XOF", "+229"},
    {"mtnivorycoast",    "XOF", "+225"},
    {"mtncameroon",      "XAF", "+237"},
    {"mtncongo",         "XAF", "+242"},
    {"mtnguineaconakry", "GNF", "+224"},
    {"mtnliberia",       "LRD", "+231"},
    {"mtnswaziland",     "SZL", "+268"},
    {"mtnsouthafrica",   "ZAR", "+27"},
};
// clang-format on

// An apostrophe in a message is answered 400. Letters lose their accents; what else is not taken
// becomes one space.
std::string plain(std::string_view text) {
  constexpr std::string_view taken =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,-";
  constexpr std::string_view without_accent =  // U+00C0 to U+00FF
      "AAAAAAACEEEEIIIIDNOOOOO OUUUUY saaaaaaaceeeeiiiidnooooo ouuuuy y";
  constexpr std::size_t longest = 160;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '_' ? '-' : text[i];
    if (c == '\xC3' && i + 1 < text.size()) {
      const auto second = static_cast<unsigned char>(text[++i]);
      c = second >= 0x80 && second < 0xC0 ? without_accent[second - 0x80u] : ' ';
    }
    if (taken.find(c) == std::string_view::npos) c = ' ';
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  }
  out.resize(std::min(out.size(), longest));
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

HttpRequest request_to(const Account& account, const std::string& product, std::string method,
                       const std::string& path) {
  return {
      .method = std::move(method),
      .url = account.base_url + "/" + product + path,
      .headers = {{"Ocp-Apim-Subscription-Key", account.setting(product + "_subscription_key")},
                  {"X-Target-Environment", account.setting("target_environment")}},
      .token = product,
  };
}

// The reference id is the key: a second copy is answered 409 and asks the payer nothing.
HttpRequest post(const Account& account, const std::string& product, const std::string& path,
                 const Charge& charge, const std::string& webhook_url, const Json& body) {
  HttpRequest request = request_to(account, product, "POST", path);
  request.headers.emplace_back("X-Reference-Id", charge.provider_key);
  if (account.is_on("send_callback_url") && !webhook_url.empty())
    request.headers.emplace_back("X-Callback-Url", webhook_url);
  return with_json(std::move(request), body);
}

HttpRequest build_create(const Account& account, const Charge& charge) {
  const std::string message = plain(charge.description);
  std::string digits = charge.method.phone_number;  // E.164 without its plus
  std::erase(digits, '+');
  return post(account, collection, "/v1_0/requesttopay", charge, charge.webhook_url,
              {{"amount", charge.money.decimal()},
               {"currency", charge.money.currency.code()},
               {"externalId", charge.attempt_id},
               {"payer", {{"partyIdType", "MSISDN"}, {"partyId", digits}}},
               {"payerMessage", message.empty() ? "Payment" : message},
               {"payeeNote", plain(charge.payment_id)}});
}

// When the prompt ends is ours to assume. Where the first answer was lost it began now, as far as
// we know. After its end the payer is no longer sent to the phone, but a late PIN may still be
// taken.
Update with_prompt(const Update& said, const Account& account, const Charge& charge) {
  const auto lasts =
      std::clamp<std::chrono::seconds>(seconds_in(account, "prompt_lasts_s"), 0s, 24h);
  Update update = said;
  const std::string ends_at = remember_prompt_end(update, charge, lasts);
  const auto end = parse_rfc3339(ends_at);
  if (!end || charge.now >= *end) return said;
  update.verdict = Verdict::requires_action;
  update.next_action = approve_on_phone(charge.method.network, charge.method.phone_number, ends_at);
  return update;
}

// That it was taken before says nothing about its prompt: the look-up that follows does.
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Update update = said_to_request(response, charge.provider_key, About::charge);
  const bool is_new = response.status == 202 && update.verdict == Verdict::pending;
  return is_new ? with_prompt(update, account, charge) : update;
}

// Ours, and therefore known before anything is answered.
const std::string& id_or_key(const std::string& provider_reference, const Charge& charge) {
  return provider_reference.empty() ? charge.provider_key : provider_reference;
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  const std::string& id = id_or_key(charge.provider_reference, charge);
  return request_to(account, collection, "GET", "/v1_0/requesttopay/" + percent_encoded(id));
}

Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  const std::string& id = id_or_key(charge.provider_reference, charge);
  const Update update = said_of_request(response, id, About::charge);
  return update.verdict == Verdict::pending ? with_prompt(update, account, charge) : update;
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  const std::string version = account.setting("refund_version") == "v2_0" ? "v2_0" : "v1_0";
  return post(account, disbursement, "/" + version + "/refund", charge, refund.webhook_url,
              {{"amount", refund.money.decimal()},
               {"currency", refund.money.currency.code()},
               {"externalId", refund.attempt_id},
               {"payerMessage", plain("Refund " + charge.description)},
               {"payeeNote", "refund"},
               {"referenceIdToRefund", charge.provider_reference}});
}

Update read_refund(const Account&, const Charge& charge, const HttpResponse& response) {
  return said_to_request(response, charge.provider_key, About::refund);
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  const std::string& id = id_or_key(charge.operation.provider_reference, charge);
  return request_to(account, disbursement, "GET", "/v1_0/refund/" + percent_encoded(id));
}

Update read_lookup_refund(const Account&, const Charge& charge, const HttpResponse& response) {
  const std::string& id = id_or_key(charge.operation.provider_reference, charge);
  return said_of_request(response, id, About::refund);
}

// The slash at the end belongs to the path. A body is answered 400, and a POST that does not say
// how long it is 411: curl sends `Content-Length: 0` with an empty body.
HttpRequest build_token(const Account& account, const std::string& product) {
  return {
      .method = "POST",
      .url = account.base_url + "/" + product + "/token/",
      .headers = {{"Authorization", basic_authorization(account.setting(product + "_api_user"),
                                                        account.setting(product + "_api_key"))},
                  {"Ocp-Apim-Subscription-Key", account.setting(product + "_subscription_key")}},
  };
}

HttpRequest build_collection_token(const Account& account) {
  return build_token(account, collection);
}

HttpRequest build_disbursement_token(const Account& account) {
  return build_token(account, disbursement);
}

std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  News news = {
      .about = member_at(body, "payee").is_object() ? News::About::refund : News::About::charge,
      .our_reference = incoming.attempt_id,
      .type = text_at(body, "status"),
      .update = {.our_reference = text_at(body, "externalId")},
  };
  if (const std::string id = transaction_id_at(body); !id.empty())
    news.update.memory = {{"financial_transaction_id", id}};
  return {news};
}

std::string objection(const Account& account, const Charge& charge) {
  const std::string& name = account.setting("target_environment");
  const auto* environment =
      std::ranges::find(environments, std::string_view(name), &MtnEnvironment::name);
  const bool is_known = environment != std::end(environments);
  if (account.mode == Mode::live && name == "sandbox")
    return "MTN MoMo moves no money in its sandbox: a live account needs the environment of its "
           "country";
  std::string currency = account.setting("currency");
  if (currency.empty() && is_known) currency = environment->currency;
  if (currency.empty())
    return "MTN MoMo's environment " + name + " is not known here: its currency has to be set";
  if (charge.money.currency.code() != currency)
    return "MTN MoMo takes only " + currency + " in the environment " + name;
  const std::string& phone = charge.method.phone_number;
  if (is_known && !phone.empty() && !phone.starts_with(environment->prefix))
    return "MTN MoMo takes only phone numbers that begin with " + std::string(environment->prefix) +
           " in the environment " + name;
  return {};
}

std::string refund_objection(const Account& account, const Charge& charge) {
  for (const auto* part : {"_subscription_key", "_api_user", "_api_key"})
    if (account.setting(std::string(disbursement) + part).empty())
      return "MTN MoMo gives money back by its product Disbursements, for which this account has "
             "no credentials";
  if (!account.is_on("partial_refunds") && charge.operation.money != charge.money)
    return "MTN MoMo's operator gives back only " + charge.money.display() + ", the whole payment";
  return {};
}

}  // namespace

extern const Adapter mtn_momo;
const Adapter mtn_momo = {
    .name = "mtn_momo",
    .title = "MTN MoMo",
    .base_url_test = "https://sandbox.momodeveloper.mtn.com",
    .base_url_live = "https://proxy.momoapi.mtn.com",  // some operators give a host of their own
    .settings =
        {
            required("target_environment",
                     "sandbox, or the operator's: mtnuganda, mtnghana, mtnrwanda, mtnzambia, "
                     "mtnbenin, mtnivorycoast, mtncameroon, mtncongo, mtnguineaconakry, "
                     "mtnliberia, mtnswaziland or mtnsouthafrica."),
            secret("collection_subscription_key",
                   "Of the product Collections, primary or secondary; 32 hexadecimal digits."),
            required("collection_api_user", "The API user for Collections, a UUID."),
            secret("collection_api_key", "The key of that API user."),
            {.name = "disbursement_subscription_key",
             .sentence = "Of the product Disbursements. Without it nothing can be refunded.",
             .is_secret = true},
            {"disbursement_api_user",
             "The API user for Disbursements, a UUID. Needed for refunds."},
            {.name = "disbursement_api_key",
             .sentence = "The key of that API user. Needed for refunds.",
             .is_secret = true},
            uncertain("currency", "",
                      "The one currency of the environment, where it is not the usual one: USD for "
                      "dollar wallets in Liberia, once the operator has confirmed them.",
                      "whether dollar wallets in Liberia can be charged through the API"),
            uncertain("prompt_lasts_s", "300", "How many seconds the payer has to enter the PIN.",
                      "how long the payer has for the PIN: about five minutes, and each operator "
                      "sets its own"),
            {"send_callback_url",
             "false: ask for no callback. Its host has to be the one that is registered for the "
             "API user, else every request is refused.",
             "true"},
            uncertain("refund_version", "v1_0",
                      "Which version of the refund call is used: v1_0 or v2_0.",
                      "which version of the refund call to use: v1_0 is described, v2_0 is only "
                      "said to exist"),
            uncertain("partial_refunds", "true",
                      "false: the operator gives back whole payments only.",
                      "whether the country's operator gives back parts of a payment"),
        },
    .offers = {{.rail = Rail::mobile_money,
                .kinds = {"mtn"},
                // Of all environments; `objection` leaves one. USD is none's, and has to be set.
                .currencies = {"UGX", "GHS", "RWF", "ZMW", "XOF", "XAF", "GNF", "LRD", "SZL", "ZAR",
                               "EUR", "USD"},
                .steps = {{"create", {build_create, read_create}, Moves::money}},
                .needs = {"phone_number"}}},
    .objection = objection,
    .tokens = {{collection, build_collection_token, read_bearer_token},
               {disbursement, build_disbursement_token, read_bearer_token}},
    .finds_out_by = FindsOutBy::our_reference,
    .lookup = {build_lookup, read_lookup},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .refund_objection = refund_objection,
    .webhook = {.verify = proof_by_address,
                .read = read_webhook,
                .comes_to_attempts = true,
                .proves_sender = true},
    .webhooks_prove_themselves = false,
    // MTN says that a repeated reference id is refused, and not for how long.
    .dedup_window = 24h,
    // What was accepted is made a little later; MTN does not say how much.
    .visibility_delay = 10s,
    .prompt_lasts = 5min,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
