#include "domain/describe.h"

#include <algorithm>
#include <vector>

#include "domain/decline.h"

namespace switchyard {
namespace {

// Every change of a payment describes it in an event. Braces would make an array of each pair of
// name and value first, and `[]` would look through all members there are: so a description is
// begun with room for its members, and each is added behind the others.
Json with_room_for(std::size_t members) {
  Json json = Json::object();
  json.get_ref<Json::object_t&>().reserve(members);
  return json;
}

// The object has no member of that name yet.
void add(Json& object, const char* name, Json value) {
  object.get_ref<Json::object_t&>().emplace_back(name, std::move(value));
}

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

Json opening(std::string_view id, std::string_view object, Mode mode, std::size_t members) {
  Json json = with_room_for(members);
  add(json, "id", id);
  add(json, "object", object);
  add(json, "livemode", mode == Mode::live);
  add(json, "environment", word_of(mode));
  return json;
}

void add_money(Json& json, const Money& money) {
  add(json, "amount", money.amount);
  add(json, "currency", money.currency.code());
  add(json, "amount_display", money.display());
}

// Without the card token: it can be used, so it is nobody's to read again.
Json method_json(const PaymentMethod& method) {
  Json json = with_room_for(3);
  add(json, "type", word_of(method.rail));
  switch (method.rail) {
    case Rail::card:
      add(json, "token_account", text_or_null(method.token_account));
      break;
    case Rail::mobile_money:
      add(json, "network", text_or_null(method.network));
      add(json, "phone_number", text_or_null(method.phone_number));
      break;
    case Rail::wallet:
      add(json, "kind", text_or_null(method.kind));
      add(json, "phone_number", text_or_null(method.phone_number));
      break;
    case Rail::hosted_page:
    case Rail::manual_transfer:
      break;
  }
  return json;
}

Json last_error_json(const LastError& error) {
  Json json = with_room_for(5);
  add(json, "decline_code", text_or_null(error.decline_code));
  add(json, "message", error.message);
  add(json, "advice", text_or_null(error.advice));
  add(json, "account", text_or_null(error.account));
  add(json, "provider_code", text_or_null(error.provider_code));
  return json;
}

Json attempt_json(const Attempt& attempt) {
  Json route = with_room_for(3);
  add(route, "rule", text_or_null(attempt.rule));
  add(route, "reason", text_or_null(attempt.reason));
  add(route, "rank", attempt.rank);
  Json json = with_room_for(9);
  add(json, "id", attempt.id);
  add(json, "account", attempt.account);
  add(json, "status", word_of(attempt.status));
  add(json, "certainty", word_of(certainty_of(attempt.status)));
  add(json, "provider_reference", text_or_null(attempt.provider_reference));
  add(json, "decline_code", text_or_null(attempt.decline_code));
  add(json, "advice", advice_for(attempt.decline_code));
  add(json, "route", std::move(route));
  add(json, "created_at", to_rfc3339(attempt.created_at));
  return json;
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
  add(json, "provider", counts ? text_or_null(counts->account) : Json(nullptr));
  add(json, "provider_reference",
      counts ? text_or_null(counts->provider_reference) : Json(nullptr));
  Json described = Json::array();
  for (const Attempt* attempt : charges) described.push_back(attempt_json(*attempt));
  add(json, "attempts", std::move(described));
}

void add_what_was_asked(Json& json, const Payment& payment) {
  add(json, "external_id", text_or_null(payment.external_id));
  add(json, "description", text_or_null(payment.description));
  add(json, "customer", text_or_null(payment.customer_id));
  add(json, "country", text_or_null(payment.country));
  add(json, "metadata", metadata_json(payment.metadata));
  add(json, "capture_method",
      payment.capture_method == CaptureMethod::manual ? "manual" : "automatic");
  add(json, "payment_method", payment.method ? method_json(*payment.method) : Json(nullptr));
  add(json, "return_url", text_or_null(payment.return_url));
}

Json without_secrets(Json action) {
  if (!action.is_object()) return action;
  action.erase("client_secret");
  for (auto& [name, member] : action.items())
    if (member.is_object()) member = without_secrets(std::move(member));
  return action;
}

void add_what_happened(Json& json, const Payment& payment, Reader reader) {
  add(json, "next_action",
      reader == Reader::payer ? payment.next_action : without_secrets(payment.next_action));
  add(json, "last_error",
      payment.last_error ? last_error_json(*payment.last_error) : Json(nullptr));
  add(json, "late", payment.late);
  add(json, "review", text_or_null(word_of(review_words, payment.review)));
  add(json, "cancel_requested", payment.cancel_requested);
}

void add_birth(Json& json, Time created_at, Time updated_at) {
  add(json, "created_at", to_rfc3339(created_at));
  add(json, "updated_at", to_rfc3339(updated_at));
}

}  // namespace

Json payment_json(const Payment& payment, std::span<const Attempt> attempts, Reader reader) {
  Json json = opening(payment.id, "payment", payment.mode, 31);
  add(json, "status", word_of(payment.status));
  add_money(json, payment.money);
  add(json, "amount_capturable", payment.amount_capturable);
  add(json, "amount_received", payment.amount_received);
  add(json, "amount_refunded", payment.amount_refunded);
  add_what_was_asked(json, payment);
  add_what_happened(json, payment, reader);
  add_attempts(json, attempts);
  add_birth(json, payment.created_at, payment.updated_at);
  add(json, "expires_at", to_rfc3339(payment.expires_at));
  add(json, "finished_at", time_or_null(payment.finished_at));
  return json;
}

Json refund_json(const Refund& refund) {
  Json json = opening(refund.id, "refund", refund.mode, 23);
  add(json, "payment", refund.payment_id);
  add(json, "attempt", text_or_null(refund.charge_attempt_id));
  add(json, "status", word_of(refund.status));
  add_money(json, refund.money);
  add(json, "reason", text_or_null(refund.reason));
  add(json, "description", text_or_null(refund.description));
  add(json, "external_id", text_or_null(refund.external_id));
  add(json, "metadata", metadata_json(refund.metadata));
  add(json, "provider", text_or_null(refund.account));
  add(json, "provider_reference", text_or_null(refund.provider_reference));
  add(json, "decline_code", text_or_null(refund.decline_code));
  add(json, "advice", advice_for(refund.decline_code));
  add(json, "automatic", refund.is_automatic);
  add(json, "made_elsewhere", refund.made_elsewhere);
  add_birth(json, refund.created_at, refund.updated_at);
  add(json, "finished_at", time_or_null(refund.finished_at));
  return json;
}

Json customer_json(const Customer& customer) {
  Json json = opening(customer.id, "customer", customer.mode, 11);
  add(json, "external_id", text_or_null(customer.external_id));
  add(json, "email", text_or_null(customer.email));
  add(json, "name", text_or_null(customer.name));
  add(json, "phone", text_or_null(customer.phone));
  add(json, "metadata", metadata_json(customer.metadata));
  add_birth(json, customer.created_at, customer.updated_at);
  return json;
}

}  // namespace switchyard
