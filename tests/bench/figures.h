// What a run says in the end: one line of JSON, for scripts/bench.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "load.h"

namespace bench {

struct Percentiles {
  double p50 = 0, p90 = 0, p99 = 0, most = 0;  // milliseconds
};

Percentiles percentiles_of(std::vector<double> milliseconds);
// Those that were done between the two, a second.
double rate_between(const std::vector<Sample>& samples, Instant from, Instant to);
switchyard::Json percentiles_json(const std::vector<Sample>& samples, Instant from, Instant to,
                                  bool without_provider);

// Of another process, from /proc; 0 when it is gone.
struct ProcessFigures {
  long resident_mb = 0;
  long peak_mb = 0;
  long threads = 0;
  double cpu_seconds = 0;
};
ProcessFigures figures_of_process(int pid);

}  // namespace bench
