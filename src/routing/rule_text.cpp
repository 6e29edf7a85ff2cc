#include "routing/rule_text.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/json.h"

namespace switchyard {
namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::vector<std::string> words_of(const std::vector<Rail>& rails) {
  std::vector<std::string> words;
  for (const Rail rail : rails) words.emplace_back(word_of(rail));
  return words;
}

std::vector<std::string> words_of(const std::vector<Mode>& modes) {
  std::vector<std::string> words;
  for (const Mode mode : modes) words.emplace_back(word_of(mode));
  return words;
}

struct Condition {
  std::string name;
  std::vector<std::string> values;
};

// The conditions that say something, in the order of the struct.
std::vector<Condition> conditions_of(const When& when) {
  std::vector<Condition> all = {{"merchant", when.merchant},  {"method", words_of(when.method)},
                                {"network", when.network},    {"kind", when.kind},
                                {"currency", when.currency},  {"country", when.country},
                                {"mode", words_of(when.mode)}};
  for (const auto& [key, values] : when.metadata) all.push_back({"metadata." + key, values});
  std::erase_if(all, [](const Condition& condition) { return condition.values.empty(); });
  return all;
}

std::string describe_amounts(const When& when) {
  std::string text = "amount is";
  if (when.amount_from) text += " from " + std::to_string(*when.amount_from);
  if (when.amount_from && when.amount_below) text += " to";
  if (when.amount_below) text += " below " + std::to_string(*when.amount_below);
  return text;
}

Json json_of(const When& when) {
  Json json = Json::object();
  for (Condition& condition : conditions_of(when)) {
    std::sort(condition.values.begin(), condition.values.end());
    json[condition.name] = condition.values;
  }
  if (when.amount_from) json["amount_from"] = *when.amount_from;
  if (when.amount_below) json["amount_below"] = *when.amount_below;
  return json;
}

Json json_of(const std::vector<Share>& split) {
  std::vector<std::pair<std::string, int>> shares;
  for (const Share& share : split) shares.emplace_back(share.account, share.weight);
  std::sort(shares.begin(), shares.end());
  return shares;
}

}  // namespace

std::string describe_when(const When& when) {
  std::vector<std::string> parts;
  for (const Condition& condition : conditions_of(when))
    parts.push_back(condition.name + " is " + joined(condition.values, " or "));
  if (when.amount_from || when.amount_below) parts.push_back(describe_amounts(when));
  return parts.empty() ? "any payment" : joined(parts, ", ");
}

std::string describe_accounts(const Rule& rule) {
  std::int64_t total = 0;
  for (const Share& share : rule.split) total += share.weight;
  std::vector<std::string> shares;
  for (const Share& share : rule.split)
    shares.push_back(std::to_string(share.weight) + " of " + std::to_string(total) + " to " +
                     share.account);
  std::vector<std::string> parts = rule.use;
  if (!shares.empty()) parts.push_back(joined(shares, ", "));
  parts.insert(parts.end(), rule.then.begin(), rule.then.end());
  return joined(parts, ", then ");
}

std::string canonical_text(const std::vector<Rule>& rules) {
  Json json = Json::array();
  for (const Rule& rule : rules)
    json.push_back({{"name", rule.name},
                    {"when", json_of(rule.when)},
                    {"use", rule.use},
                    {"split", json_of(rule.split)},
                    {"then", rule.then}});
  return write_json(json);
}

RuleBook make_rule_book(std::vector<Rule> rules) {
  std::string version = sha256_hex(canonical_text(rules)).substr(0, 12);
  return {.rules = std::move(rules), .version = std::move(version)};
}

}  // namespace switchyard
