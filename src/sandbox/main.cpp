// switchyard-sandbox: plays every provider and a demo merchant, for development and tests.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "sandbox/sandbox.h"

using namespace switchyard;

namespace {

// Every thread inherits the mask, so that only wait_for_the_end sees these.
sigset_t block_end_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

void say_ready(const sandbox::Sandbox& sandbox, bool as_json) {
  if (as_json) {
    std::cout << write_json({{"url", sandbox.url()}}) << std::endl;
    return;
  }
  std::cout << "The sandbox is at " << sandbox.url() << " and plays:\n";
  for (const std::string& name : sandbox.providers())
    std::cout << "  " << name << "  " << sandbox.base_url(name) << "\n";
  std::cout << "Events can be sent to " << sandbox.url() << "/merchant/events" << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  sandbox::SandboxOptions options;
  std::vector<std::string> settings;
  bool as_json = false;
  CLI::App app("Plays every payment provider, and a demo merchant that receives events.");
  app.add_option("--host", options.host, "IPv4 address to listen on")->capture_default_str();
  app.add_option("--port", options.port, "Port, 0 for any free one")->capture_default_str();
  app.add_option("--url", options.url, "How others reach the sandbox, if not by host and port");
  app.add_option("--speed", options.speed, "Multiplies simulated delays; 0: at once")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--set", settings, "A simulator's setting, NAME=VALUE; may be repeated");
  app.add_option("--ledger", options.ledger_file, "File that the ledger is appended to");
  app.add_option("--requests", options.request_file,
                 "File that every request to a provider is appended to");
  app.add_option("--seed", options.seed, "For faults that come by chance")->capture_default_str();
  app.add_flag("--json", as_json, "Say {\"url\": …} on one line when ready");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& setting : settings) {
    const std::size_t equals = std::min(setting.find('='), setting.size());
    options.settings[setting.substr(0, equals)] =
        setting.substr(std::min(equals + 1, setting.size()));
  }

  const sigset_t ends = block_end_signals();
  sandbox::Sandbox sandbox(std::move(options));
  if (const auto started = sandbox.start(); !started) {
    std::cerr << started.error().message << std::endl;
    return 1;
  }
  say_ready(sandbox, as_json);
  int signal = 0;
  sigwait(&ends, &signal);
  sandbox.stop();
  return 0;
}
