// Token buckets per merchant (reads, writes) and per address, answered in RateLimit-* headers.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace switchyard {

struct RateVerdict {
  bool is_allowed = true;
  int limit = 0;
  int remaining = 0;
  int reset_sec = 0;  // until the bucket is full again
};

class RateLimit {
 public:
  // Per second, bursts of twice that; 0 switches a limit off.
  RateLimit(int reads, int writes, int per_address)
      : reads_(reads), writes_(writes), per_address_(per_address) {}

  RateVerdict take(const std::string& merchant_id, bool is_write,
                   std::chrono::steady_clock::time_point now);
  RateVerdict take_address(const std::string& address, std::chrono::steady_clock::time_point now);

 private:
  struct Bucket {
    double tokens = 0;
    std::chrono::steady_clock::time_point filled_at = {};
  };
  RateVerdict take(const std::string& name, int rate, std::chrono::steady_clock::time_point now);

  const int reads_;
  const int writes_;
  const int per_address_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;  // bounded: full ones are forgotten
};

}  // namespace switchyard
