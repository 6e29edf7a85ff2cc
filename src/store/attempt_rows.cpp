#include "store/record_rows.h"
#include "store/row_parts.h"

namespace switchyard {

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

namespace {

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

}  // namespace

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
  if (const std::string memory = opened(sealer, text_of(row, "sealed_memory"), a.id);
      !memory.empty())
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

void insert_attempts(Trip& trip, std::vector<const Attempt*> rows, const Sealer& sealer) {
  sort_by_id(rows);
  Rows<32> columns;
  for (const Attempt* a : rows)
    columns.add(
        a->id, a->payment_id, a->merchant_id, word_of(a->mode), a->number, word_of(a->operation),
        a->account, word_of(a->status), a->money.amount, a->money.currency.code(),
        NullableText{a->charge_attempt_id}, NullableText{a->refund_id}, a->provider_reference,
        NullableText{a->memory.empty() ? "" : sealed(sealer, write_json(a->memory), a->id)},
        NullableText{json_text(a->next_action)}, a->decline_code, a->provider_code,
        a->provider_message, word_of(a->closing_to), a->amount_received, a->amount_refunding,
        a->amount_refunded_elsewhere, a->late, a->rule, a->reason, a->rank, a->rules_version,
        a->confirmation, a->lookups, a->unknown_since, a->created_at, a->updated_at);
  trip.add_rows(insert_attempts_query, columns);
}

void update_attempts(Trip& trip, std::vector<const Attempt*> rows, const Sealer& sealer) {
  sort_by_id(rows);
  Rows<16> columns;
  for (const Attempt* a : rows)
    columns.add(a->id, word_of(a->status), a->provider_reference,
                NullableText{a->memory.empty() ? "" : sealed(sealer, write_json(a->memory), a->id)},
                NullableText{json_text(a->next_action)}, a->decline_code, a->provider_code,
                a->provider_message, word_of(a->closing_to), a->amount_received,
                a->amount_refunding, a->amount_refunded_elsewhere, a->late, a->lookups,
                a->unknown_since, a->updated_at);
  trip.add_rows(update_attempts_query, columns);
}

void insert_steps(Trip& trip, std::vector<const Step*> rows) {
  sort_by_id(rows);
  Rows<13> columns;
  for (const Step* s : rows)
    columns.add(s->id, s->attempt_id, s->payment_id, s->number, s->name, s->provider_key,
                s->sealed_request, s->moves_money, s->is_answered, s->http_status, s->sends,
                s->created_at, s->dedup_until);
  trip.add_rows(insert_steps_query, columns);
}

void update_steps(Trip& trip, std::vector<const Step*> rows) {
  sort_by_id(rows);
  Rows<4> columns;
  for (const Step* s : rows) columns.add(s->id, s->is_answered, s->http_status, s->sends);
  trip.add_rows(update_steps_query, columns);
}

}  // namespace switchyard
