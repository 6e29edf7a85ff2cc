// Midtrans, Indonesia: a page of Snap's with cards, wallets, QR codes, transfers and shops, in
// rupiah. Until the payer chooses a method there is only the page, known to Snap by its token; with
// the choice a transaction appears at the Core API under our order id.
#include "adapters/adapter.h"
#include "adapters/midtrans/answers.h"
#include "adapters/midtrans/calls.h"
#include "adapters/midtrans/declines.h"
#include "adapters/midtrans/methods.h"
#include "adapters/midtrans/page.h"
#include "adapters/wire.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace midtrans_words;

// Core's own status_code decides, which may be 202 for what was denied.
bool is_2xx(const HttpResponse& response) { return response.status / 100 == 2; }

// An error of Core's. A code that is not among `noes` decides nothing, nor does a server error.
Update refused_call(const HttpResponse& response, const Json& body, std::string_view noes) {
  const std::string code = code_of(body);
  if (code.empty() || response.status >= 500) return {};
  return no_said(is_listed(noes, code), code, message_of(body));
}

// ---- what became of a page

// Its page was ordered, and no method was chosen on it that we know of.
bool is_page_only(const Charge& charge) {
  return !text_at(charge.memory, "snap_token").empty() &&
         text_at(charge.memory, "transaction_id").empty();
}

// Core knows nothing before the payer chooses a method: that is "not started", not "failed". When
// the page has ended and still nothing is there, nothing can come of it any more; but DANA's
// transactions may hide from a question by order id.
Update nothing_found(const Account& account, const Charge& charge, bool is_said_by_core) {
  if (!is_page_only(charge)) return {.verdict = Verdict::not_found};
  const bool has_ended =
      is_said_by_core && is_page_over(charge) && !may_offer(account, charge, "dana");
  return {.verdict = has_ended ? Verdict::expired : Verdict::requires_action};
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return transaction_call(account, charge, "GET", "status");
}

Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (response.status >= 500) return {};
  const Json body = parse_json(response.body);
  const std::string code = code_of(body);
  if (code == "404" || (code.empty() && response.status == 404))
    return nothing_found(account, charge, !code.empty());
  return is_2xx(response) ? charge_said(account, charge, body) : Update{};
}

// The page while there is no transaction on it, else the transaction. What we know of may be older
// than the payer's choice: Snap then answers that a transaction is in progress, and a look-up says
// which.
HttpRequest build_cancel(const Account& account, const Charge& charge) {
  const std::string token = percent_encoded(text_at(charge.memory, "snap_token"));
  HttpRequest request = is_page_only(charge)
                            ? snap_call(account, "/transactions/" + token + "/cancel")
                            : transaction_call(account, charge, "POST", "cancel");
  request.body = "{}";
  return request;
}

// 412 says only that it cannot be canceled in the status it has: a look-up says which.
Update read_cancel(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status < 500 &&
      text_at(body, "error_messages.0").find("already cancel") != std::string::npos)
    return {.verdict = Verdict::canceled};
  if (!is_2xx(response)) return refused_call(response, body, "");
  if (!text_at(body, "canceled_at").empty()) return {.verdict = Verdict::canceled};
  return charge_said(account, charge, body);
}

// ---- money that is held

// Midtrans keeps an Idempotency-Key for five minutes, and only with an answer of success.
HttpRequest build_capture(const Account& account, const Charge& charge) {
  HttpRequest request = core_call(account, "POST", "/capture");
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  request.body =
      write_json({{"transaction_id", text_at(charge.memory, "transaction_id")},
                  {"gross_amount", with_exponent(charge.operation.money, 0).value_or(0)}});
  return request;
}

// HTTP 202 says that a copy is still at work; a 412 may mean that one has been.
Update read_capture(const Account& account, const Charge& charge, const HttpResponse& response) {
  if (response.status == 202) return {};
  const Json body = parse_json(response.body);
  if (is_2xx(response) && code_of(body) == "200") return charge_said(account, charge, body);
  return refused_call(response, body, "400,401,402,403,404,410,413,429");
}

// ---- refunds

// Without its key every copy would be a refund of its own.
HttpRequest build_refund(const Account& account, const Charge& charge) {
  const bool is_by_direct = is_direct(account, text_at(charge.memory, "payment_type"));
  HttpRequest request =
      transaction_call(account, charge, "POST", is_by_direct ? "refund/online/direct" : "refund");
  const Charge::Part& refund = charge.operation;
  Json body = {{"refund_key", refund.attempt_id},
               {"amount", with_exponent(refund.money, 0).value_or(0)}};
  if (!refund.reason.empty()) body["reason"] = shortened(refund.reason, 255);
  request.body = write_json(body);
  return request;
}

// 406 names a refund that is there already. Once we have had to look for it, any other no may only
// mean that an earlier copy was heard: the next look decides.
Update read_refund(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (is_2xx(response) && code_of(body) == "200") return refund_answered(account, charge, body);
  Update update = refused_call(response, body, "202,400,401,402,403,404,410,412,413,414,429");
  if (update.verdict == Verdict::refused &&
      bool_at(charge.operation.memory, "looked_for").value_or(false)) {
    update.verdict = Verdict::unknown;
    update.decline.reset();
    update.memory = {{"refused_with", update.provider_code}};
  }
  return update;
}

// There is no call for one refund: the transaction lists them.
Update read_lookup_refund(const Account& account, const Charge& charge,
                          const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (code_of(body) == "404") return {.verdict = Verdict::not_found};
  if (!is_2xx(response) || code_of(body) != "200") return {};
  if (text_at(body, "order_id") != charge.attempt_id) return {};
  for (const Json& refund : member_at(body, "refunds"))
    if (text_at(refund, "refund_key") == charge.operation.attempt_id)
      return refund_listed(account, charge, body, refund);
  const std::string code = text_at(charge.operation.memory, "refused_with");
  if (code.empty()) return {.verdict = Verdict::not_found, .memory = {{"looked_for", true}}};
  return no_said(true, code, "");
}

std::string refund_objection(const Account&, const Charge& charge) {
  const std::string type = text_at(charge.memory, "payment_type");
  if (is_listed(never_given_back, type))
    return "Midtrans cannot give back what was paid by " +
           std::string(type == "cstore" ? "cash in a shop" : "bank transfer") +
           "; give the money back by hand.";
  if (is_listed(given_back_whole, type) && charge.operation.money != charge.money)
    return std::string(type == "ovo" ? "OVO" : "ShopeePay") +
           " payments can only be given back whole.";
  return {};
}

// ---- notifications

// The signature covers the order, the code and the amount, but neither transaction_status nor
// fraud_status: settlement, refund and a challenged capture all travel with code 200, so that one
// true message could be changed into another. Nor has it separators. A right one is therefore no
// proof of what the message says, and only makes us look.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const std::string order_id = text_at(body, "order_id");
  const std::string& key = account.setting("server_key");
  if (key.empty() || order_id.empty()) return Proof::rejected;
  // As they stand in the body: "10000.00" is not 10000.
  const std::string ours =
      sha512_hex(order_id + text_at(body, "status_code") + text_at(body, "gross_amount") + key);
  const bool is_right = equal_in_constant_time(ours, text_at(body, "signature_key"));
  return is_right ? Proof::unproven : Proof::rejected;
}

// When a bank confirms a refund, the transaction itself does not change: each refund of ours that
// is listed is news of its own.
std::vector<News> read_webhook(const Account& account, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  Charge charge;
  charge.attempt_id = text_at(body, "order_id");
  News news = {.type = text_at(body, "transaction_status")};
  if (charge.attempt_id.empty()) return {news};
  news.about = News::About::charge;
  news.our_reference = charge.attempt_id;
  news.update = charge_said(account, charge, body);
  // What may have been changed on its way is not remembered, and the payer may still choose another
  // method, which is another transaction.
  news.update.memory = nullptr;
  news.update.provider_reference.clear();
  std::vector<News> all = {news};
  news.about = News::About::refund;
  for (const Json& refund : member_at(body, "refunds")) {
    news.our_reference = text_at(refund, "refund_key");
    news.update = refund_listed(account, charge, body, refund);
    if (news.our_reference.starts_with("att_")) all.push_back(news);
  }
  return all;
}

// ---- what speaks against a charge

std::string objection(const Account& account, const Charge& charge) {
  const std::string& enabled = account.setting("enabled_payments");
  if (charge.manual_capture && !enabled.empty() && !is_listed(enabled, "credit_card"))
    return "Midtrans holds money only on cards, and enabled_payments names no credit_card";
  const MethodLimits stated = limits_of(methods_of(account, charge));
  return amount_objection("Midtrans", charge.money,
                          number_in(account, "min_amount", stated.minimum),
                          number_in(account, "max_amount", stated.maximum));
}

}  // namespace

extern const Adapter midtrans;
const Adapter midtrans = {
    .name = "midtrans",
    .title = "Midtrans",
    .base_url_test = core_test,
    .base_url_live = core_live,
    .settings =
        {
            secret("server_key",
                   "The Server Key of the dashboard, SB-Mid-server-… or Mid-server-…; it also "
                   "proves notifications."),
            {"account_name", "The merchant id, G…, which answers repeat."},
            {"snap_base_url",
             "Host of Snap where it is none of Midtrans' own; without it the one that belongs to "
             "the account's mode."},
            {"enabled_payments",
             "Methods of the page, comma between; empty: all that the dashboard allows. Name dana "
             "only once a look-up by order id has found one of its payments.",
             documented_methods},
            {"page_lasts_min", "How many minutes a page stays open, 5 to 10080.", "1500"},
            {"payment_lasts_min",
             "How many minutes after the page was made a method that was chosen can be paid, 15 to "
             "10080; 0: each method's own time.",
             "1440"},
            uncertain("page_stays_open_after_deny", "true",
                      "true: after a refusal the payer may try again on the same page, so it is "
                      "closed before another account is tried.",
                      "whether the payer can try again on the same page after a refusal"),
            {"notification_header",
             "How a page names our webhook URL: override (instead of the dashboard's), append "
             "(besides it) or none.",
             "override"},
            uncertain("direct_refund_methods", "gopay,shopeepay,dana,qris,ovo,kredivo,akulaku",
                      "Payment types whose refunds go to refund/online/direct, comma between.",
                      "which payment types take the direct refund call: the supported methods are "
                      "not listed"),
            {"min_amount", "Least amount in rupiah; empty: as the methods of the page take it."},
            uncertain("max_amount", "",
                      "Most in rupiah, 0 for no limit; empty: as the methods take it.",
                      "whether GoPay, ShopeePay and DANA take only 2 million rupiah from payers "
                      "who are not verified"),
        },
    .offers = {{.rail = Rail::hosted_page,
                .currencies = {"IDR"},
                .manual_capture = true,
                .steps = {{"create", {build_create, read_create}, Moves::once_shown}},
                .needs = {"return_url"}}},
    .objection = objection,
    .finds_out_by = FindsOutBy::our_reference,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_cancel},
    .capture = {build_capture, read_capture, 5min},
    .partial_capture = true,
    .refund = {build_refund, read_refund, 7 * 24h},
    .lookup_refund = {build_lookup, read_lookup_refund},
    .refund_objection = refund_objection,
    .webhook = {.verify = verify_webhook, .read = read_webhook, .proves_sender = true},
    .webhooks_prove_themselves = false,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
