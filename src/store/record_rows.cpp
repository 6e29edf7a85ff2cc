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
const std::string load_customers_sql =
    std::string("SELECT ") + customer_columns + " FROM customers c WHERE c.id = ANY($1::text[])";

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

}  // namespace switchyard
