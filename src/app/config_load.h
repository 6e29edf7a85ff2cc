// TOML → Config. A mistake is refused with file, line and column and a sentence that says what
// would be right; all mistakes of a file are found in one pass where the TOML itself can be read.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"

namespace switchyard {

struct ConfigProblem {
  std::string file;
  int line = 0;  // from 1; 0: the file as a whole
  int column = 0;
  std::string message;

  std::string text() const;  // "config/switchyard.toml:12:8: no account is called \"stripe\"; did
                             // you mean \"stripe_us\"?"
};

struct ConfigOutcome {
  Config config = {};  // meaningful when there are no problems
  std::vector<ConfigProblem> problems = {};
  std::vector<ConfigProblem> warnings = {};
};

// Whoever only checks a file, on a machine that holds none of the secrets it names, need not have
// them: what is missing is then a warning and stays empty.
enum class SecretsHere { must_be, may_be };

// Text such as "env:STRIPE_KEY" or "file:/run/secrets/stripe" stands for what is there (a path that
// does not begin with "/" starts at the file's folder). A secret in plain text is refused for
// accounts in live mode and warned of otherwise.
ConfigOutcome load_config(const std::string& path, SecretsHere secrets = SecretsHere::must_be);
// The same from memory, for `dev` and tests; `name` stands for the file in messages.
ConfigOutcome read_config(const std::string& toml, const std::string& name,
                          SecretsHere secrets = SecretsHere::must_be);

}  // namespace switchyard
