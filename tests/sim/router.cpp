#include "router.h"

#include "flow/cancel_payment.h"
#include "flow/look_after.h"
#include "flow/record_news.h"
#include "flow/run_calls.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

const Sealer& sealer() {
  static const Sealer one{Secret(std::string(32, 'k'))};
  return one;
}

Metrics& metrics() {
  static Metrics one;
  return one;
}

}  // namespace

void Waiter::wait() {
  fiber_ = Fiber::current();
  Fiber::wait();
  fiber_ = nullptr;
}

void Waiter::wake() {
  if (Fiber* fiber = std::exchange(fiber_, nullptr)) fiber->wake();
}

Router::Router(World& world, int number)
    : world_(world),
      schedule_(world.schedule),
      database_(Secret(""), 0),
      writer_(Secret(""), sealer(), world.schedule, metrics()),
      http_(metrics()),
      setup_(world.setup()),
      number(number),
      services{world.schedule, database_, writer_, http_, sealer(),
               metrics(),      setup_,    health_, pool_, in_flight_} {
  services.policies = world.policies;
}

Router& Router::of(const void* part) {
  for (const auto& router : World::current().routers())
    if (part >= router.get() && part < router.get() + 1) return *router;
  assert(false && "every part belongs to a router");
  return *World::current().routers().front();
}

bool Router::is_serving() const { return is_alive_ && asleep_until_ <= world_.schedule.now(); }

// Whatever runs may leave tasks for the pool, and attempts whose leases must be kept alive.
void Router::has_acted() {
  if (!is_alive_) return;
  if (!is_pool_due_ && pool_.waiting() > 0) work_on_pool();
  if (!has_heartbeat_ && in_flight_.count() > 0) start_heartbeat();
}

void Router::work_on_pool() {
  is_pool_due_ = true;
  after(Duration(world_.chance.between(10, 2000)), [this] {
    is_pool_due_ = false;
    if (!reach_boundary()) pool_.run_one();
  });
}

void Router::start_heartbeat() {
  has_heartbeat_ = true;
  after(4s, [this] {
    has_heartbeat_ = false;
    world_.store.extend_leases(in_flight_.list());
  });
}

void Router::run(Task verb) {
  Fiber::start(std::move(verb));
  has_acted();
}

void Router::wait(const std::shared_ptr<Waiter>& waiter) {
  if (!is_alive_) return;
  waiting_.push_back(waiter);
  waiter->wait();
  std::erase(waiting_, waiter);
}

void Router::light_fuse(bool is_death, std::int64_t boundaries) {
  (is_death ? death_in_ : sleep_in_) = boundaries;
}

bool Router::reach_boundary() {
  if (!is_alive_) return true;
  if (sleep_in_ > 0 && --sleep_in_ == 0) {
    asleep_until_ = world_.schedule.now() + world_.chance.time(2s, 120s);
    world_.story.tell("", [&] { return "router " + std::to_string(number) + " falls asleep"; });
  }
  if (death_in_ > 0 && --death_in_ == 0) die();
  return !is_alive_;
}

// What it held in memory is gone with it. Who waits on its fibers unwinds first: errors, nothing
// else, come out of a dead router.
void Router::die() {
  is_alive_ = false;
  world_.story.tell("", [&] { return "router " + std::to_string(number) + " dies"; });
  world_.schedule.after(0us, [me = shared_from_this()] { me->bury(); });
}

void Router::let_fibers_end() {
  is_alive_ = false;
  while (!waiting_.empty()) {
    const std::shared_ptr<Waiter> waiter = waiting_.back();
    waiting_.pop_back();
    waiter->wake();
  }
}

void Router::bury() {
  let_fibers_end();
  queue_.clear();
  jobs_.clear();
  batch_.clear();
  world_.store.let_go(*this);
  world_.schedule.after(world_.chance.time(500ms, 60s), [this] { world_.start_router(number); });
}

void Router::look_after_attempt(const std::string& payment_id, const std::string& attempt_id) {
  after(0us, [this, payment_id, attempt_id] {
    look_after(services, payment_id, attempt_id, Occasion::due, {});
  });
}

void Router::expire(const std::string& payment_id) {
  run([this, payment_id] { (void)expire_payment(services, payment_id); });
}

bool Router::receive_webhook(ReceivedWebhook webhook) {
  Command keep;
  keep.decide = [webhook = std::move(webhook)](Draft& draft) -> Result<void> {
    draft.webhooks_received.push_back(webhook);
    return {};
  };
  const auto kept = services.writer.write(std::move(keep));
  return kept && !reach_boundary();
}

void Router::take_webhook(const ReceivedWebhook& webhook) {
  after(0us, [this, webhook]() mutable {
    pool_.post([this, webhook = std::move(webhook)] { record_news(services, webhook, [] {}); });
  });
}

void Router::reload() { setup_.put(world_.setup()); }

}  // namespace switchyard::sim
