// [server], [database] and the other tables that appear once.
#pragma once

#include <span>

#include "app/config_keys.h"

namespace switchyard {

std::span<const ReadKey<Config>> section_keys();
// "server", "database", ...: each name once, in the order of the struct.
std::vector<std::string> section_names();

// Everything but accounts and rules, with what depends on several keys checked and filled in.
void read_sections(const ConfigNode& file, Findings& findings, Config& config);

// The part of it that looks at several keys and at the environment.
void complete_sections(const ConfigNode& file, Findings& findings, Config& config);

}  // namespace switchyard
