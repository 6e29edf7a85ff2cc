// A private PostgreSQL for tests: one cluster a test process, in a folder of its own, reached by a
// socket only, stopped and removed at the end.
#pragma once

#include <string>

#include "base/secret.h"

namespace switchyard::testing {

// A new, migrated, empty database; its libpq URL. Starts the cluster at the first call.
Secret fresh_database();

// The cluster's server, for tests that stop, pause or kill it.
int postgres_pid();
// Starts the cluster again after it was stopped or killed.
void restart_postgres();

}  // namespace switchyard::testing
