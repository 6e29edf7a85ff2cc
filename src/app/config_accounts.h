// [[account]]: one set of credentials at one provider, checked against what its adapter declares.
#pragma once

#include <span>

#include "adapters/adapter.h"
#include "app/config_keys.h"

namespace switchyard {

struct AccountDraft {
  Account account;
  const Adapter* adapter = nullptr;  // null: not known, already refused
  std::string mode = {};             // "" when missing or refused
};

std::span<const ReadKey<AccountDraft>> account_keys();

// Adds every account of the file to the config, whose sections have been read already.
void read_accounts(const ConfigNode& file, Findings& findings, Config& config);

}  // namespace switchyard
