#include "adapters/stripe/answers.h"

#include "adapters/stripe/amounts.h"
#include "adapters/stripe/declines.h"
#include "adapters/wire.h"

namespace switchyard::stripe_api {
namespace {

std::optional<Money> money_at(const Json& object, std::string_view member) {
  const auto currency = find_currency(in_capitals(text_at(object, "currency")));
  const auto amount = integer_at(object, member);
  return currency && amount ? our_money(*amount, *currency) : std::nullopt;
}

// Which object it is and how much it is about, whatever has become of it.
Update named(const Json& object, std::string_view amount) {
  return {.provider_reference = text_at(object, "id"),
          .our_reference = text_at(object, "metadata.switchyard_attempt"),
          .money = money_at(object, amount)};
}

Verdict verdict_of_intent(std::string_view status) {
  if (status == "succeeded") return Verdict::captured;
  if (status == "requires_capture") return Verdict::authorized;
  if (status == "requires_action") return Verdict::requires_action;
  if (status == "processing") return Verdict::pending;
  if (status == "canceled") return Verdict::canceled;
  // requires_confirmation, requires_payment_method without an error, and words of later versions.
  return Verdict::unknown;
}

// A payment intent never fails: a refused one waits for another card, and pays if it gets one.
void refuse_open(Update& update, const Json& error) {
  update.verdict = Verdict::refused;
  update.is_still_payable = true;
  add_reason(update, error);
}

void read_action(Update& update, const Json& action) {
  const std::string type = text_at(action, "type");
  const std::string url = text_at(action, "redirect_to_url.url");
  if (type == "redirect_to_url" && !url.empty()) {
    update.next_action = redirect_to(url);
    return;
  }
  // Vouchers, codes and Stripe's own script: nothing that we could show. It is closed again.
  refuse_open(update, {{"code", "authentication_required"},
                       {"message", "The payer would have to act in a way that is not supported: " +
                                       (type.empty() ? std::string("unnamed") : type) + "."}});
}

// (1) what to do next, (2) the bank's reason, (3) the code. A reason that would allow another
// account gives way to an advice against it.
Decline reason_of(const Json& error) {
  const std::string advice = text_at(error, "advice_code");
  Decline reason = decline_from(declines, text_at(error, "decline_code"));
  if (reason == Decline::unmapped) reason = decline_from(declines, text_at(error, "code"));
  if (reason == Decline::unmapped && text_at(error, "code").empty())
    reason = text_at(error, "param") == "amount" ? Decline::amount_too_large
                                                 : decline_from(declines, text_at(error, "type"));
  const bool is_elsewhere_allowed = info_of(reason).cascade != Cascade::never;
  if (advice == "do_not_try_again" && is_elsewhere_allowed) return Decline::invalid_account;
  if (advice == "confirm_card_data" && is_elsewhere_allowed) return Decline::incorrect_number;
  return reason;
}

// The complete session's own words, where its payment intent is only named or not there at all.
Verdict verdict_of_complete(const Json& session) {
  const std::string paid = text_at(session, "payment_status");
  const bool is_held = text_at(session, "metadata.switchyard_capture") == "manual";
  if (paid == "unpaid" || is_held) return Verdict::pending;
  return paid == "paid" || paid == "no_payment_required" ? Verdict::captured : Verdict::unknown;
}

// The page is closed, so a refused intent cannot be paid any more; and a payer who must still act,
// at a bank counter perhaps, was told how on that page.
void take_from_intent(Update& update, const Json& intent) {
  if (text_at(intent, "status") == "requires_action") {
    update.verdict = Verdict::pending;
    return;
  }
  const Update said = intent_said(intent);
  update.verdict = said.verdict;
  update.received = said.received;
  update.refunded_total = said.refunded_total;
  update.decline = said.decline;
  update.provider_code = said.provider_code;
  update.provider_message = said.provider_message;
}

}  // namespace

std::string id_at(const Json& json, std::string_view path) {
  const std::string id = text_at(json, path);
  return id.empty() ? text_at(json, std::string(path) + ".id") : id;
}

bool is_of_a_page(const Json& object) {
  return text_at(object, "metadata.switchyard_rail") == word_of(Rail::hosted_page);
}

void add_reason(Update& update, const Json& error) {
  update.decline = reason_of(error);
  for (const char* name : {"decline_code", "code", "type"})
    if (update.provider_code.empty()) update.provider_code = text_at(error, name);
  update.provider_message = text_at(error, "message");
}

Update intent_said(const Json& intent) {
  const std::string status = text_at(intent, "status");
  Update update = named(intent, "amount");
  update.verdict = verdict_of_intent(status);
  if (update.verdict == Verdict::captured) {
    const auto received = money_at(intent, "amount_received");
    if (received && received != update.money) update.received = received;
    // The charge is there when it was asked for. A voided one claims to be refunded; only what was
    // captured can be.
    const Json& charge = member_at(intent, "latest_charge");
    if (integer_at(charge, "amount_refunded").value_or(0) > 0)
      if (const Update said = charge_said(charge); said.verdict == Verdict::captured)
        update.refunded_total = said.refunded_total;
  }
  if (update.verdict == Verdict::requires_action)
    read_action(update, member_at(intent, "next_action"));
  const Json& error = member_at(intent, "last_payment_error");
  if (status == "requires_payment_method" && error.is_object()) refuse_open(update, error);
  believe_only_readable_money(update);
  return update;
}

Update session_said(const Json& session) {
  Update update = named(session, "amount_total");
  const std::string status = text_at(session, "status"), url = text_at(session, "url");
  if (status == "expired") update.verdict = Verdict::expired;
  // A refused card changes nothing: the payer tries another one on the same page.
  if (status == "open" && !url.empty()) {
    update.verdict = Verdict::requires_action;
    update.next_action = redirect_to(url);
  }
  if (status == "complete") {
    update.verdict = verdict_of_complete(session);
    // Captures, voids and refunds go to the payment intent from here on.
    const std::string intent = id_at(session, "payment_intent");
    if (!intent.empty()) update.memory = {{"payment_intent", intent}};
    if (const Json& whole = member_at(session, "payment_intent"); whole.is_object())
      take_from_intent(update, whole);
  }
  believe_only_readable_money(update);
  return update;
}

Update charge_said(const Json& charge) {
  Update update = named(charge, "amount");
  update.provider_reference.clear();  // we know it by its payment intent or session
  if (text_at(charge, "status") != "succeeded" || !bool_at(charge, "captured").value_or(false))
    return update;
  update.verdict = Verdict::captured;
  const auto captured = money_at(charge, "amount_captured");
  if (captured && captured != update.money) update.received = captured;
  if (const auto refunded = money_at(charge, "amount_refunded"))
    update.refunded_total = refunded->amount;
  believe_only_readable_money(update);
  return update;
}

Update refund_said(const Json& refund) {
  const std::string status = text_at(refund, "status");
  Update update = named(refund, "amount");
  if (update.provider_reference.empty()) return update;
  if (status == "succeeded") update.verdict = Verdict::captured;
  if (status == "canceled") update.verdict = Verdict::canceled;
  if (status == "pending" || status == "requires_action" || status.empty())
    update.verdict = Verdict::pending;
  if (status == "failed") {
    update.verdict = Verdict::refused;
    update.provider_code = text_at(refund, "failure_reason");
    // The money that is missing here is the merchant's at Stripe, not the payer's.
    update.decline = update.provider_code == "insufficient_funds"
                         ? Decline::configuration
                         : decline_from(declines, update.provider_code);
  }
  believe_only_readable_money(update);
  return update;
}

bool is_object(const HttpResponse& response, const Json& body, std::string_view kind) {
  return response.status == 200 && text_at(body, "object") == kind;
}

Update refused_call(const HttpResponse& response) {
  if (response.status >= 500) return {};  // may have been executed, whatever the body claims
  const Json body = parse_json(response.body);
  const Json& error = member_at(body, "error");
  const std::string type = text_at(error, "type"), code = text_at(error, "code");
  const Json& intent = member_at(error, "payment_intent");
  Update update;
  // It exists, whatever the status says: its id is only here.
  if (intent.is_object()) update = named(intent, "amount");
  // 409 and 424 can be repeated under the same key. A mismatch of keys is answered before anything
  // of the first request is told, and a lock says that another request is at work.
  const int status = response.status;
  const bool is_said_no =
      status >= 400 && status <= 404 && type != "idempotency_error" && type != "api_error";
  const bool is_too_many = status == 429;
  if (type.empty() || !(is_said_no || is_too_many)) return update;
  if (code == "lock_timeout" || code == "idempotency_key_in_use") return update;
  const std::string state = text_at(intent, "status");
  if (intent.is_object() && state != "requires_payment_method" && state != "canceled")
    return update;  // a no about something that lives on: looked up
  update.verdict = Verdict::refused;
  update.is_still_payable = state == "requires_payment_method";
  add_reason(update, error);
  if (status == 401 || status == 403) update.decline = Decline::configuration;
  if (is_too_many) update.decline = Decline::provider_unavailable;
  return update;
}

}  // namespace switchyard::stripe_api
