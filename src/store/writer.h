// The door for changes: commits what has queued up, together. A change is a command that names the
// payment it touches and decides about it under its lock; the writer loads, lets it decide, saves
// everything in one transaction (payments, attempts, steps, refunds, journal, events with their
// positions, deliveries, idempotency keys) and says so after the commit is certain.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/metrics.h"
#include "domain/record.h"
#include "store/database.h"
#include "store/endpoints.h"
#include "store/idempotency_keys.h"
#include "store/provider_webhooks.h"

namespace switchyard {

// What one command works on. It fills or changes `record` and adds the rest; nothing here is seen
// by anyone before the commit.
struct Draft {
  PaymentRecord record = {};
  bool has_record = false;  // loaded; or set by a command that makes a payment
  Changes changes = {};
  // Made; one whose external_id is another's by now ends the command with external_id_conflict.
  std::vector<Customer> new_customers = {};
  std::vector<Customer> customers = {};  // changed
  std::vector<Endpoint> endpoints = {};
  std::vector<ReceivedWebhook> webhooks_received = {};
  std::vector<WebhookOutcome> webhook_outcomes = {};
  std::optional<KeyAnswer> answer = {};  // finishes the idempotency key of this command
  // Or a key that an earlier command claimed. When it is not its owner's any more, a command that
  // does nothing else fails with idempotency_key_in_use; the change of a payment stands without it.
  std::optional<KeyClaim> finishes = {};
};

struct Command {
  std::string payment_id = {};  // "" makes a payment, or touches none
  // Runs on the writer's thread and must not wait for anyone. May run more than once: each run
  // starts from a fresh draft, and what it left elsewhere is overwritten by the last one. An Error
  // drops the command and nothing of it is saved.
  std::function<Result<void>(Draft&)> decide;
  std::optional<KeyClaim> claim = {};
  // After the commit, or with the Error, on the writer's thread: hand work on, do not do it here.
  // Errors of the writer's own: not_found, idempotency_key_in_use (the claim lost),
  // external_id_conflict (the payment exists), overloaded, starting, internal.
  std::function<void(Result<void>)> done = {};
};

class Writer {
 public:
  Writer(Secret url, const Sealer& sealer, const Clock& clock, Metrics& metrics, int batch = 64,
         std::size_t queue_limit = 20'000);
  ~Writer();  // commits what is queued, then stops
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Safe from any thread, never waits.
  void submit(Command command);
  // The same, waiting for the commit. Never from the writer's own thread.
  Result<void> write(Command command);

  // Called on the writer's thread after each commit that wrote deliveries, or webhooks that are
  // leased to this process. Set before traffic begins.
  void on_deliveries(std::function<void()> wake) { wake_deliveries_ = std::move(wake); }
  void on_webhooks(std::function<void(ReceivedWebhook)> take) { take_webhook_ = std::move(take); }

  // Called on the writer's thread with the database's time before each batch is decided. Set before
  // traffic begins.
  void on_time(std::function<void(Time)> hear) { connection_.on_time(std::move(hear)); }

  std::size_t queued() const;

 private:
  void work();
  std::vector<Command> take_batch(std::vector<Command>& beaten);  // under the lock
  void commit(std::vector<Command>& batch);
  void commit_together(std::vector<Command>& batch);
  static void tell(Command& command, Result<void> outcome);
  void put_back(Command command);

  const Sealer& sealer_;
  const Clock& clock_;
  const std::size_t batch_;
  const std::size_t queue_limit_;
  Connection connection_;
  std::function<void()> wake_deliveries_ = [] {};
  std::function<void(ReceivedWebhook)> take_webhook_ = [](const ReceivedWebhook&) {};
  Histogram& batch_sizes_;
  Histogram& commit_seconds_;

  mutable std::mutex mutex_;
  std::condition_variable queued_up_;
  std::deque<Command> queue_;
  std::deque<Command> held_elsewhere_;  // their rows were locked by another router
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace switchyard
