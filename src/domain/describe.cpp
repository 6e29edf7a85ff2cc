#include "domain/describe.h"

#include <algorithm>
#include <vector>

#include "domain/decline.h"

namespace switchyard {
namespace {

Json text_or_null(std::string_view text) { return text.empty() ? Json(nullptr) : Json(text); }

Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(to_rfc3339(*time)) : Json(nullptr);
}

// A map would be printed as an array were it empty, and a merchant's code expects an object.
Json metadata_json(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [key, value] : metadata) json[key] = value;
  return json;
}

Json advice_for(std::string_view decline_code) {
  const auto decline = find_decline(decline_code);
  return decline ? Json(info_of(*decline).advice) : Json(nullptr);
}

Json opening(std::string_view id, std::string_view object, Mode mode) {
  return {{"id", id},
          {"object", object},
          {"livemode", mode == Mode::live},
          {"environment", word_of(mode)}};
}

void add_money(Json& json, const Money& money) {
  json["amount"] = money.amount;
  json["currency"] = money.currency.code();
  json["amount_display"] = money.display();
}

// Without the card token: it can be used, so it is nobody's to read again.
Json method_json(const PaymentMethod& method) {
  Json json = {{"type", word_of(method.rail)}};
  switch (method.rail) {
    case Rail::card:
      json["token_account"] = text_or_null(method.token_account);
      break;
    case Rail::mobile_money:
      json["network"] = text_or_null(method.network);
      json["phone_number"] = text_or_null(method.phone_number);
      break;
    case Rail::wallet:
      json["kind"] = text_or_null(method.kind);
      json["phone_number"] = text_or_null(method.phone_number);
      break;
    case Rail::hosted_page:
    case Rail::manual_transfer:
      break;
  }
  return json;
}

Json last_error_json(const LastError& error) {
  return {{"decline_code", text_or_null(error.decline_code)},
          {"message", error.message},
          {"advice", text_or_null(error.advice)},
          {"account", text_or_null(error.account)},
          {"provider_code", text_or_null(error.provider_code)}};
}

Json attempt_json(const Attempt& attempt) {
  return {{"id", attempt.id},
          {"account", attempt.account},
          {"status", word_of(attempt.status)},
          {"certainty", word_of(certainty_of(attempt.status))},
          {"provider_reference", text_or_null(attempt.provider_reference)},
          {"decline_code", text_or_null(attempt.decline_code)},
          {"advice", advice_for(attempt.decline_code)},
          {"route",
           {{"rule", text_or_null(attempt.rule)},
            {"reason", text_or_null(attempt.reason)},
            {"rank", attempt.rank}}},
          {"created_at", to_rfc3339(attempt.created_at)}};
}

using Charges = std::vector<const Attempt*>;

Charges charges_in_order(std::span<const Attempt> attempts) {
  Charges charges;
  for (const Attempt& attempt : attempts)
    if (attempt.operation == Operation::charge) charges.push_back(&attempt);
  std::ranges::stable_sort(charges, {}, [](const Attempt* attempt) { return attempt->number; });
  return charges;
}

// The one that holds or may hold the money, else the last that was tried; null when there is none.
const Attempt* one_that_counts(const Charges& charges) {
  for (auto each = charges.rbegin(); each != charges.rend(); ++each)
    if (is_live((*each)->status)) return *each;
  return charges.empty() ? nullptr : charges.back();
}

void add_attempts(Json& json, std::span<const Attempt> attempts) {
  const Charges charges = charges_in_order(attempts);
  const Attempt* counts = one_that_counts(charges);
  json["provider"] = counts ? text_or_null(counts->account) : Json(nullptr);
  json["provider_reference"] = counts ? text_or_null(counts->provider_reference) : Json(nullptr);
  json["attempts"] = Json::array();
  for (const Attempt* attempt : charges) json["attempts"].push_back(attempt_json(*attempt));
}

void add_what_was_asked(Json& json, const Payment& payment) {
  json["external_id"] = text_or_null(payment.external_id);
  json["description"] = text_or_null(payment.description);
  json["customer"] = text_or_null(payment.customer_id);
  json["country"] = text_or_null(payment.country);
  json["metadata"] = metadata_json(payment.metadata);
  json["capture_method"] = payment.capture_method == CaptureMethod::manual ? "manual" : "automatic";
  json["payment_method"] = payment.method ? method_json(*payment.method) : Json(nullptr);
  json["return_url"] = text_or_null(payment.return_url);
}

Json without_secrets(Json action) {
  if (!action.is_object()) return action;
  action.erase("client_secret");
  for (auto& [name, member] : action.items())
    if (member.is_object()) member = without_secrets(std::move(member));
  return action;
}

void add_what_happened(Json& json, const Payment& payment, Reader reader) {
  json["next_action"] =
      reader == Reader::payer ? payment.next_action : without_secrets(payment.next_action);
  json["last_error"] = payment.last_error ? last_error_json(*payment.last_error) : Json(nullptr);
  json["late"] = payment.late;
  json["review"] = text_or_null(word_of(review_words, payment.review));
  json["cancel_requested"] = payment.cancel_requested;
}

void add_birth(Json& json, Time created_at, Time updated_at) {
  json["created_at"] = to_rfc3339(created_at);
  json["updated_at"] = to_rfc3339(updated_at);
}

}  // namespace

Json payment_json(const Payment& payment, std::span<const Attempt> attempts, Reader reader) {
  Json json = opening(payment.id, "payment", payment.mode);
  json["status"] = word_of(payment.status);
  add_money(json, payment.money);
  json["amount_capturable"] = payment.amount_capturable;
  json["amount_received"] = payment.amount_received;
  json["amount_refunded"] = payment.amount_refunded;
  add_what_was_asked(json, payment);
  add_what_happened(json, payment, reader);
  add_attempts(json, attempts);
  add_birth(json, payment.created_at, payment.updated_at);
  json["expires_at"] = to_rfc3339(payment.expires_at);
  json["finished_at"] = time_or_null(payment.finished_at);
  return json;
}

Json refund_json(const Refund& refund) {
  Json json = opening(refund.id, "refund", refund.mode);
  json["payment"] = refund.payment_id;
  json["attempt"] = text_or_null(refund.charge_attempt_id);
  json["status"] = word_of(refund.status);
  add_money(json, refund.money);
  json["reason"] = text_or_null(refund.reason);
  json["description"] = text_or_null(refund.description);
  json["external_id"] = text_or_null(refund.external_id);
  json["metadata"] = metadata_json(refund.metadata);
  json["provider"] = text_or_null(refund.account);
  json["provider_reference"] = text_or_null(refund.provider_reference);
  json["decline_code"] = text_or_null(refund.decline_code);
  json["advice"] = advice_for(refund.decline_code);
  json["automatic"] = refund.is_automatic;
  json["made_elsewhere"] = refund.made_elsewhere;
  add_birth(json, refund.created_at, refund.updated_at);
  json["finished_at"] = time_or_null(refund.finished_at);
  return json;
}

Json customer_json(const Customer& customer) {
  Json json = opening(customer.id, "customer", customer.mode);
  json["external_id"] = text_or_null(customer.external_id);
  json["email"] = text_or_null(customer.email);
  json["name"] = text_or_null(customer.name);
  json["phone"] = text_or_null(customer.phone);
  json["metadata"] = metadata_json(customer.metadata);
  add_birth(json, customer.created_at, customer.updated_at);
  return json;
}

}  // namespace switchyard
