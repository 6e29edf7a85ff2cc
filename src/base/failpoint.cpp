#include "base/failpoint.h"

#include "base/router_clock.h"

#ifdef SWITCHYARD_FAILPOINTS

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace switchyard {
namespace {

enum class Action { kill, delay, throws, drop };

struct Failpoint {
  Action action = Action::delay;
  int delay_ms = 0;
  int nth = 0;  // 0: every time
  int hits = 0;
};

// The places that say FAILPOINT_DROPS: elsewhere there is no connection to break.
constexpr std::string_view droppable[] = {"call.after_connect",     "call.after_write",
                                          "call.mid_response",      "pay.after_insert",
                                          "outbox.after_positions", "result.in_commit"};

std::optional<int> read_number(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stop != end || number < 0) return std::nullopt;
  return number;
}

bool can_drop(std::string_view name) {
  for (const std::string_view each : droppable)
    if (each == name) return true;
  return false;
}

// "kill@3", "delay:500", "throw", "drop"; nullopt when it is none of them, or not there.
std::optional<Failpoint> read_action(std::string_view name, std::string_view text) {
  Failpoint failpoint;
  if (const std::size_t at = text.find('@'); at != text.npos) {
    failpoint.nth = read_number(text.substr(at + 1)).value_or(0);
    if (failpoint.nth == 0) return std::nullopt;
    text = text.substr(0, at);
  }
  if (text == "kill") return failpoint.action = Action::kill, failpoint;
  if (text == "throw") return failpoint.action = Action::throws, failpoint;
  if (text == "drop" && can_drop(name)) return failpoint.action = Action::drop, failpoint;
  const auto delay_ms = text.starts_with("delay:") ? read_number(text.substr(6)) : std::nullopt;
  if (!delay_ms) return std::nullopt;
  failpoint.delay_ms = *delay_ms;
  return failpoint;
}

// All that is armed, and how often each place was passed.
class Failpoints {
 public:
  Failpoints() {
    const char* settings = std::getenv("SWITCHYARD_FAILPOINTS");
    std::string_view rest = settings == nullptr ? "" : settings;
    while (!rest.empty()) {
      const std::size_t length = std::min(rest.find(';'), rest.size());
      if (length > 0 && !arm(rest.substr(0, length))) abort_over(rest.substr(0, length));
      rest.remove_prefix(std::min(length + 1, rest.size()));
    }
  }

  // "NAME=ACTION"; false when it cannot be read.
  bool arm(std::string_view setting) {
    const std::size_t equals = setting.find('=');
    if (equals == setting.npos || equals == 0) return false;
    const std::string_view name = setting.substr(0, equals);
    const auto failpoint = read_action(name, setting.substr(equals + 1));
    if (!failpoint) return false;
    const std::lock_guard lock(mutex_);
    armed_[std::string(name)] = *failpoint;
    return true;
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    armed_.clear();
  }

  // What is to happen now at this place.
  std::optional<Failpoint> pass(std::string_view name) {
    const std::lock_guard lock(mutex_);
    auto passed = passed_.find(name);
    if (passed == passed_.end()) passed = passed_.emplace(name, 0).first;
    ++passed->second;
    const auto found = armed_.find(name);
    if (found == armed_.end()) return std::nullopt;
    const int hit = ++found->second.hits;
    if (found->second.nth != 0 && found->second.nth != hit) return std::nullopt;
    return found->second;
  }

  std::string counts() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [name, times] : passed_)
      text += (text.empty() ? "" : " ") + name + "=" + std::to_string(times);
    return text;
  }

 private:
  // A test whose fault was misspelt would pass without testing anything.
  [[noreturn]] static void abort_over(std::string_view setting) {
    std::fprintf(stderr, "SWITCHYARD_FAILPOINTS: cannot read \"%.*s\"\n",
                 static_cast<int>(setting.size()), setting.data());
    std::abort();
  }

  mutable std::mutex mutex_;
  std::map<std::string, Failpoint, std::less<>> armed_;
  std::map<std::string, long, std::less<>> passed_;
};

// Never destroyed: threads may pass places until the very end.
Failpoints& failpoints() {
  static Failpoints* const all = new Failpoints;
  return *all;
}

std::atomic<long> clock_offset_sec{0};

bool move_clock(std::string_view seconds) {
  const bool is_back = seconds.starts_with('-');
  if (is_back || seconds.starts_with('+')) seconds.remove_prefix(1);
  const auto number = read_number(seconds);
  if (!number) return false;
  clock_offset_sec = is_back ? -*number : *number;
  return true;
}

std::string obey(std::string_view line) {
  if (line == "counts") return failpoints().counts();
  if (line == "clear") return failpoints().clear(), "ok";
  const bool is_clock = line.starts_with("clock=");
  if (is_clock ? move_clock(line.substr(6)) : failpoints().arm(line)) return "ok";
  return "refused: " + std::string(line);
}

// One after the other: who tests asks seldom.
void serve(int client) {
  std::string text;
  char bytes[512];
  for (ssize_t got = 0; (got = ::read(client, bytes, sizeof bytes)) > 0;) {
    text.append(bytes, static_cast<std::size_t>(got));
    for (std::size_t end = 0; (end = text.find('\n')) != text.npos; text.erase(0, end + 1)) {
      const std::string answer = obey(std::string_view(text).substr(0, end)) + "\n";
      if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) break;
    }
  }
  ::close(client);
}

int listen_at(const char* path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return -1;
  std::strcpy(address.sun_path, path);
  ::unlink(path);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
  return ::listen(listening, 8) == 0 ? listening : -1;
}

// Signals are for the main thread, which has not blocked them yet when this one begins.
void listen_for_orders() {
  const char* path = std::getenv("SWITCHYARD_FAILPOINT_SOCKET");
  if (path == nullptr || *path == '\0') return;
  const int listening = listen_at(path);
  if (listening < 0) {
    std::fprintf(stderr, "SWITCHYARD_FAILPOINT_SOCKET: cannot listen at \"%s\"\n", path);
    std::abort();
  }
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([listening] {
    for (int client = 0; (client = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;)
      serve(client);
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

const bool is_listening = (listen_for_orders(), true);

}  // namespace

bool reach_failpoint(const char* name) {
  const auto due = failpoints().pass(name);
  if (!due) return false;
  // So that whoever set it can tell that it was reached.
  const std::string said = "failpoint " + std::string(name) + " reached\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());
  // Not exit(): nothing may be flushed, closed or told.
  if (due->action == Action::kill) ::kill(::getpid(), SIGKILL);
  if (due->action == Action::throws) throw std::runtime_error("failpoint " + std::string(name));
  if (due->action == Action::delay)
    std::this_thread::sleep_for(std::chrono::milliseconds(due->delay_ms));
  return due->action == Action::drop;
}

std::chrono::seconds clock_jump() { return std::chrono::seconds(clock_offset_sec.load()); }

}  // namespace switchyard

#endif  // SWITCHYARD_FAILPOINTS
