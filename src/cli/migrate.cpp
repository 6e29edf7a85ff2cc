// switchyard migrate
#include "store/migrate.h"

#include <iostream>

#include "cli/commands.h"

namespace switchyard::cli {
namespace {

int run_migrate(const Secret& url) {
  const auto done = migrate(url);
  if (!done) return complain(done.error().message);
  for (const std::string& name : *done) std::cout << "applied " << name << "\n";
  if (done->empty()) std::cout << "The database is up to date.\n";
  return 0;
}

}  // namespace

void offer_migrate(Program& program) {
  auto* command =
      program.app.add_subcommand("migrate", "Bring the database to this version's schema");
  command->footer(
      "Examples:\n"
      "  switchyard migrate --config config/switchyard.toml\n"
      "  switchyard migrate --database postgresql://switchyard@db.internal/switchyard");
  const auto database = std::make_shared<DatabaseChoice>();
  database->add_to(*command);
  command->callback([&program, database] {
    program.run = [&program, database] {
      const auto url = database->choose(program.config);
      return url ? run_migrate(*url) : 2;
    };
  });
}

}  // namespace switchyard::cli
