// A configuration in words.
#pragma once

#include <string>
#include <vector>

#include "app/config_load.h"

namespace switchyard {

// Rules in their order with conditions and accounts, then the accounts: what `routing check` prints
// for a file without problems. Shows no secret.
std::string describe_rules(const Config& config);

// One line each: "config/switchyard.toml:12:8: ...", warnings with "warning: " before the sentence.
std::string describe_problems(const ConfigOutcome& outcome);

// docs/configuration.md's table: every key, its default and its sentence.
std::string describe_keys();

}  // namespace switchyard
