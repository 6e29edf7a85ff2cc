// Where commands are offered: each file here adds one to the command line and leaves what it does
// in `run`. What only the configuration's reader can do is given to them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>

#include "base/secret.h"
#include "flow/setup.h"

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

}  // namespace switchyard::cli
