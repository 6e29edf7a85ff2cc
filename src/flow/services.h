// What a verb needs, by reference: each outlives every verb.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/metrics.h"
#include "base/pool.h"
#include "flow/inquiry.h"
#include "flow/policies.h"
#include "flow/setup.h"
#include "flow/tokens.h"
#include "http/client.h"
#include "store/database.h"
#include "store/writer.h"

namespace switchyard {

// The attempts that this process works on right now: their leases are extended by a heartbeat.
class InFlight {
 public:
  void add(const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    attempts_.insert(attempt_id);
  }
  void remove(const std::string& attempt_id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = attempts_.find(attempt_id); found != attempts_.end())
      attempts_.erase(found);
  }
  bool has(const std::string& attempt_id) const {
    const std::lock_guard lock(mutex_);
    return attempts_.contains(attempt_id);
  }
  std::vector<std::string> list() const {
    const std::lock_guard lock(mutex_);
    return {attempts_.begin(), attempts_.end()};
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return attempts_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<std::string> attempts_;
};

struct Services {
  const Clock& clock;
  Database& database;
  Writer& writer;
  HttpClient& http;
  const Sealer& sealer;
  Metrics& metrics;
  SetupBox& setup;
  HealthBook& health;
  Pool& pool;
  InFlight& in_flight;
  Policies policies = {};
  const std::unique_ptr<TokenBook> tokens = std::make_unique<TokenBook>();
  const std::unique_ptr<Inquirer> inquirer = std::make_unique<Inquirer>();
};

}  // namespace switchyard
