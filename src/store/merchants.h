// Merchants and the keys they call with. A key is shown once and kept as its hash.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "domain/account.h"
#include "store/database.h"

namespace switchyard {

struct Merchant {
  std::string id;
  std::string name;
  // Where payers may be sent back to: hosts, or "*.example.com" for all below one. Empty: any.
  std::vector<std::string> return_hosts = {};
  Time created_at{};

  bool operator==(const Merchant&) const = default;
};

Result<Merchant> create_merchant(Database&, const std::string& name,
                                 const std::vector<std::string>& return_hosts = {});
Result<std::vector<Merchant>> list_merchants(Database&);  // oldest first
Result<std::optional<Merchant>> find_merchant(Database&, const std::string& id);
// False when there is no such merchant.
Result<bool> set_return_hosts(Database&, const std::string& id,
                              const std::vector<std::string>& return_hosts);

struct ApiKey {
  std::string id;
  std::string merchant_id;
  Mode mode = Mode::test;
  bool is_publishable = false;
  std::string hint;  // the last four characters
  Time created_at{};
  std::optional<Time> last_used_at = {};
  std::optional<Time> revoked_at = {};

  bool operator==(const ApiKey&) const = default;
};

struct NewApiKey {
  ApiKey key;
  Secret text;  // sk_test_…: nobody can be shown it again
};

// not_found when there is no such merchant.
Result<NewApiKey> create_key(Database&, const std::string& merchant_id, Mode, bool is_publishable);
Result<std::vector<ApiKey>> list_keys(Database&, const std::string& merchant_id);  // oldest first
// False when there is no such key, or it was revoked before.
Result<bool> revoke_key(Database&, const std::string& key_id);

struct KeyOwner {
  ApiKey key;
  std::vector<std::string> return_hosts = {};
};
// By the SHA-256 of a key, in hex. Nullopt for an unknown as for a revoked one. Notes that the key
// was used, at most once a minute.
Result<std::optional<KeyOwner>> find_key_by_hash(Database&, const std::string& hash);

// The words a key begins with: "sk_test_".
std::string key_prefix(Mode mode, bool is_publishable);

}  // namespace switchyard
