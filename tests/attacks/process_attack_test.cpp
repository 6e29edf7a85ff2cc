// What somebody could gain from the router's process: by looking at it, or by having taken it over.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

// What follows the name on its line of this file of a process.
std::string line_of(pid_t pid, const std::string& file, const std::string& name) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/" + file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name)) return line.substr(name.size());
  return "no line " + name;
}

// The kernel gives the private files of a process that may not be looked at to root: the user and
// the group that own them then. Root's own processes differ by their group only.
std::vector<std::string> under_another_group() {
  if (geteuid() != 0) return {};
  return {"/usr/bin/setpriv", "--regid=65534", "--clear-groups"};
}
bool may_be_looked_at(pid_t pid) {
  struct stat facts {};
  EXPECT_EQ(stat(("/proc/" + std::to_string(pid) + "/environ").c_str(), &facts), 0);
  return geteuid() == 0 ? facts.st_gid == 65534 : facts.st_uid == geteuid();
}

// The master key is in the environment, and all keys are in memory.
TEST(ProcessAttack, K1_K12_the_router_leaves_no_core_and_is_no_other_processs_to_read) {
  Stack stack({.under = under_another_group()});
  EXPECT_FALSE(may_be_looked_at(stack.router_pid()));
  std::istringstream limits(line_of(stack.router_pid(), "limits", "Max core file size"));
  std::string soft, hard;
  limits >> soft >> hard;
  EXPECT_EQ(soft, "0");
  EXPECT_EQ(hard, "0");

  ChildOptions other{.command = under_another_group()};
  for (const char* word : {"/usr/bin/sleep", "60"}) other.command.emplace_back(word);
  auto sleeps = ChildProcess::start(other);
  ASSERT_TRUE(sleeps);
  EXPECT_TRUE(wait_until([&] { return may_be_looked_at(sleeps->pid()); }))
      << "nobody may look at anything here, and this test proves nothing";
}

TEST(ProcessAttack, K12_nothing_that_the_router_starts_could_gain_rights) {
  EXPECT_EQ(line_of(target().router_pid(), "status", "NoNewPrivs:"), "\t1");
  EXPECT_EQ(line_of(getpid(), "status", "NoNewPrivs:"), "\t0")
      << "it was given to us already, and this test proves nothing";
}

}  // namespace
}  // namespace switchyard::testing
