// What PostgreSQL is for the core: rows behind transactions, leases, keys, webhooks. A commit is
// looked at by the judge before anybody else can see it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/batch.h"

namespace switchyard::sim {

class World;
class Router;

struct Row {
  PaymentRecord record;
  const Router* locked_by = nullptr;
  std::int64_t captured = 0;  // sums of the journal's lines about the providers' books
  std::int64_t refunded = 0;
  std::int64_t journal_sum = 0;
  int events = 0;
  int anomalies = 0;
  bool is_expiry_watched = false;
};

struct Lease {
  std::string payment_id;
  Time due_at{};
  Time lease_until{};
  std::uint64_t change = 0;  // which of the store's changes of leases made it so
};

struct KeyRow {
  std::string fingerprint;
  std::string request_id;
  std::string object_id;
  bool is_finished = false;
  Time lease_until{};
  std::int64_t lease_token = 1;
  std::optional<KeyAnswer> answer = {};
};

struct WebhookRow {
  ReceivedWebhook webhook;
  bool is_waiting = true;
  Time due_at{};
};

class Store {
 public:
  explicit Store(World& world) : world_(world) {}

  // One transaction of a router's writer, with fresh jobs: rows are locked and every command
  // decides; `commit` saves what is alive; `let_go` unlocks, whatever happened.
  void begin(const Router& router, std::vector<Job>& jobs);
  void decide(std::vector<Job>& jobs);
  void commit(std::vector<Job>& jobs);
  void let_go(const Router& router);

  Row* find(const std::string& payment_id);
  std::map<std::string, Row>& rows() { return rows_; }
  std::map<std::string, KeyRow>& keys() { return keys_; }
  std::map<std::string, WebhookRow>& webhooks() { return webhooks_; }
  const std::map<std::string, Lease>& leases() const { return leases_; }
  const Attempt* find_attempt(const std::string& attempt_id, const Row** row = nullptr) const;

  void extend_leases(const std::vector<std::string>& attempt_ids);

 private:
  // jobs/runner's part: what is due is leased to a router that serves.
  void watch_lease(const std::string& attempt_id, const Lease& lease);
  void look_at_lease(const std::string& attempt_id, std::uint64_t change);
  void look_at_webhook(const std::string& webhook_id);
  void look_at_expiry(const std::string& payment_id);
  bool may_claim(const KeyClaim& claim) const;
  void claim(Job& job);
  void save(Job& job);
  void save_record(Job& job);
  void save_leases(const Draft& draft);
  void save_webhooks(Draft& draft);
  void finish_key(Job& job);

  World& world_;
  std::map<std::string, Row> rows_;
  // Records that were replaced: a copy that is made in one of them finds its texts' room there.
  std::vector<PaymentRecord> spare_;
  std::map<std::string, Lease> leases_;
  std::uint64_t lease_changes_ = 0;
  std::map<std::string, KeyRow> keys_;
  std::map<std::string, WebhookRow> webhooks_;
  std::map<std::string, std::string> external_ids_;
  std::map<std::string, std::string> payment_of_attempt_;
};

}  // namespace switchyard::sim
