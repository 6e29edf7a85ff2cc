#include "base/metrics.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>

namespace switchyard {
namespace {

// From a cached answer to the slowest provider we wait for.
constexpr double default_bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                     0.5,   1,      2.5,   5,    10,    20,   30,  60};

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

std::string line_of(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

std::string joined(const std::string& labels, const std::string& label) {
  return labels.empty() ? label : labels + "," + label;
}

// Prometheus reads a help sentence up to the end of the line.
std::string on_one_line(std::string_view sentence) {
  std::string text;
  for (const char c : sentence) {
    if (c == '\\') {
      text += "\\\\";
    } else if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

Histogram::Histogram(std::vector<double> upper_bounds)
    : bounds_(std::move(upper_bounds)), counts_(bounds_.size() + 1) {
  assert(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(double value) {
  assert(std::isfinite(value));
  const auto place = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(place)].fetch_add(1, std::memory_order_relaxed);
  sum_micros_.fetch_add(std::llround(value * 1e6), std::memory_order_relaxed);
}

std::string Histogram::text(const std::string& name, const std::string& labels) const {
  std::string text;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    so_far += counts_[i].load(std::memory_order_relaxed);
    const std::string bound = i < bounds_.size() ? number_text(bounds_[i]) : "+Inf";
    text +=
        line_of(name + "_bucket", joined(labels, "le=\"" + bound + "\""), std::to_string(so_far));
  }
  const auto sum = static_cast<double>(sum_micros_.load(std::memory_order_relaxed)) / 1e6;
  text += line_of(name + "_sum", labels, number_text(sum));
  text += line_of(name + "_count", labels, std::to_string(so_far));
  return text;
}

Counter& Metrics::counter(std::string_view name, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& found = counters_[std::string(name)][std::string(labels)];
  if (found == nullptr) found = std::make_unique<Counter>();
  return *found;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  auto& found = histograms_[std::string(name)][std::string(labels)];
  if (found == nullptr) {
    found = std::make_unique<Histogram>(
        std::vector<double>(std::begin(default_bounds), std::end(default_bounds)));
  }
  return *found;
}

void Metrics::gauge(std::string_view name, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  gauges_[std::string(name)] = std::move(read);
}

void Metrics::help(std::string_view name, std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  help_[std::string(name)] = on_one_line(sentence);
}

std::string Metrics::text() const {
  std::unique_lock lock(mutex_);
  const auto gauges = gauges_;
  const auto help = help_;
  std::string page;
  const auto begin = [&](const std::string& name, std::string_view type) {
    const auto sentence = help.find(name);
    if (sentence != help.end()) page += "# HELP " + name + " " + sentence->second + "\n";
    page += "# TYPE " + name + " " + std::string(type) + "\n";
  };
  for (const auto& [name, by_labels] : counters_) {
    begin(name, "counter");
    for (const auto& [labels, counter] : by_labels) {
      page += line_of(name, labels, std::to_string(counter->value()));
    }
  }
  for (const auto& [name, by_labels] : histograms_) {
    begin(name, "histogram");
    for (const auto& [labels, histogram] : by_labels) page += histogram->text(name, labels);
  }
  // A gauge may take locks of its own, or ask for a counter.
  lock.unlock();
  for (const auto& [name, read] : gauges) {
    begin(name, "gauge");
    page += line_of(name, "", number_text(read()));
  }
  return page;
}

}  // namespace switchyard
