// Waiting for calls, in place of flow/wait: on a fiber, by the simulation's clock.
#include "flow/wait.h"

#include "flow/finish_key.h"
#include "router.h"
#include "world.h"

namespace switchyard {
namespace {

struct Settled : sim::Waiter {
  bool is_settled = false;
  LastRecord last = {};
};

}  // namespace

Result<PaymentRecord> run_and_wait(Services& services, std::vector<Send> sends,
                                   const std::string& payment_id, const Caller& caller) {
  if (sends.empty()) return read_again(services, payment_id);
  sim::Router& router = sim::Router::of(&services);
  std::shared_ptr<KeyFinisher> finisher;
  if (caller.claim && caller.answer)
    finisher = std::make_shared<KeyFinisher>(*caller.claim, caller.answer);
  const auto settled = std::make_shared<Settled>();
  run_calls(
      services, std::move(sends),
      [&router, settled](LastRecord last) {
        settled->is_settled = true;
        settled->last = std::move(last);
        router.after({}, [settled] { settled->wake(); });
      },
      finisher);
  const Time deadline{std::chrono::duration_cast<Duration>(caller.answer_by.time_since_epoch())};
  router.after(deadline - services.clock.now(), [settled] { settled->wake(); });
  while (!settled->is_settled && router.is_alive() && services.clock.now() < deadline)
    router.wait(settled);
  if (finisher) finisher->dismiss();
  if (settled->is_settled)
    if (const LastRecord last = settled->last; last && last->payment.id == payment_id) return *last;
  return read_again(services, payment_id);
}

void answer_if_done(Draft& draft, const Caller& caller, const std::vector<Send>& sends) {
  if (caller.answer && sends.empty()) draft.answer = caller.answer(draft.record);
}

}  // namespace switchyard
