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
// kill -9 for all of its processes at once, as when the machine's power fails but for the disk:
// what was not flushed is gone. It does not run again before restart_postgres().
void crash_postgres();
// Starts the cluster again after it was stopped or killed.
void restart_postgres();

}  // namespace switchyard::testing
