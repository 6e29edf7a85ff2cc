// The deliveries that this process holds a lease on, and whose turn it is. Safe from any thread.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "delivery/schedule.h"
#include "store/deliveries.h"

namespace switchyard {

struct Answered {
  ClaimedDelivery delivery;
  SendOutcome outcome;
  Time at{};                   // when it was sent
  int throttles_in_a_row = 0;  // of its endpoint, this one included
};

// An endpoint may use a quarter of the slots, and half as many for each failure of late, at least
// one: who hangs or is down keeps one slot busy, and who recovers gets its share back bit by bit.
class HeldDeliveries {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  HeldDeliveries(int slots, std::size_t most_held);

  // What to claim: nothing when `most` is 0.
  ClaimRequest wanted() const;
  // `trusted_until`: from then on a lease may be somebody else's, and what was not sent is dropped.
  void add(std::vector<ClaimedDelivery> claimed, Instant trusted_until);
  // Those to be sent now: they count as under way until they are answered.
  std::vector<ClaimedDelivery> take_sendable(Instant now);
  void answer(ClaimedDelivery delivery, SendOutcome outcome, Time at);
  // What is to be marked; it stays held until `forget`.
  std::vector<Answered> take_answered();
  void forget(const std::vector<Answered>& marked);

  std::vector<HeldLease> leases() const;
  // These are ours until then; of the others in `asked`, what was not sent is dropped.
  void extend(const std::vector<HeldLease>& asked, const std::vector<std::string>& ours,
              Instant trusted_until);
  // Nothing is sent any more; what was not is handed back.
  std::vector<HeldLease> stop_sending();

  // No claims for this endpoint until it is opened again: it is being disabled.
  void close_endpoint(const std::string& endpoint_id);
  void open_endpoint(const std::string& endpoint_id);

  bool has_answered() const;
  std::size_t under_way() const;
  std::size_t count() const;

 private:
  enum class Stage { ready, under_way, answered };
  struct Held {
    HeldLease lease;
    std::string endpoint_id;
    Stage stage = Stage::ready;
    Instant trusted_until;
  };
  struct Endpoint {
    int held = 0;
    int under_way = 0;
    int failures_of_late = 0;
    int throttles_in_a_row = 0;
    bool is_closed = false;
  };

  int share_of(const Endpoint& endpoint) const;
  void note(Endpoint& endpoint, Meaning meaning) const;
  void let_go(const std::string& delivery_id, std::int64_t token);

  const int slots_;
  const std::size_t most_held_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Held> held_;
  std::map<std::string, Endpoint> endpoints_;
  std::deque<ClaimedDelivery> ready_;  // what has been let go since is skipped
  std::vector<Answered> answered_;
  int under_way_ = 0;
  bool is_stopped_ = false;
};

}  // namespace switchyard
