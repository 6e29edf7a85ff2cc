// Every key that a configuration may have, outside the settings that adapters declare.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_value.h"

namespace switchyard {

struct ConfigKey {
  std::string_view name;       // "server.port", "account.mode", "rule.when.method"
  std::string_view otherwise;  // what holds when it is absent, as TOML; "" when nothing does
  std::string_view sentence;   // for docs/configuration.md
};

// In the order of docs/configuration.md.
std::vector<ConfigKey> all_config_keys();

// A key and how its value is read into `Target`: the tables in config_*.cpp are made of these.
template <class Target>
struct ReadKey {
  ConfigKey key;
  void (*read)(const ConfigValue& value, Target& target);

  std::string_view last_name() const { return key.name.substr(key.name.rfind('.') + 1); }
};

template <class Target>
void read_keys(std::span<const ReadKey<Target>> keys, ConfigTable& table, Target& target) {
  for (const ReadKey<Target>& each : keys)
    if (const auto value = table.take(each.last_name())) each.read(*value, target);
}

}  // namespace switchyard
