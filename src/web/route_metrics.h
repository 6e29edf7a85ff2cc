// Counts answers per route and status without a lookup on the way: each counter is found once.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "web/message.h"

namespace switchyard {

class RouteMetrics {
 public:
  RouteMetrics(Metrics& metrics, const std::vector<Route>& routes);

  void count(std::size_t route_index, int status, double seconds);
  // For requests that met no route.
  void count_unmatched(int status) { count(rows_.size() - 1, status, 0); }
  void count_refusal(std::string_view reason);

 private:
  struct Row {
    std::string labels;
    Histogram* seconds = nullptr;
    std::array<std::atomic<Counter*>, 500> by_status{};  // 100 to 599
  };

  Metrics& metrics_;
  std::deque<Row> rows_;  // of the routes in their order, and one for all that met none
};

}  // namespace switchyard
