#include "store/record_rows.h"
#include "store/row_parts.h"

namespace switchyard {

const char* const refund_columns =
    "r.id, r.payment_id, r.merchant_id, r.mode, r.charge_attempt_id, r.status, r.amount,"
    "r.currency, r.reason, r.description, r.external_id, r.metadata, r.account,"
    "r.provider_reference, r.decline_code, r.is_automatic, r.made_elsewhere, r.is_queued,"
    "micros(r.created_at) AS created_at, micros(r.updated_at) AS updated_at,"
    "micros(r.finished_at) AS finished_at";

const char* const customer_columns =
    "c.id, c.merchant_id, c.mode, c.external_id, c.email, c.name, c.phone, c.metadata, "
    "c.is_deleted,"
    "micros(c.created_at) AS created_at, micros(c.updated_at) AS updated_at";

namespace {

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

}  // namespace

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

void insert_refunds(Trip& trip, std::vector<const Refund*> rows) {
  sort_by_id(rows);
  Rows<21> columns;
  for (const Refund* r : rows)
    columns.add(r->id, r->payment_id, r->merchant_id, word_of(r->mode), r->charge_attempt_id,
                word_of(r->status), r->money.amount, r->money.currency.code(), r->reason,
                r->description, NullableText{r->external_id},
                write_json(metadata_json(r->metadata)), r->account, r->provider_reference,
                r->decline_code, r->is_automatic, r->made_elsewhere, r->is_queued, r->created_at,
                r->updated_at, r->finished_at);
  trip.add_rows(insert_refunds_query, columns);
}

void update_refunds(Trip& trip, std::vector<const Refund*> rows) {
  sort_by_id(rows);
  Rows<7> columns;
  for (const Refund* r : rows)
    columns.add(r->id, word_of(r->status), r->provider_reference, r->decline_code, r->is_queued,
                r->updated_at, r->finished_at);
  trip.add_rows(update_refunds_query, columns);
}

void upsert_customers(Trip& trip, std::vector<const Customer*> rows) {
  sort_by_id(rows);
  Rows<11> columns;
  for (const Customer* c : rows)
    columns.add(c->id, c->merchant_id, word_of(c->mode), NullableText{c->external_id}, c->email,
                c->name, c->phone, write_json(metadata_json(c->metadata)), c->is_deleted,
                c->created_at, c->updated_at);
  trip.add_rows(upsert_customers_query, columns);
}

}  // namespace switchyard
