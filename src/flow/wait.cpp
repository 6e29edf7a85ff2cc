#include "flow/wait.h"

#include <future>

#include "flow/start_payment.h"

namespace switchyard {

Result<PaymentRecord> run_and_wait(Services& services, std::vector<Send> sends,
                                   const std::string& payment_id,
                                   std::chrono::steady_clock::time_point deadline) {
  if (sends.empty()) return read_again(services, payment_id);
  auto settled = std::make_shared<std::promise<LastRecord>>();
  auto waiting = settled->get_future();
  run_calls(services, std::move(sends),
            [settled](LastRecord last) { settled->set_value(std::move(last)); });
  if (waiting.wait_until(deadline) == std::future_status::ready)
    if (const LastRecord last = waiting.get(); last && last->payment.id == payment_id) return *last;
  return read_again(services, payment_id);
}

}  // namespace switchyard
