#include "jobs/runner.h"

#include "base/contain.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "flow/cancel_payment.h"
#include "flow/look_after.h"
#include "store/payments.h"

namespace switchyard {
namespace {

constexpr int most_at_once = 100;
constexpr int most_looks_running = 1000;
// A provider that answers nobody must leave room for the others.
constexpr int most_looks_of_one = 250;
constexpr int seconds_between_probes = 2;
// What is in doubt after a long night is asked about in this many seconds at most; the rest, if
// any, is so by its own schedule.
constexpr int most_shares = 60;

}  // namespace

JobRunner::JobRunner(Services& services) : services_(services) {
  using namespace std::chrono_literals;
  threads_.emplace_back([this] { every(100ms, &JobRunner::poll, true); });
  threads_.emplace_back([this] { every(1s, &JobRunner::hurry, true); });
  threads_.emplace_back([this] { every(500ms, &JobRunner::expire, true); });
  threads_.emplace_back([this] { every(4s, &JobRunner::heartbeat, false); });
  threads_.emplace_back([this] { every(1h, &JobRunner::tidy_up, true); });
  threads_.emplace_back([this] { every(20s, &JobRunner::forget_commits, true); });
}

JobRunner::~JobRunner() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  while (looking_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void JobRunner::drain() { is_draining_ = true; }

void JobRunner::every(std::chrono::milliseconds gap, void (JobRunner::*job)(),
                      bool ends_with_drain) {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    if (!is_draining_ || !ends_with_drain) contain("jobs", [&] { (this->*job)(); });
    lock.lock();
    stop_.wait_for(lock, gap, [&] { return is_stopping_; });
  }
}

void JobRunner::poll() {
  if (looking_ >= most_looks_running) return;
  const auto due = claim_due_attempts(services_.database, most_at_once, busy_accounts());
  if (!due) return;
  for (const DueAttempt& attempt : *due) {
    FAILPOINT("job.after_claim");
    ++looking_;
    {
      const std::lock_guard lock(looks_mutex_);
      ++looks_[attempt.account];
    }
    look_after(services_, attempt.payment_id, attempt.attempt_id, Occasion::due,
               [this, account = attempt.account] { end_look(account); });
  }
}

std::vector<std::string> JobRunner::busy_accounts() {
  const std::lock_guard lock(looks_mutex_);
  std::vector<std::string> busy;
  for (const auto& [account, count] : looks_)
    if (count >= most_looks_of_one) busy.push_back(account);
  return busy;
}

void JobRunner::end_look(const std::string& account) {
  {
    const std::lock_guard lock(looks_mutex_);
    if (--looks_[account] == 0) looks_.erase(account);
  }
  --looking_;
}

void JobRunner::hurry() {
  if (++ticks_ % seconds_between_probes == 0)
    for (const std::string& account : services_.health.failing())
      (void)hurry_attempts(services_.database, account, 1);
  for (const std::string& account : services_.health.take_recovered())
    shares_left_[account] = most_shares;
  for (auto each = shares_left_.begin(); each != shares_left_.end();) {
    const auto hurried = hurry_attempts(services_.database, each->first, most_at_once);
    const bool is_done = hurried && (*hurried < most_at_once || --each->second == 0);
    each = is_done ? shares_left_.erase(each) : std::next(each);
  }
}

void JobRunner::expire() {
  const auto due = due_for_expiry(services_.database, most_at_once);
  if (!due) return;
  for (const std::string& id : *due) {
    FAILPOINT("sweep.mid_batch");
    if (const auto done = expire_payment(services_, id); !done)
      log_warning("expiry.failed", {{"payment", id}, {"problem", done.error().message}});
  }
}

void JobRunner::heartbeat() {
  FAILPOINT("job.before_heartbeat");
  const std::vector<std::string> running = services_.in_flight.list();
  if (!running.empty()) (void)extend_leases(services_.database, running);
}

void JobRunner::tidy_up() { (void)turn_answer_partitions(services_.database); }

void JobRunner::forget_commits() { (void)services_.database.forget_old_commits(); }

}  // namespace switchyard
