// switchyard merchants create | list
#include "store/merchants.h"

#include <iostream>

#include "cli/commands.h"

namespace switchyard::cli {
namespace {

struct MerchantOptions {
  DatabaseChoice database;
  std::string name;
  std::vector<std::string> return_hosts;
};

void print(const Merchant& merchant) {
  std::cout << merchant.id << "  " << to_rfc3339(merchant.created_at) << "  " << merchant.name;
  for (std::size_t i = 0; i < merchant.return_hosts.size(); ++i)
    std::cout << (i == 0 ? "  returns to " : ", ") << merchant.return_hosts[i];
  std::cout << "\n";
}

int create(Database& database, const MerchantOptions& options) {
  const auto made = create_merchant(database, options.name, options.return_hosts);
  if (!made) return complain(made.error().message);
  print(*made);
  return 0;
}

int list(Database& database, const MerchantOptions&) {
  const auto all = list_merchants(database);
  if (!all) return complain(all.error().message);
  for (const Merchant& merchant : *all) print(merchant);
  return 0;
}

}  // namespace

void offer_merchants(Program& program) {
  auto* group = program.app.add_subcommand("merchants", "Create and list merchants");
  group->require_subcommand(1);
  const auto options = std::make_shared<MerchantOptions>();
  const auto offer = [&](const char* name, const char* sentence, auto action) {
    return offer_on_database(program, *group, name, sentence, options, action);
  };
  auto* make = offer("create", "Create a merchant and print its id", create);
  make->add_option("name", options->name, "Its name")->required();
  make->add_option(
      "--return-host", options->return_hosts,
      "A host payers may be sent back to, or *.example.com; may be repeated; none: any");
  make->footer(
      "Examples:\n"
      "  switchyard merchants create \"Acme Ltd\" --config config/switchyard.toml\n"
      "  switchyard merchants create Acme --return-host shop.example.com");
  auto* show = offer("list", "List all merchants, oldest first", list);
  show->footer("Example:\n  switchyard merchants list --config config/switchyard.toml");
}

}  // namespace switchyard::cli
