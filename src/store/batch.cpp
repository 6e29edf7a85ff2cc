#include "store/batch.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>

#include "base/failpoint.h"
#include "base/seeded_bug.h"
#include "store/customers.h"
#include "store/events.h"
#include "store/facts.h"
#include "store/query.h"
#include "store/record_rows.h"

namespace switchyard {
namespace {

// For tests, as if the line to the database had been cut.
void break_connection(Transaction& transaction) {
  ::shutdown(transaction.conn().sock(), SHUT_RDWR);
}

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
  Trip trip(transaction);
  const auto won = claim_keys(trip, claims, now)();
  for (Job& job : jobs) {
    if (!job.is_alive() || !job.command->claim) continue;
    if (std::find(won.begin(), won.end(), job.command->claim->key_hash) == won.end())
      job.outcome = key_is_taken();
    else
      job.has_finished_key = job.is_answered_by_claim();
  }
}

// Those with an external_id may turn out to exist. Before the keys are claimed: who loses begins
// anew, and claims nothing.
std::vector<std::string> insert_new_customers(Transaction& transaction, std::vector<Job>& jobs) {
  std::vector<const Customer*> made;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const Customer& customer : job.draft.new_customers) made.push_back(&customer);
  if (made.empty()) return {};
  Trip trip(transaction);
  std::vector<std::string> inserted = insert_customers(trip, made)();
  for (Job& job : jobs)
    if (job.is_alive())
      for (const Customer& customer : job.draft.new_customers)
        if (std::ranges::count(inserted, customer.id) == 0)
          job.outcome = fail(ErrorCode::external_id_conflict,
                             "Another customer has this external_id already.", customer_is_taken);
  return inserted;
}

// Nobody is told of a customer whose command came to nothing after all.
void drop_customers_of_the_dead(Trip& trip, const std::vector<Job>& jobs,
                                const std::vector<std::string>& inserted) {
  std::vector<const Customer*> unwanted;
  for (const Job& job : jobs)
    if (!job.is_alive())
      for (const Customer& customer : job.draft.new_customers)
        if (std::ranges::count(inserted, customer.id) > 0) unwanted.push_back(&customer);
  delete_customers(trip, unwanted);
}

// Those with an external_id may turn out to exist.
void insert_named_payments(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const Payment*> named;
  for (const Job& job : jobs)
    if (job.is_alive() && job.makes_named_payment()) named.push_back(&job.draft.record.payment);
  if (named.empty()) return;
  Trip trip(transaction);
  const auto inserted = insert_payments(trip, named, sealer)();
  for (Job& job : jobs)
    if (job.is_alive() && job.makes_named_payment() &&
        std::ranges::count(inserted, job.draft.record.payment.id) == 0)
      job.outcome =
          fail(ErrorCode::external_id_conflict, "Another payment has this external_id already.");
}

void save_new_payments(Trip& trip, const std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const Payment*> payments;
  std::vector<const Customer*> customers;
  for (const Job& job : jobs) {
    if (!job.is_alive()) continue;
    if (job.makes_payment() && !job.makes_named_payment())
      payments.push_back(&job.draft.record.payment);
    for (const Customer& customer : job.draft.customers) customers.push_back(&customer);
  }
  insert_payments(trip, payments, sealer);
  update_customers(trip, customers);
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

void save_records(Trip& trip, const std::vector<Job>& jobs, const Sealer& sealer) {
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
  update_payments(trip, payments, sealer);
  // Updates first: an attempt that just closed makes room for the next one under the index that
  // allows one live charge.
  update_attempts(trip, attempts, sealer);
  insert_attempts(trip, new_attempts, sealer);
  update_steps(trip, steps);
  insert_steps(trip, new_steps);
  update_refunds(trip, refunds);
  insert_refunds(trip, new_refunds);
}

const KeyClaim* answered_claim(const Job& job) {
  if (job.draft.finishes) return &*job.draft.finishes;
  return job.command->claim ? &*job.command->claim : nullptr;
}

// What was finished by its claim: its answer is kept, unless the command was refused after that.
void keep_claimed_answers(Trip& trip, const std::vector<Job>& jobs, const Sealer& sealer,
                          Time now) {
  std::vector<std::pair<const KeyClaim*, const KeyAnswer*>> kept;
  std::vector<const KeyClaim*> reopened;
  for (const Job& job : jobs) {
    if (!job.has_finished_key) continue;
    if (job.is_alive())
      kept.emplace_back(&*job.command->claim, &*job.draft.answer);
    else
      reopened.push_back(&*job.command->claim);
  }
  keep_answers(trip, kept, sealer, now);
  reopen_keys(trip, reopened);
}

Pending<std::vector<std::string>> finish_others(Trip& trip, const std::vector<Job>& jobs,
                                                const Sealer& sealer, Time now) {
  std::vector<std::pair<const KeyClaim*, const KeyAnswer*>> answers;
  for (const Job& job : jobs)
    if (!job.has_finished_key && job.is_alive() && job.draft.answer && answered_claim(job))
      answers.emplace_back(answered_claim(job), &*job.draft.answer);
  return finish_keys(trip, answers, sealer, now);
}

void read_finished(std::vector<Job>& jobs, const std::vector<std::string>& finished) {
  for (Job& job : jobs) {
    if (!job.is_alive() || !job.draft.answer || !answered_claim(job)) continue;
    job.has_kept_answer =
        job.has_finished_key || std::ranges::count(finished, answered_claim(job)->request_id) > 0;
    if (!job.has_kept_answer && job.draft.finishes && !job.draft.has_record)
      job.outcome = fail(ErrorCode::idempotency_key_in_use, "Another request has this key by now.");
  }
}

void save_facts(Trip& trip, const std::vector<Job>& jobs) {
  std::vector<const JournalLine*> journal;
  std::vector<const Anomaly*> anomalies;
  std::vector<const LeaseChange*> leases;
  std::vector<const BankReference*> references;
  std::vector<const UnmappedCode*> codes;
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
    gather(job.draft.webhook_outcomes, outcomes);
  }
  insert_journal(trip, journal);
  insert_anomalies(trip, anomalies);
  change_leases(trip, leases);
  insert_bank_references(trip, references);
  count_unmapped_codes(trip, codes);
  mark_webhooks(trip, outcomes);
}

void save_endpoints(Trip& trip, const std::vector<Job>& jobs, const Sealer& sealer) {
  std::vector<const Endpoint*> endpoints;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const Endpoint& endpoint : job.draft.endpoints) endpoints.push_back(&endpoint);
  upsert_endpoints(trip, endpoints, sealer);
}

Pending<std::vector<std::string>> save_webhooks(Trip& trip, const std::vector<Job>& jobs,
                                                const Sealer& sealer) {
  std::vector<const ReceivedWebhook*> webhooks;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const ReceivedWebhook& webhook : job.draft.webhooks_received)
        webhooks.push_back(&webhook);
  return insert_webhooks(trip, webhooks, sealer);
}

// A copy of a message that is stored already is nobody's to work on.
void leave_copies(std::vector<Job>& jobs, const std::vector<std::string>& stored) {
  for (Job& job : jobs)
    for (ReceivedWebhook& webhook : job.draft.webhooks_received)
      webhook.is_ours = webhook.is_ours && std::ranges::count(stored, webhook.id) > 0;
}

// A payment that turned out to exist takes its events with it.
std::vector<PlacedEvent> events_of_the_living(const std::vector<Job>& jobs,
                                              const std::vector<PlacedEvent>& placed) {
  std::set<const NewEvent*> alive;
  for (const Job& job : jobs)
    if (job.is_alive())
      for (const NewEvent& event : job.draft.changes.events) alive.insert(&event);
  std::vector<PlacedEvent> left;
  for (const PlacedEvent& place : placed)
    if (alive.contains(place.event)) left.push_back(place);
  return left;
}

}  // namespace

Failure key_is_taken() {
  return fail(ErrorCode::idempotency_key_in_use,
              "A request with this Idempotency-Key is still running.");
}

Result<void> run_batch(Transaction& transaction, std::vector<Job>& jobs, const Sealer& sealer,
                       Time now, BatchEffects& effects) {
  load_jobs(transaction, jobs, sealer);
  for (Job& job : jobs)
    if (job.is_alive())
      job.outcome = without_throwing([&] { return job.command->decide(job.draft); });
  const auto new_customers = insert_new_customers(transaction, jobs);
  claim_all(transaction, jobs, now);
  std::vector<PlacedEvent> events = place_events(jobs);
  insert_named_payments(transaction, jobs, sealer);
  if (FAILPOINT_DROPS("pay.after_insert")) break_connection(transaction);
  events = events_of_the_living(jobs, events);
  // Endpoints before the list of those that want the events. Keys before the counters: whoever
  // waits for a key must not hold a counter.
  Trip trip(transaction);
  save_endpoints(trip, jobs, sealer);
  const auto stored = save_webhooks(trip, jobs, sealer);
  const auto finished = finish_others(trip, jobs, sealer, now);
  const auto places = take_event_places(transaction, trip, events);
  trip.go();
  leave_copies(jobs, stored());
  if (FAILPOINT_DROPS("outbox.after_positions")) break_connection(transaction);
  read_finished(jobs, finished());
  Trip last(transaction);
  save_new_payments(last, jobs, sealer);
  drop_customers_of_the_dead(last, jobs, new_customers);
  save_records(last, jobs, sealer);
  save_facts(last, jobs);
  keep_claimed_answers(last, jobs, sealer, now);
  Trip after(transaction);
  effects.deliveries = insert_events(SEEDED_BUG("X5") ? after : last, places(), events, now);
  effects.last = last.text();
  effects.after_commit = after.text();
  if (FAILPOINT_DROPS("result.in_commit")) break_connection(transaction);
  return {};
}

void tell_owner(Job& job) {
  const KeyClaim* claim = answered_claim(job);
  if (!job.is_alive() || !claim || !claim->fate) return;
  if (job.command->claim) claim->fate->set_claimed();
  if (job.has_kept_answer) claim->fate->set_answer(std::move(*job.draft.answer));
}

}  // namespace switchyard
