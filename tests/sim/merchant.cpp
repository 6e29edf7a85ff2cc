#include "merchant.h"

#include "flow/cancel_payment.h"
#include "flow/capture_payment.h"
#include "flow/decide_by_hand.h"
#include "flow/refund_payment.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

PaymentMethod draw_method(Chance& chance) {
  static const std::vector<Rail> rails = {Rail::card, Rail::card, Rail::hosted_page,
                                          Rail::mobile_money, Rail::wallet};
  PaymentMethod method{.rail = chance.pick(rails)};
  if (method.rail == Rail::mobile_money) method.network = "mtn";
  if (method.rail == Rail::wallet) method.kind = "purse";
  return method;
}

}  // namespace

Merchant::Order Merchant::draw_order(std::int64_t number) {
  Chance& chance = world_.chance;
  Order order{.number = number};
  NewPayment& asked = order.asked;
  asked.money = {chance.between(100, 100'000), *find_currency("USD")};
  asked.description = std::to_string(number);
  asked.method = draw_method(chance);
  if (asked.method->rail != Rail::mobile_money && asked.method->rail != Rail::wallet &&
      chance.is(0.3))
    asked.capture_method = CaptureMethod::manual;
  if (chance.is(0.2)) asked.external_id = "order_" + std::to_string(number);
  asked.confirm = chance.is(0.9);
  asked.expires_at = world_.schedule.now() + chance.time(1h, 48h);
  return order;
}

void Merchant::open() {
  Chance& chance = world_.chance;
  for (std::int64_t i = 0; i < payments_per_world; ++i) {
    orders_.push_back(draw_order(world_.first_payment + i));
    const std::size_t place = orders_.size() - 1;
    const Duration when = orders_.back().begins = chance.time(1ms, 24h);
    // Every copy has the same key: the first one that gets through makes the payment.
    const int copies = chance.is(world_.swarm.same_key) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy)
      ask({.key = "create_" + std::to_string(place),
           .verb =
               [this, place](const Caller& caller, Router& router) {
                 return create_payment(router.services, orders_[place].asked, caller);
               },
           .heard =
               [this, place](const Result<PaymentRecord>& made) {
                 if (made) orders_[place].payment_ids.push_back(made->payment.id);
               }},
          when + (copy == 0 ? Duration(0) : chance.time(1ms, 1h)));
    draw_acts(place, when);
  }
}

Duration Merchant::some_order_time() { return world_.chance.pick(orders_).begins; }

void Merchant::draw_acts(std::size_t order, Duration from) {
  Chance& chance = world_.chance;
  const bool is_manual = orders_[order].asked.capture_method == CaptureMethod::manual;
  std::vector<Act> likely = {Act::cancel, Act::confirm, Act::refund, Act::get};
  if (is_manual) likely.insert(likely.end(), 4, Act::capture);
  const int count = static_cast<int>(chance.below(4)) + (is_manual ? 1 : 0);
  Duration when = from;
  for (int i = 0; i < count; ++i) {
    const bool is_race = chance.is(world_.swarm.races);
    when += is_race ? chance.time(1ms, 5s) : chance.time(1s, 24h);
    const Act what = chance.pick(likely);
    const int times = what == Act::refund && chance.is(0.4) ? 3 : 1;
    for (int time = 0; time < times; ++time)
      world_.schedule.after(when + Duration(time * 100), [this, order, what] { act(order, what); });
  }
}

void Merchant::act(std::size_t order, Act what) {
  if (orders_[order].payment_ids.empty()) return;
  ask({.key = "act_" + std::to_string(++requests_),
       .object_id = orders_[order].payment_ids.front(),
       .verb = verb_of(order, what)},
      {});
}

Merchant::Verb Merchant::verb_of(std::size_t order, Act what) {
  Chance& chance = world_.chance;
  const std::string id = orders_[order].payment_ids.front();
  const std::int64_t amount = orders_[order].asked.money.amount;
  const std::int64_t part =
      chance.is(0.5) ? 0 : std::max<std::int64_t>(1, amount / chance.between(1, 3));
  switch (what) {
    case Act::cancel:
      return [id](const Caller& caller, Router& router) {
        return cancel_payment(router.services, id, caller);
      };
    case Act::confirm:
      return [id, method = draw_method(chance)](const Caller& caller, Router& router) {
        return confirm_payment(router.services, id, {.method = method}, caller);
      };
    case Act::capture:
      return [id, part](const Caller& caller, Router& router) {
        return capture_payment(router.services, id, part, caller);
      };
    case Act::refund:
      return [id, part](const Caller& caller, Router& router) -> Result<PaymentRecord> {
        auto made = refund_payment(router.services, id, {.amount = part}, caller);
        if (!made) return fail(made.error());
        return made->record;
      };
    case Act::get:
      break;
  }
  return [id](const Caller&, Router& router) { return read_again(router.services, id); };
}

void Merchant::review_later(const std::string& payment_id) {
  if (++reviews_[payment_id] > 3) return;  // what nobody can know stays with a person
  const bool gives_back = world_.chance.is(0.5);
  ask({.key = "review_" + std::to_string(++requests_),
       .object_id = payment_id,
       .verb =
           [payment_id, gives_back](const Caller& caller, Router& router) {
             return end_review(router.services, payment_id, gives_back, caller);
           }},
      world_.chance.time(10min, 72h));
}

void Merchant::end() {
  if (!world_.judge.violations().empty()) return;
  std::map<std::string, int> made;
  for (const auto& [id, row] : world_.store.rows()) ++made[row.record.payment.description];
  for (const Order& order : orders_) {
    for (const std::string& id : order.payment_ids) {
      const Row* row = world_.store.find(id);
      if (!row || row->record.payment.money != order.asked.money)
        world_.judge.find(id, "I11", "an acknowledged payment is not there");
      if (id != order.payment_ids.front()) world_.judge.find(id, "I12", "one key, two answers");
    }
    if (made[order.asked.description] > 1)
      world_.judge.find("", "I14", "one key, two payments: " + order.asked.description);
  }
}

}  // namespace switchyard::sim
