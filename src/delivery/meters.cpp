#include "delivery/meters.h"

#include <algorithm>

#include "base/log.h"

namespace switchyard {
namespace {

Counter& tries_that(Metrics& metrics, Meaning meaning) {
  return metrics.counter("delivery_tries", "result=\"" + std::string(word_of(meaning)) + "\"");
}

}  // namespace

DeliveryMeters::DeliveryMeters(Metrics& metrics)
    : delivered(tries_that(metrics, Meaning::delivered)),
      failed(tries_that(metrics, Meaning::failed)),
      throttled(tries_that(metrics, Meaning::throttled)),
      gone(tries_that(metrics, Meaning::gone)),
      leases_lost(metrics.counter("delivery_leases_lost")),
      delay_seconds(metrics.histogram("delivery_delay_seconds")) {
  metrics.help("delivery_tries", "Tries to deliver an event, by what came of them.");
  metrics.help("delivery_leases_lost", "Tries whose delivery another router had taken over.");
  metrics.help("delivery_delay_seconds", "From an event to the endpoint's 2xx.");
  const auto gauge = [&](const char* name, std::atomic<double> DeliveryFigures::*figure,
                         const char* sentence) {
    metrics.help(name, sentence);
    metrics.gauge(name, [figures = figures, figure] { return ((*figures).*figure).load(); });
  };
  gauge("delivery_lag_seconds", &DeliveryFigures::lag_sec,
        "Age of the oldest undelivered event, whatever holds it back: retries, a rest, a disabled "
        "endpoint, or that its tries are spent.");
  gauge("deliveries_pending", &DeliveryFigures::pending, "Deliveries that are not finished.");
  gauge("deliveries_given_up", &DeliveryFigures::given_up, "Deliveries whose tries are spent.");
}

void DeliveryMeters::count(const Answered& answered) {
  switch (meaning_of(answered.outcome)) {
    case Meaning::delivered:
      delivered.add();
      delay_seconds.observe(
          std::max(0.0, std::chrono::duration<double>(answered.at + answered.outcome.took -
                                                      answered.delivery.created_at)
                            .count()));
      break;
    case Meaning::failed:
      failed.add();
      break;
    case Meaning::throttled:
      throttled.add();
      break;
    case Meaning::gone:
      gone.add();
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

}  // namespace switchyard
