// Who pays, as the merchant knows them.
#pragma once

#include <string>

#include "base/clock.h"
#include "domain/account.h"
#include "domain/payment.h"

namespace switchyard {

struct Customer {
  std::string id;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string external_id = {};
  std::string email = {};
  std::string name = {};
  std::string phone = {};
  Metadata metadata = {};
  bool is_deleted = false;  // then without email, name, phone and metadata
  Time created_at{};
  Time updated_at{};

  bool operator==(const Customer&) const = default;
};

}  // namespace switchyard
