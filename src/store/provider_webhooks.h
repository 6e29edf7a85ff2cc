// Providers' webhooks as received, before they are believed: committed first, answered then,
// worked on as a job.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "store/database.h"

namespace switchyard {

struct ReceivedWebhook {
  std::string id;  // whk_…
  std::string account;
  std::string proof;              // verified | unproven | rejected
  std::string provider_event_id;  // "" where there is none, and for rejected ones
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;
  int tries = 0;
  Time received_at{};
  bool is_ours = false;  // stored as leased to this process, which works on it at once
};

struct WebhookOutcome {
  std::string id;
  std::string state;                    // done | parked
  std::string outcome;                  // "applied", "duplicate", "no attempt of ours", ...
  std::chrono::milliseconds due_in{0};  // parked: when to try again
};

// Up to `most` that are due, leased for 15 s to the caller.
Result<std::vector<ReceivedWebhook>> claim_webhooks(Database&, const Sealer&, int most);
Result<void> finish_webhooks(Database&, const std::vector<WebhookOutcome>&);
// How many rejected ones an address has left in the last hour: quarantine has a quota.
Result<std::int64_t> count_quarantined(Database&, const std::string& peer);
// The age of the oldest one that waits, in seconds; 0 when none does.
Result<double> webhook_lag(Database&);

// For the writer. A verified event that is there already is left out; one that proves nothing never
// shadows a true one. The ids that were stored.
Pending<std::vector<std::string>> insert_webhooks(Trip&, const std::vector<const ReceivedWebhook*>&,
                                                  const Sealer&);
void mark_webhooks(Trip&, const std::vector<const WebhookOutcome*>&);

}  // namespace switchyard
