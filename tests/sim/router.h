// One simulated router: the real verbs with a writer, an HTTP client and a pool that belong to the
// simulation. It can die or fall asleep at every boundary of its work.
#pragma once

#include <concepts>
#include <memory>

#include "fiber.h"
#include "flow/services.h"
#include "schedule.h"
#include "store.h"

namespace switchyard::sim {

class World;

// Somebody who waits on a fiber of a router until it is woken, or the router dies.
class Waiter {
 public:
  void wait();
  void wake();

 private:
  Fiber* fiber_ = nullptr;
};

class Router : public std::enable_shared_from_this<Router> {
 public:
  Router(World& world, int number);

  // The router that holds this part of itself: how the replaced classes find their simulation.
  static Router& of(const void* part);

  bool is_alive() const { return is_alive_; }
  bool is_serving() const;
  // Something of this router's own: lost when it dies, late when it sleeps.
  template <std::invocable Body>
  void after(Duration delay, Body body) {
    schedule_.after(delay, [me = shared_from_this(), body = std::move(body)]() mutable {
      if (!me->is_alive_) return;
      const Time now = me->schedule_.now();
      if (me->asleep_until_ > now) return me->after(me->asleep_until_ - now, std::move(body));
      body();
      me->has_acted();
    });
  }
  // A verb that waits, on a fiber, beginning now.
  void run(Task verb);
  // Between two effects: it may die or fall asleep here. True: it is dead, do nothing more.
  bool reach_boundary();
  void wait(const std::shared_ptr<Waiter>& waiter);

  void submit(Command command);
  void look_after_attempt(const std::string& payment_id, const std::string& attempt_id);
  void expire(const std::string& payment_id);
  // A provider's message by HTTP: true when it was kept, and so may be acknowledged.
  bool receive_webhook(ReceivedWebhook webhook);
  void take_webhook(const ReceivedWebhook& webhook);
  void light_fuse(bool is_death, std::int64_t boundaries);
  void reload();
  // At its death, and at the end of the world.
  void let_fibers_end();
  std::size_t queued() const { return queue_.size(); }

 private:
  void has_acted();
  void work_on_pool();
  void die();
  void bury();
  void kick_writer(Duration pause);
  void write_batch();
  void commit_batch(int tries);
  void end_batch(Result<void> done);
  void start_heartbeat();

  World& world_;
  Schedule& schedule_;
  Database database_;
  Writer writer_;
  HttpClient http_;
  SetupBox setup_;
  HealthBook health_;
  Pool pool_{0};
  InFlight in_flight_;

  bool is_alive_ = true;
  Time asleep_until_{};
  std::int64_t death_in_ = 0;  // boundaries; 0: none
  std::int64_t sleep_in_ = 0;
  bool is_pool_due_ = false;
  bool has_heartbeat_ = false;
  std::vector<std::shared_ptr<Waiter>> waiting_;
  std::vector<Command> queue_;
  bool is_writing_ = false;
  std::vector<Command> batch_;
  std::vector<Job> jobs_;

 public:
  const int number;
  Services services;
};

}  // namespace switchyard::sim
