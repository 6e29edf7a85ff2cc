#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <cassert>
#include <memory>
#include <mutex>
#include <utility>

#include "base/clock.h"
#include "base/json.h"

namespace switchyard {
namespace {

constexpr std::size_t queue_length = 8192;

// A thread of its own writes, so that a slow terminal or disk holds up no payment.
class Writer {
 public:
  Writer() : pool_(std::make_shared<spdlog::details::thread_pool>(queue_length, 1)) {
    logger_ = std::make_shared<spdlog::async_logger>(
        "facts", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
        spdlog::async_overflow_policy::overrun_oldest);
    logger_->set_pattern("%v");
  }

  // spdlog's own levels are not used: what comes here is to be written.
  void write(const std::string& line) { logger_->log(spdlog::level::info, line); }
  std::uint64_t dropped() const { return pool_->overrun_counter(); }

 private:
  // Destroyed from the last to the first: the pool writes what is queued and joins its thread, and
  // only then the logger ends, here and not in that thread.
  std::shared_ptr<spdlog::async_logger> logger_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
};

// The one state of this program that is not handed from owner to user: every function would have
// to take it, and a line that is missing because nobody passed a log is the one that is needed.
class Log {
 public:
  void start(LogLevel level) {
    const std::lock_guard lock(mutex_);
    assert(writer_ == nullptr);
    writer_ = std::make_shared<Writer>();
    least_ = static_cast<int>(level);
  }

  void stop() {
    std::shared_ptr<Writer> writer;
    {
      const std::lock_guard lock(mutex_);
      least_ = nothing;
      writer = std::move(writer_);
      if (writer != nullptr) dropped_before_ += writer->dropped();
    }
    // Written out here, or by a thread that is just logging and lets go of it last.
  }

  bool wants(LogLevel level) const { return static_cast<int>(level) >= least_; }

  void write(const std::string& line) {
    if (const auto writer = current()) writer->write(line);
  }

  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_before_ + (writer_ == nullptr ? 0 : writer_->dropped());
  }

 private:
  static constexpr int nothing = 1 + static_cast<int>(LogLevel::error);

  std::shared_ptr<Writer> current() const {
    const std::lock_guard lock(mutex_);
    return writer_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<Writer> writer_;
  std::atomic<int> least_{nothing};
  std::uint64_t dropped_before_ = 0;
};

Log& the_log() {
  // Never destroyed: a thread may still log while the program's statics end.
  static Log* const log = new Log;
  return *log;
}

thread_local std::string current_request_id;

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  assert(false);
  return "";
}

std::string line_of(LogLevel level, std::string_view what, LogFields fields) {
  Json line = {
      {"time", to_rfc3339(SystemClock().now())}, {"level", name_of(level)}, {"what", what}};
  if (!current_request_id.empty()) line["request_id"] = current_request_id;
  for (const auto& [name, value] : fields) line.emplace(std::string(name), value);
  // As ASCII, so that not even the control characters above 0x7f reach a terminal.
  return line.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace

void start_log(LogLevel level) { the_log().start(level); }
void stop_log() { the_log().stop(); }
std::uint64_t dropped_log_lines() { return the_log().dropped(); }

void log_fact(LogLevel level, std::string_view what, LogFields fields) {
  if (the_log().wants(level)) the_log().write(line_of(level, what, fields));
}

LogRequest::LogRequest(std::string request_id)
    : outer_(std::exchange(current_request_id, std::move(request_id))) {}

LogRequest::~LogRequest() { current_request_id = std::move(outer_); }

}  // namespace switchyard
