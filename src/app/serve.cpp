#include "app/serve.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <iostream>
#include <thread>
#include <utility>

#include "app/app.h"
#include "app/config_load.h"
#include "app/config_text.h"
#include "base/log.h"

namespace switchyard {
namespace {

LogLevel level_of(const std::string& word) {
  if (word == "debug") return LogLevel::debug;
  if (word == "warning") return LogLevel::warning;
  return word == "error" ? LogLevel::error : LogLevel::info;
}

// All or nothing: after a mistake what runs stays as it is.
void reload(App& app, const std::string& config_file) {
  const ConfigOutcome outcome = load_config(config_file);
  std::cerr << describe_problems(outcome);
  if (outcome.problems.empty()) return app.reload(outcome.config);
  std::cerr << "The rules and accounts that run stay." << std::endl;
  log_error("router.reload_refused", {{"file", config_file}});
}

// Both may be started at once, and a database that crashed needs a while: it is waited for. Not for
// ever: an address or a password may be wrong, and the log says so at each try.
constexpr std::chrono::seconds database_patience{60};

Result<void> start_with_database(App& app, Signals& signals) {
  const auto deadline = std::chrono::steady_clock::now() + database_patience;
  bool is_told = false;
  while (true) {
    const Result<void> started = app.start();
    const bool is_too_late = std::chrono::steady_clock::now() >= deadline || signals.is_end_asked();
    if (started || started.error().code != ErrorCode::starting || is_too_late) return started;
    if (!std::exchange(is_told, true))
      std::cerr << "The database cannot be reached; waiting for it for up to a minute.\n"
                << std::flush;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
}

}  // namespace

void prepare_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::signal(SIGPIPE, SIG_IGN);
}

void give_up_rights() {
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

Signals::Signals() {
  sigemptyset(&set_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
  ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

std::optional<int> Signals::wait(std::chrono::milliseconds patience) {
  if (is_end_asked_) return SIGTERM;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  const timespec time{.tv_sec = seconds.count(),
                      .tv_nsec = std::chrono::nanoseconds(patience - seconds).count()};
  const int signal = ::sigtimedwait(&set_, nullptr, &time);
  if (signal < 0) return std::nullopt;
  if (signal != SIGHUP) is_end_asked_ = true;
  return signal;
}

bool Signals::is_end_asked() {
  while (!is_end_asked_ && wait(std::chrono::milliseconds(0))) continue;
  return is_end_asked_;
}

void Signals::let_through() {
  sigset_t ends = set_;
  sigdelset(&ends, SIGHUP);  // whoever is on their way out reads no configuration
  ::pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
}

void start_log_as(const Config& config) { start_log(level_of(config.log.level)); }

int serve(const std::string& config_file) {
  prepare_process();
  give_up_rights();
  Signals signals;
  const ConfigOutcome outcome = load_config(config_file);
  std::cerr << describe_problems(outcome) << std::flush;
  if (!outcome.problems.empty()) return 2;
  start_log_as(outcome.config);
  App app(outcome.config);
  if (const auto started = start_with_database(app, signals); !started) {
    std::cerr << started.error().message << std::endl;
    stop_log();
    return 1;
  }
  while (!signals.is_end_asked())
    if (signals.wait(std::chrono::hours(1)) == SIGHUP) reload(app, config_file);
  signals.let_through();
  app.drain();
  stop_log();
  return 0;
}

}  // namespace switchyard
