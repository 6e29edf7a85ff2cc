#include "app/config_keys.h"

#include "app/config_accounts.h"
#include "app/config_rules.h"
#include "app/config_sections.h"

namespace switchyard {
namespace {

template <class Target>
void add(std::vector<ConfigKey>& all, std::span<const ReadKey<Target>> keys) {
  for (const ReadKey<Target>& each : keys) all.push_back(each.key);
}

}  // namespace

std::vector<ConfigKey> all_config_keys() {
  std::vector<ConfigKey> all;
  add(all, section_keys());
  add(all, account_keys());
  add(all, rule_keys());
  add(all, when_keys());
  return all;
}

}  // namespace switchyard
