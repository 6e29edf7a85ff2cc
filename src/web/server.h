// Listens, lets only well-formed requests in, queues them for workers and sends their answers.
// The gate (web/gate) sees every byte before Pistache's parser does: what it refuses is answered
// with the one JSON error shape and the connection is closed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "web/message.h"

namespace switchyard {

struct ServerLimits {
  std::size_t body_bytes = 1 << 20;     // webhooks may be large; API bodies are small
  std::size_t header_bytes = 32 << 10;  // all header lines together, then 431
  std::size_t header_count = 100;
  std::size_t target_bytes = 8 << 10;             // request line, then 414
  std::chrono::milliseconds header_time{10'000};  // slow senders are closed, 408
  std::chrono::milliseconds body_time{20'000};
  std::chrono::milliseconds idle_time{75'000};    // a kept connection with no request
  std::chrono::milliseconds answer_time{30'000};  // Pistache's own timeouts are set above this
  std::size_t connections = 20'000;
  std::size_t connections_per_address = 20'000;
  std::size_t queued_requests = 10'000;  // beyond: 503 with Retry-After
  std::size_t held_bytes = 256 << 20;    // of all bodies together; beyond: 503
  std::size_t workers = 6'000;           // threads that may run handlers at once, grown on demand
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 0;  // 0: any free one
  int io_threads = 1;
  ServerLimits limits = {};
  std::vector<std::string> trusted_proxies = {};  // peers whose X-Forwarded-For is believed
  std::string name = "public";                    // for metrics and logs
  // A client's Request-Id is logged and stored: not one that this says yes to.
  std::function<bool(std::string_view)> may_not_be_logged = {};
};

class Server {
 public:
  // Asserts that the routes are well formed. `metrics` outlives the server.
  Server(ServerOptions options, std::vector<Route> routes, Metrics& metrics);
  ~Server();  // drains
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts listening; the port that it got, or an Error saying that the port is taken.
  Result<int> start();
  // Stops accepting and reading; handlers that run may finish until the deadline. Idempotent.
  void drain(std::chrono::milliseconds deadline);

  std::size_t running_handlers() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace switchyard
