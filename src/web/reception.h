// What happens between the bytes and the handlers: gate, route, queue, answer. Knows sockets only
// through ClientConnection, and Pistache not at all; web/server feeds it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/connections.h"
#include "web/route_metrics.h"
#include "web/router.h"
#include "web/server.h"
#include "web/workers.h"

namespace switchyard {

class Reception {
 public:
  // Runs a handler and lets no exception out.
  using Run = std::function<Result<Reply>(const Handler&, const Request&)>;

  Reception(ServerOptions options, std::vector<Route> routes, Metrics& metrics, Run run);

  ~Reception();

  // From I/O threads. Null when there are too many connections; the client has then been told.
  std::shared_ptr<ClientConnection> welcome(int socket, std::string address);
  void take(const std::shared_ptr<ClientConnection>& connection, std::string_view bytes);
  void say_goodbye(const std::shared_ptr<ClientConnection>& connection);

  // Answers say from now on that the connection closes.
  void begin_drain() { is_draining_ = true; }
  // Waits for the answers that are owed, then closes every connection. Nobody feeds us any more.
  void finish_drain(std::chrono::milliseconds deadline);

  std::size_t running_handlers() const { return workers_.running(); }
  const ServerOptions& options() const { return options_; }

 private:
  struct Exchange;
  struct Gauges;

  // Before a handler is chosen.
  bool count_held_bytes(ClientConnection& connection);
  void refuse(const std::shared_ptr<ClientConnection>& connection, const Refusal& refusal);
  void refuse_slow(const std::shared_ptr<ClientConnection>& connection);
  void send_refusal(const std::shared_ptr<ClientConnection>& connection, const Refusal& refusal);
  void begin(const std::shared_ptr<ClientConnection>& connection, bool is_last);
  bool is_met_by_route(Exchange& exchange);
  // Afterwards.
  void enter_queue(const std::shared_ptr<Exchange>& exchange);
  void run_handler(Exchange& exchange);
  void answer(Exchange& exchange, const Reply& reply);
  void send(const std::shared_ptr<ClientConnection>& connection, std::string bytes,
            bool is_closing);
  void show_gauges(Metrics& metrics);

  const ServerOptions options_;
  const PhaseTimes times_;
  const GateLimits gate_limits_;
  const Router router_;
  const Run run_;
  RouteMetrics counted_;
  std::atomic<bool> is_draining_{false};
  std::atomic<std::size_t> held_bytes_{0};  // of bodies: being read, queued or with handlers

  const std::shared_ptr<Gauges> gauges_;  // shared with the metrics page, which may outlive us
  Connections connections_;
  Workers workers_;
};

}  // namespace switchyard
