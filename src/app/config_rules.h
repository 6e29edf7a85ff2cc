// [[rule]]: which accounts take which payments, checked as a whole.
#pragma once

#include <span>

#include "app/config_keys.h"

namespace switchyard {

struct RuleDraft {
  Rule rule;
  const Config& config;  // with its accounts, to tell names from mistakes
  const ConfigNode* when = nullptr;
};

std::span<const ReadKey<RuleDraft>> rule_keys();
std::span<const ReadKey<RuleDraft>> when_keys();

// Makes the rule book of the config, whose accounts have been read already.
void read_rules(const ConfigNode& file, Findings& findings, Config& config);

}  // namespace switchyard
