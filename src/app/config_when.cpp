// The conditions of a rule.

#include <algorithm>

#include "adapters/adapter.h"
#include "app/config_rules.h"
#include "app/config_words.h"

namespace switchyard {
namespace {

bool is_currency(std::string_view text) { return find_currency(text).has_value(); }
bool is_merchant(std::string_view text) { return text.starts_with("mer_"); }

std::vector<std::string> rail_names() {
  std::vector<std::string> names;
  for (const auto& [rail, word] : rail_words) names.emplace_back(word);
  return names;
}

void read_methods(const ConfigValue& value, RuleDraft& draft) {
  if (value.each().empty()) value.refuse("must not be an empty list: leave the key out instead");
  for (const ConfigValue& each : value.each()) {
    std::string word;
    if (each.one_of(word, rail_names()))
      draft.rule.when.method.push_back(*from_word(rail_words, word));
  }
}

void read_modes(const ConfigValue& value, RuleDraft& draft) {
  if (value.each().empty()) value.refuse("must not be an empty list: leave the key out instead");
  for (const ConfigValue& each : value.each()) {
    std::string word;
    if (each.one_of(word, {"test", "live"}))
      draft.rule.when.mode.push_back(word == "live" ? Mode::live : Mode::test);
  }
}

// A network or wallet that no adapter offers is most likely misspelled; a rule for it does no harm.
void read_words(const ConfigValue& value, Rail rail, std::vector<std::string>& target) {
  std::vector<std::string> known;
  for (const Adapter* adapter : all_adapters())
    for (const Offer& offer : adapter->offers)
      if (offer.rail == rail) known.insert(known.end(), offer.kinds.begin(), offer.kinds.end());
  if (value.each().empty()) value.refuse("must not be an empty list: leave the key out instead");
  for (const ConfigValue& each : value.each()) {
    std::string word;
    if (!each.word(word)) continue;
    if (std::find(known.begin(), known.end(), word) == known.end())
      each.warn("names " + in_quotes(word) + ", which no adapter offers" + suggestion(word, known));
    target.push_back(std::move(word));
  }
}

void read_networks(const ConfigValue& value, RuleDraft& draft) {
  read_words(value, Rail::mobile_money, draft.rule.when.network);
}

void read_kinds(const ConfigValue& value, RuleDraft& draft) {
  read_words(value, Rail::wallet, draft.rule.when.kind);
}

void read_bound(const std::optional<ConfigValue>& value, std::optional<std::int64_t>& bound) {
  std::int64_t amount = 0;
  if (value && value->whole(amount, 0, max_amount)) bound = amount;
}

void read_amount(const ConfigValue& value, RuleDraft& draft) {
  if (!value.is_table()) return;
  When& when = draft.rule.when;
  ConfigTable table(value.node(), value.name() + ".", value.findings());
  read_bound(table.take("from"), when.amount_from);
  read_bound(table.take("below"), when.amount_below);
  table.refuse_unknown(value.name());
  if (value.node().members.empty()) value.refuse("must say from, below or both");
  if (when.amount_below && when.amount_from.value_or(0) >= *when.amount_below)
    value.refuse("fits nothing: `below` must be above `from`");
}

void read_metadata(const ConfigValue& value, RuleDraft& draft) {
  if (!value.is_table()) return;
  for (const ConfigMember& member : value.node().members)
    value.member(member).texts(draft.rule.when.metadata[member.name]);
}

// clang-format off
const ReadKey<RuleDraft> keys[] = {
    {{"rule.when.merchant", "", "Ids of merchants."},
     [](const ConfigValue& v, RuleDraft& d) { v.texts(d.rule.when.merchant, is_merchant, "ids that begin with mer_"); }},
    {{"rule.when.method", "", "`card`, `hosted_page`, `mobile_money`, `wallet` or `manual_transfer`."}, read_methods},
    {{"rule.when.network", "", "Of mobile money: `mtn`, `orange`, ..."}, read_networks},
    {{"rule.when.kind", "", "Of wallets: `gcash`, `ovo`, ..."}, read_kinds},
    {{"rule.when.currency", "", "ISO 4217, in upper case."},
     [](const ConfigValue& v, RuleDraft& d) { v.texts(d.rule.when.currency, is_currency, "a currency of ISO 4217, such as \"USD\""); }},
    {{"rule.when.country", "", "The payer's, ISO 3166 with two letters; a payment that names none fits no rule that asks for one."},
     [](const ConfigValue& v, RuleDraft& d) { v.texts(d.rule.when.country, is_country, "a country of ISO 3166, such as \"LR\""); }},
    {{"rule.when.mode", "", "`test` or `live`."}, read_modes},
    {{"rule.when.amount", "", "`{ from = 100, below = 500000 }`, in the currency's smallest unit; `from` is included, `below` is not, and either may be left out."}, read_amount},
    {{"rule.when.metadata", "", "`metadata.tier = \"pro\"`: the payment's metadata must hold that key with that value."}, read_metadata},
};
// clang-format on

}  // namespace

std::span<const ReadKey<RuleDraft>> when_keys() { return keys; }

}  // namespace switchyard
