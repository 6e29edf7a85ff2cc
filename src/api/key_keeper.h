// Who works on which idempotency keys in this process, and who waits for their answers.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "store/idempotency_keys.h"

namespace switchyard {

// The keys that this process works on. Their leases are extended every few seconds, so that nobody
// takes them over while a provider takes its time; and those who wait for an answer are counted.
class KeyKeeper {
 public:
  explicit KeyKeeper(Database& database);
  ~KeyKeeper();
  KeyKeeper(const KeyKeeper&) = delete;
  KeyKeeper& operator=(const KeyKeeper&) = delete;

  void hold(const KeyClaim& claim);
  void let_go(const KeyClaim& claim);
  // False when enough requests of this merchant wait already.
  bool begin_wait(const std::string& merchant_id);
  void end_wait(const std::string& merchant_id);
  void extend_all();

 private:
  void work();

  Database& database_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool is_stopping_ = false;
  std::map<std::string, KeyClaim> held_;  // by owner
  std::map<std::string, int> waiting_;    // by merchant
  std::thread thread_;
};

}  // namespace switchyard
