#include "adapters/midtrans/page.h"

#include <algorithm>

#include "adapters/midtrans/answers.h"
#include "adapters/midtrans/calls.h"
#include "adapters/wire.h"

namespace switchyard::midtrans_words {
namespace {

using namespace std::chrono_literals;

std::chrono::minutes minutes_in(const Account& account, std::string_view setting,
                                std::int64_t least) {
  const std::int64_t asked = number_in(account, setting, 24 * 60);
  return std::chrono::minutes(std::clamp<std::int64_t>(asked, least, 7 * 24 * 60));
}

// Five minutes to seven days.
std::chrono::minutes page_lasts(const Account& account) {
  return minutes_in(account, "page_lasts_min", 5);
}

// GMT+7, always: "2026-02-01 15:00:00 +0700".
std::string jakarta_time(Time time) {
  const std::string text = to_rfc3339(time + 7h);
  return text.substr(0, 10) + " " + text.substr(11, 8) + " +0700";
}

// The sum of the items has to be the amount, so there is one. Alfamart takes no bar in its name.
Json item_of(const Charge& charge, std::int64_t amount) {
  std::string name =
      charge.description.empty() ? "Payment " + charge.payment_id : charge.description;
  std::ranges::replace(name, '|', '/');
  return {{"id", "ITEM1"}, {"price", amount}, {"quantity", 1}, {"name", shortened(name, 50)}};
}

// BCA takes names of 30 characters, BNI phones of Indonesia only: any other is left out.
Json customer_of(const Payer& payer) {
  const std::size_t space = std::min(payer.name.find(' '), payer.name.size());
  const std::string first = shortened(payer.name.substr(0, space), 30);
  const std::string last = shortened(payer.name.substr(std::min(space + 1, payer.name.size())), 30);
  const bool is_near = payer.phone.starts_with("+62") || payer.phone.starts_with("0");
  Json customer = Json::object();
  if (!first.empty()) customer["first_name"] = first;
  if (!last.empty()) customer["last_name"] = last;
  if (!payer.email.empty()) customer["email"] = payer.email;
  if (is_near) customer["phone"] = payer.phone;
  return customer;
}

void add_methods(Json& body, const Account& account, const Charge& charge) {
  const std::vector<std::string> methods = methods_of(account, charge);
  if (!methods.empty()) body["enabled_payments"] = methods;
  body["credit_card"]["secure"] = true;
  if (charge.manual_capture) body["credit_card"]["type"] = "authorize";
  if (may_offer(account, charge, "gopay"))
    body["gopay"] = {{"enable_callback", true}, {"callback_url", charge.return_url}};
}

void add_times(Json& body, const Account& account, const Charge& charge) {
  const std::string& payment = account.setting("payment_lasts_min");
  if (!payment.empty() && payment != "0")
    body["expiry"] = {{"start_time", jakarta_time(charge.now)},
                      {"unit", "minute"},
                      {"duration", minutes_in(account, "payment_lasts_min", 15).count()}};
  body["page_expiry"] = {{"duration", page_lasts(account).count()}, {"unit", "minutes"}};
}

// Somebody, a copy of this very request perhaps, has opened a page with this order id. Its token is
// lost, nobody has seen it, and it is left behind. Midtrans' sentence is not documented.
bool is_about_a_taken_order(std::string_view message) {
  const std::string sentence = in_lower_case(message);
  const auto says = [&](std::string_view word) { return sentence.find(word) != std::string::npos; };
  return says("order") && (says("taken") || says("already") || says("digunakan"));
}

Update page_refused(const HttpResponse& response, const Json& body) {
  const std::string message = message_of(body);
  if (response.status < 400 || response.status >= 500 || message.empty()) return {};
  return no_said(response.status != 406 && !is_about_a_taken_order(message),
                 std::to_string(response.status), message);
}

}  // namespace

// Money can be held only on cards.
std::vector<std::string> methods_of(const Account& account, const Charge& charge) {
  return words_of(charge.manual_capture ? "credit_card" : account.setting("enabled_payments"));
}

bool may_offer(const Account& account, const Charge& charge, std::string_view method) {
  const std::vector<std::string> methods = methods_of(account, charge);
  return methods.empty() || std::ranges::find(methods, method) != methods.end();
}

// An order id is taken once, for ever. It is the attempt's: always of the same length, so that no
// other order id with a code and an amount behind it reads the same in a signature.
HttpRequest build_create(const Account& account, const Charge& charge) {
  const std::int64_t amount = with_exponent(charge.money, 0).value_or(0);
  Json body;
  body["transaction_details"] = {{"order_id", charge.attempt_id}, {"gross_amount", amount}};
  body["item_details"] = Json::array({item_of(charge, amount)});
  if (const Json customer = customer_of(charge.payer); !customer.empty())
    body["customer_details"] = customer;
  add_methods(body, account, charge);
  body["callbacks"]["finish"] = charge.return_url;
  add_times(body, account, charge);
  body["custom_field1"] = charge.payment_id;
  HttpRequest request = snap_call(account, "/transactions");
  const std::string& header = account.setting("notification_header");
  if (header == "override" && !account.webhook_url.empty())
    request.headers.emplace_back("X-Override-Notification", account.webhook_url);
  if (header == "append" && !account.webhook_url.empty())
    request.headers.emplace_back("X-Append-Notification", account.webhook_url);
  request.body = write_json(body);
  return request;
}

// A page that could not be closed again, for want of its token, is shown to nobody.
Update read_create(const Account& account, const Charge& charge, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status != 201 && response.status != 200) return page_refused(response, body);
  const std::string token = plain_id_at(body, "token"), url = text_at(body, "redirect_url");
  if (token.empty() || url.empty()) return {};
  const std::string ends_at = to_rfc3339(charge.now + page_lasts(account));
  return {.verdict = Verdict::requires_action,
          .next_action = redirect_to(url),
          .memory = {{"snap_token", token}, {"page_ends_at", ends_at}}};
}

}  // namespace switchyard::midtrans_words
