#include "base/failpoint.h"

#ifdef SWITCHYARD_FAILPOINTS

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace switchyard {
namespace {

struct Failpoint {
  bool is_kill = false;
  int delay_ms = 0;
  int nth = 0;  // 0: every time
  std::atomic<int> hits{0};
};
using Failpoints = std::map<std::string, Failpoint, std::less<>>;

// A test whose fault was misspelt would pass without testing anything.
[[noreturn]] void refuse(std::string_view setting) {
  std::fprintf(stderr, "SWITCHYARD_FAILPOINTS: cannot read \"%.*s\"\n",
               static_cast<int>(setting.size()), setting.data());
  std::abort();
}

std::optional<int> read_number(std::string_view text) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc{} || stop != end || number < 0) return std::nullopt;
  return number;
}

// "NAME=kill@3" or "NAME=delay:500".
void add_failpoint(Failpoints& failpoints, std::string_view setting) {
  const std::size_t equals = setting.find('=');
  if (equals == setting.npos || equals == 0) refuse(setting);
  Failpoint& failpoint = failpoints[std::string(setting.substr(0, equals))];
  std::string_view action = setting.substr(equals + 1);

  if (const std::size_t at = action.find('@'); at != action.npos) {
    failpoint.nth = read_number(action.substr(at + 1)).value_or(0);
    if (failpoint.nth == 0) refuse(setting);
    action = action.substr(0, at);
  }
  failpoint.is_kill = action == "kill";
  if (failpoint.is_kill) return;
  const auto delay_ms = action.starts_with("delay:") ? read_number(action.substr(6)) : std::nullopt;
  if (!delay_ms) refuse(setting);
  failpoint.delay_ms = *delay_ms;
}

Failpoints read_failpoints() {
  Failpoints failpoints;
  const char* settings = std::getenv("SWITCHYARD_FAILPOINTS");
  std::string_view rest = settings == nullptr ? "" : settings;
  while (!rest.empty()) {
    const std::size_t length = std::min(rest.find(';'), rest.size());
    if (length > 0) add_failpoint(failpoints, rest.substr(0, length));
    rest.remove_prefix(std::min(length + 1, rest.size()));
  }
  return failpoints;
}

}  // namespace

void reach_failpoint(const char* name) {
  static Failpoints failpoints = read_failpoints();
  const auto found = failpoints.find(std::string_view(name));
  if (found == failpoints.end()) return;
  Failpoint& failpoint = found->second;
  const int hit = ++failpoint.hits;
  if (failpoint.nth != 0 && failpoint.nth != hit) return;
  // So that whoever set it can tell that it was reached.
  const std::string said = "failpoint " + found->first + " reached\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, said.data(), said.size());
  // Not exit(): nothing may be flushed, closed or told.
  if (failpoint.is_kill) ::kill(::getpid(), SIGKILL);
  std::this_thread::sleep_for(std::chrono::milliseconds(failpoint.delay_ms));
}

}  // namespace switchyard

#endif  // SWITCHYARD_FAILPOINTS
