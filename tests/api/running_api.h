// The API without its socket: real PostgreSQL, real flow, and a provider that does as it is told.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "api/client_secret.h"
#include "api/context.h"
#include "api/once.h"
#include "postgres.h"
#include "web/server.h"

namespace switchyard::testing {

// Plays Example Pay. Card tokens say what happens: tok_paid, tok_declined, tok_held, tok_broken
// (executed, then a 500), tok_slow (paid once `let_go` was called).
class Provider {
 public:
  Provider();
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int charges() const { return charges_; }
  int refunds() const { return refunds_; }
  void hold();    // tok_slow waits from here
  void let_go();  // and is answered from here
  void wait_for_charge();

 private:
  Result<Reply> charge(const Request& request);
  Result<Reply> refund(const Request& request);

  std::atomic<int> charges_{0};
  std::atomic<int> refunds_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_held_ = false;
  Metrics metrics_;
  Server server_;
  int port_ = 0;
};

struct Ask {
  std::string method = "POST";
  std::string id = {};  // of the path
  std::string body = {};
  std::string key = {};  // Idempotency-Key
  Fields headers = {};
  Fields query = {};
  std::string api_key = {};  // "": the merchant's secret test key
};

class RunningApi {
 public:
  // `clock` runs by itself where absent.
  explicit RunningApi(Policies policies = {}, std::optional<Time> clock = {}, int reads = 0,
                      int writes = 0);
  ~RunningApi() { pool.stop(); }  // what it still runs needs those below

  Reply ask(ApiHandler handler, const Ask& what, Access access = Access::secret);
  Json json(const Reply& reply) const { return parse_json(reply.body); }
  // A merchant and a key; the key's text.
  std::string new_key(Mode mode, bool is_publishable, const std::string& merchant_id);
  std::string new_merchant(const std::vector<std::string>& return_hosts = {});

  // Ends the database's sessions and lets nobody in, and the other way round.
  void take_database_away();
  void bring_database_back();
  void execute(const std::string& sql);
  std::string value(const std::string& sql);

 private:
  struct Clocks {
    SystemClock system;
    std::optional<StoppedClock> stopped;
  } clocks_;

 public:
  Provider provider;
  Secret url = fresh_database();
  Database database{url, 6};
  Sealer sealer{Secret(std::string(32, 'k'))};
  Metrics metrics;
  Pool pool{2};  // those below post to it until they are gone
  Writer writer;
  HttpClient http{metrics};
  SetupBox setup;
  HealthBook health;
  InFlight in_flight;
  Services services;
  Authenticator authenticator{database};
  RateLimit rate_limit;
  KeyKeeper key_keeper{database};
  GuessLimit guesses;
  Api api;

  std::string merchant;
  std::string secret_key;
  std::string publishable_key;
};

// The value of a header, "" when absent.
std::string header_of(const Reply& reply, std::string_view name);
std::string code_of(const Reply& reply);

// A card payment over USD 49.99, confirmed at once.
std::string card_payment(const std::string& token, const std::string& more = "");

}  // namespace switchyard::testing
