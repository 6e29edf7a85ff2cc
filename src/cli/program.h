// Where commands are offered: each file here adds one to the command line and leaves what it does
// in `run`. What only the configuration's reader can do is given to them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "flow/setup.h"
#include "store/database.h"

namespace switchyard::cli {

// Nothing when the file has problems; they have been printed by then. Secrets of providers that the
// file names may be missing here.
struct ConfigReader {
  std::function<std::optional<Secret>(const std::string& file)> database_url;
  std::function<std::optional<Setup>(const std::string& file)> setup;
  // Prints problems, warnings and, when it is sound, the rules in words. Whether it is sound.
  std::function<bool(const std::string& file)> check;
};

struct Program {
  CLI::App& app;
  ConfigReader config;
  std::function<int()> run = {};  // of the command that was given; returns the exit code
};

// Which database a command is about: --database URL, --config FILE, or DATABASE_URL.
class DatabaseChoice {
 public:
  void add_to(CLI::App& command);
  // Nothing, and a sentence printed, when there is none.
  std::optional<Secret> choose(const ConfigReader& config) const;

 private:
  std::string url_;
  std::string config_file_;
};

// Prints the sentence; the exit code for it.
int complain(const std::string& sentence);

// Adds a command that works on the database which its options name. `options` holds a
// DatabaseChoice called `database`; `action(Database&, const Options&)` returns the exit code.
template <class Options, class Action>
CLI::App* offer_on_database(Program& program, CLI::App& group, const char* name,
                            const char* sentence, const std::shared_ptr<Options>& options,
                            Action action) {
  auto* command = group.add_subcommand(name, sentence);
  options->database.add_to(*command);
  command->callback([&program, options, action] {
    program.run = [&program, options, action] {
      const auto url = options->database.choose(program.config);
      if (!url) return 2;
      Database database(*url, 1);
      return action(database, *options);
    };
  });
  return command;
}

}  // namespace switchyard::cli
