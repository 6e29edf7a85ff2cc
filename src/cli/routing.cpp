// switchyard routing check | explain
#include <iostream>

#include "base/id.h"
#include "cli/commands.h"
#include "flow/choose_route.h"

namespace switchyard::cli {
namespace {

struct ExplainOptions {
  std::string file;
  std::string method = "card";
  std::string mode = "test";
  std::string currency;
  std::vector<std::string> metadata;
  bool is_captured_later = false;
  RouteQuestion question;
  std::int64_t amount = 0;
};

// False, and a sentence printed, when something cannot be read.
bool complete(ExplainOptions& options) {
  RouteQuestion& question = options.question;
  const auto currency = find_currency(options.currency);
  if (!currency) return complain("There is no currency \"" + options.currency + "\"."), false;
  question.money = {options.amount, *currency};
  question.method.rail = from_word(rail_words, options.method).value_or(Rail::card);
  question.mode = options.mode == "live" ? Mode::live : Mode::test;
  question.capture_method =
      options.is_captured_later ? CaptureMethod::manual : CaptureMethod::automatic;
  for (const std::string& pair : options.metadata) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return complain("--metadata is KEY=VALUE."), false;
    question.metadata[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  // A split is decided by the payment's id.
  if (question.payment_id.empty()) question.payment_id = new_id("pay");
  return true;
}

int explain(const Setup& setup, const RouteQuestion& question) {
  const RouteAnswer answer =
      find_route(setup.rules, question, [&](const std::string& id, const RouteQuestion& asked) {
        const Account* account = setup.find_account(id);
        return account ? objection_of(*account, asked) : std::string("is not configured");
      });
  std::cout << (answer.rule.empty() ? "No rule fits." : "Rule \"" + answer.rule + "\" fits first.")
            << "\n";
  for (const RouteStop& stop : answer.stops)
    std::cout << "  " << stop.rank << ". " << stop.account << "  (" << stop.reason << ")\n";
  for (const PassedOver& passed : answer.passed_over)
    std::cout << "  not " << passed.account << ": " << passed.reason << "\n";
  std::cout << "Rules " << answer.rules_version << ", payment " << question.payment_id << "\n";
  return answer.stops.empty() ? 1 : 0;
}

void add_question(CLI::App& command, ExplainOptions& options) {
  RouteQuestion& question = options.question;
  command.add_option("file", options.file, "The configuration")->required();
  command.add_option("--amount", options.amount, "In the currency's smallest unit")
      ->required()
      ->check(CLI::PositiveNumber);
  command.add_option("--currency", options.currency, "USD, LRD, …")->required();
  command.add_option("--method", options.method, "The rail")
      ->check(CLI::IsMember({"card", "hosted_page", "mobile_money", "wallet", "manual_transfer"}))
      ->required();
  command.add_option("--network", question.method.network, "Of mobile money: mtn, orange");
  command.add_option("--phone-number", question.method.phone_number, "In E.164");
  command.add_option("--kind", question.method.kind, "Of a wallet");
  command.add_option("--token", question.method.token, "A card's token");
  command.add_option("--token-account", question.method.token_account, "The account that made it");
  command.add_option("--country", question.country, "The payer's, as in LR");
  command.add_option("--merchant", question.merchant_id, "mer_…");
  command.add_option("--mode", options.mode, "test or live")
      ->check(CLI::IsMember({"test", "live"}))
      ->capture_default_str();
  command.add_option("--metadata", options.metadata, "KEY=VALUE; may be repeated");
  command.add_option("--payment", question.payment_id,
                     "Splits are decided by it; a new one is made up");
  command.add_flag("--capture-later", options.is_captured_later, "As with capture_method manual");
  command.footer(
      "Example:\n"
      "  switchyard routing explain config/switchyard.toml --amount 15000 --currency LRD \\\n"
      "    --method mobile_money --network mtn");
}

}  // namespace

void offer_routing(Program& program) {
  auto* group = program.app.add_subcommand("routing", "Check rules, and see how they would route");
  group->require_subcommand(1);
  auto* check = group->add_subcommand(
      "check", "Read a configuration as `serve` would, and print what it means");
  check->footer("Example:\n  switchyard routing check config/switchyard.toml");
  const auto file = std::make_shared<std::string>();
  check->add_option("file", *file, "The configuration")->required();
  check->callback([&program, file] {
    program.run = [&program, file] { return program.config.check(*file) ? 0 : 2; };
  });
  auto* ask = group->add_subcommand(
      "explain", "Which accounts would take a payment, in which order, and why not others");
  const auto options = std::make_shared<ExplainOptions>();
  add_question(*ask, *options);
  ask->callback([&program, options] {
    program.run = [&program, options] {
      const auto setup = program.config.setup(options->file);
      if (!setup || !complete(*options)) return 2;
      return explain(*setup, options->question);
    };
  });
}

}  // namespace switchyard::cli
