#include "base/metrics.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace switchyard {
namespace {

bool has(const std::string& page, const std::string& lines) {
  return ("\n" + page).find("\n" + lines + "\n") != std::string::npos;
}

TEST(Metrics, gives_the_same_counter_for_the_same_name_and_labels) {
  Metrics metrics;
  metrics.counter("calls_total", R"(account="a")").add();
  metrics.counter("calls_total", R"(account="a")").add(2);
  metrics.counter("calls_total", R"(account="b")").add();
  EXPECT_EQ(metrics.counter("calls_total", R"(account="a")").value(), 3u);
  EXPECT_EQ(metrics.counter("calls_total", R"(account="b")").value(), 1u);
}

TEST(Metrics, writes_each_family_once_with_help_and_type) {
  Metrics metrics;
  metrics.help("calls_total", "Calls to providers.");
  metrics.counter("calls_total", R"(account="a")").add(3);
  metrics.counter("calls_total", R"(account="b")");
  metrics.counter("events_total").add();
  EXPECT_EQ(metrics.text(),
            "# HELP calls_total Calls to providers.\n"
            "# TYPE calls_total counter\n"
            "calls_total{account=\"a\"} 3\n"
            "calls_total{account=\"b\"} 0\n"
            "# TYPE events_total counter\n"
            "events_total 1\n");
}

TEST(Metrics, keeps_a_help_sentence_on_its_line) {
  Metrics metrics;
  metrics.help("a_total", "One\nof C:\\");
  metrics.counter("a_total");
  EXPECT_TRUE(has(metrics.text(), "# HELP a_total One\\nof C:\\\\"));
}

TEST(Metrics, reads_gauges_when_the_page_is_asked_for) {
  Metrics metrics;
  double depth = 1;
  metrics.gauge("queue_depth", [&] { return depth; });
  EXPECT_TRUE(has(metrics.text(), "# TYPE queue_depth gauge\nqueue_depth 1"));
  depth = 2.5;
  EXPECT_TRUE(has(metrics.text(), "queue_depth 2.5"));
  depth = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(has(metrics.text(), "queue_depth +Inf"));
  depth = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(has(metrics.text(), "queue_depth NaN"));
}

TEST(Metrics, lets_a_gauge_use_the_metrics) {
  Metrics metrics;
  metrics.counter("calls_total").add(4);
  metrics.gauge("calls", [&] { return double(metrics.counter("calls_total").value()); });
  EXPECT_TRUE(has(metrics.text(), "calls 4"));
}

TEST(Histogram, counts_each_value_in_its_bucket_and_all_above) {
  Histogram histogram({0.1, 1, 10});
  for (const double value : {0.05, 0.1, 0.5, 2.0, 100.0}) histogram.observe(value);
  EXPECT_EQ(histogram.text("wait_seconds", ""),
            "wait_seconds_bucket{le=\"0.1\"} 2\n"
            "wait_seconds_bucket{le=\"1\"} 3\n"
            "wait_seconds_bucket{le=\"10\"} 4\n"
            "wait_seconds_bucket{le=\"+Inf\"} 5\n"
            "wait_seconds_sum 102.65\n"
            "wait_seconds_count 5\n");
}

TEST(Histogram, carries_its_labels_on_every_line) {
  Metrics metrics;
  metrics.histogram("wait_seconds", R"(account="a")").observe(0.3);
  const std::string page = metrics.text();
  EXPECT_TRUE(has(page, "# TYPE wait_seconds histogram"));
  EXPECT_TRUE(has(page, R"(wait_seconds_bucket{account="a",le="0.25"} 0)"));
  EXPECT_TRUE(has(page, R"(wait_seconds_bucket{account="a",le="0.5"} 1)"));
  EXPECT_TRUE(has(page, R"(wait_seconds_bucket{account="a",le="+Inf"} 1)"));
  EXPECT_TRUE(has(page, R"(wait_seconds_sum{account="a"} 0.3)"));
  EXPECT_TRUE(has(page, R"(wait_seconds_count{account="a"} 1)"));
}

TEST(Metrics, lose_nothing_between_threads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        metrics.counter("calls_total").add();
        metrics.histogram("wait_seconds").observe(0.5);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(has(metrics.text(), "calls_total 40000"));
  EXPECT_TRUE(has(metrics.text(), "wait_seconds_count 40000"));
  EXPECT_TRUE(has(metrics.text(), "wait_seconds_sum 20000"));
}

}  // namespace
}  // namespace switchyard
