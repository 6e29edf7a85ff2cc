// The sandbox as a process of ours, and what it can be asked and told.
#pragma once

#include <string>

#include "app/dev_client.h"
#include "app/dev_process.h"

namespace switchyard {

struct SandboxStart {
  std::string program;  // switchyard-sandbox
  int port = 0;         // 0: any free one
  std::string speed = "1";
  std::string log_file = {};
};

class SandboxProcess {
 public:
  static Result<SandboxProcess> start(HttpClient& http, const SandboxStart& options);

  const std::string& url() const { return control_.base_url(); }
  std::string receiver_url() const { return url() + "/merchant/events"; }
  const JsonClient& control() const { return control_; }
  bool is_running() { return process_.is_running(); }
  void stop() { process_.stop(SIGTERM, std::chrono::seconds(5)); }
  void kill() { process_.stop(SIGKILL, std::chrono::seconds(5)); }

  // Settings of the simulators, by name; what the receiver verifies events with; fault orders.
  Result<void> set(const Json& settings) const;
  Result<void> add_receiver_secret(const std::string& secret) const;
  Result<void> order_fault(const Json& order) const;

  // Each list with what is newer than `after`, oldest first.
  Json ledger(const std::string& provider = {}) const;  // [{seq, operation, reference, amount…}]
  Json webhooks_sent(std::int64_t after = 0) const;     // [{seq, url, outcome, body…}]
  Json received_events(std::int64_t after = 0) const;   // [{seq, type, verified, event…}]

 private:
  SandboxProcess(ChildProcess process, JsonClient control)
      : process_(std::move(process)), control_(std::move(control)) {}
  Result<void> tell(const std::string& path, const Json& body) const;

  ChildProcess process_;
  JsonClient control_;
};

}  // namespace switchyard
