// The real programs for one journey: a database, the sandbox, one or more routers started as
// `switchyard serve`, a merchant with keys, and an endpoint of theirs at the sandbox's receiver.
// Everything ends with it. Steps that cannot fail in a working build assert.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/dev_browser.h"
#include "app/dev_client.h"
#include "app/dev_sandbox.h"
#include "base/secret.h"

namespace switchyard::testing {

struct StackOptions {
  // TOML besides that of `switchyard dev`: accounts are added, rules and sections replace. Look-ups
  // are fast and deliveries are tried again every second unless it says otherwise. SANDBOX is its
  // URL.
  std::string config = {};
  std::string server_keys = {};  // more of [server]
  std::string speed = "0";       // of the providers' delays
  int routers = 1;
  Secret database_url = {};             // of a migrated database, in place of a fresh one
  std::vector<std::string> under = {};  // words before each router's command
};

struct Keys {
  std::string merchant;
  std::string secret;
  std::string publishable;
};

class Stack {
 public:
  explicit Stack(StackOptions options = {});
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  // Calls with the merchant's secret key at the first router; each answer is held against the
  // published description of the API.
  JsonAnswer get(const std::string& path, Headers headers = {});
  JsonAnswer post(const std::string& path, const Json& body = nullptr, Headers headers = {});
  JsonAnswer call(const std::string& method, const std::string& path, const Json& body,
                  Headers headers = {}, const std::string& key = {}, int router = 0);
  // POST /v1/payments with confirm, at the first router: the rail's usual fields and `more`.
  JsonAnswer pay(const Json& method, const Json& more = Json::object(), Headers headers = {});
  Json payment(const std::string& id);
  // Waits for it; fails the test when it does not come within 20 s. The payment as it is then.
  Json wait_for_status(const std::string& id, const std::string& status);

  const Keys& keys() const { return keys_; }
  Keys make_merchant(const std::string& name);
  std::string url(int router = 0) const;
  const std::string& endpoint() const { return endpoint_; }
  Browser browser() { return Browser(http_); }
  HttpClient& http() { return http_; }

  // Routers by number. A restart keeps port, database and configuration; `failpoints` is for
  // base/failpoint.h, and starts the program that has them.
  void kill_router(int router = 0);  // -9
  void start_router(int router = 0, const std::string& failpoints = {});
  void restart_router(int router = 0, const std::string& failpoints = {});
  bool is_router_running(int router = 0);
  void wait_until_router_is_gone(int router = 0);
  // What a dead router held is free at once, instead of when its time is over: only for tests whose
  // routers are all dead.
  void end_leases();
  int stop_router(int router = 0);  // SIGTERM; its exit code
  pid_t router_pid(int router = 0) const { return routers_[router].process.pid(); }
  // Another database that has ours, from each router's next start on.
  void move_to(const Secret& database_url) { database_url_ = database_url; }
  // Other TOML in place of StackOptions::config, for the first router's next start or SIGHUP.
  void change_config(const std::string& config);
  void hang_up();  // SIGHUP
  std::string log() const;

  SandboxProcess& sandbox() { return *sandbox_; }
  void order_fault(const Json& order);
  void set_simulator(const Json& settings);
  // Lines of the provider's own ledger about an attempt of this payment: charge, refund, …
  Json ledger_of(const std::string& payment_id, const std::string& operation);
  // The payment's events at the receiver, by sequence, each one once; its refunds' included.
  Json received_events(const std::string& payment_id);
  std::vector<std::string> received_types(const std::string& payment_id);
  bool has_received(const std::string& payment_id, const std::string& type);

  // The owner's; routers use it as `serving_role`, which owns nothing.
  const Secret& database_url() const { return database_url_; }
  // For assertions about rows: every value as text.
  std::vector<std::vector<std::string>> rows(const std::string& sql);
  std::string value(const std::string& sql);  // of the first row and column; "" without rows
  // For a past that a test cannot wait for.
  void change_rows(const std::string& sql);

  // What must hold of a payment that has come to rest: its events without a gap, signed and all
  // delivered; its journal in balance; our sums equal to what the providers did.
  void expect_sound(const std::string& payment_id);

 private:
  struct Router {
    int port = 0;
    std::string config_file;
    ChildProcess process;
  };
  void make_access();
  void start_sandbox();
  void write_config(Router& router, int number);
  void wait_until_ready(int router, bool may_die);
  void make_endpoint();
  std::string log_of(int router) const;

  StackOptions options_;
  std::string folder_;
  std::string programs_;
  Secret database_url_;
  Metrics metrics_;
  HttpClient http_;
  std::unique_ptr<SandboxProcess> sandbox_;
  std::vector<Router> routers_;
  Keys keys_;
  std::string endpoint_;
};

// Looks again and again; false when the time is over first.
bool wait_until(const std::function<bool()>& is_so, double seconds = 20);

}  // namespace switchyard::testing
