#include "delivery/worker.h"

#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/contain.h"
#include "base/failpoint.h"
#include "delivery/disable.h"
#include "delivery/held.h"
#include "delivery/meters.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using Instant = Steady::time_point;

constexpr int claimed_ahead = 200;
constexpr auto pause_after_trouble = 500ms;
constexpr auto count_every = 10s;
// Under load answers come one by one: those of so long are marked, and what they let go is claimed,
// in one trip. What comes to a worker at rest does not wait.
constexpr auto between_turns = 20ms;

}  // namespace

struct Delivery::Inside {
  DeliveryOptions options;
  Database& database;
  Writer& writer;
  HttpClient& http;
  const Sealer& sealer;
  const Clock& clock;
  DeliveryMeters meters;
  HeldDeliveries held;

  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool has_news = false;  // something was written or answered
  bool is_draining = false;
  Instant drain_until = {};
  std::thread thread = {};

  // Of the thread alone.
  std::vector<Answered> unmarked = {};
  bool is_claim_worthwhile = true;
  Instant next_poll = {}, next_beat = {}, next_count = {}, pause_until = {}, turn_began = {};

  using Self = const std::shared_ptr<Inside>&;
  static void run(std::shared_ptr<Inside> self);
  static void take_turn(Self self);
  static void send_ready(Self self);
  static void send(Self self, ClaimedDelivery delivery);
  static void disable(Self self, const Answered& answered, const DeliveryTry& made);
  static void mark(Self self);
  void finish(ClaimedDelivery delivery, SendOutcome outcome, Time at);
  void tell();
  bool claim();
  void look_for_due();
  void beat();
  void count();
  bool is_over();
  void wait();
};

void Delivery::Inside::tell() {
  {
    const std::lock_guard lock(mutex);
    has_news = true;
  }
  changed.notify_one();
}

void Delivery::Inside::finish(ClaimedDelivery delivery, SendOutcome outcome, Time at) {
  held.answer(std::move(delivery), std::move(outcome), at);
  tell();
}

// Called by our thread and by each try that ends, so that no slot waits for the database.
void Delivery::Inside::send_ready(Self self) {
  for (ClaimedDelivery& delivery : self->held.take_sendable(Steady::now()))
    send(self, std::move(delivery));
}

void Delivery::Inside::send(Self self, ClaimedDelivery delivery) {
  const Time at = self->clock.now();
  auto request = build_request(delivery, at);
  if (!request)
    return self->finish(std::move(delivery),
                        {.transport = Transport::not_sent, .problem = "the secret cannot be used"},
                        at);
  SendOptions options = send_options(self->options, delivery.mode);
  const auto held = std::make_shared<ClaimedDelivery>(std::move(delivery));
  const bool is_on_its_way = contain("delivery.send", [&] {
    FAILPOINT("deliver.before_send");
    self->http.send(*std::move(request), std::move(options),
                    [self = self, held, at](SendOutcome outcome) {
                      contain("delivery.answer", [] { FAILPOINT("deliver.after_send"); });
                      self->finish(std::move(*held), std::move(outcome), at);
                      send_ready(self);
                    });
  });
  // Nobody else would ever let go of it.
  if (!is_on_its_way)
    self->finish(std::move(*held),
                 {.transport = Transport::not_sent, .problem = "something went wrong on our side"},
                 at);
}

// True when there is more to take at once.
bool Delivery::Inside::claim() {
  if (!is_claim_worthwhile && Steady::now() >= next_poll) look_for_due();
  ClaimRequest request = held.wanted();
  // No room: whoever ends first makes us come back.
  if (!is_claim_worthwhile || request.most == 0) return false;
  request.lease = options.lease;
  if (!options.schedule.empty()) request.first_gap = options.schedule.front();
  const Instant asked_at = Steady::now();
  next_poll = asked_at + options.poll;
  auto claimed = claim_deliveries(database, sealer, request);
  if (!claimed) {
    pause_until = Steady::now() + pause_after_trouble;
    return false;
  }
  FAILPOINT("deliver.after_claim");
  is_claim_worthwhile = static_cast<int>(claimed->size()) == request.most;
  held.add(*std::move(claimed), asked_at + options.lease);
  return is_claim_worthwhile;
}

void Delivery::Inside::look_for_due() {
  next_poll = Steady::now() + options.poll;
  const auto found = has_due_deliveries(database);
  is_claim_worthwhile = found && *found;
}

void Delivery::Inside::disable(Self self, const Answered& answered, const DeliveryTry& made) {
  const bool is_gone = meaning_of(answered.outcome) == Meaning::gone;
  if (!is_gone && made.next != DeliveryTry::Next::give_up) return;
  if (!is_gone) {
    // Who takes other events is no dead endpoint: then only this one is given up.
    const auto took_any =
        took_any_since(self->database, made.endpoint_id, answered.delivery.created_at);
    if (!took_any || *took_any) return;
  }
  self->held.close_endpoint(made.endpoint_id);
  disable_endpoint(answered.delivery,
                   is_gone
                       ? "The endpoint answered 410 Gone."
                       : "Every try to deliver an event failed, and no other was taken meanwhile.",
                   self->database, self->writer, self->sealer, self->clock,
                   [self = self, id = made.endpoint_id] {
                     self->held.open_endpoint(id);
                     self->tell();
                   });
}

void Delivery::Inside::mark(Self self) {
  for (Answered& answered : self->held.take_answered())
    self->unmarked.push_back(std::move(answered));
  std::vector<Answered>& batch = self->unmarked;
  if (batch.empty()) return;
  std::vector<DeliveryTry> tries;
  for (const Answered& answered : batch)
    tries.push_back(read_outcome(answered, self->options.schedule));
  FAILPOINT("deliver.before_mark");
  const auto marked = mark_deliveries(self->database, tries);
  if (!marked) {
    self->pause_until = Steady::now() + pause_after_trouble;
    return;
  }
  self->meters.leases_lost.add(tries.size() - static_cast<std::size_t>(*marked));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    self->meters.count(batch[i]);
    log_try(batch[i], tries[i], self->options.schedule.size());
    disable(self, batch[i], tries[i]);
  }
  self->held.forget(batch);
  batch.clear();
  self->is_claim_worthwhile = true;  // there is room, and those in line behind may go
}

void Delivery::Inside::beat() {
  const Instant now = Steady::now();
  next_beat = now + options.lease / 4;
  const auto asked = held.leases();
  const auto ours = extend_leases(database, asked, options.lease);
  if (ours) held.extend(asked, *ours, now + options.lease);
}

void Delivery::Inside::count() {
  next_count = Steady::now() + count_every;
  const auto counted = count_undelivered(database);
  if (!counted) return;
  meters.figures->lag_sec = counted->oldest_age_sec;
  meters.figures->pending = counted->pending;
  meters.figures->given_up = counted->given_up;
}

bool Delivery::Inside::is_over() {
  const std::lock_guard lock(mutex);
  if (!is_draining) return false;
  return Steady::now() >= drain_until ||
         (held.under_way() == 0 && !held.has_answered() && unmarked.empty());
}

void Delivery::Inside::wait() {
  std::unique_lock lock(mutex);
  // While there is no database nothing is polled: a poll that is overdue must not keep it awake.
  const bool is_paused = pause_until > Steady::now();
  Instant until = std::min(is_paused ? pause_until : next_poll, next_beat);
  if (is_draining) until = std::min(until, drain_until);
  if (is_paused) {
    changed.wait_until(lock, until, [] { return false; });
    return;
  }
  changed.wait_until(lock, std::min(until, turn_began + between_turns),
                     [&] { return is_draining; });
  const bool was_draining = is_draining;
  changed.wait_until(lock, until, [&] { return has_news || is_draining != was_draining; });
  if (std::exchange(has_news, false)) is_claim_worthwhile = true;
}

void Delivery::Inside::run(std::shared_ptr<Inside> self) {
  pthread_setname_np(pthread_self(), "delivery");
  while (!self->is_over())
    if (!contain("delivery", [&] { take_turn(self); }))
      self->pause_until = Steady::now() + pause_after_trouble;
  contain("delivery", [&] { mark(self); });
}

void Delivery::Inside::take_turn(Self self) {
  self->turn_began = Steady::now();
  bool is_more = false;
  if (Steady::now() >= self->pause_until) mark(self);
  if (Steady::now() >= self->next_beat) self->beat();
  if (Steady::now() >= self->pause_until) is_more = self->claim();
  send_ready(self);
  if (Steady::now() >= self->next_count) self->count();
  if (!is_more) self->wait();
}

Delivery::Delivery(DeliveryOptions options, Database& database, Writer& writer, HttpClient& http,
                   const Sealer& sealer, const Clock& clock, Metrics& metrics) {
  const int workers = options.workers;
  inside_.reset(new Inside{.options = std::move(options),
                           .database = database,
                           .writer = writer,
                           .http = http,
                           .sealer = sealer,
                           .clock = clock,
                           .meters = DeliveryMeters(metrics),
                           .held = HeldDeliveries(workers, std::size_t(workers) + claimed_ahead)});
  inside_->thread = std::thread([inside = inside_] { Inside::run(inside); });
}

Delivery::~Delivery() { drain(0ms); }

void Delivery::wake() { inside_->tell(); }

void Delivery::drain(std::chrono::milliseconds within) {
  if (!inside_->thread.joinable()) return;
  {
    const std::lock_guard lock(inside_->mutex);
    inside_->is_draining = true;
    inside_->drain_until = Steady::now() + within;
  }
  inside_->changed.notify_one();
  const auto give_back = [&] {
    (void)release_leases(inside_->database, inside_->held.stop_sending());
  };
  give_back();
  inside_->thread.join();
  give_back();  // what the thread was just claiming
}

}  // namespace switchyard
