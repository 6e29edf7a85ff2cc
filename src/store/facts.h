// For the writer: what is only ever added beside a payment (journal, anomalies, bank references,
// unmapped codes), and who looks after its attempts.
#pragma once

#include <string>
#include <vector>

#include "domain/record.h"
#include "store/database.h"

namespace switchyard {

std::vector<std::string> existing_payments(Transaction&, const std::vector<std::string>& ids);
void insert_journal(Trip&, const std::vector<const JournalLine*>&);
void insert_anomalies(Trip&, const std::vector<const Anomaly*>&);
void change_leases(Trip&, const std::vector<const LeaseChange*>&);
void insert_bank_references(Trip&, const std::vector<const BankReference*>&);
void count_unmapped_codes(Trip&, const std::vector<const UnmappedCode*>&);

}  // namespace switchyard
