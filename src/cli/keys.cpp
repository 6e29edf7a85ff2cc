// switchyard keys create | list | revoke
#include <iostream>

#include "cli/commands.h"
#include "store/merchants.h"

namespace switchyard::cli {
namespace {

struct KeyOptions {
  DatabaseChoice database;
  std::string merchant;
  std::string mode = "test";
  std::string kind = "secret";
  std::string key;
};

int create(Database& database, const KeyOptions& options) {
  const Mode mode = options.mode == "live" ? Mode::live : Mode::test;
  const auto made = create_key(database, options.merchant, mode, options.kind == "publishable");
  if (!made) return complain(made.error().message);
  // The key alone on standard output, so that a script can keep it.
  std::cout << made->text.reveal() << std::endl;
  std::cerr << "This is " << made->key.id << ". The key is shown only now: keep it." << std::endl;
  return 0;
}

std::string state_of(const ApiKey& key) {
  if (key.revoked_at) return "revoked " + to_rfc3339(*key.revoked_at);
  return key.last_used_at ? "last used " + to_rfc3339(*key.last_used_at) : "never used";
}

int list(Database& database, const KeyOptions& options) {
  const auto all = list_keys(database, options.merchant);
  if (!all) return complain(all.error().message);
  for (const ApiKey& key : *all)
    std::cout << key.id << "  " << key_prefix(key.mode, key.is_publishable) << "…" << key.hint
              << "  created " << to_rfc3339(key.created_at) << "  " << state_of(key) << "\n";
  return 0;
}

int revoke(Database& database, const KeyOptions& options) {
  const auto done = revoke_key(database, options.key);
  if (!done) return complain(done.error().message);
  if (!*done) return complain("There is no such key, or it is revoked already.");
  std::cout << options.key << " is revoked.\n";
  return 0;
}

using Action = int (*)(Database&, const KeyOptions&);

}  // namespace

void offer_keys(Program& program) {
  auto* group = program.app.add_subcommand("keys", "Create, list and revoke API keys");
  group->require_subcommand(1);
  const auto options = std::make_shared<KeyOptions>();
  const auto offer = [&](const char* name, const char* sentence, auto action) {
    return offer_on_database(program, *group, name, sentence, options, action);
  };
  auto* make = offer("create", "Create a key; it is shown once", create);
  make->add_option("--merchant", options->merchant, "mer_…")->required();
  make->add_option("--mode", options->mode, "test or live")
      ->check(CLI::IsMember({"test", "live"}))
      ->required();
  make->add_option("--kind", options->kind, "secret, or publishable for browsers")
      ->check(CLI::IsMember({"secret", "publishable"}))
      ->capture_default_str();
  make->footer(
      "Example:\n  switchyard keys create --merchant mer_01K… --mode test --config "
      "config/switchyard.toml");
  auto* show = offer("list", "List a merchant's keys, oldest first", list);
  show->add_option("--merchant", options->merchant, "mer_…")->required();
  show->footer(
      "Example:\n  switchyard keys list --merchant mer_01K… --config config/switchyard.toml");
  auto* end = offer("revoke", "Make a key worthless at once", revoke);
  end->add_option("key", options->key, "key_…, as `keys list` shows it")->required();
  end->footer("Example:\n  switchyard keys revoke key_01K… --config config/switchyard.toml");
}

}  // namespace switchyard::cli
