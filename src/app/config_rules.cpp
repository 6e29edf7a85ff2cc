#include "app/config_rules.h"

#include <algorithm>
#include <set>

#include "app/config_words.h"
#include "routing/reach.h"
#include "routing/rule_text.h"

namespace switchyard {
namespace {

bool is_rule_name(std::string_view text) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return text.size() <= 64 && text.find_first_not_of(allowed) == std::string_view::npos;
}

void read_name(const ConfigValue& value, RuleDraft& draft) {
  std::string name;
  if (!value.word(name)) return;
  if (is_rule_name(name))
    draft.rule.name = name;
  else
    value.refuse("must be up to 64 letters, digits, \"-\", \"_\" and \".\"");
}

void read_when(const ConfigValue& value, RuleDraft& draft) {
  if (!value.is_table()) return;
  draft.when = &value.node();
  ConfigTable table(value.node(), value.name() + ".", value.findings());
  read_keys(when_keys(), table, draft);
  table.refuse_unknown(value.name());
}

bool is_account(const std::string& id, Place place, const std::string& name, const RuleDraft& draft,
                Findings& findings) {
  if (draft.config.accounts.contains(id)) return true;
  std::vector<std::string> known;
  for (const auto& [each, account] : draft.config.accounts) known.push_back(each);
  findings.refuse(place, name + ": no account is called " + in_quotes(id) + suggestion(id, known));
  return false;
}

void read_accounts_of(const ConfigValue& value, std::vector<std::string>& target,
                      const RuleDraft& draft) {
  if (value.each().empty()) value.refuse("must name at least one account");
  for (const ConfigValue& each : value.each()) {
    std::string id;
    if (!each.word(id)) continue;
    if (!is_account(id, each.node().place, each.name(), draft, each.findings())) continue;
    if (std::find(target.begin(), target.end(), id) != target.end())
      each.warn("names " + in_quotes(id) + " twice; the second has no effect");
    target.push_back(id);
  }
}

void read_split(const ConfigValue& value, RuleDraft& draft) {
  if (!value.is_table()) return;
  if (value.node().members.empty()) value.refuse("must name at least one account");
  for (const ConfigMember& member : value.node().members) {
    Share share{.account = member.name};
    const bool is_known =
        is_account(member.name, member.place, value.name(), draft, value.findings());
    const bool has_weight = value.member(member).whole(share.weight, 1, 1'000'000);
    if (is_known && has_weight) draft.rule.split.push_back(share);
  }
}

// clang-format off
const ReadKey<RuleDraft> keys[] = {
    {{"rule.name", "", "Appears in each attempt it routes, and is part of what makes a split sticky: renaming a rule moves payments."}, read_name},
    {{"rule.when", "", "Conditions, all of which must hold; several values of one condition mean any of them; absent: any payment."}, read_when},
    {{"rule.use", "", "Accounts, tried in this order while it is safe to try the next."},
     [](const ConfigValue& value, RuleDraft& draft) { read_accounts_of(value, draft.rule.use, draft); }},
    {{"rule.split", "", "In place of `use`: `{ stripe_us = 70, pudgy_main = 30 }`, by weight and always the same for one payment."}, read_split},
    {{"rule.then", "", "After a split: accounts tried in this order."},
     [](const ConfigValue& value, RuleDraft& draft) { read_accounts_of(value, draft.rule.then, draft); }},
};
// clang-format on

std::string prefix_of(const ConfigNode& node) {
  const ConfigMember* name = find_member(node, "name");
  if (name == nullptr || name->node.kind != ConfigNode::Kind::text) return "rule: ";
  return "rule " + in_quotes(name->node.text) + ": ";
}

void check_targets(const ConfigNode& node, const std::string& prefix, Findings& findings) {
  const ConfigMember* use = find_member(node, "use");
  const ConfigMember* split = find_member(node, "split");
  const ConfigMember* then = find_member(node, "then");
  if (use == nullptr && split == nullptr)
    findings.refuse(node.place,
                    prefix + "must say which accounts to use: use = [...] or split = {...}");
  if (use != nullptr && split != nullptr)
    findings.refuse(split->place, prefix +
                                      "has both use and split: keep one, and put what comes "
                                      "after a split into then");
  if (use != nullptr && then != nullptr)
    findings.refuse(then->place, prefix + "then follows a split; after use, add to the end of use");
}

bool may_be(const When& when, Rail rail) {
  return when.method.empty() ||
         std::find(when.method.begin(), when.method.end(), rail) != when.method.end();
}

// Conditions that no payment can meet together.
void check_conditions(const std::string& prefix, const RuleDraft& draft, Findings& findings) {
  if (draft.when == nullptr) return;
  const When& when = draft.rule.when;
  const auto refuse = [&](std::string_view why) {
    findings.refuse(draft.when->place, prefix + "when fits nothing: " + std::string(why));
  };
  if (!when.network.empty() && !may_be(when, Rail::mobile_money))
    refuse("only mobile_money has a network");
  if (!when.kind.empty() && !may_be(when, Rail::wallet)) refuse("only wallet has a kind");
  if (!when.network.empty() && !when.kind.empty())
    refuse("a network belongs to mobile_money and a kind to wallet");
}

// 500 is five dollars or five hundred yen.
void check_amount_units(const std::string& prefix, const RuleDraft& draft, Findings& findings) {
  const When& when = draft.rule.when;
  if (!when.amount_from && !when.amount_below) return;
  std::set<int> exponents;
  for (const std::string& code : when.currency)
    if (const auto currency = find_currency(code)) exponents.insert(currency->exponent());
  if (exponents.size() != 1)
    findings.warn(draft.when->place, prefix +
                                         "compares amounts of currencies whose smallest units "
                                         "differ; name a currency in when");
}

void check_reach(const ConfigNode& node, const Rule& rule, const std::vector<Rule>& above,
                 Findings& findings) {
  const std::vector<std::string> hiding = rules_that_hide(above, rule);
  if (hiding.empty()) return;
  std::string names;
  for (const std::string& name : hiding) names += (names.empty() ? "" : ", ") + in_quotes(name);
  findings.refuse(node.place, "rule " + in_quotes(rule.name) + " can never be reached: " +
                                  (hiding.size() == 1 ? "rule " : "rules ") + names + " above " +
                                  (hiding.size() == 1 ? "takes" : "take") + " all it would");
}

void read_rule(const ConfigNode& node, Findings& findings, const Config& config,
               std::vector<Rule>& rules) {
  const std::string prefix = prefix_of(node);
  const std::size_t problems_before = findings.problems.size();
  ConfigTable table(node, prefix, findings);
  RuleDraft draft{.rule = {}, .config = config};
  table.need("name", "name = \"cards-usd\", what you will see in every attempt it routes");
  read_keys<RuleDraft>(keys, table, draft);
  table.refuse_unknown(prefix.substr(0, prefix.size() - 2));
  check_targets(node, prefix, findings);
  check_conditions(prefix, draft, findings);
  check_amount_units(prefix, draft, findings);
  const bool is_taken = std::any_of(rules.begin(), rules.end(),
                                    [&](const Rule& each) { return each.name == draft.rule.name; });
  if (is_taken && !draft.rule.name.empty())
    findings.refuse(node.place, "there is already a rule called " + in_quotes(draft.rule.name));
  // A condition that was refused is missing here, and would make the rule look wider than it is.
  if (findings.problems.size() != problems_before) return;
  check_reach(node, draft.rule, rules, findings);
  rules.push_back(std::move(draft.rule));
}

void warn_of_idle_accounts(const ConfigNode& file, Findings& findings, const Config& config) {
  std::set<std::string> used;
  for (const Rule& rule : config.rules.rules) {
    used.insert(rule.use.begin(), rule.use.end());
    used.insert(rule.then.begin(), rule.then.end());
    for (const Share& share : rule.split) used.insert(share.account);
  }
  for (const ConfigNode& account : find_member(file, "account")->node.items) {
    const ConfigMember* id = find_member(account, "id");
    if (id != nullptr && !used.contains(id->node.text))
      findings.warn(account.place, "no rule uses the account " + in_quotes(id->node.text));
  }
}

}  // namespace

std::span<const ReadKey<RuleDraft>> rule_keys() { return keys; }

void read_rules(const ConfigNode& file, Findings& findings, Config& config) {
  const std::size_t problems_before = findings.problems.size();
  std::vector<Rule> rules;
  if (const ConfigMember* member = find_member(file, "rule")) {
    if (member->node.kind != ConfigNode::Kind::list)
      return findings.refuse(member->place, "write [[rule]], with two brackets: there may be many");
    for (const ConfigNode& node : member->node.items) {
      const ConfigValue value(node, "rule", findings);
      if (value.is_table()) read_rule(node, findings, config, rules);
    }
  }
  config.rules = make_rule_book(std::move(rules));
  if (findings.problems.size() == problems_before && !config.accounts.empty())
    warn_of_idle_accounts(file, findings, config);
}

}  // namespace switchyard
