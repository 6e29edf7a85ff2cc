// Waiting for calls, but never longer than a caller may wait: the calls go on without it.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "flow/run_calls.h"

namespace switchyard {

// Sends and waits until all is recorded, or `deadline`. True when all is recorded.
inline bool run_and_wait(Services& services, std::vector<Send> sends,
                         std::chrono::steady_clock::time_point deadline) {
  if (sends.empty()) return true;
  auto settled = std::make_shared<std::promise<void>>();
  auto waiting = settled->get_future();
  run_calls(services, std::move(sends), [settled] { settled->set_value(); });
  return waiting.wait_until(deadline) == std::future_status::ready;
}

}  // namespace switchyard
