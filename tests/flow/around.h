// What a decision needs to build its calls: two accounts of the reference adapter, without a
// database or a provider. A Draft is decided as the writer would, and nothing of it is saved.
#pragma once

#include "fixture.h"
#include "flow/fulfil.h"
#include "flow/look_after.h"
#include "flow/services.h"

namespace switchyard {

inline std::shared_ptr<const Setup> example_setup() {
  Setup setup;
  for (const auto* name : {"account_1", "account_2", "account_3"}) {
    Account account{.id = name, .adapter = "example", .base_url = "http://127.0.0.1:1"};
    account.settings.emplace("api_key", Secret("sk_test_key"));
    setup.accounts.emplace(name, account);
  }
  setup.accounts.emplace("soxara", Account{.id = "soxara", .adapter = "soxara"});
  return std::make_shared<const Setup>(std::move(setup));
}

// Never connected: nothing here is written.
struct Around {
  StoppedClock clock{noon};
  Metrics metrics;
  Sealer sealer{Secret(std::string(32, 'k'))};
  Database database{Secret("postgres://127.0.0.1:1/none"), 1};
  Writer writer{Secret("postgres://127.0.0.1:1/none"), sealer, clock, metrics};
  HttpClient http{metrics};
  SetupBox setup{example_setup()};
  HealthBook health;
  Pool pool{1};
  InFlight in_flight;
  Services services{clock, database, writer, http, sealer, metrics, setup, health, pool, in_flight};

  Surroundings get() { return {setup.get(), sealer, services.policies}; }
  const Adapter& adapter() { return *find_adapter("example"); }

  // The calls that `wishes` lead to; settles who looks after each attempt.
  std::vector<Send> grant(Door& door, Wishes wishes) {
    Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
    for (const Attempt& attempt : door.record.attempts) decision.touch(attempt);
    return fulfil(decision, std::move(wishes), get());
  }

  // The calls that looking after an attempt leads to.
  std::vector<Send> look(Door& door, const std::string& attempt_id,
                         Occasion occasion = Occasion::due) {
    Decision decision(door.record, door.changes, noon, {{"kind", "test"}});
    return decide_look(decision, *door.record.find_attempt(attempt_id), occasion, get());
  }
};

// What was decided last about who looks after an attempt; null when nothing was.
inline const LeaseChange* lease_of(const Door& door, const std::string& attempt_id) {
  const LeaseChange* latest = nullptr;
  for (const LeaseChange& lease : door.changes.leases)
    if (lease.attempt_id == attempt_id) latest = &lease;
  return latest;
}

inline Step charge_step(const std::string& attempt_id, int http_status = 0) {
  Step step{.id = "stp_" + attempt_id, .attempt_id = attempt_id, .payment_id = "pay_1"};
  step.name = "create";
  step.provider_key = "6d0d8e0c-8bb5-4f0c-9d2a-0f7f7d9c1d10";
  step.http_status = http_status;
  step.is_answered = http_status != 0;
  step.created_at = noon;
  step.dedup_until = noon + std::chrono::hours(24);
  return step;
}

}  // namespace switchyard
