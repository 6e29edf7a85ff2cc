#include "store/writer.h"

#include <algorithm>
#include <future>
#include <map>

#include "base/failpoint.h"
#include "base/log.h"
#include "store/events.h"
#include "store/facts.h"
#include "store/record_rows.h"

namespace switchyard {
namespace {

// Rows that another router holds are asked for again this much later.
constexpr std::chrono::milliseconds held_elsewhere_pause{2};

struct Job {
  Command* command;
  Draft draft = {};
  PaymentRecord before = {};
  Result<void> outcome = {};
  bool is_held_elsewhere = false;
  bool has_finished_key = false;  // claimed with its answer

  bool is_alive() const { return outcome.has_value() && !is_held_elsewhere; }
  // The answer belongs to the key that this very command claims, and is known already.
  bool is_answered_by_claim() const {
    return command->claim && command->claim->takes_over == 0 && draft.answer && !draft.finishes;
  }
  bool makes_payment() const { return command->payment_id.empty() && draft.has_record; }
};

// What a draft made or changed, compared with what was loaded.
template <class T>
void sort_changes(const std::vector<T>& before, const std::vector<T>& after,
                  std::vector<const T*>& inserted, std::vector<const T*>& updated) {
  for (const T& row : after) {
    const auto old = std::find_if(before.begin(), before.end(),
                                  [&](const T& each) { return each.id == row.id; });
    if (old == before.end())
      inserted.push_back(&row);
    else if (!(*old == row))
      updated.push_back(&row);
  }
}

void load_jobs(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<std::string> ids;
  for (const Job& job : jobs)
    if (!job.command->payment_id.empty()) ids.push_back(job.command->payment_id);
  if (ids.empty()) return;
  std::map<std::string, PaymentRecord> records;
  for (PaymentRecord& record : lock_records(transaction, ids, sealer))
    records.emplace(record.payment.id, std::move(record));
  std::vector<std::string> existing;
  if (records.size() < ids.size()) existing = existing_payments(transaction, ids);
  for (Job& job : jobs) {
    if (job.command->payment_id.empty()) continue;
    const auto found = records.find(job.command->payment_id);
    if (found != records.end()) {
      job.before = found->second;
      job.draft.record = std::move(found->second);
      job.draft.has_record = true;
    } else if (std::find(existing.begin(), existing.end(), job.command->payment_id) !=
               existing.end()) {
      job.is_held_elsewhere = true;
    } else {
      job.outcome = fail(ErrorCode::not_found, "There is no such payment.");
    }
  }
}

void claim_all(Transaction& transaction, std::vector<Job>& jobs, Time now) {
  std::vector<NewClaim> claims;
  for (const Job& job : jobs)
    if (job.is_alive() && job.command->claim)
      claims.push_back(
          {&*job.command->claim, job.is_answered_by_claim() ? &*job.draft.answer : nullptr});
  if (claims.empty()) return;
  const auto won = claim_keys(transaction, claims, now);
  for (Job& job : jobs) {
    if (!job.is_alive() || !job.command->claim) continue;
    if (std::find(won.begin(), won.end(), job.command->claim->key_hash) == won.end())
      job.outcome = fail(ErrorCode::idempotency_key_in_use,
                         "A request with this Idempotency-Key is still running.");
    else
      job.has_finished_key = job.is_answered_by_claim();
  }
}

void insert_new_payments(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const Payment*> made;
  for (const Job& job : jobs)
    if (job.is_alive() && job.makes_payment()) made.push_back(&job.draft.record.payment);
  if (made.empty()) return;
  const auto inserted = insert_payments(transaction, made, sealer);
  for (Job& job : jobs)
    if (job.is_alive() && job.makes_payment() &&
        std::find(inserted.begin(), inserted.end(), job.draft.record.payment.id) == inserted.end())
      job.outcome =
          fail(ErrorCode::external_id_conflict, "Another payment has this external_id already.");
}

// Counts events up in their payments, before these are saved.
std::vector<PlacedEvent> place_events(std::vector<Job>& jobs) {
  std::vector<PlacedEvent> placed;
  for (Job& job : jobs) {
    if (!job.is_alive()) continue;
    for (const NewEvent& event : job.draft.changes.events) {
      PlacedEvent place{.event = &event};
      if (!event.payment_id.empty()) {
        Payment& payment = job.draft.record.payment;
        assert(payment.id == event.payment_id);
        place.sequence = ++payment.sequence;
        place.previous = payment.previous_event;
        payment.previous_event = event.id;
      }
      placed.push_back(std::move(place));
    }
  }
  return placed;
}

void save_records(Transaction& transaction, const std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const Payment*> payments;
  std::vector<const Attempt*> new_attempts, attempts;
  std::vector<const Step*> new_steps, steps;
  std::vector<const Refund*> new_refunds, refunds;
  for (const Job& job : jobs) {
    if (!job.is_alive() || !job.draft.has_record) continue;
    const PaymentRecord& after = job.draft.record;
    if (!job.makes_payment() && !(job.before.payment == after.payment))
      payments.push_back(&after.payment);
    sort_changes(job.before.attempts, after.attempts, new_attempts, attempts);
    sort_changes(job.before.steps, after.steps, new_steps, steps);
    sort_changes(job.before.refunds, after.refunds, new_refunds, refunds);
  }
  update_payments(transaction, payments, sealer);
  // Updates first: an attempt that just closed makes room for the next one under the index that
  // allows one live charge.
  update_attempts(transaction, attempts, sealer);
  insert_attempts(transaction, new_attempts, sealer);
  update_steps(transaction, steps);
  insert_steps(transaction, new_steps);
  update_refunds(transaction, refunds);
  insert_refunds(transaction, new_refunds);
}

const KeyClaim* answered_claim(const Job& job) {
  if (job.draft.finishes) return &*job.draft.finishes;
  return job.command->claim ? &*job.command->claim : nullptr;
}

void finish_all(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer, Time now) {
  std::vector<std::pair<const KeyClaim*, const KeyAnswer*>> answers, kept;
  std::vector<const KeyClaim*> reopened;
  for (const Job& job : jobs) {
    if (job.has_finished_key && !job.is_alive())
      reopened.push_back(&*job.command->claim);
    else if (job.has_finished_key)
      kept.emplace_back(&*job.command->claim, &*job.draft.answer);
    else if (job.is_alive() && job.draft.answer && answered_claim(job))
      answers.emplace_back(answered_claim(job), &*job.draft.answer);
  }
  keep_answers(transaction, kept, sealer, now);
  reopen_keys(transaction, reopened);
  const auto finished = finish_keys(transaction, answers, sealer, now);
  for (Job& job : jobs)
    if (job.is_alive() && job.draft.finishes &&
        std::find(finished.begin(), finished.end(), job.draft.finishes->request_id) ==
            finished.end())
      job.outcome = fail(ErrorCode::idempotency_key_in_use, "Another request has this key by now.");
}

void save_facts(Transaction& transaction, const std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const JournalLine*> journal;
  std::vector<const Anomaly*> anomalies;
  std::vector<const LeaseChange*> leases;
  std::vector<const BankReference*> references;
  std::vector<const UnmappedCode*> codes;
  std::vector<const Endpoint*> endpoints;
  std::vector<const WebhookOutcome*> outcomes;
  const auto gather = [](const auto& rows, auto& into) {
    for (const auto& row : rows) into.push_back(&row);
  };
  for (const Job& job : jobs) {
    if (!job.is_alive()) continue;
    gather(job.draft.changes.journal, journal);
    gather(job.draft.changes.anomalies, anomalies);
    gather(job.draft.changes.leases, leases);
    gather(job.draft.changes.bank_references, references);
    gather(job.draft.changes.unmapped_codes, codes);
    gather(job.draft.endpoints, endpoints);
    gather(job.draft.webhook_outcomes, outcomes);
  }
  insert_journal(transaction, journal);
  insert_anomalies(transaction, anomalies);
  change_leases(transaction, leases);
  insert_bank_references(transaction, references);
  count_unmapped_codes(transaction, codes);
  upsert_endpoints(transaction, endpoints, sealer);
  mark_webhooks(transaction, outcomes);
}

void save_webhooks(Transaction& transaction, const std::vector<Job>& jobs, Time now) {
  std::vector<const ReceivedWebhook*> webhooks;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const ReceivedWebhook& webhook : job.draft.webhooks_received)
        webhooks.push_back(&webhook);
  insert_webhooks(transaction, webhooks, now);
}

void save_customers(Transaction& transaction, const std::vector<Job>& jobs) {
  std::vector<const Customer*> customers;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const Customer& customer : job.draft.customers) customers.push_back(&customer);
  upsert_customers(transaction, customers);
}

struct BatchEffects {
  int deliveries = 0;
};

Result<void> run_batch(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer,
                       Time now, BatchEffects& effects) {
  load_jobs(transaction, jobs, sealer);
  for (Job& job : jobs)
    if (job.is_alive())
      job.outcome = without_throwing([&] { return job.command->decide(job.draft); });
  claim_all(transaction, jobs, now);
  const std::vector<PlacedEvent> early = place_events(jobs);
  save_customers(transaction, jobs);
  insert_new_payments(transaction, jobs, sealer);
  save_records(transaction, jobs, sealer);
  save_webhooks(transaction, jobs, now);
  save_facts(transaction, jobs, sealer);
  finish_all(transaction, jobs, sealer, now);
  // A payment that turned out to exist takes its events with it.
  std::vector<PlacedEvent> placed;
  std::set<const NewEvent*> alive;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const NewEvent& event : job.draft.changes.events) alive.insert(&event);
  for (const PlacedEvent& place : early)
    if (alive.contains(place.event)) placed.push_back(place);
  effects.deliveries = insert_events(transaction, placed, now);
  FAILPOINT("result.in_commit");
  return {};
}

}  // namespace

Writer::Writer(Secret url, const Sealer& sealer, const Clock& clock, Metrics& metrics, int batch,
               std::size_t queue_limit)
    : sealer_(sealer),
      clock_(clock),
      batch_(static_cast<std::size_t>(batch)),
      queue_limit_(queue_limit),
      connection_(std::move(url), Connection::Plans::by_keys),
      batch_sizes_(metrics.histogram("writer_batch_size")),
      commit_seconds_(metrics.histogram("writer_commit_seconds")),
      thread_([this] { work(); }) {
  metrics.gauge("writer_queue_depth", [this] { return static_cast<double>(queued()); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  queued_up_.notify_all();
  thread_.join();
}

std::size_t Writer::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size() + held_elsewhere_.size();
}

void Writer::submit(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopping_ && queue_.size() < queue_limit_) {
      queue_.push_back(std::move(command));
      queued_up_.notify_one();
      return;
    }
  }
  if (command.done)
    command.done(fail(Error{.code = ErrorCode::overloaded,
                            .message = "Too much is waiting to be written; try again shortly.",
                            .retry_after_sec = 1}));
}

Result<void> Writer::write(Command command) {
  assert(std::this_thread::get_id() != thread_.get_id());
  // Shared, since the writer may still be leaving set_value() when this thread goes on.
  const auto promise = std::make_shared<std::promise<Result<void>>>();
  auto answer = promise->get_future();
  command.done = [promise](Result<void> outcome) { promise->set_value(std::move(outcome)); };
  submit(std::move(command));
  return answer.get();
}

// At most one command per payment and per idempotency key; the others wait for the next batch.
std::vector<Command> Writer::take_batch(std::unique_lock<std::mutex>&) {
  std::vector<Command> batch;
  std::deque<Command> left;
  std::set<std::string> taken;
  while (!queue_.empty() && batch.size() < batch_ && left.size() < batch_) {
    Command command = std::move(queue_.front());
    queue_.pop_front();
    const std::string key =
        command.claim ? command.claim->merchant_id + "/" + command.claim->key_hash : "";
    if ((!command.payment_id.empty() && taken.contains(command.payment_id)) ||
        (!key.empty() && taken.contains(key))) {
      left.push_back(std::move(command));
      continue;
    }
    if (!command.payment_id.empty()) taken.insert(command.payment_id);
    if (!key.empty()) taken.insert(key);
    batch.push_back(std::move(command));
  }
  while (!left.empty()) {
    queue_.push_front(std::move(left.back()));
    left.pop_back();
  }
  return batch;
}

void Writer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (queue_.empty() && !held_elsewhere_.empty()) queued_up_.wait_for(lock, held_elsewhere_pause);
    queued_up_.wait(lock,
                    [&] { return is_stopping_ || !queue_.empty() || !held_elsewhere_.empty(); });
    while (!held_elsewhere_.empty()) {
      queue_.push_back(std::move(held_elsewhere_.front()));
      held_elsewhere_.pop_front();
    }
    if (queue_.empty()) return;  // stopping, and nothing is left
    std::vector<Command> batch = take_batch(lock);
    lock.unlock();
    commit_together(batch);
    lock.lock();
  }
}

void Writer::put_back(Command command) {
  const std::lock_guard lock(mutex_);
  held_elsewhere_.push_back(std::move(command));
}

void Writer::commit_together(std::vector<Command>& batch) {
  const auto begun = std::chrono::steady_clock::now();
  std::vector<Job> jobs;
  BatchEffects effects;
  FAILPOINT("result.before_commit");
  const Result<void> done = connection_.write([&](Transaction& transaction) {
    jobs.clear();
    for (Command& command : batch) jobs.push_back({.command = &command});
    return run_batch(transaction, jobs, sealer_, clock_.now(), effects);
  });
  FAILPOINT("result.after_commit");
  if (!done && done.error().code == ErrorCode::internal && batch.size() > 1) {
    // One of them is refused by the database; alone, only the guilty one fails.
    for (Command& command : batch) {
      std::vector<Command> alone;
      alone.push_back(std::move(command));
      commit_together(alone);
    }
    return;
  }
  batch_sizes_.observe(static_cast<double>(batch.size()));
  commit_seconds_.observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  bool has_webhooks = false;
  for (Job& job : jobs) {
    has_webhooks |= !job.draft.webhooks_received.empty();
    if (done && job.is_held_elsewhere)
      put_back(std::move(*job.command));
    else if (job.command->done)
      job.command->done(done ? job.outcome : done);
  }
  if (jobs.empty())  // the database could not be reached at all
    for (Command& command : batch)
      if (command.done) command.done(done);
  if (effects.deliveries > 0) wake_deliveries_();
  if (has_webhooks) wake_webhooks_();
}

}  // namespace switchyard
