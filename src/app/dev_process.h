// Programs that we start for development and tests, and that never outlive us.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace switchyard {

struct ChildOptions {
  std::vector<std::string> command;           // the first word is a path
  std::vector<std::string> environment = {};  // NAME=VALUE, besides ours
  std::string log_file = {};                  // what it says is appended there; "": our stderr
  bool is_read = false;                       // its standard output goes to read_line() instead
  bool as_nobody = false;                     // when we are root: PostgreSQL refuses to run as root
  int death_signal = SIGKILL;  // sent by the kernel when the thread that started it is gone
};

class ChildProcess {
 public:
  // In a session of its own, so that Ctrl-C in our terminal reaches us alone and we end it in
  // order.
  static Result<ChildProcess> start(const ChildOptions& options);
  ChildProcess() = default;
  ~ChildProcess();  // SIGKILL, if it still runs
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  pid_t pid() const { return pid_; }
  bool is_running();
  // A line of its standard output; nothing when it ends or the time is over first.
  std::optional<std::string> read_line(std::chrono::milliseconds patience);
  // Its exit code, 128 and more for a signal; nothing when it still runs after that time.
  std::optional<int> wait(std::chrono::milliseconds patience);
  void send(int signal);
  // Asks by `signal`, insists by SIGKILL; the exit code.
  int stop(int signal, std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string unread_;
  std::optional<int> exit_code_;
};

// Runs to the end. An Error holds what it said.
Result<void> run_to_end(ChildOptions options, std::chrono::milliseconds patience);

// The folder of the program that runs now: its companions are beside it.
std::string own_folder();

// TCP on 127.0.0.1.
bool is_free_port(int port);
int any_free_port();  // the one after it is free too

}  // namespace switchyard
