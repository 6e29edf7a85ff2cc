#include "store/record_rows.h"
#include "store/row_parts.h"

namespace switchyard {

namespace {

const std::string select_payments = std::string("SELECT ") + payment_columns + " FROM payments p";
const std::string lock_payments_sql =
    select_payments + " WHERE p.id = ANY($1::text[]) ORDER BY p.id FOR UPDATE SKIP LOCKED";
const std::string load_payments_sql =
    select_payments + " WHERE p.id = ANY($1::text[]) ORDER BY p.id";
const std::string load_attempts_sql =
    std::string("SELECT ") + attempt_columns +
    " FROM attempts a WHERE a.payment_id = ANY($1::text[]) ORDER BY a.payment_id, a.number";
// By way of their attempts: steps have an index by attempt, and one more would cost every insert.
const std::string load_steps_sql =
    std::string("SELECT ") + step_columns +
    " FROM steps s JOIN attempts a ON a.id = s.attempt_id"
    " WHERE a.payment_id = ANY($1::text[]) ORDER BY s.attempt_id, s.number";
const std::string load_refunds_sql =
    std::string("SELECT ") + refund_columns +
    " FROM refunds r WHERE r.payment_id = ANY($1::text[]) ORDER BY r.id";
// By way of the payments: whose they are is not known before the trip.
const std::string load_customers_sql =
    std::string("SELECT ") + customer_columns +
    " FROM customers c WHERE c.id IN (SELECT p.customer_id FROM payments p"
    " WHERE p.id = ANY($1::text[]))";

PaymentRecord* find_record(std::vector<PaymentRecord>& records, const std::string& payment_id) {
  const auto at = std::ranges::lower_bound(
      records, payment_id, {}, [](const PaymentRecord& r) -> auto& { return r.payment.id; });
  return at == records.end() || at->payment.id != payment_id ? nullptr : &*at;
}

// Statement by statement, each sees what was committed before it began: what is read after the
// lock is as new as the lock.
std::vector<PaymentRecord> fetch_records(Transaction& transaction, const Query& payments,
                                         const std::vector<std::string>& ids, const Sealer& sealer,
                                         bool wants_steps) {
  const std::string list = text_array(ids);
  Trip trip(transaction);
  const auto payment_rows = trip.add(payments, list);
  const auto attempts = trip.add({"load_attempts", load_attempts_sql.c_str()}, list);
  const auto steps =
      wants_steps ? trip.add({"load_steps", load_steps_sql.c_str()}, list) : Trip::Stop::none;
  const auto refunds = trip.add({"load_refunds", load_refunds_sql.c_str()}, list);
  const auto customers = trip.add({"load_customers", load_customers_sql.c_str()}, list);

  std::vector<PaymentRecord> records;
  for (const Row& row : trip.answer(payment_rows))
    records.push_back({.payment = payment_of(row, sealer)});
  // A payment that was skipped has rows all the same.
  for (const Row& row : trip.answer(attempts))
    if (PaymentRecord* record = find_record(records, text_of(row, "payment_id")))
      record->attempts.push_back(attempt_of(row, sealer));
  for (const Row& row : trip.answer(steps))
    if (PaymentRecord* record = find_record(records, text_of(row, "payment_id")))
      record->steps.push_back(step_of(row));
  for (const Row& row : trip.answer(refunds))
    if (PaymentRecord* record = find_record(records, text_of(row, "payment_id")))
      record->refunds.push_back(refund_of(row));
  std::map<std::string, Customer> found;
  for (const Row& row : trip.answer(customers)) found.emplace(text_of(row, "id"), customer_of(row));
  for (PaymentRecord& record : records)
    if (const auto it = found.find(record.payment.customer_id); it != found.end())
      record.customer = it->second;
  return records;
}

}  // namespace

std::vector<PaymentRecord> lock_records(Transaction& transaction,
                                        const std::vector<std::string>& payment_ids,
                                        const Sealer& sealer) {
  return fetch_records(transaction, {"lock_payments", lock_payments_sql.c_str()}, payment_ids,
                       sealer, true);
}

std::vector<PaymentRecord> load_records(Transaction& transaction,
                                        const std::vector<std::string>& payment_ids,
                                        const Sealer& sealer) {
  return fetch_records(transaction, {"load_payments", load_payments_sql.c_str()}, payment_ids,
                       sealer, false);
}

}  // namespace switchyard
