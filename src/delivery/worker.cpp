#include "delivery/worker.h"

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/failpoint.h"
#include "base/log.h"
#include "delivery/disable.h"
#include "delivery/held.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
using Instant = Steady::time_point;

constexpr int claimed_ahead = 200;
constexpr auto pause_after_trouble = 500ms;
constexpr auto count_every = 10s;

// Read by the metrics' page, perhaps after the worker has gone.
struct Figures {
  std::atomic<double> lag_sec{0}, pending{0}, given_up{0}, under_way{0};
};

struct Meters {
  explicit Meters(Metrics& metrics);
  void count(Meaning meaning, const Answered& answered);

  Counter *delivered, *failed, *throttled, *gone, *lost_leases;
  Histogram& delay_seconds;
  std::shared_ptr<Figures> figures = std::make_shared<Figures>();
};

Meters::Meters(Metrics& metrics) : delay_seconds(metrics.histogram("delivery_delay_seconds")) {
  const auto tries = [&](const char* result) {
    return &metrics.counter("delivery_tries", std::string("result=\"") + result + "\"");
  };
  delivered = tries("delivered");
  failed = tries("failed");
  throttled = tries("throttled");
  gone = tries("gone");
  lost_leases = &metrics.counter("delivery_leases_lost");
  const auto gauge = [&](const char* name, const char* sentence, std::atomic<double> Figures::*of) {
    metrics.help(name, sentence);
    metrics.gauge(name, [figures = figures, of] { return ((*figures).*of).load(); });
  };
  metrics.help("delivery_tries", "Tries to deliver an event, by what came of them.");
  metrics.help("delivery_leases_lost", "Tries whose delivery another router had taken over.");
  metrics.help("delivery_delay_seconds", "From an event to the endpoint's 2xx.");
  gauge("delivery_lag_seconds",
        "Age of the oldest undelivered event, whatever holds it back: retries, rests, a disabled "
        "endpoint, or that it was given up.",
        &Figures::lag_sec);
  gauge("deliveries_pending", "Deliveries not finished.", &Figures::pending);
  gauge("deliveries_given_up", "Deliveries whose tries are spent.", &Figures::given_up);
  gauge("deliveries_under_way", "Tries under way in this process.", &Figures::under_way);
}

void Meters::count(Meaning meaning, const Answered& answered) {
  switch (meaning) {
    case Meaning::delivered: {
      delivered->add();
      const auto took = answered.at + answered.outcome.took - answered.delivery.created_at;
      delay_seconds.observe(std::max(0.0, std::chrono::duration<double>(took).count()));
      break;
    }
    case Meaning::failed:
      failed->add();
      break;
    case Meaning::throttled:
      throttled->add();
      break;
    case Meaning::gone:
      gone->add();
      break;
  }
}

void log_try(const Answered& answered, const DeliveryTry& made, std::size_t tries_in_all) {
  if (made.next == DeliveryTry::Next::succeeded) return;
  const std::string status = std::to_string(made.status), number = std::to_string(made.number);
  // The address is for this line alone: here it tells a refused address from a dead one.
  log_info("delivery.failed", {{"delivery", made.lease.delivery_id},
                               {"endpoint", made.endpoint_id},
                               {"try", number},
                               {"status", status},
                               {"problem", made.problem},
                               {"address", answered.outcome.address}});
  if (made.next == DeliveryTry::Next::give_up)
    log_warning("delivery.given_up",
                {{"delivery", made.lease.delivery_id}, {"endpoint", made.endpoint_id}});
  else if (const int share = share_just_spent(made.number, tries_in_all); share > 0)
    log_warning("endpoint.failing",
                {{"endpoint", made.endpoint_id}, {"tries_spent_percent", std::to_string(share)}});
}

}  // namespace

struct Delivery::Inside {
  DeliveryOptions options;
  Database& database;
  Writer& writer;
  HttpClient& http;
  const Sealer& sealer;
  const Clock& clock;
  Meters meters;
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
  Instant next_poll = {}, next_beat = {}, next_count = {}, pause_until = {};

  using Self = const std::shared_ptr<Inside>&;
  static void run(std::shared_ptr<Inside> self);
  static void send_ready(Self self);
  static void send(Self self, ClaimedDelivery delivery);
  static void disable(Self self, const Answered& answered, const DeliveryTry& made);
  static void mark(Self self);
  void finish(ClaimedDelivery delivery, SendOutcome outcome, Time at);
  void tell();
  void claim();
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
                        {.transport = Transport::not_sent, .problem = "the secret cannot be used"}, at);
  SendOptions options = send_options(self->options, delivery.mode);
  self->http.send(*std::move(request), std::move(options),
                  [self = self, delivery = std::move(delivery), at](SendOutcome outcome) mutable {
                    self->finish(std::move(delivery), std::move(outcome), at);
                    send_ready(self);
                  });
}

void Delivery::Inside::claim() {
  ClaimRequest request = held.wanted();
  if (request.most == 0) return;  // whoever ends first makes us come back
  request.lease = options.lease;
  if (!options.schedule.empty()) request.first_gap = options.schedule.front();
  const Instant asked_at = Steady::now();
  auto claimed = claim_deliveries(database, sealer, request);
  if (!claimed) {
    pause_until = Steady::now() + pause_after_trouble;
    return;
  }
  FAILPOINT("delivery.after_claim");
  is_claim_worthwhile = !claimed->empty();
  next_poll = Steady::now() + options.poll;
  held.add(*std::move(claimed), asked_at + options.lease);
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
                   is_gone ? "The endpoint answered 410 Gone."
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
  FAILPOINT("delivery.before_mark");
  const auto marked = mark_deliveries(self->database, tries);
  if (!marked) {
    self->pause_until = Steady::now() + pause_after_trouble;
    return;
  }
  self->meters.lost_leases->add(tries.size() - static_cast<std::size_t>(*marked));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    self->meters.count(meaning_of(batch[i].outcome), batch[i]);
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
  const Instant now = Steady::now();
  Instant until = std::min(next_poll, next_beat);
  if (is_draining) until = std::min(until, drain_until);
  if (pause_until > now) {
    changed.wait_until(lock, std::min(pause_until, until), [&] { return is_draining; });
    return;
  }
  changed.wait_until(lock, until, [&] { return has_news || is_draining; });
  if (std::exchange(has_news, false)) is_claim_worthwhile = true;
}

void Delivery::Inside::run(std::shared_ptr<Inside> self) {
  pthread_setname_np(pthread_self(), "delivery");
  next_: 
  while (!self->is_over()) {
    break;
  }
  goto next_;
}

}  // namespace switchyard
