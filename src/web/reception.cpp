#include "web/reception.h"

#include <sys/resource.h>

#include <algorithm>
#include <cassert>
#include <thread>

#include "base/failpoint.h"
#include "base/id.h"
#include "base/log.h"
#include "web/client_address.h"
#include "web/media_type.h"
#include "web/problem.h"
#include "web/wire.h"

namespace switchyard {
namespace {

constexpr std::string_view known_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

PhaseTimes times_from(const ServerLimits& limits) {
  return {.header = limits.header_time,
          .body = limits.body_time,
          .idle = limits.idle_time,
          .answer = limits.answer_time,
          .write = limits.body_time};
}

GateLimits gate_limits_from(const ServerLimits& limits) {
  return {.target_bytes = limits.target_bytes,
          .header_bytes = limits.header_bytes,
          .header_count = limits.header_count,
          .body_bytes = limits.body_bytes};
}

// Running out of file descriptors would stop the database and the providers too, and keep the
// accepting thread spinning: so the system's limit is raised as far as it goes, and a part of it is
// never given to clients.
std::size_t most_connections(std::size_t asked) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return asked;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_NOFILE, &files);
  const std::size_t limit = files.rlim_cur;
  return std::min(asked, limit - std::min<std::size_t>(limit / 4, 1024));
}

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

double seconds_since(Moment moment) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - moment).count();
}

Error overloaded() {
  return {
      .code = ErrorCode::overloaded,
      .message = "There are more requests than can be answered now. Nothing was done; try again.",
      .retry_after_sec = 1};
}

std::string method_list(const std::string& allow) {
  return "This address does not take this method; it takes " + allow + ".";
}

}  // namespace

// The metrics page may be asked for after we have gone.
struct Reception::Gauges {
  std::mutex mutex;
  const Reception* reception = nullptr;
};

// A request on its way to its answer.
struct Reception::Exchange {
  Exchange(Reception& at, std::shared_ptr<ClientConnection> from)
      : reception(at),
        connection(std::move(from)),
        held_bytes(std::exchange(connection->counted_bytes, 0)) {}
  ~Exchange() { reception.held_bytes_ -= held_bytes; }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Reception& reception;
  std::shared_ptr<ClientConnection> connection;
  std::size_t held_bytes;
  bool is_kept_alive = false;
  Request request = {};
  const Route* route = nullptr;
  std::size_t route_index = 0;
  Moment began = std::chrono::steady_clock::now();
};

Reception::Reception(ServerOptions options, std::vector<Route> routes, Metrics& metrics, Run run)
    : options_(std::move(options)),
      times_(times_from(options_.limits)),
      gate_limits_(gate_limits_from(options_.limits)),
      router_(std::move(routes)),
      run_(std::move(run)),
      counted_(metrics, router_.routes()),
      gauges_(std::make_shared<Gauges>()),
      connections_(most_connections(options_.limits.connections),
                   options_.limits.connections_per_address,
                   [this](const auto& connection) { refuse_slow(connection); }),
      workers_(options_.limits.workers, options_.limits.queued_requests) {
  gauges_->reception = this;
  show_gauges(metrics);
}

Reception::~Reception() {
  const std::lock_guard lock(gauges_->mutex);
  gauges_->reception = nullptr;
}

void Reception::show_gauges(Metrics& metrics) {
  const auto show = [&](const std::string& name, std::string_view sentence,
                        std::size_t (*read)(const Reception&)) {
    const std::string whole = (options_.name == "public" ? "" : options_.name + "_") + name;
    metrics.help(whole, sentence);
    metrics.gauge(whole, [gauges = gauges_, read]() -> double {
      const std::lock_guard lock(gauges->mutex);
      return gauges->reception ? static_cast<double>(read(*gauges->reception)) : 0;
    });
  };
  show("http_connections", "Connections that are open.",
       [](const Reception& r) { return r.connections_.count(); });
  show("http_queue_depth", "Requests that wait for a worker.",
       [](const Reception& r) { return r.workers_.queued(); });
  show("http_running_handlers", "Workers that run a handler.",
       [](const Reception& r) { return r.workers_.running(); });
  show("http_held_bytes", "Bytes of request bodies in memory.",
       [](const Reception& r) { return r.held_bytes_.load(); });
}

std::shared_ptr<ClientConnection> Reception::welcome(int socket, std::string address) {
  const bool is_proxy = is_trusted_address(address, options_.trusted_proxies);
  auto connection =
      std::make_shared<ClientConnection>(socket, std::move(address), gate_limits_, times_);
  if (!is_draining_ && connections_.add(connection, is_proxy)) return connection;
  refuse(connection, {ErrorCode::overloaded, "connections", "There are too many connections."});
  connection->shut_down();
  return nullptr;
}

void Reception::say_goodbye(const std::shared_ptr<ClientConnection>& connection) {
  connection->release();
  connections_.remove(*connection);
  held_bytes_ -= std::exchange(connection->counted_bytes, 0);
}

void Reception::take(const std::shared_ptr<ClientConnection>& connection, std::string_view bytes) {
  if (!connection->admits_input(bytes.size())) return;
  Gate& gate = connection->gate();
  const std::size_t taken = gate.feed(bytes);
  if (!count_held_bytes(*connection)) {
    gate = Gate(gate_limits_);  // gives back what it held
    count_held_bytes(*connection);
    return refuse(connection, {ErrorCode::overloaded, "held_bytes",
                               "There are more requests than can be held now. Try again."});
  }
  switch (gate.state()) {
    case Gate::State::head:
      return connection->expect_rest_of_head();
    case Gate::State::body:
      connection->expect_body();
      if (gate.takes_up_expectation()) connection->send_interim("HTTP/1.1 100 Continue\r\n\r\n");
      return;
    case Gate::State::complete:
      return begin(connection, taken < bytes.size());
    case Gate::State::refused:
      return refuse(connection, gate.refusal());
  }
}

// Each body has its limit; this one is for all of them together.
bool Reception::count_held_bytes(ClientConnection& connection) {
  const std::size_t held = connection.gate().held();
  const std::size_t all = held_bytes_ += held - connection.counted_bytes;  // wraps as it should
  connection.counted_bytes = held;
  return all <= options_.limits.held_bytes;
}

void Reception::refuse(const std::shared_ptr<ClientConnection>& connection,
                       const Refusal& refusal) {
  if (connection->owe_answer(true)) send_refusal(connection, refusal);
}

void Reception::refuse_slow(const std::shared_ptr<ClientConnection>& connection) {
  send_refusal(connection,
               {ErrorCode::request_timeout, "slow_sender", "The request did not arrive in time."});
}

void Reception::send_refusal(const std::shared_ptr<ClientConnection>& connection,
                             const Refusal& refusal) {
  counted_.count_refusal(refusal.reason);
  const std::string request_id = new_id("req");
  log_info(
      "http.refused",
      {{"request", request_id}, {"reason", refusal.reason}, {"address", connection->address()}});
  Reply reply =
      to_reply({.code = refusal.code, .message = std::string(refusal.message)}, request_id);
  if (refusal.code == ErrorCode::method_not_allowed)
    reply.headers.emplace_back("Allow", known_methods);
  auto bytes = write_reply(reply, {.request_id = request_id, .is_closing = true});
  assert(bytes);
  send(connection, std::move(*bytes), true);
}

void Reception::begin(const std::shared_ptr<ClientConnection>& connection, bool is_last) {
  const auto exchange = std::make_shared<Exchange>(*this, connection);
  exchange->is_kept_alive = connection->gate().is_kept_alive() && !is_last;
  Request& request = exchange->request = connection->gate().take();
  const std::string_view id = request.header("request-id");
  const bool is_fit =
      is_request_id(id) && !(options_.may_not_be_logged && options_.may_not_be_logged(id));
  request.request_id = is_fit ? std::string(id) : new_id("req");
  request.peer = client_address(connection->address(), request.header("x-forwarded-for"),
                                options_.trusted_proxies);
  if (connection->owe_answer(is_last) && is_met_by_route(*exchange)) enter_queue(exchange);
}

// False: it has been answered already.
bool Reception::is_met_by_route(Exchange& exchange) {
  Request& request = exchange.request;
  Found found = router_.find(request.method, request.path);
  if (found.kind == Found::Kind::preflight) {
    answer(exchange, preflight_reply(found.allow));
    return false;
  }
  Error error;
  if (found.kind == Found::Kind::route) {
    exchange.route = found.route;
    exchange.route_index = found.index;
    request.path_params = std::move(found.path_params);
    const bool is_accepted = found.route->access == Access::open || request.body.empty() ||
                             is_json(request.header("content-type"));
    if (is_accepted) return true;
    error = {ErrorCode::unsupported_media_type,
             "The body must be JSON in UTF-8, sent with Content-Type: application/json."};
  } else if (found.kind == Found::Kind::method_not_allowed) {
    error = {ErrorCode::method_not_allowed, method_list(found.allow)};
  } else {
    error = {ErrorCode::not_found, "There is nothing at this address."};
  }
  Reply reply = to_reply(error, request.request_id);
  if (!found.allow.empty()) reply.headers.emplace_back("Allow", found.allow);
  answer(exchange, reply);
  return false;
}

void Reception::enter_queue(const std::shared_ptr<Exchange>& exchange) {
  if (workers_.offer([this, exchange] { run_handler(*exchange); })) return;
  answer(*exchange, to_reply(overloaded(), exchange->request.request_id));
}

void Reception::run_handler(Exchange& exchange) {
  const Request& request = exchange.request;
  // The client left, or its time was up, before anything was begun: whoever comes again finds
  // nothing done. Work for nobody is how an overload becomes a collapse.
  if (!exchange.connection->is_open()) return;
  const LogRequest log_request(request.request_id);
  const Result<Reply> result = run_(exchange.route->handler, request);
  answer(exchange, result ? *result : to_reply(result.error(), request.request_id));
  if (request.path.starts_with("/webhooks/")) FAILPOINT("wh.after_ack");
}

void Reception::answer(Exchange& exchange, const Reply& reply) {
  const Request& request = exchange.request;
  const Route* route = exchange.route;
  const bool is_from_browser = route ? route->access == Access::publishable
                                     : request.method == "OPTIONS" && reply.status == 204;
  const Envelope envelope{.request_id = request.request_id,
                          .is_closing = !exchange.is_kept_alive || is_draining_ ||
                                        exchange.connection->is_closing_after_answer(),
                          .is_head = request.method == "HEAD",
                          .is_from_any_origin = is_from_browser};
  int status = reply.status;
  auto bytes = write_reply(reply, envelope);
  if (!bytes) {
    log_error("http.answer_malformed", {{"route", route ? route->pattern : ""}});
    const Error error{ErrorCode::internal, "Something went wrong on our side."};
    bytes = write_reply(to_reply(error, request.request_id), envelope);
    status = 500;
  }
  const double seconds = seconds_since(exchange.began);
  if (route)
    counted_.count(exchange.route_index, status, seconds);
  else
    counted_.count_unmatched(status);
  log_fact(status >= 500 ? LogLevel::warning : LogLevel::debug, "http.answered",
           {{"request", request.request_id},
            {"method", request.method},
            {"route", route ? std::string_view(route->pattern) : "unmatched"},
            {"status", std::to_string(status)},
            {"seconds", std::to_string(seconds)}});
  send(exchange.connection, std::move(*bytes), envelope.is_closing);
}

void Reception::send(const std::shared_ptr<ClientConnection>& connection, std::string bytes,
                     bool is_closing) {
  if (connection->send_answer(std::move(bytes), is_closing) == ClientConnection::Sent::in_part)
    connections_.send_rest_when_writable(connection);
}

void Reception::finish_drain(std::chrono::milliseconds deadline) {
  const Moment end = std::chrono::steady_clock::now() + deadline;
  while (connections_.close_those_that_owe_nothing() > 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  connections_.close_all();
}

}  // namespace switchyard
