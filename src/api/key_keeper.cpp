#include "api/key_keeper.h"

#include "base/log.h"

namespace switchyard {
namespace {

constexpr std::chrono::seconds extend_every{5};  // a third of a lease
constexpr int most_waiting_per_merchant = 300;   // 5 % of the workers

}  // namespace

KeyKeeper::KeyKeeper(Database& database) : database_(database), thread_([this] { work(); }) {}

KeyKeeper::~KeyKeeper() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

void KeyKeeper::hold(const KeyClaim& claim) {
  const std::lock_guard lock(mutex_);
  held_[claim.request_id] = claim;
}

void KeyKeeper::let_go(const KeyClaim& claim) {
  const std::lock_guard lock(mutex_);
  held_.erase(claim.request_id);
}

bool KeyKeeper::begin_wait(const std::string& merchant_id) {
  const std::lock_guard lock(mutex_);
  int& waiting = waiting_[merchant_id];
  if (waiting >= most_waiting_per_merchant) return false;
  ++waiting;
  return true;
}

void KeyKeeper::end_wait(const std::string& merchant_id) {
  const std::lock_guard lock(mutex_);
  if (--waiting_[merchant_id] == 0) waiting_.erase(merchant_id);
}

void KeyKeeper::extend_all() {
  std::vector<KeyClaim> claims;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [owner, claim] : held_) claims.push_back(claim);
  }
  if (claims.empty()) return;
  if (const auto done = extend_keys(database_, claims); !done)
    log_warning("idempotency_keys.not_extended");
}

void KeyKeeper::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, extend_every, [&] { return is_stopping_; })) {
    lock.unlock();
    extend_all();
    lock.lock();
  }
}

}  // namespace switchyard
