#include "cli/program.h"

#include <cstdlib>
#include <iostream>

namespace switchyard::cli {

void DatabaseChoice::add_to(CLI::App& command) {
  auto* url = command.add_option("--database", url_,
                                 "The database's URL; without it and --config, DATABASE_URL");
  command.add_option("--config", config_file_, "Take the URL from this configuration")
      ->excludes(url);
}

std::optional<Secret> DatabaseChoice::choose(const ConfigReader& config) const {
  if (!config_file_.empty()) return config.database_url(config_file_);
  const char* from_environment = std::getenv("DATABASE_URL");
  if (!url_.empty()) return Secret(url_);
  if (from_environment != nullptr) return Secret(from_environment);
  complain(
      "Which database? Give --database URL, --config FILE or the environment variable "
      "DATABASE_URL.");
  return std::nullopt;
}

int complain(const std::string& sentence) {
  std::cerr << sentence << std::endl;
  return 1;
}

}  // namespace switchyard::cli
