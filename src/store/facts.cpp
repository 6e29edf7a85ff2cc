#include "store/facts.h"

#include <algorithm>

#include "store/trip.h"

namespace switchyard {
namespace {

constexpr Query existing_payments_query{"existing_payments",
                                        "SELECT id FROM payments WHERE id = ANY($1::text[])"};

constexpr Query insert_journal_query{"insert_journal", R"(
  INSERT INTO journal_lines (id, entry, merchant_id, mode, payment_id, attempt_id, book, what,
    amount, currency, created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::text[], $8::text[], $9::bigint[], $10::text[], $11::timestamptz[]))"};

constexpr Query insert_anomalies_query{"insert_anomalies", R"(
  INSERT INTO anomalies (id, merchant_id, payment_id, attempt_id, account, what, details, created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::jsonb[], $8::timestamptz[]))"};

// A holder's lease begins now; a released one is over and due later. The token goes up whenever
// the holder changes, so that a holder who slept too long can be told from its successor.
constexpr Query hold_leases_query{"hold_leases", R"(
  INSERT INTO leases (attempt_id, payment_id, account, due_at, lease_until, lease_token)
  SELECT attempt_id, payment_id, account, now(), now() + interval '15 seconds', 1
  FROM unnest($1::text[], $2::text[], $3::text[]) AS n (attempt_id, payment_id, account)
  ORDER BY attempt_id
  ON CONFLICT (attempt_id) DO UPDATE
    SET due_at = now(), lease_until = excluded.lease_until, lease_token = leases.lease_token + 1)"};

constexpr Query release_leases_query{"release_leases", R"(
  INSERT INTO leases (attempt_id, payment_id, account, due_at, lease_until, lease_token)
  SELECT attempt_id, payment_id, account, now() + due_in_ms * interval '1 millisecond', now(), 1
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    AS n (attempt_id, payment_id, account, due_in_ms)
  ORDER BY attempt_id
  ON CONFLICT (attempt_id) DO UPDATE SET due_at = excluded.due_at, lease_until = now())"};

constexpr Query drop_leases_query{"drop_leases",
                                  "DELETE FROM leases WHERE attempt_id = ANY($1::text[])"};

// A reference that is taken makes the command fail: the handler has looked before, and two at once
// are told apart by this key.
constexpr Query insert_bank_references_query{"insert_bank_references", R"(
  INSERT INTO bank_references (account, mode, reference, payment_id, amount, received_at, created_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
    $6::timestamptz[], $7::timestamptz[]))"};

constexpr Query count_codes_query{"count_unmapped_codes", R"(
  INSERT INTO unmapped_codes (account, code, count)
  SELECT account, code, count(*) FROM unnest($1::text[], $2::text[]) AS n (account, code)
  GROUP BY account, code ORDER BY account, code
  ON CONFLICT (account, code)
    DO UPDATE SET count = unmapped_codes.count + excluded.count, last_at = now())"};

}  // namespace

std::vector<std::string> existing_payments(Transaction& transaction,
                                           const std::vector<std::string>& ids) {
  std::vector<std::string> found;
  for (const Row& row : run(transaction, existing_payments_query, text_array(ids)))
    found.push_back(text_of(row, "id"));
  return found;
}

void insert_journal(Trip& trip, const std::vector<const JournalLine*>& lines) {
  Rows<11> rows;
  for (const JournalLine* l : lines)
    rows.add(l->id, l->entry, l->merchant_id, word_of(l->mode), l->payment_id, l->attempt_id,
             l->book, l->what, l->money.amount, l->money.currency.code(), l->created_at);
  trip.add_rows(insert_journal_query, rows);
}

void insert_anomalies(Trip& trip, const std::vector<const Anomaly*>& anomalies) {
  Rows<8> rows;
  for (const Anomaly* a : anomalies)
    rows.add(a->id, a->merchant_id, a->payment_id, a->attempt_id, a->account, a->what,
             write_json(a->details), a->created_at);
  trip.add_rows(insert_anomalies_query, rows);
}

void change_leases(Trip& trip, const std::vector<const LeaseChange*>& leases) {
  Rows<3> held;
  Rows<4> released;
  Rows<1> dropped;
  for (const LeaseChange* l : leases) {
    if (l->kind == LeaseChange::Kind::hold)
      held.add(l->attempt_id, l->payment_id, l->account);
    else if (l->kind == LeaseChange::Kind::release)
      released.add(l->attempt_id, l->payment_id, l->account, std::int64_t{l->due_in.count()});
    else
      dropped.add(l->attempt_id);
  }
  trip.add_rows(hold_leases_query, held);
  trip.add_rows(release_leases_query, released);
  trip.add_rows(drop_leases_query, dropped);
}

void insert_bank_references(Trip& trip, const std::vector<const BankReference*>& references) {
  Rows<7> rows;
  for (const BankReference* r : references)
    rows.add(r->account, word_of(r->mode), r->reference, r->payment_id, r->amount, r->received_at,
             r->created_at);
  trip.add_rows(insert_bank_references_query, rows);
}

void count_unmapped_codes(Trip& trip, const std::vector<const UnmappedCode*>& codes) {
  Rows<2> rows;
  for (const UnmappedCode* c : codes) rows.add(c->account, c->code);
  trip.add_rows(count_codes_query, rows);
}

}  // namespace switchyard
