// switchyard migrate
#include "store/migrate.h"

#include <iostream>

#include "cli/commands.h"
#include "store/grants.h"

namespace switchyard::cli {
namespace {

int run_migrate(const Secret& url, const std::string& role) {
  const auto done = migrate(url);
  if (!done) return complain(done.error().message);
  for (const std::string& name : *done) std::cout << "applied " << name << "\n";
  if (done->empty()) std::cout << "The database is up to date.\n";
  if (role.empty()) return 0;
  if (const auto granted = grant_serving(url, role); !granted)
    return complain(granted.error().message);
  std::cout << role << " may serve, and no more.\n";
  return 0;
}

}  // namespace

void offer_migrate(Program& program) {
  auto* command =
      program.app.add_subcommand("migrate", "Bring the database to this version's schema");
  command->footer(
      "Examples:\n"
      "  switchyard migrate --config config/switchyard.toml\n"
      "  switchyard migrate --database postgresql://switchyard@db.internal/switchyard\n"
      "  switchyard migrate --config config/switchyard.toml --grant-to switchyard_router");
  const auto database = std::make_shared<DatabaseChoice>();
  database->add_to(*command);
  const auto role = std::make_shared<std::string>();
  command->add_option("--grant-to", *role,
                      "Then let this role, which owns nothing, do what `serve` needs and no more");
  command->callback([&program, database, role] {
    program.run = [&program, database, role] {
      const auto url = database->choose(program.config);
      return url ? run_migrate(*url, *role) : 2;
    };
  });
}

}  // namespace switchyard::cli
