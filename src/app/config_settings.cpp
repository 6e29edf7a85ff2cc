#include "app/config_settings.h"

#include <algorithm>
#include <array>

#include "app/config_words.h"
#include "base/text.h"

namespace switchyard {
namespace {

// The account's own table first, then its table `settings`.
std::optional<ConfigValue> find_setting(ConfigTable& table, std::optional<ConfigTable>& apart,
                                        std::string_view name) {
  std::optional<ConfigValue> here = table.take(name);
  if (!apart) return here;
  std::optional<ConfigValue> there = apart->take(name);
  if (here && there) there->refuse("is given twice: in the account and in its settings");
  return here ? here : there;
}

void refuse_plain_secret(const ConfigValue& value, const AccountDraft& draft) {
  const std::string way = "is a secret in plain text: write \"env:NAME\" or \"file:PATH\"";
  if (draft.account.mode == Mode::live)
    value.refuse(way);
  else
    value.warn(way);
}

void refuse_missing(ConfigTable& table, const std::string& prefix, const Setting& setting,
                    const AccountDraft& draft) {
  table.findings().refuse(table.node().place, prefix + std::string(setting.name) +
                                                  " is missing; the adapter " +
                                                  draft.account.adapter +
                                                  " needs it: " + std::string(setting.sentence));
}

void read_setting(const ConfigValue& value, const Setting& setting, AccountDraft& draft) {
  const std::optional<SourcedText> found = value.setting();
  if (!found) return;
  if (found->text.empty() && setting.is_required) {
    value.refuse("must not be empty");
    return;
  }
  if (setting.is_secret && found->is_written_here && !found->text.empty())
    refuse_plain_secret(value, draft);
  draft.account.settings.insert_or_assign(std::string(setting.name), Secret(found->text));
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What a credential or host calls itself, by the words that providers use: "sk_live_4e...",
// "api.sandbox.example". Only the first words count, since the rest of a key is chance.
std::optional<Mode> mode_it_names(std::string_view text, std::string_view separators) {
  constexpr std::array<std::string_view, 5> test_words = {"test", "sandbox", "sb", "development",
                                                          "staging"};
  constexpr std::array<std::string_view, 3> live_words = {"live", "production", "prod"};
  for (int count = 0; count < 3 && !text.empty(); ++count) {
    const std::size_t end = text.find_first_of(separators);
    const std::string word = in_lower_case(text.substr(0, end));
    // What has no separator after it is the random part, or the top of the host.
    if (end == std::string_view::npos) return std::nullopt;
    if (is_one_of(word, test_words)) return Mode::test;
    if (is_one_of(word, live_words)) return Mode::live;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

// The mode whose host this is according to the adapter, when its two modes have different ones.
std::optional<Mode> mode_of_host(std::string_view host, const Adapter& adapter) {
  const auto test = parse_web_address(adapter.base_url_test);
  const auto live = parse_web_address(adapter.base_url_live);
  const bool is_test = test && test->host == host;
  const bool is_live = live && live->host == host;
  if (is_test != is_live) return is_test ? Mode::test : Mode::live;
  if (is_test) return std::nullopt;
  return mode_it_names(host, ".-");
}

Place place_of(const ConfigNode& account, std::string_view key) {
  const ConfigMember* apart = find_member(account, "settings");
  for (const ConfigNode* table : {&account, apart == nullptr ? &account : &apart->node})
    if (const ConfigMember* member = find_member(*table, key)) return member->node.place;
  return account.place;
}

void check_host(const ConfigNode& node, const std::string& prefix, const AccountDraft& draft,
                Findings& findings) {
  const auto address = parse_web_address(draft.account.base_url);
  if (!address || is_this_machine(address->host)) return;
  const Place place = place_of(node, "base_url");
  if (draft.account.mode == Mode::live && address->scheme == "http")
    findings.refuse(place, prefix + "base_url must begin with https:// in live mode");
  const auto named = mode_of_host(address->host, *draft.adapter);
  if (named && *named != draft.account.mode)
    findings.refuse(place, prefix + "is in " + draft.mode + " mode, but " + address->host +
                               " is a host for " + std::string(word_of(*named)) + " mode");
}

}  // namespace

void read_settings(ConfigTable& table, const std::string& prefix, AccountDraft& draft) {
  std::optional<ConfigTable> apart;
  const ConfigMember* settings = find_member(table.node(), "settings");
  if (settings != nullptr && settings->node.kind == ConfigNode::Kind::table)
    apart.emplace(settings->node, prefix + "settings.", table.findings());
  const auto own_keys = account_keys();
  for (const Setting& setting : draft.adapter->settings) {
    // An adapter whose setting is called like a key of every account gets it from there.
    const bool is_own = std::any_of(own_keys.begin(), own_keys.end(), [&](const auto& key) {
      return key.last_name() == setting.name;
    });
    const auto value = is_own ? std::nullopt : find_setting(table, apart, setting.name);
    if (value)
      read_setting(*value, setting, draft);
    else if (setting.is_required && setting.otherwise.empty())
      refuse_missing(table, prefix, setting, draft);
    draft.account.settings.emplace(setting.name, Secret(std::string(setting.otherwise)));
  }
  if (apart) apart->refuse_unknown(prefix + "settings");
}

void check_mode(const ConfigNode& node, const std::string& prefix, const AccountDraft& draft,
                Findings& findings) {
  check_host(node, prefix, draft, findings);
  for (const Setting& setting : draft.adapter->settings) {
    // Publishable keys are no secrets, but say their mode all the same.
    if (!setting.is_secret && !setting.name.ends_with("_key")) continue;
    const auto named = mode_it_names(draft.account.setting(setting.name), "_-");
    if (named && *named != draft.account.mode)
      findings.refuse(place_of(node, setting.name),
                      prefix + "is in " + draft.mode + " mode, but its " +
                          std::string(setting.name) + " is a credential for " +
                          std::string(word_of(*named)) + " mode");
  }
}

}  // namespace switchyard
