#include "store/record_rows.h"

#include <algorithm>
#include <map>
#include <tuple>

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

constexpr Query insert_customers_query{"insert_customers", R"(
  INSERT INTO customers (id, merchant_id, mode, external_id, email, name, phone, metadata,
    is_deleted, created_at, updated_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::jsonb[], $9::bool[], $10::timestamptz[], $11::timestamptz[])
  ON CONFLICT (merchant_id, mode, external_id) WHERE NOT is_deleted DO NOTHING
  RETURNING id)"};

constexpr Query update_customers_query{"update_customers", R"(
  UPDATE customers c SET external_id = n.external_id, email = n.email, name = n.name,
    phone = n.phone, metadata = n.metadata, is_deleted = n.is_deleted, updated_at = n.updated_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::jsonb[], $9::bool[], $10::timestamptz[], $11::timestamptz[])
    AS n (id, merchant_id, mode, external_id, email, name, phone, metadata, is_deleted, created_at,
      updated_at)
  WHERE c.id = n.id AND c.merchant_id = n.merchant_id)"};

constexpr Query delete_customers_query{"delete_customers", R"(
  DELETE FROM customers c USING unnest($1::text[], $2::text[]) AS n (id, merchant_id)
  WHERE c.id = n.id AND c.merchant_id = n.merchant_id)"};

Rows<11> columns_of(const std::vector<const Customer*>& rows) {
  Rows<11> columns;
  for (const Customer* c : rows)
    columns.add(c->id, c->merchant_id, word_of(c->mode), NullableText{c->external_id}, c->email,
                c->name, c->phone, write_json(metadata_json(c->metadata)), c->is_deleted,
                c->created_at, c->updated_at);
  return columns;
}

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

Pending<std::vector<std::string>> insert_customers(Trip& trip, std::vector<const Customer*> rows) {
  // By the key on which two routers could wait for each other.
  std::sort(rows.begin(), rows.end(), [](const Customer* a, const Customer* b) {
    return std::tie(a->merchant_id, a->mode, a->external_id, a->id) <
           std::tie(b->merchant_id, b->mode, b->external_id, b->id);
  });
  Rows<11> columns = columns_of(rows);
  const Trip::Stop stop = trip.add_rows(insert_customers_query, columns);
  return [&trip, stop] { return texts_of(trip.answer(stop), "id"); };
}

void update_customers(Trip& trip, std::vector<const Customer*> rows) {
  std::map<std::string_view, const Customer*> last;
  for (const Customer* row : rows) last[row->id] = row;
  rows.clear();
  for (const auto& [id, row] : last) rows.push_back(row);
  Rows<11> columns = columns_of(rows);
  trip.add_rows(update_customers_query, columns);
}

void delete_customers(Trip& trip, std::vector<const Customer*> rows) {
  sort_by_id(rows);
  Rows<2> columns;
  for (const Customer* c : rows) columns.add(c->id, c->merchant_id);
  trip.add_rows(delete_customers_query, columns);
}

}  // namespace switchyard
