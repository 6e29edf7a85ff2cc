// M-Pesa in Kenya, by Safaricom's Daraja (developer.safaricom.co.ke/APIs, read 2026-11): a prompt
// on the payer's phone. There are no keys: each push is a prompt of its own, so it is sent once,
// and an answer that was lost leaves nothing to ask by until the callback brings the id. Callbacks
// prove nothing, but come to an address of the attempt's own; the query decides. It says neither
// amount nor receipt, which are remembered from the callback.
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/mpesa/answers.h"
#include "adapters/mpesa/declines.h"
#include "adapters/mpesa/requests.h"
#include "adapters/mpesa/reversals.h"
#include "adapters/wire.h"

namespace switchyard {
namespace {

using namespace mpesa_pay;
using namespace std::chrono_literals;

constexpr auto prompt_lasts = 60s;

// ---- Access tokens

HttpRequest build_token(const Account& account) {
  return {.method = "GET",
          .url = account.base_url + "/oauth/v1/generate?grant_type=client_credentials",
          .headers = {{"Authorization", basic_authorization(account.setting("consumer_key"),
                                                            account.setting("consumer_secret"))}}};
}

// A bad token is a 404 as often as a 401. Either way the gateway stopped there.
bool refuses_token(const HttpResponse& response) {
  if (response.status == 401) return true;
  return response.status == 404 && text_at(parse_json(response.body), "errorCode") == "404.001.03";
}

// ---- The push

HttpRequest build_push(const Account& account, const Charge& charge) {
  std::string payer = charge.method.phone_number;
  std::erase(payer, '+');
  Json body = signed_body(account, charge.now);
  body["TransactionType"] = account.setting("transaction_type");
  body["Amount"] = whole_shillings(charge.money);
  body["PartyA"] = payer;
  body["PartyB"] = account.setting(sells_goods(account) ? "till_number" : "short_code");
  body["PhoneNumber"] = payer;
  body["CallBackURL"] = charge.webhook_url;
  body["AccountReference"] = account_reference(charge);
  body["TransactionDesc"] = short_text(charge.description);
  return post(account, "/mpesa/stkpush/v1/processrequest", body);
}

Update read_push(const Account&, const Charge& charge, const HttpResponse& response) {
  Update update = first_word(response, Verdict::requires_action, "CheckoutRequestID");
  if (update.verdict == Verdict::requires_action)
    update.next_action = approve_on_phone("mpesa", charge.method.phone_number,
                                          to_rfc3339(charge.now + prompt_lasts));
  return update;
}

// ---- The query

// A 500 is what an open prompt is answered with, and nothing is known yet, as after any other 500.
Update read_lookup(const Account&, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status != 200 || code_at(body, "ResponseCode") != "0") return {};
  Update update = {.provider_reference = plain_id_at(body, "CheckoutRequestID")};
  if (update.provider_reference.empty()) return {};
  const std::string code = code_at(body, "ResultCode");
  if (code == "0") {
    update.verdict = Verdict::captured;
    say_remembered_amount(update, charge.memory);
    return update;
  }
  add_refusal(update, results, code, text_at(body, "ResultDesc"));
  if (update.decline == Decline::unmapped)
    update.decline.reset();  // a word that nobody knows, and no refusal
  else
    update.verdict = code == "1019" ? Verdict::expired : Verdict::refused;
  return update;
}

// ---- What comes to the addresses of attempts

// Its amount is no money of this update, because a hint with another amount than ours would be
// dropped whole: remembered, the look-up says it, and the core stops there.
News callback_said(const Incoming& incoming, const Json& said) {
  News news = {.about = News::About::charge,
               .provider_reference = plain_id_at(said, "CheckoutRequestID"),
               .our_reference = incoming.attempt_id,
               .type = "stkCallback"};
  if (news.provider_reference.empty() || code_at(said, "ResultCode") != "0") return news;
  const Json& items = member_at(said, "CallbackMetadata.Item");
  Json& memory = news.update.memory;
  remember_amount(memory, value_in(items, "Name", "Amount"));
  const std::string receipt = plain_id_at(value_in(items, "Name", "MpesaReceiptNumber"), "");
  if (!receipt.empty()) memory["receipt"] = receipt;
  return news;
}

std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  if (const Json& said = member_at(body, "Body.stkCallback"); said.is_object())
    return {callback_said(incoming, said)};
  if (const Json& said = member_at(body, "Result"); said.is_object())
    return {result_said(incoming, said)};
  if (body.is_object() && !body.empty()) return {timeout_said(incoming, body)};
  return {};
}

// ---- What speaks against it

std::string not_whole(const Money& money) {
  return with_exponent(money, 0)
             ? ""
             : "M-Pesa takes whole shillings, and " + money.display() + " is none";
}

// Only who is reached from outside can be called back; a sandbox on this machine calls any address.
std::string address_objection(const Account& account) {
  if (account.mode != Mode::live) return "";
  const std::string url = in_lower_case(account.webhook_url);
  if (!url.starts_with("https://")) return "M-Pesa calls back only addresses that begin with https";
  for (const std::string& word : words_of(in_lower_case(account.setting("refused_url_words"))))
    if (url.find(word) != std::string::npos)
      return "M-Pesa is said to refuse callback addresses that hold \"" + word +
             "\": name the account otherwise, or take the word out of refused_url_words";
  return "";
}

std::string objection(const Account& account, const Charge& charge) {
  const std::string& type = account.setting("transaction_type");
  if (type != "CustomerPayBillOnline" && !sells_goods(account))
    return "its transaction_type is neither CustomerPayBillOnline nor CustomerBuyGoodsOnline";
  if (sells_goods(account) && account.setting("till_number").empty())
    return "CustomerBuyGoodsOnline needs the setting till_number";
  const std::string odd = not_whole(charge.money);
  return odd.empty() ? address_objection(account) : odd;
}

std::string refund_objection(const Account& account, const Charge& charge) {
  const Money& asked = charge.operation.money;
  const Money whole = money_from(text_at(charge.memory, "amount"), "KES").value_or(charge.money);
  if (account.setting("initiator").empty() || account.setting("security_credential").empty())
    return "Reversals need the account's settings initiator and security_credential; until they "
           "are there, give the money back in the M-Pesa portal.";
  if (text_at(charge.memory, "receipt").empty())
    return "M-Pesa reverses a payment by its receipt number, which only its callback brings, and "
           "none has come; find the payment in the M-Pesa portal by its account reference " +
           account_reference(charge) + " and reverse it there.";
  if (asked != whole && !account.is_on("partial_reversals"))
    return "M-Pesa gives back only the whole of " + whole.display() + ".";
  const std::string odd = not_whole(asked);
  return odd.empty() ? "" : odd + ".";
}

}  // namespace

// No cancel, because a prompt cannot be withdrawn, and no capture.
extern const Adapter mpesa;
const Adapter mpesa = {
    .name = "mpesa",
    .title = "M-Pesa",
    .base_url_test = "https://sandbox.safaricom.co.ke",
    .base_url_live = "https://api.safaricom.co.ke",
    .settings =
        {
            secret("consumer_key", "The consumer key of the app at developer.safaricom.co.ke."),
            secret("consumer_secret", "The consumer secret of the same app."),
            secret("passkey", "The passkey of the short code for Lipa na M-Pesa Online."),
            required("short_code",
                     "The pay bill number; for a till, its store or head office number."),
            {"transaction_type", "CustomerPayBillOnline, or CustomerBuyGoodsOnline for a till.",
             "CustomerPayBillOnline"},
            {"till_number", "The till that is paid; only for CustomerBuyGoodsOnline."},
            {"initiator", "The API user with the reversal role; without it nothing is given back."},
            {.name = "security_credential",
             .sentence = "The initiator's password, encrypted with Safaricom's certificate of this "
                         "mode, as base64; made outside.",
             .is_secret = true},
            uncertain("receiver_party", "",
                      "The short code that reversals are taken from, where not short_code.",
                      "which short code a reversal is taken from, above all for a till: there is "
                      "one example, a pay bill"),
            uncertain("partial_reversals", "false",
                      "true once Safaricom has confirmed that parts can be given back.",
                      "whether a part of a payment can be given back"),
            uncertain("reversed_words", "",
                      "Words of TransactionStatus, with commas between, by which M-Pesa says that "
                      "a payment was given back; its pages list none.",
                      "by which word M-Pesa says that a payment was given back: none is listed"),
            uncertain("unreversed_words", "",
                      "The same for a payment that stands: a reversal that failed is over then. "
                      "Without them a person decides.",
                      "by which word M-Pesa says that a payment still stands: none is listed"),
            uncertain("status_gap_s", "600",
                      "How many seconds pass between two questions about a payment that is being "
                      "given back.",
                      "how often a transaction's status may be asked: no limit is stated"),
            uncertain("refused_url_words", "mpesa,safaricom",
                      "Words that a live callback address must not hold, with commas between; "
                      "reported, not documented.",
                      "whether callback addresses with these words are refused: reported, not "
                      "documented"),
        },
    .offers = {{.rail = Rail::mobile_money,
                .kinds = {"mpesa"},
                .currencies = {"KES"},
                // Not verified: an account's limits replace it.
                .amounts = {{"KES", 100, 25'000'000}},
                .phone_prefixes = {"+2547", "+2541"},
                .steps = {{"push", {build_push, read_push}}},
                .needs = {"phone_number"}}},
    .objection = objection,
    .tokens = {{"oauth", build_token, read_bearer_token}},
    .refuses_token = refuses_token,
    .finds_out_by = FindsOutBy::id,
    .lookup = {build_lookup, read_lookup},
    .refund = {build_refund, read_refund},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .one_refund_at_a_time = true,
    .refund_objection = refund_objection,
    .webhook = {.verify = proof_by_address,
                .read = read_webhook,
                .comes_to_attempts = true,
                .proves_sender = true},
    .webhooks_prove_themselves = false,
    .repeats_amounts = false,
    .look_gap = 10s,
    .prompt_lasts = prompt_lasts,
    .declines = every_code(),
};

}  // namespace switchyard
