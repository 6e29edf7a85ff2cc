#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace switchyard {
namespace {

// What was written to standard error while `log` ran, as lines.
template <class Log>
std::vector<std::string> lines_of(LogLevel level, Log log) {
  ::testing::internal::CaptureStderr();
  start_log(level);
  log();
  stop_log();
  std::istringstream text(::testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

template <class Log>
Json line_of(Log log) {
  const auto lines = lines_of(LogLevel::debug, log);
  EXPECT_EQ(lines.size(), 1u);
  return lines.empty() ? Json() : parse_json(lines[0]);
}

TEST(Log, writes_a_fact_as_one_json_line) {
  const Json line = line_of([] {
    log_info("payment.updated", {{"payment", "pay_1"}, {"status", "succeeded"}});
  });
  EXPECT_EQ(text_at(line, "level"), "info");
  EXPECT_EQ(text_at(line, "what"), "payment.updated");
  EXPECT_EQ(text_at(line, "payment"), "pay_1");
  EXPECT_EQ(text_at(line, "status"), "succeeded");
  EXPECT_TRUE(parse_rfc3339(text_at(line, "time")).has_value());
  EXPECT_EQ(line.size(), 5u);
}

TEST(Log, writes_its_level_and_above) {
  const auto count_from = [](LogLevel least) {
    return lines_of(least,
                    [] {
                      log_fact(LogLevel::debug, "a");
                      log_info("b");
                      log_warning("c");
                      log_error("d");
                    })
        .size();
  };
  EXPECT_EQ(count_from(LogLevel::debug), 4u);
  EXPECT_EQ(count_from(LogLevel::info), 3u);
  EXPECT_EQ(count_from(LogLevel::warning), 2u);
  EXPECT_EQ(count_from(LogLevel::error), 1u);
}

TEST(Log, names_the_level) {
  EXPECT_EQ(text_at(line_of([] { log_fact(LogLevel::debug, "a"); }), "level"), "debug");
  EXPECT_EQ(text_at(line_of([] { log_warning("a"); }), "level"), "warning");
  EXPECT_EQ(text_at(line_of([] { log_error("a"); }), "level"), "error");
}

TEST(Log, D13_K13_lets_no_value_leave_its_line_or_reach_the_terminal) {
  const std::string evil = "a\r\n{\"level\":\"error\"}\x1b[2J\"\\ %s {} \xc2\x9b\x7f";
  const auto lines = lines_of(LogLevel::debug, [&] { log_info("x", {{"value", evil}}); });
  ASSERT_EQ(lines.size(), 1u);
  for (const char c : lines[0]) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
  EXPECT_EQ(text_at(parse_json(lines[0]), "value"), evil);
}

TEST(Log, replaces_what_is_not_utf_8) {
  EXPECT_EQ(text_at(line_of([] {
                      log_info("x", {{"value", "a\xff"}});
                    }),
                    "value"),
            "a\xEF\xBF\xBD");
}

TEST(Log, keeps_its_own_fields_from_being_overwritten) {
  const Json line = line_of([] { log_info("x", {{"level", "error"}, {"what", "y"}}); });
  EXPECT_EQ(text_at(line, "level"), "info");
  EXPECT_EQ(text_at(line, "what"), "x");
}

TEST(Log, carries_the_request_id_while_the_request_lives) {
  const auto lines = lines_of(LogLevel::debug, [] {
    log_info("before");
    {
      const LogRequest outer("req_1");
      log_info("outer");
      {
        const LogRequest inner("req_2");
        log_info("inner");
      }
      log_info("outer again");
    }
    log_info("after");
  });
  ASSERT_EQ(lines.size(), 5u);
  const std::string expected[] = {"", "req_1", "req_2", "req_1", ""};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(text_at(parse_json(lines[i]), "request_id"), expected[i]);
}

TEST(Log, keeps_the_request_id_to_its_thread) {
  const Json line = line_of([] {
    const LogRequest request("req_1");
    std::thread([] { log_info("elsewhere"); }).join();
  });
  EXPECT_FALSE(line.contains("request_id"));
}

TEST(Log, writes_nothing_before_start_and_after_stop) {
  ::testing::internal::CaptureStderr();
  log_error("before");
  start_log(LogLevel::debug);
  stop_log();
  log_error("after");
  stop_log();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Log, writes_everything_that_is_queued_when_it_stops) {
  const auto lines = lines_of(LogLevel::debug, [] {
    for (int i = 0; i < 5'000; ++i) log_info("x", {{"n", std::to_string(i)}});
  });
  ASSERT_EQ(lines.size(), 5'000u);
  EXPECT_EQ(text_at(parse_json(lines.back()), "n"), "4999");
}

// Standard error is a pipe that nobody reads, as with a stopped terminal. The test would hang if
// logging waited for it.
TEST(Log, drops_and_counts_when_nobody_reads) {
  constexpr int count = 20'000;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const int standard_error = ::dup(2);
  ::dup2(ends[1], 2);
  ::close(ends[1]);

  const std::uint64_t dropped_before = dropped_log_lines();
  start_log(LogLevel::debug);
  for (int i = 0; i < count; ++i) log_info("x");

  std::string text;
  std::thread reader([&] {
    char part[65536];
    for (ssize_t got = 0; (got = ::read(ends[0], part, sizeof part)) > 0;) text.append(part, got);
  });
  stop_log();
  ::dup2(standard_error, 2);  // closes the pipe's last writing end, so that the reader ends
  ::close(standard_error);
  reader.join();
  ::close(ends[0]);

  const std::uint64_t dropped = dropped_log_lines() - dropped_before;
  EXPECT_GT(dropped, 0u);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n') + dropped, count);
}

TEST(Log, can_be_stopped_while_threads_log) {
  const auto lines = lines_of(LogLevel::debug, [] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([] {
        for (int n = 0; n < 500; ++n) log_info("x");
      });
    }
    stop_log();
    for (auto& thread : threads) thread.join();
  });
  for (const auto& line : lines) EXPECT_FALSE(parse_json(line).is_null()) << line;
}

}  // namespace
}  // namespace switchyard
