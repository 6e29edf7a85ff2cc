// What the delivery worker counts and logs.
#pragma once

#include <atomic>
#include <memory>

#include "base/metrics.h"
#include "delivery/held.h"

namespace switchyard {

// Read by the metrics' page, perhaps after the worker has gone.
struct DeliveryFigures {
  std::atomic<double> lag_sec{0}, pending{0}, given_up{0};
};

struct DeliveryMeters {
  explicit DeliveryMeters(Metrics& metrics);
  void count(const Answered& answered);

  Counter &delivered, &failed, &throttled, &gone, &leases_lost;
  Histogram& delay_seconds;
  std::shared_ptr<DeliveryFigures> figures = std::make_shared<DeliveryFigures>();
};

// A line for a try that failed; another when an endpoint nears the end of its tries.
void log_try(const Answered& answered, const DeliveryTry& made, std::size_t tries_in_all);

}  // namespace switchyard
