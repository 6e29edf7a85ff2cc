// `switchyard dev`: a private PostgreSQL, the sandbox and the router in one go, with a demo
// merchant whose events the sandbox receives.
#pragma once

#include <string>

namespace switchyard {

struct DevOptions {
  int port = 8080;
  std::string data = {};          // kept and used again; "": a new folder, removed at the end
  bool is_json = false;           // one line for a program, nothing for a person
  bool is_check = false;          // make the payments, verify them, and end
  std::string speed = "0.2";      // of the simulated providers' delays
  std::string config_extra = {};  // TOML, or a file of it
};

// The exit code.
int run_dev(const DevOptions& options);

}  // namespace switchyard
