#include "store/writer.h"

#include <future>

#include "base/contain.h"
#include "base/failpoint.h"
#include "base/seeded_bug.h"
#include "store/batch.h"

namespace switchyard {
namespace {

// Rows that another router holds are asked for again this much later.
constexpr std::chrono::milliseconds held_elsewhere_pause{2};
constexpr const char* not_known_here = "Whether it was done is not known here; ask again.";

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

// At most one command per payment and per idempotency key; the others wait for the next batch, or
// are beaten to their key.
std::vector<Command> Writer::take_batch(std::vector<Command>& beaten) {
  std::vector<Command> batch;
  std::deque<Command> left;
  std::set<std::string> taken;
  while (!queue_.empty() && batch.size() < batch_ && left.size() < batch_) {
    Command command = std::move(queue_.front());
    queue_.pop_front();
    const std::string key =
        command.claim ? command.claim->merchant_id + "/" + command.claim->key_hash : "";
    const bool is_key_taken = !key.empty() && taken.contains(key);
    // A hundred copies of one request would fill batch after batch, each to lose in its turn.
    if (is_key_taken && command.claim->takes_over == 0) {
      beaten.push_back(std::move(command));
      continue;
    }
    if (is_key_taken || (!command.payment_id.empty() && taken.contains(command.payment_id))) {
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
    std::vector<Command> beaten;
    std::vector<Command> batch = take_batch(beaten);
    lock.unlock();
    commit(batch);
    for (Command& command : beaten) tell(command, key_is_taken());
    lock.lock();
  }
}

// Whoever waits hears something, whatever happens.
void Writer::commit(std::vector<Command>& batch) {
  if (contain("writer", [&] { commit_together(batch); })) return;
  for (Command& command : batch) tell(command, fail(ErrorCode::starting, not_known_here));
}

// Once; and who throws when told keeps nobody else from hearing.
void Writer::tell(Command& command, Result<void> outcome) {
  const auto done = std::exchange(command.done, nullptr);
  if (done) contain("writer.done", [&] { done(std::move(outcome)); });
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
  const Result<void> done = connection_.write(
      [&](Transaction& transaction) {
        jobs.clear();
        for (Command& command : batch) jobs.push_back({.command = &command});
        return run_batch(transaction, jobs, sealer_, clock_.now(), effects);
      },
      effects.last);
  // Committed or not: what is thrown from here on changes nothing about that.
  contain("writer.after_commit", [] { FAILPOINT("result.after_commit"); });
  if (SEEDED_BUG("X5") && done)
    (void)connection_.write([](Transaction&) -> Result<void> { return {}; }, effects.after_commit);
  if (!done && done.error().code == ErrorCode::internal && batch.size() > 1) {
    // One of them is refused by the database; alone, only the guilty one fails.
    for (Command& command : batch) {
      std::vector<Command> alone;
      alone.push_back(std::move(command));
      commit(alone);
    }
    return;
  }
  batch_sizes_.observe(static_cast<double>(batch.size()));
  commit_seconds_.observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  for (Job& job : jobs) {
    if (done) tell_owner(job);
    if (done && job.is_alive())
      for (ReceivedWebhook& webhook : job.draft.webhooks_received)
        if (webhook.is_ours) take_webhook_(std::move(webhook));
    if (done && job.is_held_elsewhere)
      put_back(std::move(*job.command));
    else
      tell(*job.command, done ? job.outcome : done);
  }
  if (jobs.empty())  // the database could not be reached at all
    for (Command& command : batch) tell(command, done);
  if (effects.deliveries > 0) wake_deliveries_();
}

}  // namespace switchyard
