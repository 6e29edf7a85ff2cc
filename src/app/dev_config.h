// The configuration of `switchyard dev` and of the journeys: every rail, at the sandbox's
// providers.
#pragma once

#include <string>

#include "base/json.h"

namespace switchyard {

struct DevPlaces {
  int port = 0;
  int operations_port = 0;
  std::string sandbox_url;
  std::string database_url;
  std::string master_key;        // 64 hex digits
  std::string server_keys = {};  // more of [server]
};

// TOML for read_config. `extra` is more of it: its accounts are added, its rules, if it has any,
// replace all of ours, and so does each section that it has ([api], [delivery], …).
std::string dev_config(const DevPlaces& places, const std::string& extra);

// `toml` with this section, unless it has it.
std::string with_section(const std::string& toml, const std::string& name, const std::string& keys);

// What the simulators must be told to reach the router, whose URL it is, and to be believed by it.
Json simulator_settings(const std::string& public_url);

}  // namespace switchyard
