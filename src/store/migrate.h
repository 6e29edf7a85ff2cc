// Brings a database to the schema of this binary. Forward only; each migration is one transaction.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace switchyard {

// Names of the migrations that the database has not had yet, in order. An Error when it cannot be
// reached, or has migrations that this binary does not know (it is newer than we are).
Result<std::vector<std::string>> pending_migrations(const Secret& url);
// Applies them; the names of those applied. Two at once wait for each other.
Result<std::vector<std::string>> migrate(const Secret& url);
// Settings of the server that would break a promise (fsync, full_page_writes off), as sentences.
Result<std::vector<std::string>> durability_problems(const Secret& url);
// True when the server writes statements that fail into its log, and with them what payers are
// called: `log_min_error_statement` should be `panic`.
Result<bool> logs_statements(const Secret& url);

}  // namespace switchyard
