#include "app/dev_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/crypto.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

constexpr int error_descriptor = 3;  // closed by a successful exec: silence is success

// Everything the child needs, made before the fork: after it, only system calls are safe.
struct Prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  int input = -1, output = -1, errors = -1, report = -1;
  uid_t user = 0;
  gid_t group = 0;
  int death_signal = SIGKILL;
  pid_t parent = 0;
};

[[noreturn]] void give_up(int report) {
  const int problem = errno;
  (void)!::write(report, &problem, sizeof problem);
  ::_exit(127);
}

// Where a user has no say over our folders, it also has none over our working directory.
void become(const Prepared& prepared) {
  if (prepared.user == 0) return;
  const bool is_done = ::syscall(SYS_setgroups, 0, nullptr) == 0 &&
                       ::syscall(SYS_setgid, prepared.group) == 0 &&
                       ::syscall(SYS_setuid, prepared.user) == 0 && ::chdir("/") == 0;
  if (!is_done) give_up(error_descriptor);
}

[[noreturn]] void become_child(const Prepared& prepared) {
  ::setsid();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  // Moved out of the way first: it may stand where one of the four belongs.
  const int report = ::fcntl(prepared.report, F_DUPFD, 64);
  const int output = ::fcntl(prepared.output, F_DUPFD, 64);
  const int errors = ::fcntl(prepared.errors, F_DUPFD, 64);
  if (::dup2(prepared.input, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(errors, 2) < 0 ||
      ::dup2(report, error_descriptor) < 0)
    ::_exit(127);
  ::fcntl(error_descriptor, F_SETFD, FD_CLOEXEC);
  ::syscall(SYS_close_range, error_descriptor + 1, ~0U, 0);
  become(prepared);
  // After the change of user, which would undo it.
  ::prctl(PR_SET_PDEATHSIG, prepared.death_signal);
  if (::getppid() != prepared.parent) ::_exit(127);
  ::execve(prepared.arguments[0], prepared.arguments.data(), prepared.environment.data());
  give_up(error_descriptor);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::vector<std::string> whole_environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  const auto is_added = [&](std::string_view ours) {
    return std::any_of(added.begin(), added.end(), [&](const std::string& each) {
      return ours.starts_with(each.substr(0, each.find('=') + 1));
    });
  };
  for (char** each = environ; *each != nullptr; ++each)
    if (!is_added(*each)) all.emplace_back(*each);
  return all;
}

Failure cannot_start(const std::string& program, int problem) {
  return fail(ErrorCode::internal, "Cannot start " + program + ": " + std::strerror(problem) + ".");
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void close_all(std::initializer_list<int> descriptors) {
  for (const int each : descriptors)
    if (each >= 0) ::close(each);
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// 0 when it cannot be had.
int bound_port(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = loopback(port);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const bool is_bound = ::bind(socket, generic, length) == 0 && ::listen(socket, 1) == 0 &&
                        ::getsockname(socket, generic, &length) == 0;
  ::close(socket);
  return is_bound ? ntohs(address.sin_port) : 0;
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildOptions& options) {
  std::vector<std::string> arguments = options.command;
  std::vector<std::string> environment = whole_environment(options.environment);
  Prepared prepared{.arguments = pointers(arguments), .environment = pointers(environment)};
  prepared.death_signal = options.death_signal;
  prepared.parent = ::getpid();
  if (options.as_nobody && ::geteuid() == 0) {
    const passwd* nobody = ::getpwnam("nobody");
    if (!nobody) return fail(ErrorCode::internal, "There is no user nobody to run PostgreSQL as.");
    prepared.user = nobody->pw_uid;
    prepared.group = nobody->pw_gid;
  }
  int report[2] = {-1, -1}, output[2] = {-1, -1};
  if (::pipe2(report, O_CLOEXEC) != 0 || (options.is_read && ::pipe2(output, O_CLOEXEC) != 0))
    return cannot_start(arguments[0], errno);
  const int log =
      options.log_file.empty()
          ? ::fcntl(2, F_DUPFD_CLOEXEC, 3)
          : ::open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  prepared.input = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  prepared.output = options.is_read ? output[1] : log;
  prepared.errors = log;
  prepared.report = report[1];
  const pid_t pid = log < 0 ? -1 : ::fork();
  if (pid == 0) become_child(prepared);
  int problem = errno;
  close_all({report[1], output[1], log, prepared.input});
  const bool has_failed = pid < 0 || ::read(report[0], &problem, sizeof problem) == sizeof problem;
  ::close(report[0]);
  ChildProcess child;
  child.pid_ = pid;
  child.output_ = output[0];
  if (has_failed) return cannot_start(arguments[0], problem);
  return child;
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) stop(SIGKILL, 10s);
  close_all({output_});
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      unread_(std::move(other.unread_)),
      exit_code_(other.exit_code_) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(unread_, other.unread_);
  std::swap(exit_code_, other.exit_code_);
  return *this;
}

bool ChildProcess::is_running() { return pid_ > 0 && !wait(0ms); }

std::optional<std::string> ChildProcess::read_line(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    if (const std::size_t end = unread_.find('\n'); end != std::string::npos) {
      const std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = output_, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
      return std::nullopt;
    char bytes[4096];
    const ssize_t count = ::read(output_, bytes, sizeof bytes);
    if (count <= 0) return std::nullopt;
    unread_.append(bytes, static_cast<std::size_t>(count));
  }
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!exit_code_ && pid_ > 0) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_code_ = exit_code_of(status);
    if (exit_code_ || std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(2ms);
  }
  return exit_code_;
}

// A pid that was reaped may be somebody else's by now.
void ChildProcess::send(int signal) {
  if (is_running()) ::kill(pid_, signal);
}

int ChildProcess::stop(int signal, std::chrono::milliseconds patience) {
  send(signal);
  if (!wait(patience)) {
    send(SIGKILL);
    wait(10s);
  }
  return exit_code_.value_or(-1);
}

Result<void> run_to_end(ChildOptions options, std::chrono::milliseconds patience) {
  options.is_read = true;
  ChildProcess child = TRY(ChildProcess::start(options));
  const auto code = child.wait(patience);
  if (code == 0) return {};
  std::string said;
  while (const auto line = child.read_line(0ms)) said += *line + "\n";
  return fail(ErrorCode::internal,
              options.command[0] + (code ? " failed" : " does not end") + ".\n" + said);
}

std::string own_folder() {
  std::error_code problem;
  return std::filesystem::read_symlink("/proc/self/exe", problem).parent_path().string();
}

bool is_free_port(int port) { return bound_port(port) == port; }

// Below those that the kernel gives to outgoing connections: one of them could sit on a port whose
// owner is being restarted.
int any_free_port() {
  for (int tries = 0; tries < 1000; ++tries) {
    const std::string chance = random_bytes(2);
    const int port = 10'000 + (static_cast<unsigned char>(chance[0]) * 256 +
                               static_cast<unsigned char>(chance[1])) %
                                  22'000;
    if (is_free_port(port) && is_free_port(port + 1)) return port;
  }
  return bound_port(0);
}

}  // namespace switchyard
