// The accounts and rules in force. Immutable; a reload puts another one in its place, and whoever
// runs keeps the one it began with.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/adapter.h"
#include "routing/health.h"
#include "routing/route.h"

namespace switchyard {

struct Setup {
  std::map<std::string, Account> accounts = {};
  RuleBook rules = {};

  // Null when no account has that id.
  const Account* find_account(const std::string& id) const {
    const auto found = accounts.find(id);
    return found == accounts.end() ? nullptr : &found->second;
  }
};

class SetupBox {
 public:
  explicit SetupBox(std::shared_ptr<const Setup> setup) : setup_(std::move(setup)) {}
  std::shared_ptr<const Setup> get() const {
    const std::lock_guard lock(mutex_);
    return setup_;
  }
  void put(std::shared_ptr<const Setup> setup) {
    const std::lock_guard lock(mutex_);
    setup_ = std::move(setup);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Setup> setup_;
};

// The accounts' recent records. Safe from any thread.
class HealthBook {
 public:
  void record(const std::string& account, CallOutcome outcome, std::chrono::microseconds took,
              Time now) {
    const std::lock_guard lock(mutex_);
    Health& health = accounts_[account];
    const bool was_failing = health.is_failing();
    health.record(outcome, took, now);
    if (was_failing && !health.is_failing()) recovered_.insert(account);
  }
  bool takes_payments(const std::string& account, Time now) {
    const std::lock_guard lock(mutex_);
    return accounts_[account].takes_payments(now);
  }
  std::vector<std::string> failing() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> accounts;
    for (const auto& [account, health] : accounts_)
      if (health.is_failing()) accounts.push_back(account);
    return accounts;
  }
  // Those that have begun to answer again since this was asked last.
  std::set<std::string> take_recovered() {
    const std::lock_guard lock(mutex_);
    return std::exchange(recovered_, {});
  }
  Health of(const std::string& account) const {
    const std::lock_guard lock(mutex_);
    const auto found = accounts_.find(account);
    return found == accounts_.end() ? Health{} : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Health> accounts_;
  std::set<std::string> recovered_;
};

}  // namespace switchyard
