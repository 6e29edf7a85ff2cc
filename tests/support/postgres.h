// A private PostgreSQL for tests: one cluster a test process, in a folder of its own, reached by a
// socket only, stopped and removed at the end.
#pragma once

#include <string>

#include "base/secret.h"

namespace switchyard::testing {

// A new, migrated, empty database; its libpq URL. Starts the cluster at the first call.
Secret fresh_database();
// The same for whoever serves: an ordinary role that has what `switchyard migrate --grant-to`
// gives.
inline constexpr const char* serving_role = "switchyard_router";

// A new, empty database of an ordinary role, which is made when there is none of that name; its URL
// is that role's.
Secret empty_database_of(const std::string& owner);
// The same database as another role.
Secret as_role(const Secret& url, const std::string& role);

// The cluster's server, for tests that stop, pause or kill it.
int postgres_pid();
// kill -9 for all of its processes at once, as when the machine's power fails but for the disk:
// what was not flushed is gone. It does not run again before restart_postgres().
void crash_postgres();
// Starts the cluster again after it was stopped or killed.
void restart_postgres();

}  // namespace switchyard::testing
