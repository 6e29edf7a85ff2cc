// The outbox being emptied: deliveries are claimed with a lease, and marked with what came of them.
// The database's clock decides what is due and whose lease has run out.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "domain/account.h"
#include "store/database.h"

namespace switchyard {

struct ClaimedDelivery {
  std::string id;
  std::string event_id;
  std::string endpoint_id;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string url;
  Secret secret = {};     // as it was sealed; empty when no key of ours opens it
  std::string body = {};  // the event's stored bytes
  int tries = 0;          // made before this one
  std::int64_t lease_token = 0;
  Time created_at{};
};

struct ClaimRequest {
  int most = 200;
  int most_per_endpoint = 64;
  // For endpoints of which this process wants another number than that; 0 is none.
  std::vector<std::pair<std::string, int>> room = {};
  std::chrono::milliseconds lease{5'000};
  std::chrono::milliseconds first_gap{0};  // how old a delivery must be for its first try
};

// Takes what is due, the longest due first, of endpoints that are enabled and not resting. Of a
// payment's deliveries to an endpoint that keeps order only the earliest unfinished one is ever
// taken, by whichever router.
Result<std::vector<ClaimedDelivery>> claim_deliveries(Database&, const Sealer&,
                                                      const ClaimRequest&);
// Whether a claim would find something: cheaper than a claim, for those who find nothing mostly.
Result<bool> has_due_deliveries(Database&);

// A claim's lease, by the delivery's id and the token that it was claimed with.
struct HeldLease {
  std::string delivery_id;
  std::int64_t token = 0;
};
// Those that were still ours, by id; they are ours for `lease` from now.
Result<std::vector<std::string>> extend_leases(Database&, const std::vector<HeldLease>&,
                                               std::chrono::milliseconds lease);
// Gives back what was never sent.
Result<void> release_leases(Database&, const std::vector<HeldLease>&);

// One try, and what becomes of its delivery.
struct DeliveryTry {
  HeldLease lease;
  std::string endpoint_id;
  int number = 1;
  enum class Next { succeeded, try_again, give_up } next = Next::succeeded;
  std::chrono::milliseconds again_in{0};
  std::chrono::milliseconds endpoint_rests{0};  // above 0: nobody asks the endpoint before then
  std::string url;
  std::string address;
  int status = 0;       // 0: no answer
  std::string problem;  // why there was none
  std::string answer;   // valid UTF-8 without NUL
  std::chrono::milliseconds took{0};
  Time at{};
};
// Keeps every try, and marks each delivery whose lease is still held: how many these were. What
// waits in line behind a delivery that is tried again later waits with it.
Result<int> mark_deliveries(Database&, const std::vector<DeliveryTry>&);

// Whether the endpoint took any delivery since then.
Result<bool> took_any_since(Database&, const std::string& endpoint_id, Time since);

struct UndeliveredEvents {
  double oldest_age_sec =
      0;  // whatever holds it back: waiting, in line, resting, disabled, given up
  double pending = 0;
  double given_up = 0;
};
Result<UndeliveredEvents> count_undelivered(Database&);

}  // namespace switchyard
