#include "api/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace switchyard {
namespace {

constexpr double burst = 2;
constexpr std::size_t most_buckets = 50'000;

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::max(0.0, std::chrono::duration<double>(to - from).count());
}

}  // namespace

RateVerdict RateLimit::take(const std::string& name, int rate,
                            std::chrono::steady_clock::time_point now) {
  if (rate <= 0) return {};
  const double capacity = rate * burst;
  const std::lock_guard lock(mutex_);
  // A bucket that nobody touched for as long as it takes to fill is as good as a new one.
  if (buckets_.size() >= most_buckets)
    std::erase_if(buckets_, [&](const auto& each) {
      return seconds_between(each.second.filled_at, now) >= burst;
    });
  if (buckets_.size() >= most_buckets) buckets_.clear();
  const auto [place, is_new] =
      buckets_.try_emplace(name, Bucket{.tokens = capacity, .filled_at = now});
  Bucket& bucket = place->second;
  bucket.tokens = std::min(capacity, bucket.tokens + seconds_between(bucket.filled_at, now) * rate);
  bucket.filled_at = std::max(bucket.filled_at, now);
  RateVerdict verdict{.is_allowed = bucket.tokens >= 1, .limit = static_cast<int>(capacity)};
  if (verdict.is_allowed) bucket.tokens -= 1;
  verdict.remaining = static_cast<int>(bucket.tokens);
  verdict.reset_sec = static_cast<int>(std::ceil((capacity - bucket.tokens) / rate));
  return verdict;
}

RateVerdict RateLimit::take(const std::string& merchant_id, bool is_write,
                            std::chrono::steady_clock::time_point now) {
  return take((is_write ? "w:" : "r:") + merchant_id, is_write ? writes_ : reads_, now);
}

RateVerdict RateLimit::take_address(const std::string& address,
                                    std::chrono::steady_clock::time_point now) {
  return take("a:" + address, per_address_, now);
}

}  // namespace switchyard
