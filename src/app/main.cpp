// The command line.
#include <CLI/CLI.hpp>
#include <iostream>

#include "app/config_load.h"
#include "app/config_text.h"
#include "app/dev.h"
#include "app/serve.h"
#include "cli/commands.h"

using namespace switchyard;

namespace {

constexpr const char* version = "0.1.0";  // CMakeLists.txt says the same

// For commands that run where the providers' secrets are not.
std::optional<Config> read_for_command(const std::string& file) {
  const ConfigOutcome outcome = load_config(file, SecretsHere::may_be);
  if (outcome.problems.empty()) return outcome.config;
  std::cerr << describe_problems(outcome) << std::flush;
  return std::nullopt;
}

std::optional<Secret> database_url_of(const std::string& file) {
  const auto config = read_for_command(file);
  if (!config) return std::nullopt;
  if (!config->database.url.is_empty()) return config->database.url;
  cli::complain(file + " says where the database is by a variable or file that is not here.");
  return std::nullopt;
}

std::optional<Setup> setup_of(const std::string& file) {
  const auto config = read_for_command(file);
  if (!config) return std::nullopt;
  return Setup{config->accounts, config->rules};
}

bool check(const std::string& file) {
  const ConfigOutcome outcome = load_config(file, SecretsHere::may_be);
  std::cerr << describe_problems(outcome) << std::flush;
  if (outcome.problems.empty()) std::cout << describe_rules(outcome.config);
  return outcome.problems.empty();
}

void offer_serve(cli::Program& program) {
  auto* command = program.app.add_subcommand(
      "serve", "Run the router until SIGTERM; SIGHUP reads rules and accounts again");
  const auto file = std::make_shared<std::string>();
  command->add_option("--config", *file, "The configuration")->required();
  command->footer("Example:\n  switchyard serve --config config/switchyard.toml");
  command->callback([&program, file] { program.run = [file] { return serve(*file); }; });
}

void offer_dev(cli::Program& program) {
  auto* command = program.app.add_subcommand(
      "dev",
      "Start a private PostgreSQL, the sandbox and the router, and make a payment on every rail");
  const auto options = std::make_shared<DevOptions>();
  command->add_option("--port", options->port, "The router's port, or another when it is taken")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  command->add_option("--data", options->data, "Keep the database and the keys in this folder");
  command
      ->add_option("--speed", options->speed,
                   "Multiplies the providers' delays: 1 as documented, 0 none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--json", options->is_json,
                    "Print one line of JSON when ready; no payments unless --check");
  command->add_flag("--check", options->is_check,
                    "Verify the payments, their events and signatures, and end with 0 or 1");
  command->add_option("--config-extra", options->config_extra,
                      "TOML, or a file of it: accounts are added, rules and sections replace");
  command->footer(
      "Examples:\n"
      "  switchyard dev\n"
      "  switchyard dev --check\n"
      "  switchyard dev --data /var/tmp/switchyard --port 9000\n"
      "  switchyard dev --json --speed 0");
  command->callback([&program, options] { program.run = [options] { return run_dev(*options); }; });
}

void offer_version(cli::Program& program) {
  auto* command = program.app.add_subcommand("version", "Print the version");
  command->callback([&program] {
    program.run = [] {
      std::cout << "switchyard " << version << "\n";
      return 0;
    };
  });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Routes payments to providers. `switchyard dev` shows everything at once.",
               "switchyard");
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  switchyard dev\n"
      "  switchyard serve --config config/switchyard.toml\n"
      "  switchyard COMMAND --help");
  cli::Program program{.app = app, .config = {database_url_of, setup_of, check}};
  offer_dev(program);
  offer_serve(program);
  cli::offer_migrate(program);
  cli::offer_merchants(program);
  cli::offer_keys(program);
  cli::offer_adapters(program);
  cli::offer_routing(program);
  cli::offer_states(program);
  offer_version(program);
  CLI11_PARSE(app, argc, argv);
  return program.run();
}
