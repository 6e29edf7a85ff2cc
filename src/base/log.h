// One JSON line per fact, to standard error, with the request's id where there is one. Values are
// escaped; a full queue drops lines and counts them, so that logging never blocks a payment.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard {

enum class LogLevel { debug, info, warning, error };

// Once, before any thread logs. `level` and above are written; before and after, nothing is.
void start_log(LogLevel level);
void stop_log();  // writes what is queued

// Lines lost to a full queue since the program began: for the metrics.
std::uint64_t dropped_log_lines();

// log_fact(LogLevel::info, "payment.updated", {{"payment", id}, {"status", "succeeded"}});
// Never pass a secret, a card number, a client_secret or a provider's body.
using LogFields = std::initializer_list<std::pair<std::string_view, std::string_view>>;
void log_fact(LogLevel level, std::string_view what, LogFields fields = {});

inline void log_info(std::string_view what, LogFields fields = {}) {
  log_fact(LogLevel::info, what, fields);
}
inline void log_warning(std::string_view what, LogFields fields = {}) {
  log_fact(LogLevel::warning, what, fields);
}
inline void log_error(std::string_view what, LogFields fields = {}) {
  log_fact(LogLevel::error, what, fields);
}

// While it lives, every line of this thread carries the request id.
class LogRequest {
 public:
  explicit LogRequest(std::string request_id);
  ~LogRequest();
  LogRequest(const LogRequest&) = delete;
  LogRequest& operator=(const LogRequest&) = delete;

 private:
  std::string outer_;  // what the thread's lines carried before
};

}  // namespace switchyard
