// What a demo merchant needs to call the router, and what makes a folder of `dev` usable again.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace switchyard {

struct DevAccess {
  std::string merchant;
  std::string secret_key;
  std::string publishable_key;
  std::string master_key;  // 64 hex digits
  std::string endpoint;    // we_…, which receives at receiver_url
  std::string receiver_url;
  std::string webhook_secret;  // whsec_…
  int sandbox_port = 0;        // taken again if it is free: endpoints and attempts remember it
};

// What an earlier run in that folder noted; an empty one with a new master key otherwise.
DevAccess read_access(const std::string& folder);
// Readable for its owner alone.
Result<void> keep_access(const std::string& folder, const DevAccess& access);
// Makes the merchant and the keys that are missing.
Result<void> complete_access(const Secret& database_url, DevAccess& access);

}  // namespace switchyard
