// Every input that was ever worth keeping, through its target: the corpora, what the fuzzers have
// found (findings/), and the exchanges of the adapters.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "seeds.h"

namespace switchyard {

#define FUZZ_TARGET(name) void fuzz_##name(std::string_view input);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

namespace fs = std::filesystem;
using Target = void (*)(std::string_view);

const std::map<std::string, Target> targets = {
#define FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// On the screen before it runs: an input that ends the program is then known by its name.
void replay(Target target, const std::string& name, const std::string& bytes) {
  SCOPED_TRACE(name);
  EXPECT_NO_THROW(target(bytes)) << name;
}

int replay_folder(Target target, const fs::path& folder) {
  int count = 0;
  if (!fs::is_directory(folder)) return count;
  for (const auto& file : fs::directory_iterator(folder)) {
    replay(target, file.path(), read_file(file.path()));
    ++count;
  }
  return count;
}

class Fuzz : public testing::TestWithParam<std::pair<const std::string, Target>> {};

TEST_P(Fuzz, keeps_its_promises_for_what_was_found) {
  const auto& [name, target] = GetParam();
  const fs::path here = SOURCE_DIR "/tests/fuzz";
  int count = replay_folder(target, here / "corpus" / name);
  for (const Seed& seed : seeds_from_exchanges())
    if (seed.target == name) {
      replay(target, seed.name, seed.bytes);
      ++count;
    }
  EXPECT_GT(count, 0) << "tests/fuzz/corpus/" << name << " is empty";
  replay_folder(target, here / "findings" / name);
  replay(target, "nothing at all", "");
}

INSTANTIATE_TEST_SUITE_P(Targets, Fuzz, testing::ValuesIn(targets),
                         [](const auto& each) { return each.param.first; });

// A folder that nobody reads would look like care.
TEST(FuzzCorpus, has_a_target_for_every_folder) {
  for (const char* kind : {"corpus", "findings"})
    for (const auto& folder : fs::directory_iterator(fs::path(SOURCE_DIR "/tests/fuzz") / kind))
      EXPECT_TRUE(!folder.is_directory() || targets.contains(folder.path().filename()))
          << folder.path();
}

}  // namespace
}  // namespace switchyard
