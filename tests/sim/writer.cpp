// The writer, in place of store/writer: the same order of things (lock, decide, save, commit, tell)
// with everything that can go wrong between them, on the simulation's clock.
#include "store/writer.h"

#include "router.h"
#include "world.h"

namespace switchyard {

using sim::Router;

Writer::Writer(Secret url, const Sealer& sealer, const Clock& clock, Metrics& metrics, int batch,
               std::size_t queue_limit)
    : sealer_(sealer),
      clock_(clock),
      batch_(static_cast<std::size_t>(batch)),
      queue_limit_(queue_limit),
      connection_(std::move(url)),
      batch_sizes_(metrics.histogram("writer_batch_size")),
      commit_seconds_(metrics.histogram("writer_commit_seconds")) {}

Writer::~Writer() = default;

void Writer::submit(Command command) { Router::of(this).submit(std::move(command)); }

Result<void> Writer::write(Command command) {
  Router& router = Router::of(this);
  struct Written : sim::Waiter {
    std::optional<Result<void>> outcome;
  };
  const auto written = std::make_shared<Written>();
  command.done = [&router, written](Result<void> outcome) {
    written->outcome = std::move(outcome);
    router.after({}, [written] { written->wake(); });
  };
  router.submit(std::move(command));
  while (!written->outcome && router.is_alive()) router.wait(written);
  if (!router.is_alive()) return fail(ErrorCode::starting, "This router is gone.");
  return *written->outcome;
}

std::size_t Writer::queued() const { return Router::of(this).queued(); }

Failure key_is_taken() {
  return fail(ErrorCode::idempotency_key_in_use, "A request with this key is still running.");
}

namespace sim {

namespace {

using namespace std::chrono_literals;

bool clash(const Command& one, const Command& other) {
  if (!one.payment_id.empty() && one.payment_id == other.payment_id) return true;
  return one.claim && other.claim && one.claim->key_hash == other.claim->key_hash;
}

}  // namespace

void Router::submit(Command command) {
  if (!is_alive_) return;
  queue_.push_back(std::move(command));
  kick_writer({});
}

void Router::kick_writer(Duration pause) {
  if (is_writing_ || queue_.empty()) return;
  is_writing_ = true;
  after(pause + Duration(world_.chance.between(100, 3000)), [this] { write_batch(); });
}

// At most one command a payment and a key, as the writer does it.
void Router::write_batch() {
  batch_.clear();
  for (Command& command : std::exchange(queue_, {})) {
    const auto touches_the_same = [&](const Command& other) { return clash(command, other); };
    if (std::ranges::any_of(batch_, touches_the_same) ||
        std::ranges::any_of(queue_, touches_the_same))
      queue_.push_back(std::move(command));
    else
      batch_.push_back(std::move(command));
  }
  commit_batch(3);
}

// Between locking and committing others can work, sleep or die; so can we.
void Router::commit_batch(int tries) {
  const Swarm& faults = world_.faults();
  Chance& chance = world_.chance;
  jobs_.clear();
  jobs_.reserve(batch_.size());
  for (Command& command : batch_) jobs_.emplace_back(&command);
  world_.store.begin(*this, jobs_);
  world_.store.decide(jobs_);
  if (reach_boundary()) return;
  const bool is_begun_again = tries > 0 && chance.is(faults.abort);
  const bool is_refused = chance.is(faults.refusal);
  const bool is_in_doubt = chance.is(faults.in_doubt);
  const bool is_saved = !is_begun_again && !is_refused && (!is_in_doubt || chance.is(0.5));
  if (is_begun_again) {
    world_.store.let_go(*this);
    return after(Duration(chance.between(500, 5000)), [this, tries] { commit_batch(tries - 1); });
  }
  after(Duration(chance.between(200, 4000)), [this, is_refused, is_in_doubt, is_saved, tries] {
    if (reach_boundary()) return;
    if (is_saved) world_.store.commit(jobs_);
    world_.store.let_go(*this);
    if (reach_boundary()) return;
    if (is_refused) return end_batch(fail(ErrorCode::starting, "The database cannot be reached."));
    if (!is_in_doubt) return end_batch({});
    // ADR 5: a fresh connection finds out, whatever time that takes.
    after(world_.chance.time(100ms, 5s), [this, is_saved, tries] {
      if (is_saved) return end_batch({});
      if (tries == 0) return end_batch(fail(ErrorCode::starting, "The database is not there."));
      commit_batch(tries - 1);
    });
  });
}

void Router::end_batch(Result<void> done) {
  is_writing_ = false;
  std::vector<Command> batch = std::move(batch_);
  std::vector<Job> jobs = std::move(jobs_);
  batch_.clear();
  jobs_.clear();
  std::size_t held = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    Job& job = jobs[i];
    job.command = &batch[i];
    if (done && job.is_held_elsewhere) {
      ++held;
      queue_.push_back(std::move(batch[i]));
      continue;
    }
    if (done) tell_owner(job);
    if (done && job.is_alive())
      for (const ReceivedWebhook& webhook : job.draft.webhooks_received)
        if (webhook.is_ours) take_webhook(webhook);
    if (job.command->done) job.command->done(done ? job.outcome : done);
  }
  // Whoever holds the rows may sleep: asking every two milliseconds would only cost events.
  kick_writer(held == jobs.size() ? Duration(500ms) : Duration(0));
}

}  // namespace sim

void tell_owner(Job& job) {
  const KeyClaim* claim = job.draft.finishes   ? &*job.draft.finishes
                          : job.command->claim ? &*job.command->claim
                                               : nullptr;
  if (!job.is_alive() || !claim || !claim->fate) return;
  if (job.command->claim) claim->fate->set_claimed();
  if (job.has_kept_answer) claim->fate->set_answer(std::move(*job.draft.answer));
}

}  // namespace switchyard
