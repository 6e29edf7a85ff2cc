// `switchyard serve`, and what every long-running command does with its process and its signals.
#pragma once

#include <chrono>
#include <csignal>
#include <optional>
#include <string>

#include "app/config.h"

namespace switchyard {

// No core dumps, which would hold keys; as many open files as we may have; a peer that hangs up is
// an error of write() and not the end of us. Before any thread starts.
void prepare_process();

// Nothing that it starts can ever gain rights, and no other process of its user reads its memory or
// its environment, where the master key may be; nor does a program that collects cores in spite of
// their limit. Only for `serve`: `dev` starts PostgreSQL as another user.
void give_up_rights();

// SIGTERM, SIGINT and SIGHUP, taken one by one instead of interrupting. Blocked from construction
// on, and for every thread started since: it comes before them. For the main thread.
class Signals {
 public:
  Signals();
  // Waits for one; nothing when the time is over first.
  std::optional<int> wait(std::chrono::milliseconds patience);
  // Whether SIGTERM or SIGINT has come; it is kept.
  bool is_end_asked();
  // From now on another one ends the process at once, for whoever does not want to wait.
  void let_through();

 private:
  sigset_t set_;
  bool is_end_asked_ = false;
};

// Starts the log as the configuration says.
void start_log_as(const Config& config);

// Runs until SIGTERM or SIGINT; SIGHUP reads the rules and accounts again. The exit code: 0, 2 when
// the configuration cannot be read, 1 when it does not start.
int serve(const std::string& config_file);

}  // namespace switchyard
