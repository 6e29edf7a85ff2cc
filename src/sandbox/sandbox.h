// The whole sandbox: every provider below /NAME, the demo merchant below /merchant, and pages to
// steer it: /faults, /ledger, /webhooks_sent, /settings, /clock.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sandbox/faults.h"
#include "sandbox/ledger.h"
#include "sandbox/listener.h"
#include "sandbox/merchant.h"
#include "sandbox/request_log.h"
#include "sandbox/simulators.h"
#include "sandbox/timers.h"
#include "sandbox/webhooks.h"

namespace switchyard::sandbox {

struct SandboxOptions {
  std::string host = "127.0.0.1";
  int port = 0;          // 0: any free one
  double speed = 1;      // multiplies simulated delays; 0: at once
  std::string url = {};  // how others reach us; "": from host and port
  std::string ledger_file = {};
  std::string request_file = {};  // of every request to a provider, as JSON lines
  std::uint64_t seed = 1;         // of the faults that come by chance
  std::map<std::string, std::string> settings = {};
};

class Sandbox final : public World {
 public:
  explicit Sandbox(SandboxOptions options);
  ~Sandbox() override;

  Result<void> start();
  void stop();  // idempotent
  const std::string& url() const { return url_; }
  std::vector<std::string> providers() const;

  std::string base_url(std::string_view provider) const override;
  void record(LedgerLine line) override;
  void send_webhook(WebhookOrder order) override;
  void after(std::chrono::milliseconds delay, std::function<void()> run) override;
  std::string setting(std::string_view name, std::string_view otherwise) const override;
  std::int64_t unix_time() const override;

 private:
  Answer answer(const Request& request);
  Reply play(const std::string& provider, const Request& request);
  Answer misbehave(const Fault& fault, const std::string& provider, const Request& request);
  Answer execute_late(const Fault& fault, const std::string& provider, const Request& request);
  Reply control(const Request& request);
  Reply change_faults(const Request& request);
  Reply change_settings(const Request& request);
  Reply move_clock(const Request& request);
  Reply front_page() const;

  SandboxOptions options_;
  std::string url_;
  mutable std::mutex settings_mutex_;
  std::map<std::string, std::string, std::less<>> settings_;
  Ledger ledger_;
  RequestLog requests_;
  Faults faults_;
  Timers timers_;
  Merchant merchant_;
  std::vector<std::unique_ptr<Simulator>> simulators_;
  std::unique_ptr<Webhooks> webhooks_;
  Listener listener_;
};

}  // namespace switchyard::sandbox
