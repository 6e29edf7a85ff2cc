#include "adapters/paypal/answers.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <string>

#include "adapters/paypal/amounts.h"
#include "adapters/paypal/declines.h"
#include "adapters/wire.h"

namespace switchyard::paypal_words {
namespace {

std::string link_at(const Json& object, std::string_view rel) {
  for (const Json& link : member_at(object, "links"))
    if (text_at(link, "rel") == rel) return text_at(link, "href");
  return {};
}

// In the supplementary data, or in the link to what stands above a capture or authorization.
std::string order_of(const Json& object) {
  constexpr std::string_view orders = "/v2/checkout/orders/";
  const std::string id = plain_id_at(object, "supplementary_data.related_ids.order_id");
  const std::string above = link_at(object, "up");
  const std::size_t at = above.find(orders);
  if (!id.empty() || at == std::string::npos) return id;
  return plain_id(above.substr(at + orders.size()), 64);
}

std::string first_text(const Json& json, std::initializer_list<std::string_view> places) {
  for (const std::string_view place : places)
    if (std::string said = text_at(json, place); !said.empty()) return said;
  return {};
}

// The bank's word where there is one, else PayPal's, else the status itself.
void add_reason(Update& update, const Json& object) {
  const std::string code =
      first_text(object, {"processor_response.response_code", "status_details.reason", "status"});
  add_refusal(update, declines, code, "");
}

Verdict verdict_of_capture(std::string_view status) {
  if (status == "COMPLETED" || status == "PARTIALLY_REFUNDED" || status == "REFUNDED")
    return Verdict::captured;
  if (status == "PENDING") return Verdict::pending;
  if (status == "DECLINED" || status == "FAILED") return Verdict::refused;
  return Verdict::unknown;
}

// Of an authorization that was captured its captures tell.
Verdict verdict_of_authorization(std::string_view status) {
  if (status == "CREATED") return Verdict::authorized;
  if (status == "PENDING") return Verdict::pending;
  if (status == "DENIED") return Verdict::refused;
  if (status == "VOIDED") return Verdict::canceled;
  return Verdict::unknown;
}

Verdict verdict_of_refund(std::string_view status) {
  if (status == "COMPLETED") return Verdict::captured;
  if (status == "PENDING") return Verdict::pending;
  if (status == "FAILED") return Verdict::refused;
  if (status == "CANCELLED") return Verdict::canceled;
  return Verdict::unknown;
}

// We make one of each. Where there are more, one that took money counts first, and a refused one
// last: the payer may have been refused before.
const Json& deciding_of(const Json& captures) {
  static const Json none;
  const auto weight = [](const Json& capture) {
    const Verdict verdict = verdict_of_capture(text_at(capture, "status"));
    return verdict == Verdict::captured ? 3 : verdict == Verdict::refused ? 1 : 2;
  };
  const Json* chosen = &none;
  for (const Json& each : captures)
    if (chosen == &none || weight(each) > weight(*chosen)) chosen = &each;
  return *chosen;
}

const Json& standing_of(const Json& authorizations) {
  const auto is_over = [](const Json& each) {
    const std::string status = text_at(each, "status");
    return status == "DENIED" || status == "VOIDED";
  };
  for (const Json& each : authorizations)
    if (!is_over(each)) return each;
  return member_at(authorizations, "0");
}

// What the order itself says stays, but for the amount of a hold and of a part that was captured.
void take(Update& update, const Update& said) {
  update.verdict = said.verdict;
  update.decline = said.decline;
  update.provider_code = said.provider_code;
  if (update.our_reference.empty()) update.our_reference = said.our_reference;
  if (said.memory.is_object()) update.memory.update(said.memory);
  if (said.money) update.money = said.money;
  if (said.received && said.received != update.money) update.received = said.received;
}

// A completed order is not a paid one: something was made by it, which has a status of its own. An
// answer without it, as short ones are, says nothing.
void take_from_payments(Update& update, const Json& payments) {
  const Json& capture = deciding_of(member_at(payments, "captures"));
  const Json& hold = standing_of(member_at(payments, "authorizations"));
  const std::string held = text_at(hold, "status");
  update.memory = Json::object();
  if (hold.is_object()) take(update, authorization_said(hold));
  // A word about a capture that nobody knows may mean money, whatever the hold says.
  const Verdict taken = verdict_of_capture(text_at(capture, "status"));
  const bool is_about_money =
      taken == Verdict::captured || (capture.is_object() && taken == Verdict::unknown);
  if (!hold.is_object() || is_about_money || held == "CAPTURED" || held == "PARTIALLY_CAPTURED")
    take(update, capture_said(capture));
  if (update.memory.empty()) update.memory = nullptr;
}

// The issue that we know best; without details the name; the token call's errors have neither.
std::string code_of(const Json& body) {
  std::string first;
  for (const Json& detail : member_at(body, "details")) {
    const std::string issue = text_at(detail, "issue");
    if (decline_from(declines, issue) != Decline::unmapped) return issue;
    if (first.empty()) first = issue;
  }
  return first.empty() ? first_text(body, {"name", "error"}) : first;
}

// It may have been done before or is being done: the object itself has to be asked.
bool is_undecided(const Json& body) {
  static constexpr std::string_view issues[] = {
      "ORDER_ALREADY_CAPTURED",
      "ORDER_ALREADY_AUTHORIZED",
      "ORDER_COMPLETED_OR_VOIDED",
      "ORDER_COMPLETION_IN_PROGRESS",
      "AUTHORIZATION_ALREADY_CAPTURED",
      "PREVIOUSLY_CAPTURED",
      "PREVIOUSLY_VOIDED",
      "PREVIOUS_REQUEST_IN_PROGRESS",
      "DUPLICATE_REQUEST_ID",
      "PAYPAL_REQUEST_ID_PREVIOUSLY_USED",
  };
  return std::ranges::any_of(issues,
                             [&](std::string_view issue) { return has_issue(body, issue); });
}

Json traced(const HttpResponse& response, const Json& body) {
  std::string id = text_at(body, "debug_id");
  if (id.empty()) id = header_of(response.headers, "paypal-debug-id");
  if (id.empty()) return nullptr;
  return {{"debug_id", id}};
}

// What captures and authorizations have in common.
Update part_said(const Json& part, Verdict verdict) {
  Update update = {
      .verdict = verdict,
      .provider_reference = order_of(part),
      .our_reference = text_at(part, "custom_id"),
      .account_echo = text_at(part, "payee.merchant_id"),
  };
  if (verdict == Verdict::refused) add_reason(update, part);
  return update;
}

}  // namespace

Update order_said(const Json& order) {
  const Json& unit = member_at(order, "purchase_units.0");
  const std::string status = text_at(order, "status");
  Update update = {
      .provider_reference = plain_id_at(order, "id"),
      .our_reference = text_at(unit, "custom_id"),
      .account_echo = text_at(unit, "payee.merchant_id"),
      .money = money_at(unit, "amount"),
  };
  if (status == "CREATED" || status == "SAVED" || status == "PAYER_ACTION_REQUIRED") {
    update.verdict = Verdict::requires_action;
    std::string url = link_at(order, "payer-action");
    if (url.empty()) url = link_at(order, "approve");
    if (!url.empty()) update.next_action = redirect_to(url);
  }
  if (status == "APPROVED") update.verdict = Verdict::next_step;
  if (status == "VOIDED") update.verdict = Verdict::canceled;
  if (status == "COMPLETED") take_from_payments(update, member_at(unit, "payments"));
  return update;
}

// Of a hold less may be captured than it holds, so the amount is what was received.
Update capture_said(const Json& capture) {
  const std::string id = plain_id_at(capture, "id");
  Update update = part_said(capture, verdict_of_capture(text_at(capture, "status")));
  if (update.verdict == Verdict::captured) update.received = money_at(capture, "amount");
  if (update.verdict == Verdict::captured && (!update.received || id.empty()))
    update.verdict = Verdict::unknown;
  if (!id.empty() && (update.verdict == Verdict::captured || update.verdict == Verdict::pending))
    update.memory = {{"capture_id", id}};
  return update;
}

Update authorization_said(const Json& authorization) {
  const std::string id = plain_id_at(authorization, "id");
  Update update =
      part_said(authorization, verdict_of_authorization(text_at(authorization, "status")));
  update.money = money_at(authorization, "amount");
  if (update.verdict == Verdict::authorized && (!update.money || id.empty()))
    update.verdict = Verdict::unknown;
  if (!id.empty() && update.verdict != Verdict::refused && update.verdict != Verdict::canceled)
    update.memory = {{"authorization_id", id}};
  return update;
}

Update refund_said(const Json& refund) {
  Update update = {
      .verdict = verdict_of_refund(text_at(refund, "status")),
      .provider_reference = plain_id_at(refund, "id"),
      .our_reference = text_at(refund, "custom_id"),
      .money = money_at(refund, "amount"),
  };
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused) {
    add_reason(update, refund);
    // The money that is missing here is the merchant's at PayPal or its bank, not the payer's.
    if (update.decline == Decline::insufficient_funds) update.decline = Decline::configuration;
  }
  return update;
}

bool has_issue(const Json& body, std::string_view issue) {
  for (const Json& detail : member_at(body, "details"))
    if (text_at(detail, "issue") == issue) return true;
  return false;
}

// A 409 is a call that is still running, and a 404 may only be the answer to a copy that came late.
Update refusal_said(const HttpResponse& response) {
  static constexpr int noes[] = {400, 401, 403, 415, 422, 429};
  const int status = response.status;
  const Json body = parse_json(response.body);
  const std::string code = code_of(body);
  Update update = {.memory = traced(response, body)};
  if (code.empty() || std::ranges::find(noes, status) == std::end(noes) || is_undecided(body))
    return update;
  update.verdict = Verdict::refused;
  add_refusal(update, declines, code,
              first_text(body, {"details.0.description", "message", "error_description"}));
  if (status != 422 && update.decline == Decline::unmapped)
    update.decline = decline_from(declines, text_at(body, "name"));
  if (status == 401 || status == 403) update.decline = Decline::configuration;
  if (status == 429) update.decline = Decline::provider_unavailable;
  return update;
}

// Our invoice ids are used once, so one that PayPal has seen before was this very call's.
Update money_refusal_said(const HttpResponse& response) {
  const Json body = parse_json(response.body);
  if (response.status == 429 || has_issue(body, "DUPLICATE_INVOICE_ID"))
    return {.memory = traced(response, body)};
  return refusal_said(response);
}

}  // namespace switchyard::paypal_words
