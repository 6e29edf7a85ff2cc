// Orders to misbehave, given by POST /faults and used up in the order they were given. An order
// about requests:
//   {"provider": "example", "method": "POST", "path": "/charges", "when": "before" | "after",
//    "action": "status:503" | "html_502" | "timeout:MS" | "reset" | "truncate" | "slow:MS" |
//              "late:MS" | "gzip", "times": 1, "chance": 1}
// `path` is any part of the path below the provider; provider, method and path left out fit all.
// `before`: the provider does not execute the request; `after` (the default): it does, and then
// answers badly. slow answers well, after a while; late executes that long after the caller got
// nothing; gzip is packed although nobody asked for it, and torn. An order about webhooks:
//   {"provider": "example", "webhook": "lose" | "double" | "delay:MS" | "reorder" | "forge" |
//              "again:MS" | "misaddress" | "garbage", …}
// again sends the same bytes once more after that long; misaddress sends a copy to an address that
// another message went to, and garbage a mebibyte of nonsense under the headers of the true one.
// `times` 0 means until deleted; `chance` is the share of fitting requests that are hit.
#pragma once

#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox {

struct Fault {
  std::int64_t id = 0;
  std::string provider;
  std::string method;
  std::string path;
  bool is_executed = true;
  bool is_about_webhooks = false;
  std::string action;       // "status", "timeout", "lose"
  std::int64_t number = 0;  // what stands after the colon
  std::int64_t times_left = 1;
  bool is_endless = false;
  double chance = 1;
  std::int64_t hits = 0;
};

class Faults {
 public:
  explicit Faults(std::uint64_t seed) : random_(seed) {}

  Result<Json> add(const Json& order);  // what was understood, with its id
  Json list() const;                    // those that are left
  void clear();

  // The fault that this request or webhook is to meet; it is used up by that.
  std::optional<Fault> take_for_request(std::string_view provider, const Request& request);
  std::optional<Fault> take_for_webhook(std::string_view provider);

 private:
  template <class Fits>
  std::optional<Fault> take(Fits fits);

  mutable std::mutex mutex_;
  std::vector<Fault> faults_;
  std::int64_t last_id_ = 0;
  std::mt19937_64 random_;
};

}  // namespace switchyard::sandbox
