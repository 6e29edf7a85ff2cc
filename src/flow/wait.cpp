#include "flow/wait.h"

#include <future>

#include "flow/finish_key.h"

namespace switchyard {

Result<PaymentRecord> run_and_wait(Services& services, std::vector<Send> sends,
                                   const std::string& payment_id, const Caller& caller) {
  if (sends.empty()) return read_again(services, payment_id);
  std::shared_ptr<KeyFinisher> finisher;
  if (caller.claim && caller.answer)
    finisher = std::make_shared<KeyFinisher>(*caller.claim, caller.answer);
  auto settled = std::make_shared<std::promise<LastRecord>>();
  auto waiting = settled->get_future();
  run_calls(
      services, std::move(sends),
      [settled](LastRecord last) { settled->set_value(std::move(last)); }, finisher);
  const bool is_in_time = waiting.wait_until(caller.answer_by) == std::future_status::ready;
  if (finisher) finisher->dismiss();
  if (is_in_time)
    if (const LastRecord last = waiting.get(); last && last->payment.id == payment_id) return *last;
  return read_again(services, payment_id);
}

void answer_if_done(Draft& draft, const Caller& caller, const std::vector<Send>& sends) {
  if (caller.answer && sends.empty()) draft.answer = caller.answer(draft.record);
}

}  // namespace switchyard
