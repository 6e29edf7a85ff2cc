// Xendit, South-East Asia: a page where the payer chooses (Invoice v2), wallets, and accounts made
// for one transfer (both Payment Request v3). One host for test and live: the key's beginning picks
// the mode. Amounts are JSON numbers in major units. Webhooks prove nothing, so they make us look.
#include <algorithm>
#include <iterator>

#include "adapters/adapter.h"
#include "adapters/wire.h"
#include "adapters/xendit/answers.h"
#include "adapters/xendit/channels.h"
#include "adapters/xendit/charges.h"
#include "adapters/xendit/declines.h"
#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using namespace xendit_words;
using std::chrono::days;

// The payer may have changed to another rail since, so the id decides where there is one.
bool is_payment_request(const Charge& charge) {
  return charge.provider_reference.empty() ? charge.method.rail != Rail::hosted_page
                                           : charge.provider_reference.starts_with("pr-");
}

// An invoice is found by our reference too; nothing stops two from having the same.
std::string path_of(const Charge& charge) {
  const std::string id = percent_encoded(charge.provider_reference);
  if (is_payment_request(charge)) return "/v3/payment_requests/" + id;
  return "/v2/invoices" +
         (id.empty() ? "?external_id=" + percent_encoded(charge.attempt_id) : "/" + id);
}

HttpRequest build_lookup(const Account& account, const Charge& charge) {
  return signed_in(account, "GET", path_of(charge));
}

Update read_lookup(const Account&, const Charge& charge, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  if (response.status != 200) return {};
  const Json body = parse_json(response.body);
  if (is_payment_request(charge)) return read_request_in(charge, body);
  return body.is_array() ? invoices_said(body, charge.attempt_id) : invoice_said(body);
}

// An invoice whose id we do not know cannot be closed: it is searched for instead.
HttpRequest build_cancel(const Account& account, const Charge& charge) {
  if (is_payment_request(charge)) return post(account, path_of(charge) + "/cancel", nullptr);
  if (charge.provider_reference.empty()) return build_lookup(account, charge);
  const std::string id = percent_encoded(charge.provider_reference);
  return post(account, "/invoices/" + id + "/expire!", nullptr);
}

// Money may have been faster. What was only found is open still, and now has a name to close it by.
Update read_cancel(const Account& account, const Charge& charge, const HttpResponse& response) {
  Update update = read_lookup(account, charge, response);
  if (update.verdict == Verdict::expired) update.verdict = Verdict::canceled;
  if (update.verdict == Verdict::requires_action || update.verdict == Verdict::pending) {
    update.verdict = Verdict::unknown;
    update.next_action = nullptr;
  }
  return update;
}

std::string reason_of(std::string_view reason) {
  const bool is_theirs = is_listed("requested_by_customer,duplicate,fraudulent", reason);
  return is_theirs ? in_capitals(reason) : "OTHERS";
}

HttpRequest build_refund(const Account& account, const Charge& charge) {
  const Charge::Part& refund = charge.operation;
  const char* charged_by = is_payment_request(charge) ? "payment_request_id" : "invoice_id";
  Json body = {
      {charged_by, charge.provider_reference},    {"reference_id", refund.attempt_id},
      {"currency", refund.money.currency.code()}, {"amount", number_json(refund.money.decimal())},
      {"reason", reason_of(refund.reason)},
  };
  if (!charge.metadata.empty()) body["metadata"] = charge.metadata;
  HttpRequest request = post(account, "/refunds", body);
  request.headers.emplace_back("idempotency-key", charge.provider_key);
  return request;
}

Update read_refund(const Account&, const Charge&, const HttpResponse& response) {
  return is_success(response) ? refund_said(parse_json(response.body)) : error_said(response);
}

HttpRequest build_lookup_refund(const Account& account, const Charge& charge) {
  return signed_in(account, "GET",
                   "/refunds/" + percent_encoded(charge.operation.provider_reference));
}

Update read_lookup_refund(const Account&, const Charge&, const HttpResponse& response) {
  if (response.status == 404) return {.verdict = Verdict::not_found};
  return response.status == 200 ? refund_said(parse_json(response.body)) : Update{};
}

// How it was paid is known once a lookup has said it.
std::string refund_objection(const Account&, const Charge& charge) {
  const std::string method = text_at(charge.memory, "payment_method");
  const std::string channel = text_at(charge.memory, "payment_channel");
  if (gives_nothing_back(method, channel))
    return "Xendit cannot give back what was paid by " + (channel.empty() ? method : channel) +
           "; pay it out by hand";
  if (channel == "LINKAJA" && charge.operation.money != charge.money)
    return "LinkAja gives back the whole amount only";
  return {};
}

// A constant that anybody who has seen one message can repeat: right, it is a reason to look.
Proof verify_webhook(const Account& account, const Incoming& incoming) {
  constexpr std::string_view name = "x-callback-token";
  const std::string& ours = account.setting("callback_token");
  const auto times = std::ranges::count_if(
      incoming.headers, [&](const auto& header) { return header.first == name; });
  const bool is_right = !ours.empty() && times == 1 &&
                        equal_in_constant_time(ours, header_of(incoming.headers, name));
  return is_right ? Proof::unproven : Proof::rejected;
}

void read_invoice_event(News& news, const Json& invoice) {
  const std::string status = text_at(invoice, "status");
  news.about = News::About::charge;
  news.type = "invoice." + status;
  news.update = invoice_said(invoice);
  news.provider_event_id = news.update.provider_reference + ":" + status;
}

void read_payment_event(News& news, const Json& payment) {
  news.about = News::About::charge;
  news.update = request_said(payment);
  const std::string capture = text_at(payment, "captures.0.capture_id");
  std::string id = text_at(payment, "payment_id");
  if (id.empty()) id = text_at(payment, "payment_request_id");
  news.provider_event_id = news.type + ":" + id + (capture.empty() ? "" : ":" + capture);
}

// Some refunds come one level deeper.
void read_refund_event(News& news, const Json& data) {
  const Json& refund = member_at(data, "data").is_object() ? data["data"] : data;
  news.about = News::About::refund;
  news.update = refund_said(refund);
  news.refund_reference = news.update.provider_reference;
  news.provider_event_id = news.type + ":" + news.refund_reference;
  for (const char* link : {"payment_request_id", "invoice_id"})
    if (news.provider_reference.empty()) news.provider_reference = plain_id_at(refund, link);
}

// An invoice is flat; all else has an event around it. Sessions, saved ways to pay and what is to
// come are about nothing of ours: payment_method.expired follows a payment that went well.
std::vector<News> read_webhook(const Account&, const Incoming& incoming) {
  const Json body = parse_json(incoming.body);
  const Json& object = member_at(body, "data");
  News news = {.type = text_at(body, "event")};
  if (news.type.starts_with("payment.") || news.type.starts_with("payment_request."))
    read_payment_event(news, object);
  else if (news.type.starts_with("refund."))
    read_refund_event(news, object);
  else if (news.type.empty() && !text_at(body, "external_id").empty())
    read_invoice_event(news, body);
  if (news.about == News::About::charge) news.provider_reference = news.update.provider_reference;
  news.our_reference = news.update.our_reference;
  return {news};
}

// One host for both modes: a key in the wrong place would move real money, or none.
std::string key_objection(const Account& account) {
  const std::string& key = account.setting("secret_key");
  if (key.starts_with("xnd_public_")) return "Xendit's secret_key is a public key (xnd_public_…)";
  if (account.mode == Mode::live && key.starts_with("xnd_development_"))
    return "Xendit's secret_key is for tests (xnd_development_…), and the account is live";
  if (account.mode == Mode::test && key.starts_with("xnd_production_"))
    return "Xendit's secret_key is live (xnd_production_…), and the account is for tests";
  return {};
}

std::string transfer_objection(const Account& account, const Charge& charge) {
  const std::string& channel = account.setting("virtual_account_channel");
  if (!channel.ends_with(virtual_account_ending))
    return "Xendit's virtual_account_channel names no virtual account: " + channel;
  const auto* row =
      std::ranges::find(virtual_accounts, std::string_view(channel), &VirtualAccount::channel);
  if (row == std::end(virtual_accounts)) return {};
  const std::string problem = amount_objection("Xendit", charge.money, row->minimum, row->maximum);
  return problem.empty() ? problem : problem + " by " + channel;
}

std::string objection(const Account& account, const Charge& charge) {
  if (const std::string problem = key_objection(account); !problem.empty()) return problem;
  // As many digits as a JSON number surely keeps.
  if (charge.money.amount > 999'999'999'999'999)
    return "Xendit takes amounts of 15 digits at the most";
  return charge.method.rail == Rail::manual_transfer ? transfer_objection(account, charge) : "";
}

// Nobody can pay in these before they have been sent there.
Offer wallet(std::string_view kind, AmountRange range, Refunds refunds,
             std::chrono::seconds refund_window) {
  return {.rail = Rail::wallet,
          .kinds = {std::string(kind)},
          .currencies = {std::string(range.currency)},
          .amounts = {range},
          .refunds = refunds,
          .refund_window = refund_window,
          .steps = {{"create", {build_request, read_request}, Moves::once_shown}},
          .needs = {"return_url"}};
}

// Asks on the payer's phone as soon as it is called.
Offer ovo() {
  Offer offer = wallet("ovo", {"IDR", 100, 20'000'000}, Refunds::none, 0s);
  offer.steps.front().moves = Moves::money;
  offer.needs = {"phone_number"};
  return offer;
}

}  // namespace

extern const Adapter xendit;
const Adapter xendit = {
    .name = "xendit",
    .title = "Xendit",
    .base_url_test = "https://api.xendit.co",  // one host: the key picks the mode
    .base_url_live = "https://api.xendit.co",
    .settings =
        {
            secret("secret_key",
                   "xnd_development_… or xnd_production_…, as the account's mode; with the right "
                   "to write Money-in."),
            secret("callback_token",
                   "The webhook verification token of this account and mode, from the dashboard."),
            {"account_name",
             "Xendit's id of the business, which answers repeat as user_id or business_id; one "
             "that names another is not believed."},
            {"for_user_id", "The sub-account of a platform to act for."},
            {"split_rule_id", "A platform's rule to split each payment by."},
            {"invoice_duration_s", "How many seconds a page stays payable.", "86400"},
            {"payment_methods",
             "What a page offers, as in OVO,DANA,BCA; empty: all that is activated."},
            uncertain("send_customer", "false",
                      "true: a page is told the payer's name. Never the address or the phone: "
                      "Xendit could write about a page that was left behind.",
                      "whether Xendit writes to a payer whose address it knows: what it does by "
                      "default is not stated"),
            uncertain("ovo_phone_property", "mobile_number",
                      "What OVO's channel_properties call the payer's phone.",
                      "what OVO's properties call the phone in v3: two other products use two "
                      "different names"),
            uncertain("ovo_return_urls", "false",
                      "true: give OVO the return addresses too, for an account where OVO has a "
                      "page instead of a prompt.",
                      "whether OVO asks by a prompt or has a page: accounts differ, and its v3 "
                      "properties are not confirmed"),
            {"virtual_account_channel",
             "The bank of transfers: BCA_VIRTUAL_ACCOUNT, BNI_VIRTUAL_ACCOUNT, …",
             "BCA_VIRTUAL_ACCOUNT"},
            {"virtual_account_lasts_min", "How many minutes an account for a transfer stays open.",
             "1440"},
            {"virtual_account_display_name",
             "Whose account the bank says it is, where we know no name of the payer.", "Customer"},
        },
    // The limits are those of Xendit's table of channels, in whole rupiah and in centavos.
    .offers =
        {
            {.rail = Rail::hosted_page,
             .currencies = {"IDR", "USD", "THB", "VND", "PHP", "MYR"},
             .steps = {{"create", {build_invoice, read_invoice}, Moves::once_shown}},
             .finds_out_by = FindsOutBy::our_reference,
             .needs = {"return_url"}},
            ovo(),
            wallet("dana", {"IDR", 100, 20'000'000}, Refunds::any_part, days(30)),
            wallet("shopeepay", {"IDR", 1, 20'000'000}, Refunds::any_part, days(365)),
            wallet("linkaja", {"IDR", 100, 10'000'000}, Refunds::only_whole, days(30)),
            wallet("gcash", {"PHP", 100, 10'000'000}, Refunds::any_part, days(180)),
            wallet("grabpay", {"PHP", 100, 10'000'000}, Refunds::any_part, days(365)),
            wallet("paymaya", {"PHP", 0, 0}, Refunds::any_part, days(365)),
            {.rail = Rail::manual_transfer,
             .currencies = {"IDR"},
             .refunds = Refunds::none,
             .steps = {{"create", {build_request, read_request}, Moves::once_shown}}},
        },
    .objection = objection,
    .finds_out_by = FindsOutBy::id,
    .refund_finds_out_by = FindsOutBy::same_key_resend,
    .lookup = {build_lookup, read_lookup},
    .cancel = {build_cancel, read_cancel},
    // How long a refund's key is honoured is not published: an hour is not much to ask.
    .refund = {build_refund, read_refund, 1h},
    .lookup_refund = {build_lookup_refund, read_lookup_refund},
    .one_refund_at_a_time = true,
    .refund_objection = refund_objection,
    .webhook = {.verify = verify_webhook, .read = read_webhook, .proves_sender = true},
    .webhooks_prove_themselves = false,
    .declines = {std::begin(declines), std::end(declines)},
};

}  // namespace switchyard
