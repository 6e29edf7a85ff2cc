#include "delivery/held.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace switchyard {
namespace {

constexpr int most_failures_counted = 8;
constexpr int most_in_one_claim = 200;
// Claimed ahead for each slot of an endpoint, so that it has work while we talk to the database.
constexpr int ahead = 4;

}  // namespace

HeldDeliveries::HeldDeliveries(int slots, std::size_t most_held)
    : slots_(slots), most_held_(most_held) {
  assert(slots > 0);
}

int HeldDeliveries::share_of(const Endpoint& endpoint) const {
  return std::max(1, (slots_ / 4) >> endpoint.failures_of_late);
}

ClaimRequest HeldDeliveries::wanted() const {
  const std::lock_guard lock(mutex_);
  const std::size_t free = held_.size() < most_held_ ? most_held_ - held_.size() : 0;
  ClaimRequest request{.most = std::min(static_cast<int>(free), most_in_one_claim),
                       .most_per_endpoint = share_of({}) * ahead};
  if (is_stopped_) request.most = 0;
  for (const auto& [id, endpoint] : endpoints_) {
    const int room = share_of(endpoint) * ahead - endpoint.held;
    request.room.emplace_back(id, endpoint.is_closed ? 0 : std::max(0, room));
  }
  return request;
}

void HeldDeliveries::add(std::vector<ClaimedDelivery> claimed, Instant trusted_until) {
  const std::lock_guard lock(mutex_);
  for (ClaimedDelivery& delivery : claimed) {
    // Ours before, lost, and ours again: the first is not waited for.
    if (const auto old = held_.find(delivery.id); old != held_.end())
      let_go(delivery.id, old->second.lease.token);
    held_[delivery.id] = {.lease = {delivery.id, delivery.lease_token},
                          .endpoint_id = delivery.endpoint_id,
                          .stage = Stage::ready,
                          .trusted_until = trusted_until};
    ++endpoints_[delivery.endpoint_id].held;
    ready_.push_back(std::move(delivery));
  }
}

std::vector<ClaimedDelivery> HeldDeliveries::take_sendable(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<ClaimedDelivery> sendable;
  if (is_stopped_) return sendable;
  std::deque<ClaimedDelivery> kept;
  while (!ready_.empty() && under_way_ < slots_) {
    ClaimedDelivery delivery = std::move(ready_.front());
    ready_.pop_front();
    const auto found = held_.find(delivery.id);
    if (found == held_.end() || found->second.lease.token != delivery.lease_token) continue;
    if (found->second.trusted_until <= now) {
      let_go(delivery.id, delivery.lease_token);
      continue;
    }
    Endpoint& endpoint = endpoints_[delivery.endpoint_id];
    if (endpoint.under_way >= share_of(endpoint)) {
      kept.push_back(std::move(delivery));
      continue;
    }
    found->second.stage = Stage::under_way;
    ++endpoint.under_way;
    ++under_way_;
    sendable.push_back(std::move(delivery));
  }
  while (!kept.empty()) {
    ready_.push_front(std::move(kept.back()));
    kept.pop_back();
  }
  return sendable;
}

void HeldDeliveries::note(Endpoint& endpoint, Meaning meaning) const {
  const bool is_delivered = meaning == Meaning::delivered;
  endpoint.failures_of_late =
      std::clamp(endpoint.failures_of_late + (is_delivered ? -1 : 1), 0, most_failures_counted);
  endpoint.throttles_in_a_row = meaning == Meaning::throttled ? endpoint.throttles_in_a_row + 1 : 0;
}

void HeldDeliveries::answer(ClaimedDelivery delivery, SendOutcome outcome, Time at) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  Endpoint& endpoint = endpoints_[delivery.endpoint_id];
  --endpoint.under_way;
  note(endpoint, meaning_of(outcome));
  const auto found = held_.find(delivery.id);
  if (found != held_.end() && found->second.lease.token == delivery.lease_token)
    found->second.stage = Stage::answered;
  answered_.push_back({.delivery = std::move(delivery),
                       .outcome = std::move(outcome),
                       .at = at,
                       .throttles_in_a_row = endpoint.throttles_in_a_row});
}

std::vector<Answered> HeldDeliveries::take_answered() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answered_, {});
}

void HeldDeliveries::forget(const std::vector<Answered>& marked) {
  const std::lock_guard lock(mutex_);
  for (const Answered& each : marked) let_go(each.delivery.id, each.delivery.lease_token);
}

void HeldDeliveries::let_go(const std::string& delivery_id, std::int64_t token) {
  const auto found = held_.find(delivery_id);
  if (found == held_.end() || found->second.lease.token != token) return;
  const auto endpoint = endpoints_.find(found->second.endpoint_id);
  --endpoint->second.held;
  held_.erase(found);
  const Endpoint& left = endpoint->second;
  const bool is_worth_keeping = left.held > 0 || left.under_way > 0 || left.is_closed ||
                                left.failures_of_late > 0 || left.throttles_in_a_row > 0;
  if (!is_worth_keeping) endpoints_.erase(endpoint);
}

std::vector<HeldLease> HeldDeliveries::leases() const {
  const std::lock_guard lock(mutex_);
  std::vector<HeldLease> leases;
  for (const auto& [id, held] : held_) leases.push_back(held.lease);
  std::ranges::sort(leases, {}, &HeldLease::delivery_id);
  return leases;
}

void HeldDeliveries::extend(const std::vector<HeldLease>& asked,
                            const std::vector<std::string>& ours, Instant trusted_until) {
  const std::set<std::string> kept(ours.begin(), ours.end());
  const std::lock_guard lock(mutex_);
  for (const HeldLease& lease : asked) {
    const auto found = held_.find(lease.delivery_id);
    if (found == held_.end() || found->second.lease.token != lease.token) continue;
    if (kept.contains(lease.delivery_id))
      found->second.trusted_until = trusted_until;
    else if (found->second.stage == Stage::ready)
      let_go(lease.delivery_id, lease.token);
  }
}

std::vector<HeldLease> HeldDeliveries::stop_sending() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  std::vector<HeldLease> unsent;
  for (const auto& [id, held] : held_)
    if (held.stage == Stage::ready) unsent.push_back(held.lease);
  for (const HeldLease& lease : unsent) let_go(lease.delivery_id, lease.token);
  ready_.clear();
  return unsent;
}

void HeldDeliveries::close_endpoint(const std::string& endpoint_id) {
  const std::lock_guard lock(mutex_);
  endpoints_[endpoint_id].is_closed = true;
}

void HeldDeliveries::open_endpoint(const std::string& endpoint_id) {
  const std::lock_guard lock(mutex_);
  const auto found = endpoints_.find(endpoint_id);
  if (found != endpoints_.end()) found->second.is_closed = false;
}

bool HeldDeliveries::has_answered() const {
  const std::lock_guard lock(mutex_);
  return !answered_.empty();
}

std::size_t HeldDeliveries::under_way() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(under_way_);
}

std::size_t HeldDeliveries::count() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

}  // namespace switchyard
