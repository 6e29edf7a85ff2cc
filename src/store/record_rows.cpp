#include "store/record_rows.h"

#include <algorithm>

namespace switchyard {

const char* const payment_columns =
    "p.id, p.merchant_id, p.mode, p.status, p.amount, p.currency, p.amount_capturable,"
    "p.amount_received, p.amount_refunded, p.capture_method, p.method, p.method_details,"
    "p.sealed_token, p.external_id, p.description, p.customer_id, p.country, p.return_url,"
    "p.metadata, p.next_action, p.last_error, p.late, p.cancel_requested, p.expiry_requested,"
    "p.review, p.route, p.rules_version, p.confirmation, p.sequence, p.previous_event,"
    "micros(p.created_at) AS created_at, micros(p.updated_at) AS updated_at,"
    "micros(p.expires_at) AS expires_at, micros(p.finished_at) AS finished_at";

const char* const attempt_columns =
    "a.id, a.payment_id, a.merchant_id, a.mode, a.number, a.operation, a.account, a.status,"
    "a.amount, a.currency, a.charge_attempt_id, a.refund_id, a.provider_reference,"
    "a.sealed_memory, a.next_action, a.decline_code, a.provider_code, a.provider_message,"
    "a.closing_to, a.amount_received, a.amount_refunding, a.amount_refunded_elsewhere, a.late,"
    "a.rule, a.reason, a.rank, a.rules_version, a.confirmation, a.lookups,"
    "micros(a.unknown_since) AS unknown_since, micros(a.created_at) AS created_at,"
    "micros(a.updated_at) AS updated_at";

const char* const step_columns =
    "s.id, s.attempt_id, s.payment_id, s.number, s.name, s.provider_key, s.sealed_request,"
    "s.moves_money, s.is_answered, s.http_status, s.sends, micros(s.created_at) AS created_at,"
    "micros(s.dedup_until) AS dedup_until";

const char* const refund_columns =
    "r.id, r.payment_id, r.merchant_id, r.mode, r.charge_attempt_id, r.status, r.amount,"
    "r.currency, r.reason, r.description, r.external_id, r.metadata, r.account,"
    "r.provider_reference, r.decline_code, r.is_automatic, r.made_elsewhere, r.is_queued,"
    "micros(r.created_at) AS created_at, micros(r.updated_at) AS updated_at,"
    "micros(r.finished_at) AS finished_at";

const char* const customer_columns =
    "c.id, c.merchant_id, c.mode, c.external_id, c.email, c.name, c.phone, c.metadata, c.is_deleted,"
    "micros(c.created_at) AS created_at, micros(c.updated_at) AS updated_at";

namespace {

Mode mode_of(const Row& row) { return text_of(row, "mode") == "live" ? Mode::live : Mode::test; }

Money money_of(const Row& row) {
  const auto currency = find_currency(text_of(row, "currency"));
  assert(currency && "a stored currency is one we know");
  return {integer_of(row, "amount"), *currency};
}

Metadata metadata_of(const Row& row) {
  Metadata metadata;
  const Json json = json_of(row, "metadata");
  for (const auto& [key, value] : json.items())
    if (value.is_string()) metadata[key] = value.get<std::string>();
  return metadata;
}

Json metadata_json(const Metadata& metadata) {
  Json json = Json::object();
  for (const auto& [key, value] : metadata) json[key] = value;
  return json;
}

// A null stays a null: absent actions and errors are not empty objects.
std::string json_text(const Json& json) { return json.is_null() ? "" : write_json(json); }

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

std::string sealed(const Sealer& sealer, const std::string& plain, const std::string& about) {
  return plain.empty() ? "" : to_base64(sealer.seal(plain, about));
}

std::string opened(const Sealer& sealer, const std::string& sealed_text, const std::string& about) {
  if (sealed_text.empty()) return "";
  const auto bytes = from_base64(sealed_text);
  const auto plain = bytes ? sealer.open(*bytes, about) : std::nullopt;
  assert(plain && "the master key opens what it sealed");
  return *plain;
}

template <class T>
void sort_by_id(std::vector<const T*>& rows) {
  std::sort(rows.begin(), rows.end(), [](const T* a, const T* b) { return a->id < b->id; });
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

Attempt attempt_of(const Row& row, const Sealer& sealer) {
  Attempt a;
  a.id = text_of(row, "id");
  a.payment_id = text_of(row, "payment_id");
  a.merchant_id = text_of(row, "merchant_id");
  a.mode = mode_of(row);
  a.number = static_cast<int>(integer_of(row, "number"));
  a.operation = *from_word(operation_words, text_of(row, "operation"));
  a.account = text_of(row, "account");
  a.status = *from_word(attempt_status_words, text_of(row, "status"));
  a.money = money_of(row);
  a.charge_attempt_id = text_of(row, "charge_attempt_id");
  a.refund_id = text_of(row, "refund_id");
  a.provider_reference = text_of(row, "provider_reference");
  if (const std::string memory = opened(sealer, text_of(row, "sealed_memory"), a.id); !memory.empty())
    a.memory = parse_json(memory);
  a.next_action = json_of(row, "next_action");
  a.decline_code = text_of(row, "decline_code");
  a.provider_code = text_of(row, "provider_code");
  a.provider_message = text_of(row, "provider_message");
  a.closing_to = *from_word(attempt_status_words, text_of(row, "closing_to"));
  a.amount_received = integer_of(row, "amount_received");
  a.amount_refunding = integer_of(row, "amount_refunding");
  a.amount_refunded_elsewhere = integer_of(row, "amount_refunded_elsewhere");
  a.late = bool_of(row, "late");
  a.rule = text_of(row, "rule");
  a.reason = text_of(row, "reason");
  a.rank = static_cast<int>(integer_of(row, "rank"));
  a.rules_version = text_of(row, "rules_version");
  a.confirmation = static_cast<int>(integer_of(row, "confirmation"));
  a.lookups = static_cast<int>(integer_of(row, "lookups"));
  a.unknown_since = maybe_time_of(row, "unknown_since");
  a.created_at = time_of(row, "created_at");
  a.updated_at = time_of(row, "updated_at");
  return a;
}

Step step_of(const Row& row) {
  Step s;
  s.id = text_of(row, "id");
  s.attempt_id = text_of(row, "attempt_id");
  s.payment_id = text_of(row, "payment_id");
  s.number = static_cast<int>(integer_of(row, "number"));
  s.name = text_of(row, "name");
  s.provider_key = text_of(row, "provider_key");
  s.sealed_request = text_of(row, "sealed_request");
  s.moves_money = bool_of(row, "moves_money");
  s.is_answered = bool_of(row, "is_answered");
  s.http_status = static_cast<int>(integer_of(row, "http_status"));
  s.sends = static_cast<int>(integer_of(row, "sends"));
  s.created_at = time_of(row, "created_at");
  s.dedup_until = time_of(row, "dedup_until");
  return s;
}

Refund refund_of(const Row& row) {
  Refund r;
  r.id = text_of(row, "id");
  r.payment_id = text_of(row, "payment_id");
  r.merchant_id = text_of(row, "merchant_id");
  r.mode = mode_of(row);
  r.charge_attempt_id = text_of(row, "charge_attempt_id");
  r.status = *from_word(refund_status_words, text_of(row, "status"));
  r.money = money_of(row);
  r.reason = text_of(row, "reason");
  r.description = text_of(row, "description");
  r.external_id = text_of(row, "external_id");
  r.metadata = metadata_of(row);
  r.account = text_of(row, "account");
  r.provider_reference = text_of(row, "provider_reference");
  r.decline_code = text_of(row, "decline_code");
  r.is_automatic = bool_of(row, "is_automatic");
  r.made_elsewhere = bool_of(row, "made_elsewhere");
  r.is_queued = bool_of(row, "is_queued");
  r.created_at = time_of(row, "created_at");
  r.updated_at = time_of(row, "updated_at");
  r.finished_at = maybe_time_of(row, "finished_at");
  return r;
}

Customer customer_of(const Row& row) {
  Customer c;
  c.id = text_of(row, "id");
  c.merchant_id = text_of(row, "merchant_id");
  c.mode = mode_of(row);
  c.external_id = text_of(row, "external_id");
  c.email = text_of(row, "email");
  c.name = text_of(row, "name");
  c.phone = text_of(row, "phone");
  c.metadata = metadata_of(row);
  c.is_deleted = bool_of(row, "is_deleted");
  c.created_at = time_of(row, "created_at");
  c.updated_at = time_of(row, "updated_at");
  return c;
}

namespace {

const std::string select_payments = std::string("SELECT ") + payment_columns + " FROM payments p";
const std::string lock_payments_sql =
    select_payments + " WHERE p.id = ANY($1::text[]) ORDER BY p.id FOR UPDATE SKIP LOCKED";
const std::string load_payments_sql = select_payments + " WHERE p.id = ANY($1::text[]) ORDER BY p.id";
const std::string load_attempts_sql = std::string("SELECT ") + attempt_columns +
    " FROM attempts a WHERE a.payment_id = ANY($1::text[]) ORDER BY a.payment_id, a.number";
const std::string load_steps_sql = std::string("SELECT ") + step_columns +
    " FROM steps s WHERE s.payment_id = ANY($1::text[]) ORDER BY s.attempt_id, s.number";
const std::string load_refunds_sql = std::string("SELECT ") + refund_columns +
    " FROM refunds r WHERE r.payment_id = ANY($1::text[]) ORDER BY r.id";
const std::string load_customers_sql = std::string("SELECT ") + customer_columns +
    " FROM customers c WHERE c.id = ANY($1::text[])";

std::vector<PaymentRecord> fill_records(Transaction& transaction, const Rowset& payments,
                                        const Sealer& sealer) {
  std::vector<PaymentRecord> records;
  std::vector<std::string> ids;
  std::vector<std::string> customer_ids;
  for (const Row& row : payments) {
    records.push_back({.payment = payment_of(row, sealer)});
    ids.push_back(records.back().payment.id);
    if (!records.back().payment.customer_id.empty())
      customer_ids.push_back(records.back().payment.customer_id);
  }
  if (records.empty()) return records;
  const auto record_of = [&](const std::string& payment_id) -> PaymentRecord& {
    return *std::lower_bound(
        records.begin(), records.end(), payment_id,
        [](const PaymentRecord& r, const std::string& id) { return r.payment.id < id; });
  };
  const std::string list = text_array(ids);
  const Query attempts{"load_attempts", load_attempts_sql.c_str()};
  const Query steps{"load_steps", load_steps_sql.c_str()};
  const Query refunds{"load_refunds", load_refunds_sql.c_str()};
  for (const Row& row : run(transaction, attempts, list))
    record_of(text_of(row, "payment_id")).attempts.push_back(attempt_of(row, sealer));
  for (const Row& row : run(transaction, steps, list))
    record_of(text_of(row, "payment_id")).steps.push_back(step_of(row));
  for (const Row& row : run(transaction, refunds, list))
    record_of(text_of(row, "payment_id")).refunds.push_back(refund_of(row));
  if (!customer_ids.empty()) {
    const Query customers{"load_customers", load_customers_sql.c_str()};
    std::map<std::string, Customer> found;
    for (const Row& row : run(transaction, customers, text_array(customer_ids)))
      found.emplace(text_of(row, "id"), customer_of(row));
    for (PaymentRecord& record : records)
      if (const auto it = found.find(record.payment.customer_id); it != found.end())
        record.customer = it->second;
  }
  return records;
}

}  // namespace

std::vector<PaymentRecord> lock_records(Transaction& transaction,
                                        const std::vector<std::string>& payment_ids,
                                        const Sealer& sealer) {
  const Query query{"lock_payments", lock_payments_sql.c_str()};
  return fill_records(transaction, run(transaction, query, text_array(payment_ids)), sealer);
}

std::vector<PaymentRecord> load_records(Transaction& transaction,
                                        const std::vector<std::string>& payment_ids,
                                        const Sealer& sealer) {
  const Query query{"load_payments", load_payments_sql.c_str()};
  return fill_records(transaction, run(transaction, query, text_array(payment_ids)), sealer);
}

namespace {

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

constexpr Query insert_attempts_query{"insert_attempts", R"(
  INSERT INTO attempts (id, payment_id, merchant_id, mode, number, operation, account, status,
    amount, currency, charge_attempt_id, refund_id, provider_reference, sealed_memory, next_action,
    decline_code, provider_code, provider_message, closing_to, amount_received, amount_refunding,
    amount_refunded_elsewhere, late, rule, reason, rank, rules_version, confirmation, lookups,
    unknown_since, created_at, updated_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[],
    $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[],
    $14::text[], $15::jsonb[], $16::text[], $17::text[], $18::text[], $19::text[], $20::bigint[],
    $21::bigint[], $22::bigint[], $23::bool[], $24::text[], $25::text[], $26::int[], $27::text[],
    $28::int[], $29::int[], $30::timestamptz[], $31::timestamptz[], $32::timestamptz[]))"};

constexpr Query update_attempts_query{"update_attempts", R"(
  UPDATE attempts a SET status = n.status, provider_reference = n.provider_reference,
    sealed_memory = n.sealed_memory, next_action = n.next_action, decline_code = n.decline_code,
    provider_code = n.provider_code, provider_message = n.provider_message,
    closing_to = n.closing_to, amount_received = n.amount_received,
    amount_refunding = n.amount_refunding,
    amount_refunded_elsewhere = n.amount_refunded_elsewhere, late = n.late, lookups = n.lookups,
    unknown_since = n.unknown_since, updated_at = n.updated_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bool[], $14::int[],
    $15::timestamptz[], $16::timestamptz[])
    AS n (id, status, provider_reference, sealed_memory, next_action, decline_code, provider_code,
      provider_message, closing_to, amount_received, amount_refunding, amount_refunded_elsewhere,
      late, lookups, unknown_since, updated_at)
  WHERE a.id = n.id)"};

constexpr Query insert_steps_query{"insert_steps", R"(
  INSERT INTO steps (id, attempt_id, payment_id, number, name, provider_key, sealed_request,
    moves_money, is_answered, http_status, sends, created_at, dedup_until)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[],
    $7::text[], $8::bool[], $9::bool[], $10::int[], $11::int[], $12::timestamptz[],
    $13::timestamptz[]))"};

constexpr Query update_steps_query{"update_steps", R"(
  UPDATE steps s SET is_answered = n.is_answered, http_status = n.http_status, sends = n.sends
  FROM unnest($1::text[], $2::bool[], $3::int[], $4::int[])
    AS n (id, is_answered, http_status, sends)
  WHERE s.id = n.id)"};

constexpr Query insert_refunds_query{"insert_refunds", R"(
  INSERT INTO refunds (id, payment_id, merchant_id, mode, charge_attempt_id, status, amount,
    currency, reason, description, external_id, metadata, account, provider_reference,
    decline_code, is_automatic, made_elsewhere, is_queued, created_at, updated_at, finished_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::jsonb[], $13::text[],
    $14::text[], $15::text[], $16::bool[], $17::bool[], $18::bool[], $19::timestamptz[],
    $20::timestamptz[], $21::timestamptz[]))"};

constexpr Query update_refunds_query{"update_refunds", R"(
  UPDATE refunds r SET status = n.status, provider_reference = n.provider_reference,
    decline_code = n.decline_code, is_queued = n.is_queued, updated_at = n.updated_at,
    finished_at = n.finished_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::timestamptz[],
    $7::timestamptz[])
    AS n (id, status, provider_reference, decline_code, is_queued, updated_at, finished_at)
  WHERE r.id = n.id)"};

constexpr Query upsert_customers_query{"upsert_customers", R"(
  INSERT INTO customers (id, merchant_id, mode, external_id, email, name, phone, metadata,
    is_deleted, created_at, updated_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::jsonb[], $9::bool[], $10::timestamptz[], $11::timestamptz[])
  ON CONFLICT (id) DO UPDATE SET external_id = excluded.external_id, email = excluded.email,
    name = excluded.name, phone = excluded.phone, metadata = excluded.metadata,
    is_deleted = excluded.is_deleted, updated_at = excluded.updated_at)"};

struct MethodColumns {
  std::string rail, details, token;
};
MethodColumns method_columns(const Payment& p, const Sealer& sealer) {
  if (!p.method) return {};
  return {std::string(word_of(p.method->rail)), write_json(method_details(*p.method)),
          sealed(sealer, p.method->token, p.id)};
}

}  // namespace

std::vector<std::string> insert_payments(Transaction& transaction, std::vector<const Payment*> rows,
                                         const Sealer& sealer) {
  sort_by_id(rows);
  Rows<34> columns;
  for (const Payment* p : rows) {
    const MethodColumns method = method_columns(*p, sealer);
    columns.add(p->id, p->merchant_id, word_of(p->mode), word_of(p->status), p->money.amount,
                p->money.currency.code(), p->amount_capturable, p->amount_received,
                p->amount_refunded,
                p->capture_method == CaptureMethod::manual ? "manual" : "automatic",
                NullableText{method.rail}, NullableText{method.details},
                NullableText{method.token}, NullableText{p->external_id}, p->description,
                NullableText{p->customer_id}, p->country, p->return_url,
                write_json(metadata_json(p->metadata)), NullableText{json_text(p->next_action)},
                NullableText{json_text(error_json(p->last_error))}, p->late, p->cancel_requested,
                p->expiry_requested, NullableText{word_of(review_words, p->review)},
                write_json(route_json(p->route)), p->rules_version, p->confirmation, p->sequence,
                p->previous_event, p->created_at, p->updated_at, p->expires_at, p->finished_at);
  }
  std::vector<std::string> inserted;
  for (const Row& row : run_rows(transaction, insert_payments_query, columns))
    inserted.push_back(text_of(row, "id"));
  return inserted;
}

void update_payments(Transaction& transaction, std::vector<const Payment*> rows,
                     const Sealer& sealer) {
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
  run_rows(transaction, update_payments_query, columns);
}

void insert_attempts(Transaction& transaction, std::vector<const Attempt*> rows,
                     const Sealer& sealer) {
  sort_by_id(rows);
  Rows<32> columns;
  for (const Attempt* a : rows)
    columns.add(a->id, a->payment_id, a->merchant_id, word_of(a->mode), a->number,
                word_of(a->operation), a->account, word_of(a->status), a->money.amount,
                a->money.currency.code(), NullableText{a->charge_attempt_id},
                NullableText{a->refund_id}, a->provider_reference,
                NullableText{a->memory.empty() ? "" : sealed(sealer, write_json(a->memory), a->id)},
                NullableText{json_text(a->next_action)}, a->decline_code, a->provider_code,
                a->provider_message, word_of(a->closing_to), a->amount_received,
                a->amount_refunding, a->amount_refunded_elsewhere, a->late, a->rule, a->reason,
                a->rank, a->rules_version, a->confirmation, a->lookups, a->unknown_since,
                a->created_at, a->updated_at);
  run_rows(transaction, insert_attempts_query, columns);
}

void update_attempts(Transaction& transaction, std::vector<const Attempt*> rows,
                     const Sealer& sealer) {
  sort_by_id(rows);
  Rows<16> columns;
  for (const Attempt* a : rows)
    columns.add(a->id, word_of(a->status), a->provider_reference,
                NullableText{a->memory.empty() ? "" : sealed(sealer, write_json(a->memory), a->id)},
                NullableText{json_text(a->next_action)}, a->decline_code, a->provider_code,
                a->provider_message, word_of(a->closing_to), a->amount_received,
                a->amount_refunding, a->amount_refunded_elsewhere, a->late, a->lookups,
                a->unknown_since, a->updated_at);
  run_rows(transaction, update_attempts_query, columns);
}

void insert_steps(Transaction& transaction, std::vector<const Step*> rows) {
  sort_by_id(rows);
  Rows<13> columns;
  for (const Step* s : rows)
    columns.add(s->id, s->attempt_id, s->payment_id, s->number, s->name, s->provider_key,
                s->sealed_request, s->moves_money, s->is_answered, s->http_status, s->sends,
                s->created_at, s->dedup_until);
  run_rows(transaction, insert_steps_query, columns);
}

void update_steps(Transaction& transaction, std::vector<const Step*> rows) {
  sort_by_id(rows);
  Rows<4> columns;
  for (const Step* s : rows) columns.add(s->id, s->is_answered, s->http_status, s->sends);
  run_rows(transaction, update_steps_query, columns);
}

void insert_refunds(Transaction& transaction, std::vector<const Refund*> rows) {
  sort_by_id(rows);
  Rows<21> columns;
  for (const Refund* r : rows)
    columns.add(r->id, r->payment_id, r->merchant_id, word_of(r->mode), r->charge_attempt_id,
                word_of(r->status), r->money.amount, r->money.currency.code(), r->reason,
                r->description, NullableText{r->external_id}, write_json(metadata_json(r->metadata)),
                r->account, r->provider_reference, r->decline_code, r->is_automatic,
                r->made_elsewhere, r->is_queued, r->created_at, r->updated_at, r->finished_at);
  run_rows(transaction, insert_refunds_query, columns);
}

void update_refunds(Transaction& transaction, std::vector<const Refund*> rows) {
  sort_by_id(rows);
  Rows<7> columns;
  for (const Refund* r : rows)
    columns.add(r->id, word_of(r->status), r->provider_reference, r->decline_code, r->is_queued,
                r->updated_at, r->finished_at);
  run_rows(transaction, update_refunds_query, columns);
}

void upsert_customers(Transaction& transaction, std::vector<const Customer*> rows) {
  sort_by_id(rows);
  Rows<11> columns;
  for (const Customer* c : rows)
    columns.add(c->id, c->merchant_id, word_of(c->mode), NullableText{c->external_id}, c->email,
                c->name, c->phone, write_json(metadata_json(c->metadata)), c->is_deleted,
                c->created_at, c->updated_at);
  run_rows(transaction, upsert_customers_query, columns);
}

}  // namespace switchyard
