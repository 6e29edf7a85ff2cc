#include "web/route_metrics.h"

#include <cassert>

namespace switchyard {

RouteMetrics::RouteMetrics(Metrics& metrics, const std::vector<Route>& routes) : metrics_(metrics) {
  metrics.help("http_requests_total", "Answers, by route, method and status.");
  metrics.help("http_request_seconds", "From the whole request to its answer, queueing included.");
  metrics.help("gate_refusals_total", "Bytes that were not let in as a request, by reason.");
  for (const Route& route : routes) {
    Row& row = rows_.emplace_back();
    const std::string label = "route=\"" + route.pattern + "\"";
    row.labels = label + ",method=\"" + route.method + "\"";
    row.seconds = &metrics.histogram("http_request_seconds", label);
  }
  rows_.emplace_back().labels = "route=\"unmatched\",method=\"any\"";
}

void RouteMetrics::count(std::size_t route_index, int status, double seconds) {
  assert(route_index < rows_.size() && status >= 100 && status < 600);
  Row& row = rows_[route_index];
  std::atomic<Counter*>& slot = row.by_status[static_cast<std::size_t>(status) - 100];
  Counter* counter = slot.load(std::memory_order_acquire);
  if (!counter) {
    counter = &metrics_.counter("http_requests_total",
                                row.labels + ",status=\"" + std::to_string(status) + "\"");
    slot.store(counter, std::memory_order_release);
  }
  counter->add();
  if (row.seconds) row.seconds->observe(seconds);
}

void RouteMetrics::count_refusal(std::string_view reason) {
  metrics_.counter("gate_refusals_total", "reason=\"" + std::string(reason) + "\"").add();
}

}  // namespace switchyard
