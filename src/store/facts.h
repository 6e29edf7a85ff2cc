// For the writer: what is only ever added beside a payment (journal, anomalies, bank references,
// unmapped codes), and who looks after its attempts.
#pragma once

#include <string>
#include <vector>

#include "domain/record.h"
#include "store/database.h"

namespace switchyard {

std::vector<std::string> existing_payments(Transaction&, const std::vector<std::string>& ids);
void insert_journal(Transaction&, const std::vector<const JournalLine*>&);
void insert_anomalies(Transaction&, const std::vector<const Anomaly*>&);
void change_leases(Transaction&, const std::vector<const LeaseChange*>&);
void insert_bank_references(Transaction&, const std::vector<const BankReference*>&);
void count_unmapped_codes(Transaction&, const std::vector<const UnmappedCode*>&);

}  // namespace switchyard
