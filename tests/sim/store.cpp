#include "store.h"

#include "world.h"

namespace switchyard::sim {

using namespace std::chrono_literals;

Row* Store::find(const std::string& payment_id) {
  const auto found = rows_.find(payment_id);
  return found == rows_.end() ? nullptr : &found->second;
}

const Attempt* Store::find_attempt(const std::string& attempt_id, const Row** row) const {
  const auto place = payment_of_attempt_.find(attempt_id);
  if (place == payment_of_attempt_.end()) return nullptr;
  const Row& found = rows_.at(place->second);
  if (row) *row = &found;
  return found.record.find_attempt(attempt_id);
}

void Store::begin(const Router& router, std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    if (job.command->payment_id.empty()) continue;
    Row* row = find(job.command->payment_id);
    if (!row) {
      job.outcome = fail(ErrorCode::not_found, "There is no such payment.");
    } else if (row->locked_by && row->locked_by != &router) {
      job.is_held_elsewhere = true;
    } else {
      row->locked_by = &router;
      if (!spare_.empty()) {
        job.draft.record = std::move(spare_.back());
        spare_.pop_back();
      }
      job.draft.record = row->record;
      job.draft.has_record = true;
    }
  }
}

void Store::decide(std::vector<Job>& jobs) {
  for (Job& job : jobs)
    if (job.is_alive()) job.outcome = job.command->decide(job.draft);
}

bool Store::may_claim(const KeyClaim& claim) const {
  const auto found = keys_.find(claim.key_hash);
  if (claim.takes_over == 0) return found == keys_.end();
  return found != keys_.end() && !found->second.is_finished &&
         found->second.lease_token == claim.takes_over &&
         found->second.lease_until <= world_.schedule.now();
}

void Store::claim(Job& job) {
  const KeyClaim& claim = *job.command->claim;
  if (!may_claim(claim)) {
    job.outcome = key_is_taken();
    return;
  }
  KeyRow& row = keys_[claim.key_hash];
  if (claim.takes_over > 0) ++row.lease_token;
  row.fingerprint = claim.fingerprint;
  row.request_id = claim.request_id;
  if (!claim.object_id.empty()) row.object_id = claim.object_id;
  row.lease_until = world_.schedule.now() + key_lease;
}

void Store::commit(std::vector<Job>& jobs) {
  for (Job& job : jobs) {
    if (!job.is_alive()) continue;
    Payment& payment = job.draft.record.payment;
    // Names and keys are unique before anything is saved.
    const std::string& name = payment.external_id;
    if (job.makes_payment() && !name.empty() && external_ids_.contains(name)) {
      job.outcome = fail(ErrorCode::external_id_conflict, "It exists already.");
      continue;
    }
    if (job.command->claim) claim(job);
    if (!job.is_alive()) continue;
    if (job.makes_payment() && !name.empty()) external_ids_[name] = payment.id;
    save(job);
  }
}

void Store::finish_key(Job& job) {
  const auto* claim = job.draft.finishes   ? &*job.draft.finishes
                      : job.command->claim ? &*job.command->claim
                                           : nullptr;
  if (!job.draft.answer || !claim) return;
  KeyRow& row = keys_[claim->key_hash];
  job.has_kept_answer = row.request_id == claim->request_id && !row.is_finished;
  if (job.has_kept_answer) {
    row.is_finished = true;
    row.answer = job.draft.answer;
  } else if (job.draft.finishes && !job.draft.has_record) {
    job.outcome = fail(ErrorCode::idempotency_key_in_use, "Another request has this key by now.");
  }
}

void Store::save(Job& job) {
  finish_key(job);
  if (!job.is_alive()) return;
  if (job.draft.has_record) save_record(job);
  save_leases(job.draft);
  save_webhooks(job.draft);
}

void Store::save_record(Job& job) {
  Draft& draft = job.draft;
  Payment& payment = draft.record.payment;
  Row& row = rows_[payment.id];
  for (const NewEvent& event : draft.changes.events) {
    if (event.payment_id.empty()) continue;
    ++payment.sequence;
    payment.previous_event = event.id;
    ++row.events;
  }
  for (const JournalLine& line : draft.changes.journal) {
    row.journal_sum += line.money.amount;
    if (!line.book.starts_with("provider:")) continue;
    (line.what == "captured" ? row.captured : row.refunded) += line.money.amount;
  }
  row.anomalies += static_cast<int>(draft.changes.anomalies.size());
  world_.judge.committed(row.record, draft, row);
  for (std::size_t i = row.record.attempts.size(); i < draft.record.attempts.size(); ++i)
    payment_of_attempt_[draft.record.attempts[i].id] = payment.id;
  const bool is_new = row.record.payment.id.empty();
  if (row.record.payment.review == Review::none && payment.review != Review::none)
    world_.merchant.review_later(payment.id);
  const Time expires_at = payment.expires_at;
  if (!row.is_expiry_watched && (is_new || expires_at <= world_.schedule.now())) {
    row.is_expiry_watched = true;
    world_.schedule.at(expires_at, [this, id = payment.id] { look_at_expiry(id); });
  }
  // Nobody asks the job for its record any more.
  if (is_new || !world_.is_planted(Plant::lost_commit)) std::swap(row.record, draft.record);
  spare_.push_back(std::move(draft.record));
}

void Store::save_leases(const Draft& draft) {
  const Time now = world_.schedule.now();
  for (const LeaseChange& change : draft.changes.leases) {
    if (change.kind == LeaseChange::Kind::drop) {
      leases_.erase(change.attempt_id);
      continue;
    }
    const bool is_held = change.kind == LeaseChange::Kind::hold;
    Lease& lease = leases_[change.attempt_id];
    lease = {change.payment_id, is_held ? now : now + change.due_in, is_held ? now + 15s : now,
             ++lease_changes_};
    watch_lease(change.attempt_id, lease);
  }
}

void Store::watch_lease(const std::string& attempt_id, const Lease& lease) {
  world_.schedule.at(
      std::max(lease.due_at, lease.lease_until) + 50ms,
      [this, attempt_id, change = lease.change] { look_at_lease(attempt_id, change); });
}

void Store::extend_leases(const std::vector<std::string>& attempt_ids) {
  const Time now = world_.schedule.now();
  for (const std::string& id : attempt_ids)
    if (const auto found = leases_.find(id);
        found != leases_.end() && found->second.lease_until > now)
      found->second.lease_until = now + 15s;
}

void Store::look_at_lease(const std::string& attempt_id, std::uint64_t change) {
  const auto found = leases_.find(attempt_id);
  if (found == leases_.end() || found->second.change != change) return;
  Lease& lease = found->second;
  const Time now = world_.schedule.now();
  if (std::max(lease.due_at, lease.lease_until) > now) return watch_lease(attempt_id, lease);
  const std::shared_ptr<Router> router = world_.serving();
  lease.lease_until = now + (router ? Duration(15s) : Duration(500ms));
  watch_lease(attempt_id, lease);
  if (router) router->look_after_attempt(lease.payment_id, attempt_id);
}

void Store::look_at_expiry(const std::string& payment_id) {
  Row& row = rows_.at(payment_id);
  const Payment& payment = row.record.payment;
  const bool is_open = payment.status == PaymentStatus::requires_payment_method ||
                       payment.status == PaymentStatus::requires_action ||
                       payment.status == PaymentStatus::failed;
  if (!is_open || payment.expiry_requested || payment.cancel_requested ||
      payment.review != Review::none) {
    row.is_expiry_watched = false;
    return;
  }
  if (const auto router = world_.serving()) router->expire(payment_id);
  world_.schedule.after(2s, [this, payment_id] { look_at_expiry(payment_id); });
}

// As with insert_webhooks: a verified event that is there already is left out.
void Store::save_webhooks(Draft& draft) {
  for (ReceivedWebhook& webhook : draft.webhooks_received) {
    const std::string key = webhook.proof == "verified"
                                ? webhook.account + "/" + webhook.provider_event_id
                                : webhook.id;
    const bool is_new = !webhooks_.contains(key);
    webhook.is_ours = webhook.is_ours && is_new;
    if (!is_new) continue;
    WebhookRow& row = webhooks_[key];
    row.webhook = webhook;
    row.webhook.id = webhook.id = key;
    row.is_waiting = webhook.proof != "rejected";
    row.webhook.tries = 1;
    row.due_at = world_.schedule.now() + 15s;
    world_.schedule.at(row.due_at, [this, key] { look_at_webhook(key); });
  }
  for (const WebhookOutcome& outcome : draft.webhook_outcomes) {
    const auto found = webhooks_.find(outcome.id);
    if (found == webhooks_.end()) continue;
    found->second.is_waiting = outcome.state != "done";
    found->second.due_at = world_.schedule.now() + outcome.due_in;
    if (found->second.is_waiting)
      world_.schedule.at(found->second.due_at, [this, id = outcome.id] { look_at_webhook(id); });
  }
}

void Store::look_at_webhook(const std::string& webhook_id) {
  const auto found = webhooks_.find(webhook_id);
  if (found == webhooks_.end() || !found->second.is_waiting) return;
  const Time now = world_.schedule.now();
  if (found->second.due_at > now) return;  // somebody else's turn has been put off since
  const auto router = world_.serving();
  found->second.due_at = now + (router ? Duration(15s) : Duration(1s));
  world_.schedule.at(found->second.due_at, [this, webhook_id] { look_at_webhook(webhook_id); });
  if (!router) return;
  ++found->second.webhook.tries;
  router->take_webhook(found->second.webhook);
}

void Store::let_go(const Router& router) {
  for (auto& [id, row] : rows_)
    if (row.locked_by == &router) row.locked_by = nullptr;
}

}  // namespace switchyard::sim
