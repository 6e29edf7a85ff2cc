#include "api/visible_accounts.h"

#include <algorithm>

namespace switchyard {

bool is_for_merchant(const Account& account, const std::string& merchant_id) {
  return std::ranges::any_of(account.merchants, [&](const std::string& each) {
    return each == "*" || each == merchant_id;
  });
}

std::vector<const Account*> visible_accounts(const Setup& setup, const Asker& asker) {
  std::vector<const Account*> accounts;
  for (const auto& [id, account] : setup.accounts)
    if (account.mode == asker.mode && is_for_merchant(account, asker.merchant_id))
      accounts.push_back(&account);
  return accounts;
}

}  // namespace switchyard
