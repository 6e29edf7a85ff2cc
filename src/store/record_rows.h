// For store/ only: a payment and all that belongs to it, between C++ and SQL. What must not lie in
// clear (card tokens, what an adapter remembers) is sealed here.
#pragma once

#include <string>
#include <vector>

#include "base/crypto.h"
#include "domain/record.h"
#include "store/trip.h"

namespace switchyard {

// The column lists that the readers below expect.
extern const char* const payment_columns;
extern const char* const attempt_columns;
extern const char* const step_columns;
extern const char* const refund_columns;
extern const char* const customer_columns;

Payment payment_of(const Row& row, const Sealer& sealer);
Attempt attempt_of(const Row& row, const Sealer& sealer);
Step step_of(const Row& row);
Refund refund_of(const Row& row);
Customer customer_of(const Row& row);

// Locks the payments in the order of their ids and loads everything that belongs to them. Those
// that another router holds are skipped: absent from the answer.
std::vector<PaymentRecord> lock_records(Transaction&, const std::vector<std::string>& payment_ids,
                                        const Sealer&);
// For reading, without locks and without steps: those matter only to who changes the payment.
std::vector<PaymentRecord> load_records(Transaction&, const std::vector<std::string>& payment_ids,
                                        const Sealer&);

// Each is one statement of a trip, its rows in the order of their keys.
// The ids that were inserted: a payment whose external_id exists already is left out.
Pending<std::vector<std::string>> insert_payments(Trip&, std::vector<const Payment*>,
                                                  const Sealer&);
void update_payments(Trip&, std::vector<const Payment*>, const Sealer&);
void insert_attempts(Trip&, std::vector<const Attempt*>, const Sealer&);
void update_attempts(Trip&, std::vector<const Attempt*>, const Sealer&);
void insert_steps(Trip&, std::vector<const Step*>);
void update_steps(Trip&, std::vector<const Step*>);
void insert_refunds(Trip&, std::vector<const Refund*>);
void update_refunds(Trip&, std::vector<const Refund*>);
// The ids of those that were inserted: another customer may have the external_id.
Pending<std::vector<std::string>> insert_customers(Trip&, std::vector<const Customer*>);
// One that is listed twice becomes what it is last.
void update_customers(Trip&, std::vector<const Customer*>);
void delete_customers(Trip&, std::vector<const Customer*>);

}  // namespace switchyard
