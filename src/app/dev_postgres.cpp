#include "app/dev_postgres.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/crypto.h"
#include "store/database.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto start_patience = 30s;
constexpr const char* user = "switchyard";

bool has_programs(const std::string& folder) {
  return ::access((folder + "/initdb").c_str(), X_OK) == 0 &&
         ::access((folder + "/postgres").c_str(), X_OK) == 0;
}

// Where Debian puts them, which no search path holds; else where pg_config says.
Result<std::string> find_programs() {
  const std::string usual = "/usr/lib/postgresql/15/bin";
  if (has_programs(usual)) return usual;
  for (const std::string path : {"/usr/bin/pg_config", "/usr/local/bin/pg_config"}) {
    auto asked = ChildProcess::start({.command = {path, "--bindir"}, .is_read = true});
    if (!asked) continue;
    const auto folder = asked->read_line(5s);
    if (folder && has_programs(*folder)) return *folder;
  }
  return fail(ErrorCode::internal, "PostgreSQL is not installed: `apt install postgresql-15`.");
}

Result<void> make_folder(const std::string& path, mode_t mode) {
  std::error_code problem;
  fs::create_directories(path, problem);
  if (problem)
    return fail(ErrorCode::internal, "Cannot make " + path + ": " + problem.message() + ".");
  ::chmod(path.c_str(), mode);
  return {};
}

void give_to_nobody(const std::string& path) {
  const passwd* nobody = ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr;
  if (nobody && ::chown(path.c_str(), nobody->pw_uid, nobody->pw_gid) != 0) return;
}

std::string temporary_root() {
  std::error_code problem;
  const std::string root = fs::temp_directory_path(problem).string();
  // A socket's path holds at most 107 characters.
  return problem || root.size() > 40 ? "/tmp" : root;
}

// switchyard-dev.PID.XXXXXX, of a process of ours that is gone.
void sweep(const std::string& root, const std::string& prefix) {
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(root, problem)) {
    const std::string name = entry.path().filename().string();
    struct stat facts {};
    if (!name.starts_with(prefix) || ::lstat(entry.path().c_str(), &facts) != 0) continue;
    // Root's socket folders belong to nobody.
    const bool is_ours = facts.st_uid == ::geteuid() || ::geteuid() == 0;
    if (!is_ours || !S_ISDIR(facts.st_mode)) continue;
    pid_t pid = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) remove_folder(entry.path().string());
  }
}

std::string tail_of(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  const std::string all = text.str();
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)))
      out += c;
    else
      out += "%" + to_hex(std::string_view(&c, 1));
  return out;
}

}  // namespace

Result<std::string> make_temporary_folder(const std::string& name) {
  const std::string root = temporary_root();
  sweep(root, name + ".");
  std::string path = root + "/" + name + "." + std::to_string(::getpid()) + ".XXXXXX";
  if (!::mkdtemp(path.data()))
    return fail(ErrorCode::internal,
                "Cannot make a folder in " + root + ": " + std::strerror(errno));
  ::chmod(path.c_str(), 0711);
  return path;
}

void remove_folder(const std::string& folder) {
  std::error_code problem;
  if (!folder.empty()) fs::remove_all(folder, problem);
}

Result<PrivatePostgres> PrivatePostgres::start(const std::string& folder, Lasts lasts) {
  PrivatePostgres made;
  made.programs_ = TRY(find_programs());
  made.folder_ = folder;
  made.socket_folder_ = TRY(make_temporary_folder("switchyard-socket"));
  ::chmod(made.socket_folder_.c_str(), 0700);
  give_to_nobody(made.socket_folder_);
  TRY(made.make_cluster(lasts));
  TRY(made.start_server());
  TRY(made.create_database("switchyard"));
  return made;
}

Result<void> PrivatePostgres::make_cluster(Lasts lasts) {
  const std::string data = folder_ + "/postgres";
  if (::access((data + "/PG_VERSION").c_str(), F_OK) == 0) return {};
  TRY(make_folder(data, 0700));
  give_to_nobody(data);
  ChildOptions options{.command = {programs_ + "/initdb", "-D", data, "-U", user, "--auth=trust",
                                   "--encoding=UTF8", "--locale=C", "--no-instructions"},
                       .log_file = folder_ + "/initdb.log",
                       .as_nobody = true};
  if (lasts == Lasts::this_run) options.command.push_back("--no-sync");
  const auto made = run_to_end(options, start_patience);
  if (made) return {};
  const std::string hint =
      ::geteuid() == 0 ? "As root, PostgreSQL runs as the user nobody, who must be able to reach "
                         "the folder: choose one below /var/tmp, or be another user.\n"
                       : "";
  remove_folder(data);
  return fail(ErrorCode::internal, "Cannot make a database in " + folder_ + ".\n" + hint +
                                       tail_of(folder_ + "/initdb.log"));
}

// The server of a run that was killed may still be writing its last checkpoint.
Result<void> PrivatePostgres::wait_for_predecessor() {
  const std::string lock = folder_ + "/postgres/postmaster.pid";
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    std::ifstream file(lock);
    pid_t pid = 0;
    const bool is_held = file >> pid && (::kill(pid, 0) == 0 || errno == EPERM);
    if (!is_held) return {};
    std::this_thread::sleep_for(20ms);
  }
  return fail(ErrorCode::internal, "Another run uses the database in " + folder_ + ".");
}

Result<void> PrivatePostgres::start_server() {
  TRY(wait_for_predecessor());
  const std::string log = folder_ + "/postgres.log";
  server_ = TRY(ChildProcess::start(
      {.command = {programs_ + "/postgres", "-D", folder_ + "/postgres", "-k", socket_folder_, "-h",
                   "", "-c", "fsync=on", "-c", "max_connections=200", "-c", "shared_buffers=64MB",
                   "-c", "max_wal_size=256MB", "-c", "jit=off", "-c",
                   "log_min_error_statement=panic"},
       .log_file = log,
       .as_nobody = true,
       .death_signal = SIGINT}));
  return wait_until_it_answers();
}

Result<void> PrivatePostgres::wait_until_it_answers() {
  const auto deadline = std::chrono::steady_clock::now() + start_patience;
  const Secret postgres = url("postgres");
  while (server_.is_running() && std::chrono::steady_clock::now() < deadline) {
    if (Connection(postgres).read([](Transaction&) -> Result<void> { return {}; })) return {};
    std::this_thread::sleep_for(20ms);
  }
  return fail(ErrorCode::internal,
              "PostgreSQL does not start.\n" + tail_of(folder_ + "/postgres.log"));
}

Secret PrivatePostgres::url(const std::string& database) const {
  return Secret("postgresql:///" + database + "?host=" + percent_encoded(socket_folder_) +
                "&user=" + user);
}

Result<void> PrivatePostgres::create_database(const std::string& name) {
  if (Connection(url(name)).read([](Transaction&) -> Result<void> { return {}; })) return {};
  return run_to_end({.command = {programs_ + "/createdb", "-h", socket_folder_, "-U", user, name}},
                    start_patience);
}

void PrivatePostgres::stop() {
  // Fast: connections are ended, a checkpoint is written.
  if (server_.pid() > 0) server_.stop(SIGINT, 20s);
  server_ = {};
  remove_folder(std::exchange(socket_folder_, {}));
}

}  // namespace switchyard
