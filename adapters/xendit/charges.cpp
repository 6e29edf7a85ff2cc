#include "adapters/xendit/charges.h"

#include <utility>

#include "adapters/wire.h"
#include "adapters/xendit/answers.h"
#include "adapters/xendit/channels.h"

namespace switchyard::xendit_words {
namespace {

HttpRequest create(const Account& account, const Charge& charge, const std::string& path,
                   Json body) {
  if (!charge.description.empty()) body["description"] = charge.description;
  if (!charge.metadata.empty()) body["metadata"] = charge.metadata;
  HttpRequest request = post(account, path, body);
  if (const std::string& rule = account.setting("split_rule_id"); !rule.empty())
    request.headers.emplace_back("with-split-rule", rule);
  return request;
}

bool is_ovo(const PaymentMethod& method) {
  return method.rail == Rail::wallet && method.kind == "ovo";
}

// Without decimals: "2026-02-01T12:00:00Z", as Xendit's pages write it.
std::string plain_time(Time time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

Json account_properties(const Account& account, const Charge& charge) {
  const std::chrono::minutes lasts(number_in(account, "virtual_account_lasts_min", 1440));
  const std::string& name = charge.payer.name;
  return {{"display_name", name.empty() ? account.setting("virtual_account_display_name") : name},
          {"expires_at", plain_time(charge.now + lasts)}};
}

Json wallet_properties(const Account& account, const Charge& charge) {
  Json properties = Json::object();
  if (is_ovo(charge.method))
    properties[account.setting("ovo_phone_property")] = charge.method.phone_number;
  if (!is_ovo(charge.method) || account.is_on("ovo_return_urls"))
    for (const char* name : {"success_return_url", "failure_return_url"})
      properties[name] = charge.return_url;
  return properties;
}

// The number alone says who pays for what: there is no reference to quote.
Json transfer_to(const std::string& number, const Charge& charge, const Json& request) {
  std::string bank = text_at(request, "channel_code");
  if (bank.ends_with(virtual_account_ending))
    bank.resize(bank.size() - virtual_account_ending.size());
  const auto ends = parse_rfc3339(text_at(request, "channel_properties.expires_at"));
  return {{"type", "transfer_instructions"},
          {"transfer_instructions",
           {{"bank_name", bank},
            {"account_name", text_at(request, "channel_properties.display_name")},
            {"account_number", number},
            {"reference", ""},
            {"amount", charge.money.amount},
            {"currency", charge.money.currency.code()},
            {"amount_display", charge.money.display()},
            {"expires_at", ends ? Json(to_rfc3339(*ends)) : Json()}}}};
}

// The value of the first action of that kind that is for the payer. "" for none.
std::string action_of(const Json& request, std::string_view descriptor) {
  for (const Json& action : member_at(request, "actions"))
    if (text_at(action, "descriptor") == descriptor &&
        text_at(action, "type") != "API_POST_REQUEST")  // that one is for us to call
      return text_at(action, "value");
  return {};
}

// A page works on every device, an app's link only where the app is. OVO may ask on the phone
// without another word. Null for what could not be shown.
Json next_action_of(const Charge& charge, const Json& request) {
  const std::string number = action_of(request, "VIRTUAL_ACCOUNT_NUMBER");
  if (!number.empty()) return transfer_to(number, charge, request);
  const std::string page = action_of(request, "WEB_URL");
  if (!page.empty()) return redirect_to(page);
  const std::string link = action_of(request, "DEEPLINK_URL");
  const std::string code = action_of(request, "QR_STRING");
  if (link.empty() && code.empty() && !is_ovo(charge.method)) return nullptr;
  Json approval = {{"kind", charge.method.kind}};
  if (!link.empty()) approval["url"] = link;
  if (!code.empty()) approval["qr"] = code;
  return {{"type", "approve_in_app"}, {"approve_in_app", approval}};
}

}  // namespace

HttpRequest signed_in(const Account& account, std::string method, const std::string& path) {
  HttpRequest request = {
      .method = std::move(method),
      .url = account.base_url + path,
      .headers = {{"Authorization", basic_authorization(account.setting("secret_key"), "")}},
  };
  if (const std::string& user = account.setting("for_user_id"); !user.empty())
    request.headers.emplace_back("for-user-id", user);
  // Payment requests are refused without it; refunds do not mind.
  if (path.starts_with("/v3/") || path.starts_with("/refunds"))
    request.headers.emplace_back("api-version", "2024-11-11");
  return request;
}

HttpRequest post(const Account& account, const std::string& path, const Json& body) {
  HttpRequest request = signed_in(account, "POST", path);
  request.headers.emplace_back("Content-Type", "application/json");
  if (!body.is_null()) request.body = write_json(body);
  return request;
}

// Xendit writes to nobody: a page that we leave behind must stay unseen, and so unpaid. For the
// same reason it is told who the payer is only where the account wants it.
HttpRequest build_invoice(const Account& account, const Charge& charge) {
  Json body = {
      {"external_id", charge.attempt_id},          {"amount", number_json(charge.money.decimal())},
      {"currency", charge.money.currency.code()},  {"should_send_email", false},
      {"success_redirect_url", charge.return_url}, {"failure_redirect_url", charge.return_url},
  };
  const std::int64_t lasts = number_in(account, "invoice_duration_s");
  if (lasts > 0) body["invoice_duration"] = lasts;
  const auto channels = words_of(account.setting("payment_methods"));
  if (!channels.empty()) body["payment_methods"] = channels;
  // No address and no phone, at which it could write.
  if (account.is_on("send_customer") && !charge.payer.name.empty())
    body["customer"] = {{"given_names", charge.payer.name}};
  return create(account, charge, "/v2/invoices", std::move(body));
}

Update read_invoice(const Account&, const Charge&, const HttpResponse& response) {
  return is_success(response) ? invoice_said(parse_json(response.body)) : error_said(response);
}

HttpRequest build_request(const Account& account, const Charge& charge) {
  const std::string_view currency = charge.money.currency.code();
  const bool is_wallet = charge.method.rail == Rail::wallet;
  Json body = {
      {"reference_id", charge.attempt_id},
      {"type", "PAY"},
      {"country", currency.substr(0, 2)},  // of the account: IDR is ID, PHP is PH
      {"currency", currency},
      {"request_amount", number_json(charge.money.decimal())},
  };
  if (is_wallet) body["capture_method"] = "AUTOMATIC";
  body["channel_code"] =
      is_wallet ? in_capitals(charge.method.kind) : account.setting("virtual_account_channel");
  body["channel_properties"] =
      is_wallet ? wallet_properties(account, charge) : account_properties(account, charge);
  return create(account, charge, "/v3/payment_requests", std::move(body));
}

Update read_request(const Account&, const Charge& charge, const HttpResponse& response) {
  return is_success(response) ? read_request_in(charge, parse_json(response.body))
                              : error_said(response);
}

Update read_request_in(const Charge& charge, const Json& request) {
  Update update = request_said(request);
  // While OVO waits, its prompt is open.
  if (is_ovo(charge.method) && update.verdict == Verdict::pending)
    update.verdict = Verdict::requires_action;
  if (update.verdict == Verdict::requires_action) {
    update.next_action = next_action_of(charge, request);
    if (update.next_action.is_null()) update.verdict = Verdict::pending;
  }
  return update;
}

}  // namespace switchyard::xendit_words
