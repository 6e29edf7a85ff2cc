// Configuration files: every mistake is a sentence with its place, and what can be read is whole.
#include <cstdlib>
#include <set>

#include "../fuzz.h"
#include "app/config_load.h"
#include "app/config_text.h"
#include "routing/rule_text.h"

namespace switchyard {
namespace {

constexpr const char* canary = "c4n4ry-that-no-message-may-show";

void check_problems(const std::vector<ConfigProblem>& problems, std::string_view toml) {
  const auto lines = 1 + std::count(toml.begin(), toml.end(), '\n');
  for (const ConfigProblem& problem : problems) {
    require(!problem.message.empty(), "a mistake has a sentence");
    require(problem.line >= 0 && problem.line <= lines + 1, "a mistake is somewhere in the file");
    require(problem.text().find(canary) == std::string::npos, "a message shows no secret");
  }
}

void check_rules(const Config& config) {
  const auto knows = [&](const std::string& id) { return config.accounts.contains(id); };
  std::set<std::string> names;
  for (const Rule& rule : config.rules.rules) {
    require(!rule.name.empty() && names.insert(rule.name).second, "a rule has a name of its own");
    require(!rule.use.empty() || !rule.split.empty(), "a rule leads somewhere");
    require(std::all_of(rule.use.begin(), rule.use.end(), knows) &&
                std::all_of(rule.then.begin(), rule.then.end(), knows),
            "a rule leads to accounts there are");
    for (const Share& share : rule.split)
      require(knows(share.account) && share.weight > 0, "a share is above zero");
    require(!describe_when(rule.when).empty() && !describe_accounts(rule).empty(),
            "a rule can be described");
  }
}

void check_config(const Config& config) {
  require(config.server.port > 0 && config.server.port <= 65535, "a port is a port");
  require(config.delivery.timeout.count() > 0 && !config.delivery.schedule.empty(),
          "deliveries have a schedule");
  for (const auto& [id, account] : config.accounts) {
    require(account.id == id && !account.adapter.empty(), "an account knows its name");
    for (const auto& [currency, limits] : account.limits)
      require(limits.maximum == 0 || limits.minimum <= limits.maximum, "limits leave room");
  }
  check_rules(config);
  require(!describe_rules(config).empty(), "a configuration can be described");
}

}  // namespace

void fuzz_config(std::string_view input) {
  for (const char* name : {"FUZZ_SECRET", "EXAMPLE_API_KEY", "EXAMPLE_WEBHOOK_KEY", "DATABASE_URL"})
    ::setenv(name, canary, 1);
  ::setenv("SWITCHYARD_MASTER_KEY", std::string(64, 'a').c_str(), 1);
  // Only what is written in the input itself may decide, never a file of this machine.
  if (input.find("file:") != std::string_view::npos) return;
  // A file that says the secret in clear, as the name of a key perhaps, keeps none.
  if (input.find(canary) != std::string_view::npos) return;
  const std::string toml(input);
  for (const SecretsHere secrets : {SecretsHere::must_be, SecretsHere::may_be}) {
    const ConfigOutcome outcome = read_config(toml, "fuzz.toml", secrets);
    check_problems(outcome.problems, toml);
    check_problems(outcome.warnings, toml);
    if (!outcome.problems.empty()) continue;
    check_config(outcome.config);
    const ConfigOutcome again = read_config(toml, "fuzz.toml", secrets);
    require(describe_rules(again.config) == describe_rules(outcome.config), "read twice, the same");
  }
}

}  // namespace switchyard
