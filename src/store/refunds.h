// Refunds as they are read; they are written with their payment.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/refund.h"
#include "store/database.h"

namespace switchyard {

// Nullopt for another merchant's or mode's as for one that does not exist.
Result<std::optional<Refund>> find_refund(Database&, const std::string& merchant_id, Mode,
                                          const std::string& id);
Result<std::optional<Refund>> find_refund_by_external_id(Database&, const std::string& merchant_id,
                                                         Mode, const std::string& external_id);

struct RefundFilter {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string payment_id = {};
  std::string external_id = {};
  std::string status = {};
  std::string after = {};   // cursor: newest first, what comes after this id
  std::string before = {};  // cursor: what comes before it
  int limit = 25;
};
struct RefundPage {
  std::vector<Refund> refunds = {};  // newest first
  bool has_more = false;             // in the direction that was asked for
};
Result<RefundPage> list_refunds(Database&, const RefundFilter&);

}  // namespace switchyard
