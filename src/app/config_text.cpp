#include "app/config_text.h"

#include "app/config_keys.h"
#include "routing/rule_text.h"

namespace switchyard {
namespace {

std::string count_of(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string describe_limits(const Account& account) {
  std::string text;
  for (const auto& [currency, limits] : account.limits) {
    text += "; " + currency;
    if (limits.minimum > 0) text += " from " + std::to_string(limits.minimum);
    if (limits.maximum > 0) text += " up to " + std::to_string(limits.maximum);
  }
  return text;
}

std::string describe_account(const Account& account) {
  std::string text = account.adapter + ", " + std::string(word_of(account.mode)) + " mode";
  if (!account.base_url.empty()) text += ", " + account.base_url;
  if (account.merchants != std::vector<std::string>{"*"})
    text += "; only for " + joined(account.merchants);
  if (!account.currencies.empty()) text += "; only " + joined(account.currencies);
  if (!account.countries.empty()) text += "; only payers from " + joined(account.countries);
  return text + describe_limits(account);
}

std::string describe_rule(std::size_t number, const Rule& rule) {
  return "  " + std::to_string(number) + ". " + rule.name + "\n     when " +
         describe_when(rule.when) + "\n     " + (rule.split.empty() ? "use " : "split ") +
         describe_accounts(rule) + "\n";
}

}  // namespace

std::string describe_rules(const Config& config) {
  const std::vector<Rule>& rules = config.rules.rules;
  std::string text = count_of(rules.size(), "rule") + ", version " + config.rules.version +
                     "; the first that fits wins\n";
  for (std::size_t i = 0; i < rules.size(); ++i) text += describe_rule(i + 1, rules[i]);
  text += count_of(config.accounts.size(), "account") + "\n";
  for (const auto& [id, account] : config.accounts)
    text += "  " + id + ": " + describe_account(account) + "\n     webhooks come in at " +
            account.webhook_url + "\n";
  return text;
}

std::string describe_problems(const ConfigOutcome& outcome) {
  std::string text;
  for (const ConfigProblem& problem : outcome.problems) text += problem.text() + "\n";
  for (ConfigProblem warning : outcome.warnings) {
    warning.message = "warning: " + warning.message;
    text += warning.text() + "\n";
  }
  return text;
}

std::string describe_keys() {
  std::string text = "| key | default | meaning |\n|---|---|---|\n";
  for (const ConfigKey& key : all_config_keys()) {
    const std::string otherwise =
        key.otherwise.empty() ? "" : "`" + std::string(key.otherwise) + "`";
    text += "| `" + std::string(key.name) + "` | " + otherwise + " | " + std::string(key.sentence) +
            " |\n";
  }
  return text;
}

}  // namespace switchyard
