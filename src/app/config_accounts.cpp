#include "app/config_accounts.h"

#include <algorithm>

#include "app/config_settings.h"
#include "app/config_words.h"

namespace switchyard {
namespace {

bool is_account_id(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && text.size() <= 40 && text[0] >= 'a' && text[0] <= 'z' &&
         text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_currency(std::string_view text) { return find_currency(text).has_value(); }

void read_id(const ConfigValue& value, AccountDraft& draft) {
  std::string id;
  if (!value.word(id)) return;
  if (is_account_id(id))
    draft.account.id = id;
  else
    value.refuse("must be up to 40 of a-z, 0-9 and _, beginning with a letter");
}

std::vector<std::string> adapter_names() {
  std::vector<std::string> names;
  for (const Adapter* adapter : all_adapters()) names.emplace_back(adapter->name);
  return names;
}

void read_adapter(const ConfigValue& value, AccountDraft& draft) {
  if (!value.word(draft.account.adapter)) return;
  draft.adapter = find_adapter(draft.account.adapter);
  if (draft.adapter != nullptr) return;
  std::string near = suggestion(draft.account.adapter, adapter_names());
  if (near.empty()) near = "; there are " + choice_of(adapter_names());
  value.refuse("names no adapter: " + in_quotes(draft.account.adapter) + near);
}

void read_mode(const ConfigValue& value, AccountDraft& draft) {
  if (!value.one_of(draft.mode, {"test", "live"})) return;
  draft.account.mode = draft.mode == "live" ? Mode::live : Mode::test;
}

void read_merchants(const ConfigValue& value, AccountDraft& draft) {
  auto& merchants = draft.account.merchants;
  const auto is_merchant = [](std::string_view text) {
    return text == "*" || text.starts_with("mer_");
  };
  if (!value.texts(merchants, is_merchant, "\"*\" or ids that begin with mer_")) return;
  if (merchants.size() > 1 && std::find(merchants.begin(), merchants.end(), "*") != merchants.end())
    value.refuse("must be either \"*\" or ids, not both");
}

void read_base_url(const ConfigValue& value, AccountDraft& draft) {
  std::string url;
  if (!value.text(url)) return;
  if (parse_web_address(url))
    draft.account.base_url = without_slash(url);
  else
    value.refuse("must be a URL such as \"https://api.example.com\", without a query");
}

void read_currencies(const ConfigValue& value, AccountDraft& draft) {
  value.texts(draft.account.currencies, is_currency, "a currency of ISO 4217, such as \"USD\"");
}

void read_countries(const ConfigValue& value, AccountDraft& draft) {
  value.texts(draft.account.countries, is_country, "a country of ISO 3166, such as \"LR\"");
}

void read_limit(const ConfigValue& value, AmountLimits& limits) {
  if (!value.is_table()) return;
  ConfigTable table(value.node(), value.name() + ".", value.findings());
  if (const auto minimum = table.take("minimum")) minimum->whole(limits.minimum, 0, max_amount);
  if (const auto maximum = table.take("maximum")) maximum->whole(limits.maximum, 0, max_amount);
  table.refuse_unknown(value.name());
  if (limits.maximum != 0 && limits.maximum < limits.minimum)
    value.refuse("has a maximum below its minimum");
}

void read_limits(const ConfigValue& value, AccountDraft& draft) {
  if (!value.is_table()) return;
  for (const ConfigMember& member : value.node().members) {
    if (is_currency(member.name))
      read_limit(value.member(member), draft.account.limits[member.name]);
    else
      value.findings().refuse(member.place, value.name() + " is by currency, and there is none " +
                                                "called " + in_quotes(member.name));
  }
}

// clang-format off
const ReadKey<AccountDraft> keys[] = {
    {{"account.id", "", "Its name in rules, answers and webhook URLs: a-z, 0-9 and `_`. Never rename one that has taken payments."}, read_id},
    {{"account.adapter", "", "The provider: a folder of `adapters/`."}, read_adapter},
    {{"account.mode", "", "`test` or `live`. Test keys reach only test accounts, live keys only live ones."}, read_mode},
    {{"account.merchants", R"(["*"])", "The ids of the merchants who may use it, or `*` for all."}, read_merchants},
    {{"account.base_url", "", "Where the provider's API is; absent: the adapter's own for that mode. `http://` to another machine is refused in live mode."}, read_base_url},
    {{"account.currencies", "", "Only these; absent: all that the adapter takes."}, read_currencies},
    {{"account.countries", "", "Payers from these countries only; absent: from all that the adapter takes."}, read_countries},
    {{"account.limits", "", "By currency, in its smallest unit: `limits.USD = { minimum = 100, maximum = 500000 }`. Either may be left out; 0 is no limit."}, read_limits},
    {{"account.forward_metadata", "false", "Send the merchant's metadata to the provider."},
     [](const ConfigValue& value, AccountDraft& draft) { value.truth(draft.account.forward_metadata); }},
    {{"account.settings", "", "The adapter's own settings (`api_key`, ...), if you would rather keep them apart; they may also stand in the account itself."},
     [](const ConfigValue& value, AccountDraft&) { value.is_table(); }},
};
// clang-format on

std::string prefix_of(const ConfigNode& node) {
  const ConfigMember* id = find_member(node, "id");
  if (id == nullptr || id->node.kind != ConfigNode::Kind::text) return "account: ";
  return "account " + in_quotes(id->node.text) + ": ";
}

void need_keys(ConfigTable& table) {
  table.need("id", "id = \"stripe_us\", the name you will use for it");
  table.need("adapter", "adapter = " + choice_of(adapter_names()));
  table.need("mode", "mode = \"test\" or mode = \"live\"");
}

// A currency the adapter has never heard of harms nothing, but it is never used either.
void check_currencies(const ConfigNode& node, const std::string& prefix, const AccountDraft& draft,
                      Findings& findings) {
  std::vector<std::string> taken;
  for (const Offer& offer : draft.adapter->offers) {
    if (offer.currencies.empty()) return;
    taken.insert(taken.end(), offer.currencies.begin(), offer.currencies.end());
  }
  for (const std::string& currency : draft.account.currencies)
    if (std::find(taken.begin(), taken.end(), currency) == taken.end())
      findings.warn(node.place,
                    prefix + "the adapter " + draft.account.adapter + " does not take " + currency);
}

void complete(const ConfigNode& node, const std::string& prefix, AccountDraft& draft,
              Findings& findings, const Config& config) {
  Account& account = draft.account;
  account.webhook_url = config.server.public_url + "/webhooks/" + account.id;
  if (account.base_url.empty())
    account.base_url =
        account.mode == Mode::live ? draft.adapter->base_url_live : draft.adapter->base_url_test;
  account.base_url = without_slash(account.base_url);
  if (account.base_url.empty() && !draft.adapter->by_hand)
    findings.refuse(node.place, prefix + "base_url is missing: the adapter " + account.adapter +
                                    " has none of its own for " + draft.mode + " mode");
  check_currencies(node, prefix, draft, findings);
  check_mode(node, prefix, draft, findings);
}

void read_account(const ConfigNode& node, Findings& findings, Config& config) {
  const std::string prefix = prefix_of(node);
  ConfigTable table(node, prefix, findings);
  AccountDraft draft;
  need_keys(table);
  read_keys<AccountDraft>(keys, table, draft);
  // Without the adapter nobody can say which other keys are right.
  if (draft.adapter != nullptr) {
    read_settings(table, prefix, draft);
    table.refuse_unknown(prefix.substr(0, prefix.size() - 2));
    if (!draft.mode.empty()) complete(node, prefix, draft, findings, config);
  }
  if (draft.account.id.empty()) return;
  const bool is_new = config.accounts.emplace(draft.account.id, draft.account).second;
  if (!is_new)
    findings.refuse(node.place,
                    "there is already an account called " + in_quotes(draft.account.id));
}

}  // namespace

std::span<const ReadKey<AccountDraft>> account_keys() { return keys; }

void read_accounts(const ConfigNode& file, Findings& findings, Config& config) {
  const ConfigMember* accounts = find_member(file, "account");
  if (accounts == nullptr) return;
  const bool is_table_list = accounts->node.kind == ConfigNode::Kind::list;
  if (!is_table_list)
    return findings.refuse(accounts->place,
                           "write [[account]], with two brackets: there may be many");
  for (const ConfigNode& node : accounts->node.items) {
    const ConfigValue value(node, "account", findings);
    if (value.is_table()) read_account(node, findings, config);
  }
}

}  // namespace switchyard
