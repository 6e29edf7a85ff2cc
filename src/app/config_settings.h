// The settings that an adapter asks of each account, and the fence between test and live.
#pragma once

#include "app/config_accounts.h"

namespace switchyard {

// Takes the adapter's settings from the account's table and from its table `settings`; what is
// missing is filled in with the adapter's default, or refused with the adapter's sentence.
void read_settings(ConfigTable& table, const std::string& prefix, AccountDraft& draft);

// Real money is never asked for in a test, nor play money in live mode: refuses credentials and
// hosts that say the other thing than the account's mode.
void check_mode(const ConfigNode& node, const std::string& prefix, const AccountDraft& draft,
                Findings& findings);

}  // namespace switchyard
