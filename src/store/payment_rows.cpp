#include "store/record_rows.h"

#include <tuple>

#include "store/row_parts.h"

namespace switchyard {

const char* const payment_columns =
    "p.id, p.merchant_id, p.mode, p.status, p.amount, p.currency, p.amount_capturable,"
    "p.amount_received, p.amount_refunded, p.capture_method, p.method, p.method_details,"
    "p.sealed_token, p.external_id, p.description, p.customer_id, p.country, p.return_url,"
    "p.metadata, p.next_action, p.last_error, p.late, p.cancel_requested, p.expiry_requested,"
    "p.review, p.route, p.rules_version, p.confirmation, p.sequence, p.previous_event,"
    "micros(p.created_at) AS created_at, micros(p.updated_at) AS updated_at,"
    "micros(p.expires_at) AS expires_at, micros(p.finished_at) AS finished_at";

namespace {

Json method_details(const PaymentMethod& method) {
  return {{"token_account", method.token_account},
          {"network", method.network},
          {"phone_number", method.phone_number},
          {"kind", method.kind}};
}

Json error_json(const std::optional<LastError>& error) {
  if (!error) return nullptr;
  return {{"decline_code", error->decline_code},
          {"message", error->message},
          {"advice", error->advice},
          {"account", error->account},
          {"provider_code", error->provider_code}};
}

Json route_json(const std::vector<RouteStop>& route) {
  Json json = Json::array();
  for (const RouteStop& stop : route)
    json.push_back({{"account", stop.account},
                    {"rule", stop.rule},
                    {"reason", stop.reason},
                    {"rank", stop.rank}});
  return json;
}

constexpr Query insert_payments_query{"insert_payments", R"(
  INSERT INTO payments (id, merchant_id, mode, status, amount, currency, amount_capturable,
    amount_received, amount_refunded, capture_method, method, method_details, sealed_token,
    external_id, description, customer_id, country, return_url, metadata, next_action, last_error,
    late, cancel_requested, expiry_requested, review, route, rules_version, confirmation, sequence,
    previous_event, created_at, updated_at, expires_at, finished_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::jsonb[], $13::text[],
    $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::jsonb[], $20::jsonb[],
    $21::jsonb[], $22::bool[], $23::bool[], $24::bool[], $25::text[], $26::jsonb[], $27::text[],
    $28::int[], $29::int[], $30::text[], $31::timestamptz[], $32::timestamptz[],
    $33::timestamptz[], $34::timestamptz[])
  ON CONFLICT (merchant_id, mode, external_id) DO NOTHING
  RETURNING id)"};

constexpr Query update_payments_query{"update_payments", R"(
  UPDATE payments p SET status = n.status, amount_capturable = n.amount_capturable,
    amount_received = n.amount_received, amount_refunded = n.amount_refunded, method = n.method,
    method_details = n.method_details, sealed_token = n.sealed_token, description = n.description,
    country = n.country, return_url = n.return_url, metadata = n.metadata,
    next_action = n.next_action, last_error = n.last_error, late = n.late,
    cancel_requested = n.cancel_requested, expiry_requested = n.expiry_requested,
    review = n.review, route = n.route, rules_version = n.rules_version,
    confirmation = n.confirmation, sequence = n.sequence, previous_event = n.previous_event,
    updated_at = n.updated_at, finished_at = n.finished_at
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
    $7::jsonb[], $8::text[], $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::jsonb[],
    $14::jsonb[], $15::bool[], $16::bool[], $17::bool[], $18::text[], $19::jsonb[], $20::text[],
    $21::int[], $22::int[], $23::text[], $24::timestamptz[], $25::timestamptz[])
    AS n (id, status, amount_capturable, amount_received, amount_refunded, method, method_details,
      sealed_token, description, country, return_url, metadata, next_action, last_error, late,
      cancel_requested, expiry_requested, review, route, rules_version, confirmation, sequence,
      previous_event, updated_at, finished_at)
  WHERE p.id = n.id)"};

struct MethodColumns {
  std::string rail, details, token;
};
MethodColumns method_columns(const Payment& p, const Sealer& sealer) {
  if (!p.method) return {};
  return {std::string(word_of(p.method->rail)), write_json(method_details(*p.method)),
          sealed(sealer, p.method->token, p.id)};
}

}  // namespace

Payment payment_of(const Row& row, const Sealer& sealer) {
  Payment p;
  p.id = text_of(row, "id");
  p.merchant_id = text_of(row, "merchant_id");
  p.mode = mode_of(row);
  p.status = *from_word(payment_status_words, text_of(row, "status"));
  p.money = money_of(row);
  p.amount_capturable = integer_of(row, "amount_capturable");
  p.amount_received = integer_of(row, "amount_received");
  p.amount_refunded = integer_of(row, "amount_refunded");
  p.capture_method =
      text_of(row, "capture_method") == "manual" ? CaptureMethod::manual : CaptureMethod::automatic;
  if (const auto rail = from_word(rail_words, text_of(row, "method"))) {
    const Json details = json_of(row, "method_details");
    p.method = PaymentMethod{.rail = *rail,
                             .token = opened(sealer, text_of(row, "sealed_token"), p.id),
                             .token_account = text_at(details, "token_account"),
                             .network = text_at(details, "network"),
                             .phone_number = text_at(details, "phone_number"),
                             .kind = text_at(details, "kind")};
  }
  p.external_id = text_of(row, "external_id");
  p.description = text_of(row, "description");
  p.customer_id = text_of(row, "customer_id");
  p.country = text_of(row, "country");
  p.return_url = text_of(row, "return_url");
  p.metadata = metadata_of(row);
  p.next_action = json_of(row, "next_action");
  const Json error = json_of(row, "last_error");
  if (error.is_object())
    p.last_error = LastError{text_at(error, "decline_code"), text_at(error, "message"),
                             text_at(error, "advice"), text_at(error, "account"),
                             text_at(error, "provider_code")};
  p.late = bool_of(row, "late");
  p.cancel_requested = bool_of(row, "cancel_requested");
  p.expiry_requested = bool_of(row, "expiry_requested");
  p.review = *from_word(review_words, text_of(row, "review"));
  for (const Json& stop : json_of(row, "route"))
    p.route.push_back({text_at(stop, "account"), text_at(stop, "rule"), text_at(stop, "reason"),
                       static_cast<int>(integer_at(stop, "rank").value_or(1))});
  p.rules_version = text_of(row, "rules_version");
  p.confirmation = static_cast<int>(integer_of(row, "confirmation"));
  p.sequence = static_cast<int>(integer_of(row, "sequence"));
  p.previous_event = text_of(row, "previous_event");
  p.created_at = time_of(row, "created_at");
  p.updated_at = time_of(row, "updated_at");
  p.expires_at = time_of(row, "expires_at");
  p.finished_at = maybe_time_of(row, "finished_at");
  return p;
}

Pending<std::vector<std::string>> insert_payments(Trip& trip, std::vector<const Payment*> rows,
                                                  const Sealer& sealer) {
  // By the key on which two routers could wait for each other.
  std::sort(rows.begin(), rows.end(), [](const Payment* a, const Payment* b) {
    return std::tie(a->merchant_id, a->external_id, a->id) <
           std::tie(b->merchant_id, b->external_id, b->id);
  });
  Rows<34> columns;
  for (const Payment* p : rows) {
    const MethodColumns method = method_columns(*p, sealer);
    columns.add(p->id, p->merchant_id, word_of(p->mode), word_of(p->status), p->money.amount,
                p->money.currency.code(), p->amount_capturable, p->amount_received,
                p->amount_refunded,
                p->capture_method == CaptureMethod::manual ? "manual" : "automatic",
                NullableText{method.rail}, NullableText{method.details}, NullableText{method.token},
                NullableText{p->external_id}, p->description, NullableText{p->customer_id},
                p->country, p->return_url, write_json(metadata_json(p->metadata)),
                NullableText{json_text(p->next_action)},
                NullableText{json_text(error_json(p->last_error))}, p->late, p->cancel_requested,
                p->expiry_requested, NullableText{word_of(review_words, p->review)},
                write_json(route_json(p->route)), p->rules_version, p->confirmation, p->sequence,
                p->previous_event, p->created_at, p->updated_at, p->expires_at, p->finished_at);
  }
  const Trip::Stop stop = trip.add_rows(insert_payments_query, columns);
  return [&trip, stop] { return texts_of(trip.answer(stop), "id"); };
}

void update_payments(Trip& trip, std::vector<const Payment*> rows, const Sealer& sealer) {
  sort_by_id(rows);
  Rows<25> columns;
  for (const Payment* p : rows) {
    const MethodColumns method = method_columns(*p, sealer);
    columns.add(p->id, word_of(p->status), p->amount_capturable, p->amount_received,
                p->amount_refunded, NullableText{method.rail}, NullableText{method.details},
                NullableText{method.token}, p->description, p->country, p->return_url,
                write_json(metadata_json(p->metadata)), NullableText{json_text(p->next_action)},
                NullableText{json_text(error_json(p->last_error))}, p->late, p->cancel_requested,
                p->expiry_requested, NullableText{word_of(review_words, p->review)},
                write_json(route_json(p->route)), p->rules_version, p->confirmation, p->sequence,
                p->previous_event, p->updated_at, p->finished_at);
  }
  trip.add_rows(update_payments_query, columns);
}

}  // namespace switchyard
