#include "postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>
#include <thread>
#include <vector>

#include "store/grants.h"
#include "store/migrate.h"

namespace switchyard::testing {
namespace {

namespace fs = std::filesystem;

std::string bin(const std::string& name) { return "/usr/lib/postgresql/15/bin/" + name; }

// Runs a program as an unprivileged user where we are root, since PostgreSQL refuses to serve root.
pid_t start(std::vector<std::string> words, const fs::path& log) {
  if (geteuid() == 0) words.insert(words.begin(), {"runuser", "-u", "nobody", "--"});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int file = open(log.c_str(), O_CREAT | O_APPEND | O_WRONLY, 0666);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

// Memory where there is plenty: a test process makes a database a test, and writing and flushing
// all of their files to a disk takes longer than the tests.
std::string roomiest_folder() {
  struct statvfs memory {};
  const bool is_roomy = statvfs("/dev/shm", &memory) == 0 &&
                        memory.f_bavail * memory.f_frsize > (std::uint64_t{4} << 30);
  return is_roomy && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

// The fourth word of /proc/PID/stat, counted behind the name, which may hold anything.
pid_t parent_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text);
  std::istringstream rest(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string state;
  pid_t parent = 0;
  rest >> state >> parent;
  return parent;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t process = std::atoi(entry.path().filename().c_str());
    if (process > 0 && parent_of(entry.path()) == pid) children.push_back(process);
  }
  return children;
}

class Cluster {
 public:
  Cluster() {
    std::string pattern = roomiest_folder() + "/switchyard_test_XXXXXX";
    folder_ = mkdtemp(pattern.data());
    chmod(folder_.c_str(), 0777);
    const pid_t initdb = start({bin("initdb"), "-D", data(), "-U", "switchyard", "-A", "trust",
                                "-E", "UTF8", "--no-sync", "--locale=C"},
                               folder_ / "initdb.log");
    int status = 0;
    waitpid(initdb, &status, 0);
    assert(status == 0 && "initdb works");
    serve();
    execute("postgres", "CREATE DATABASE template_switchyard");
    const auto done = migrate(url("template_switchyard"));
    assert(done && "the migrations apply to an empty database");
    make_role(serving_role);
    const auto granted = grant_serving(url("template_switchyard"), serving_role);
    assert(granted && "the schema has what is granted");
  }

  ~Cluster() {
    stop(SIGQUIT);  // nobody reads it again: no checkpoint of a hundred databases
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void serve() {
    start_server();
    for (int tries = 0; tries < 600; ++tries) {
      try {
        pqxx::connection probe(url("postgres").reveal());
        return;
      } catch (const std::exception&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      // It gives up while a process of the crashed one has not quite ended.
      if (waitpid(child_, nullptr, WNOHANG) == child_) start_server();
    }
    assert(false && "PostgreSQL starts within thirty seconds");
  }

  // The server itself: under runuser it is the child of the process we started.
  int server_pid() const {
    std::ifstream file(fs::path(data()) / "postmaster.pid");
    int pid = 0;
    file >> pid;
    return pid;
  }

  void stop(int signal) {
    if (const int pid = server_pid(); pid > 0) kill(pid, signal);
    waitpid(child_, nullptr, 0);
  }

  void crash() {
    const pid_t server = server_pid();
    assert(server > 0 && "it runs");
    kill(server, SIGSTOP);  // no more children, and nobody is told of a child's death
    for (const pid_t child : children_of(server)) kill(child, SIGKILL);
    kill(server, SIGKILL);
    kill(child_, SIGCONT);  // runuser stops with what it started
  }
  void wait_for_end() { waitpid(child_, nullptr, 0); }

  std::string make_database() {
    const std::string name = "test_" + std::to_string(++count_);
    execute("postgres", "CREATE DATABASE " + name + " TEMPLATE template_switchyard");
    return name;
  }

  std::string make_empty_database(const std::string& owner) {
    make_role(owner);
    const std::string name = "test_" + std::to_string(++count_);
    execute("postgres", "CREATE DATABASE " + name + " OWNER " + owner);
    return name;
  }

  Secret url(const std::string& database) const {
    return Secret("host=" + folder_.string() + " user=switchyard dbname=" + database);
  }

 private:
  void start_server() {
    child_ = start(
        {bin("postgres"), "-D", data(), "-k", folder_.string(), "-c", "listen_addresses=", "-c",
         "max_connections=300", "-c", "shared_buffers=64MB", "-c", "synchronous_commit=on"},
        folder_ / "postgres.log");
  }
  void make_role(const std::string& name) {
    execute("postgres", "DO $$ BEGIN CREATE ROLE " + name +
                            " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  }
  std::string data() const { return (folder_ / "data").string(); }
  void execute(const std::string& database, const std::string& sql) {
    pqxx::connection connection(url(database).reveal());
    pqxx::nontransaction(connection).exec(sql);
  }

  fs::path folder_;
  pid_t child_ = 0;
  std::atomic<int> count_{0};
};

Cluster& cluster() {
  static Cluster one;
  return one;
}

}  // namespace

Secret fresh_database() { return cluster().url(cluster().make_database()); }
Secret empty_database_of(const std::string& owner) {
  return as_role(cluster().url(cluster().make_empty_database(owner)), owner);
}
Secret as_role(const Secret& url, const std::string& role) {
  std::string text = url.reveal();
  const std::size_t at = text.find("user=") + 5;
  return Secret(text.replace(at, text.find_first_of(" &", at) - at, role));
}
int postgres_pid() { return cluster().server_pid(); }
void crash_postgres() { cluster().crash(); }
void restart_postgres() {
  cluster().wait_for_end();
  cluster().serve();
}

}  // namespace switchyard::testing
