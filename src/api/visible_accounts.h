// The accounts that whoever asks may know of: their merchant's, of their key's mode.
#pragma once

#include <vector>

#include "api/context.h"
#include "flow/setup.h"

namespace switchyard {

bool is_for_merchant(const Account& account, const std::string& merchant_id);
// In the order of their ids.
std::vector<const Account*> visible_accounts(const Setup& setup, const Asker& asker);

}  // namespace switchyard
