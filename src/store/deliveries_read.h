// The delivery log as its merchant reads it: what was sent where, and what each try came to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/account.h"
#include "store/database.h"

namespace switchyard {

struct LoggedTry {
  int number = 1;
  std::string url;
  int http_status = 0;       // 0: no answer
  std::string problem = {};  // why there was none
  std::string answer = {};   // the first 4 KiB
  std::int64_t took_ms = 0;
  Time created_at{};
};

struct LoggedDelivery {
  std::string id;
  std::string event_id;
  std::string event_type;
  std::string payment_id = {};
  std::string status;               // pending | succeeded | failed
  std::optional<Time> due_at = {};  // pending: when it is tried next
  Time created_at{};
  std::optional<Time> finished_at = {};
  std::vector<LoggedTry> tries = {};  // oldest first
};

struct DeliveryFilter {
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string endpoint_id;
  std::string status = {};
  std::string after = {};   // cursor: newest first, what comes after this id
  std::string before = {};  // cursor: what comes before it
  int limit = 25;
};
struct DeliveryPage {
  std::vector<LoggedDelivery> deliveries = {};  // newest first
  bool has_more = false;
};
Result<DeliveryPage> list_deliveries(Database&, const DeliveryFilter&);

}  // namespace switchyard
