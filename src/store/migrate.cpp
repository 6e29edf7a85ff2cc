#include "store/migrate.h"

#include <algorithm>
#include <set>

#include "base/seeded_bug.h"
#include "store/query.h"

namespace switchyard {
namespace {

struct Migration {
  const char* name;
  const char* sql;
};

constexpr Migration all_migrations[] = {
#include "migrations.inc"
};

constexpr const char* make_list = R"(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    name        text PRIMARY KEY,
    applied_at  timestamptz NOT NULL DEFAULT now()))";

std::set<std::string> applied(Transaction& transaction) {
  std::set<std::string> names;
  if (transaction.exec("SELECT to_regclass('schema_migrations') IS NOT NULL AS made")[0][0]
          .as<bool>())
    for (const Row& row : transaction.exec("SELECT name FROM schema_migrations"))
      names.insert(text_of(row, "name"));
  return names;
}

Result<std::vector<const Migration*>> missing_from(const std::set<std::string>& names) {
  std::vector<const Migration*> missing;
  std::set<std::string> unknown = names;
  for (const Migration& migration : all_migrations)
    if (unknown.erase(migration.name) == 0) missing.push_back(&migration);
  if (!unknown.empty())
    return fail(ErrorCode::conflict,
                "The database has migration " + *unknown.begin() +
                    ", which this version does not know: run the newer version.");
  return missing;
}

// The database would refuse what these two seeded bugs let through.
constexpr const char* without_one_live_charge = "DROP INDEX IF EXISTS attempts_one_live_charge";
constexpr const char* without_refund_limit =
    "ALTER TABLE attempts DROP CONSTRAINT IF EXISTS attempts_check";

Result<void> take_walls_down(const Secret& url, const char* statement) {
  return Connection(url).write_schema([&](Transaction& transaction) -> Result<void> {
    transaction.exec(statement);
    return {};
  });
}

}  // namespace

Result<std::vector<std::string>> pending_migrations(const Secret& url) {
  if (SEEDED_BUG("X11")) TRY(take_walls_down(url, without_one_live_charge));
  if (SEEDED_BUG("X15")) TRY(take_walls_down(url, without_refund_limit));
  std::vector<std::string> pending;
  TRY(Connection(url).read([&](Transaction& transaction) -> Result<void> {
    for (const Migration* migration : TRY(missing_from(applied(transaction))))
      pending.push_back(migration->name);
    return {};
  }));
  return pending;
}

Result<std::vector<std::string>> migrate(const Secret& url) {
  std::vector<std::string> done;
  Connection connection(url);
  bool is_finished = false;
  while (!is_finished) {
    std::string name;
    TRY(connection.write_schema([&](Transaction& transaction) -> Result<void> {
      name.clear();
      transaction.exec("SELECT pg_advisory_xact_lock(7300)");
      transaction.exec(make_list);
      const auto missing = TRY(missing_from(applied(transaction)));
      if (missing.empty()) return {};
      name = missing.front()->name;
      transaction.exec(missing.front()->sql);
      transaction.exec_params("INSERT INTO schema_migrations (name) VALUES ($1)", name);
      return {};
    }));
    is_finished = name.empty();
    if (!is_finished) done.push_back(name);
  }
  return done;
}

Result<std::vector<std::string>> durability_problems(const Secret& url) {
  std::vector<std::string> problems;
  TRY(Connection(url).read([&](Transaction& transaction) -> Result<void> {
    problems.clear();
    for (const char* setting : {"fsync", "full_page_writes"})
      if (transaction.exec_params1("SELECT current_setting($1)", setting)[0].as<std::string>() ==
          "off")
        problems.push_back(std::string(setting) +
                           " is off: a crash of the machine would lose payments.");
    return {};
  }));
  return problems;
}

Result<bool> logs_statements(const Secret& url) {
  bool logs = false;
  TRY(Connection(url).read([&](Transaction& transaction) -> Result<void> {
    const auto level = transaction.exec1("SHOW log_min_error_statement")[0].as<std::string>();
    logs = level != "panic" && level != "fatal";
    return {};
  }));
  return logs;
}

}  // namespace switchyard
