// What the clock asks for: attempts that are due are looked after, payments whose time ran out are
// ended, leases of running work are kept alive, old answers are dropped. Several routers share the
// work through leases in the database.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "flow/services.h"

namespace switchyard {

class JobRunner {
 public:
  explicit JobRunner(Services& services);
  ~JobRunner();
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;

  // Stops claiming; heartbeats go on until destruction, since work may still be running.
  void drain();

 private:
  // Calls `job` every `gap` until the end.
  void every(std::chrono::milliseconds gap, void (JobRunner::*job)(), bool ends_with_drain);
  void poll();
  // Counts who is asked right now; the accounts that have enough open looks.
  std::vector<std::string> busy_accounts();
  void end_look(const std::string& account);
  // Accounts that answer again are asked at once about all that is in doubt there, a share of it
  // each second; those that fail, about one attempt every few seconds, to find out.
  void hurry();
  void expire();
  void heartbeat();
  void tidy_up();
  void forget_commits();

  Services& services_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool is_stopping_ = false;
  std::atomic<bool> is_draining_{false};
  std::atomic<int> looking_{0};
  std::mutex looks_mutex_;
  std::map<std::string, int> looks_;        // by account
  std::map<std::string, int> shares_left_;  // by account that answers again; of hurry alone
  int ticks_ = 0;                           // the same
  std::vector<std::thread> threads_;
};

}  // namespace switchyard
