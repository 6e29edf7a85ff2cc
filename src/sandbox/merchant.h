// The demo merchant: receives our events, checks their signatures as any Standard Webhooks
// library would, remembers them, and can be told to fail. Below /merchant.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox {

class Merchant {
 public:
  explicit Merchant(std::function<std::int64_t()> unix_time) : unix_time_(std::move(unix_time)) {}

  // request.path is below /merchant.
  Reply handle(const Request& request);

 private:
  Reply receive(const Request& request);           // POST /events
  Reply list(const Request& request) const;        // GET /events?after=
  Reply add_secret(const Request& request);        // POST /secret {"secret": "whsec_…"}
  Reply fail_for_a_while(const Request& request);  // POST /fail {"times", "status"}
  bool is_signed_by_ours(const Request& request) const;

  std::function<std::int64_t()> unix_time_;
  mutable std::mutex mutex_;
  std::vector<std::string> keys_;
  std::vector<Json> events_;
  std::int64_t failures_left_ = 0;
  int failure_status_ = 500;
};

}  // namespace switchyard::sandbox
