// Merchants' webhook endpoints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/account.h"
#include "store/database.h"

namespace switchyard {

struct Endpoint {
  std::string id;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string url;
  std::vector<std::string> enabled_events;
  std::string description = {};
  std::string ordering = "per_payment";
  Secret secret = {};  // whsec_…
  bool is_enabled = true;
  std::string disabled_reason = {};
  bool is_deleted = false;
  Time created_at{};
  Time updated_at{};

  bool operator==(const Endpoint&) const = default;
};

Result<std::optional<Endpoint>> find_endpoint(Database&, const Sealer&,
                                              const std::string& merchant_id, Mode,
                                              const std::string& id);
Result<std::vector<Endpoint>> list_endpoints(Database&, const Sealer&,
                                             const std::string& merchant_id, Mode);

// For the writer.
void upsert_endpoints(Trip&, std::vector<const Endpoint*>, const Sealer&);

}  // namespace switchyard
