// Counters, gauges and histograms, written in Prometheus' text form. Safe from any thread; made
// once at start and kept by reference, so that counting costs one atomic addition.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

class Counter {
 public:
  void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Seconds (or any unit the name says), in fixed buckets.
class Histogram {
 public:
  explicit Histogram(std::vector<double> upper_bounds);
  void observe(double value);
  std::string text(const std::string& name, const std::string& labels) const;

 private:
  std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;  // one more than bounds: what is above them all
  std::atomic<std::int64_t> sum_micros_{0};
};

class Metrics {
 public:
  // The same name and labels give the same object; labels as in
  // `account="stripe",outcome="captured"`.
  Counter& counter(std::string_view name, std::string_view labels = {});
  Histogram& histogram(std::string_view name, std::string_view labels = {});
  // Read whenever the page is asked for.
  void gauge(std::string_view name, std::function<double()> read);
  void help(std::string_view name, std::string_view sentence);

  std::string text() const;  // the whole page

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, std::unique_ptr<Counter>>> counters_;
  std::map<std::string, std::map<std::string, std::unique_ptr<Histogram>>> histograms_;
  std::map<std::string, std::function<double()>> gauges_;
  std::map<std::string, std::string> help_;
};

}  // namespace switchyard
