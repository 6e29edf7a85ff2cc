#include "app/app.h"

#include <sys/resource.h>

#include <filesystem>
#include <thread>

#include "api/client_secret.h"
#include "api/context.h"
#include "api/once.h"
#include "app/routes.h"
#include "base/contain.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/router_clock.h"
#include "base/seeded_bug.h"
#include "delivery/worker.h"
#include "domain/card_number.h"
#include "ingest/receive.h"
#include "jobs/runner.h"
#include "store/migrate.h"
#include "store/payments.h"
#include "web/server.h"

namespace switchyard {
namespace {

// Continuations of calls: reading answers and building the next request. They never wait for a
// provider, only for a database connection.
constexpr int pool_threads = 4;

Policies policies_of(const Config& config) {
  Policies p;
  p.after_cancel = config.late_money.after_cancel;
  p.after_other_success = config.late_money.after_other_success;
  p.after_expiry = config.late_money.after_expiry;
  p.after_failure = config.late_money.after_failure;
  p.answer_within = config.server.answer_within;
  p.expire_after = config.payments.expire_after;
  p.transfers_expire_after = config.payments.transfers_expire_after;
  p.review_after = config.payments.review_after;
  p.look_up_speed = config.payments.look_up_speed;
  p.attempts_per_payment = config.api.attempts_per_payment;
  p.largest_amount = config.api.largest_amount;
  p.require_idempotency_key = config.api.require_idempotency_key;
  p.public_url = config.server.public_url;
  p.plain_http_endpoints_in_test = config.delivery.plain_http_allowed;
  p.endpoint_networks = config.delivery.allowed_networks;
  return p;
}

std::shared_ptr<const Setup> setup_of(const Config& config) {
  return std::make_shared<const Setup>(Setup{config.accounts, config.rules});
}

ServerOptions public_options(const Config& config) {
  ServerOptions options{.address = config.server.address, .port = config.server.port};
  options.io_threads = config.server.io_threads;
  options.limits.workers = static_cast<std::size_t>(config.server.workers);
  options.limits.connections = static_cast<std::size_t>(config.server.connections);
  options.limits.connections_per_address = options.limits.connections;
  options.limits.answer_time = config.server.answer_within + std::chrono::seconds(10);
  options.trusted_proxies = config.server.trusted_proxies;
  options.may_not_be_logged = holds_card_number;
  return options;
}

ServerOptions operations_options(const Config& config) {
  ServerOptions options{.address = config.server.operations_address};
  options.port = config.server.operations_port;
  options.limits.workers = 4;
  options.name = "operations";
  return options;
}

DeliveryOptions delivery_options(const Config& config) {
  return {.schedule = config.delivery.schedule,
          .timeout = config.delivery.timeout,
          .workers = config.delivery.workers,
          .plain_http_allowed = config.delivery.plain_http_allowed,
          .allowed_networks = config.delivery.allowed_networks};
}

}  // namespace

// In the order of need: each part may use those above it.
struct App::Parts {
  explicit Parts(const Config& c)
      : config(c),
        sealer(config.secrets.master_key),
        database(config.database.url, config.database.connections),
        writer(std::make_unique<Writer>(config.database.url, sealer, clock, metrics,
                                        config.database.batch)),
        http(std::make_unique<HttpClient>(metrics, static_cast<std::size_t>(c.server.workers))),
        setup(setup_of(config)),
        services{
            clock,     database,           *writer, *http, sealer, metrics, setup, health, pool,
            in_flight, policies_of(config)},
        authenticator(database),
        rate_limit(config.api.reads_per_second, config.api.writes_per_second,
                   config.api.requests_per_second_per_address),
        key_keeper(database),
        api{services, authenticator, rate_limit, key_keeper, guesses} {}

  // What must have stopped before what: nobody posts to the pool or the writer once they are gone.
  ~Parts() {
    server.reset();
    operations.reset();
    jobs.reset();
    if (webhooks) webhooks->stop();
    if (delivery) delivery->drain(std::chrono::milliseconds(0));
    pool.stop();
    http.reset();
    writer.reset();  // its last commits still wake the two above, which are there and do nothing
  }

  Result<void> check_database() {
    const auto pending = TRY(pending_migrations(config.database.url));
    if (!pending.empty())
      return fail(ErrorCode::internal, "The database lacks " + std::to_string(pending.size()) +
                                           " migration(s), first " + pending.front() +
                                           ": run `switchyard migrate` first.");
    const auto problems = TRY(durability_problems(config.database.url));
    if (!problems.empty())
      return fail(ErrorCode::internal, "The database is not safe for money: " + problems.front());
    if (TRY(logs_statements(config.database.url)))
      log_warning("database.logs_statements",
                  {{"problem", "a statement that fails is logged with the payers' data in it"},
                   {"instead", "set log_min_error_statement = panic"}});
    return {};
  }

  void measure() {
    metrics.gauge("attempts_in_flight", [this] { return static_cast<double>(in_flight.count()); });
    metrics.gauge("pool_queue_depth", [this] { return static_cast<double>(pool.waiting()); });
    metrics.gauge("database_queue_depth",
                  [this] { return static_cast<double>(database.waiting()); });
    metrics.gauge("webhook_lag_seconds", [this] { return webhook_lag(database).value_or(-1); });
    metrics.gauge("attempts_waiting", [this] {
      double count = 0;
      if (const auto counts = count_waiting_attempts(database))
        for (const WaitingCount& each : *counts) count += static_cast<double>(each.count);
      return count;
    });
    // Nobody else can count them: this process shows its own to no other (app/serve.h).
    metrics.gauge("open_files", [] {
      std::error_code problem;
      const std::filesystem::directory_iterator files("/proc/self/fd", problem);
      return problem ? -1.0 : static_cast<double>(std::distance(begin(files), end(files)));
    });
  }

  Config config;
  RouterClock clock;
  Metrics metrics;
  Pool pool{pool_threads};
  Sealer sealer;
  Database database;
  std::unique_ptr<Writer> writer;
  std::unique_ptr<HttpClient> http;
  SetupBox setup;
  HealthBook health;
  InFlight in_flight;
  Services services;
  Authenticator authenticator;
  RateLimit rate_limit;
  KeyKeeper key_keeper;
  GuessLimit guesses;
  Api api;
  std::unique_ptr<Delivery> delivery;
  std::unique_ptr<WebhookWorker> webhooks;
  std::unique_ptr<JobRunner> jobs;
  std::unique_ptr<Server> operations;
  std::unique_ptr<Server> server;
  std::atomic<bool> is_draining{false};
  int port = 0;
  int operations_port = 0;
};

App::App(const Config& config) : parts_(std::make_unique<Parts>(config)) {}
App::~App() { drain(); }

int App::port() const { return parts_->port; }
int App::operations_port() const { return parts_->operations_port; }

Result<void> App::start() {
  Parts& p = *parts_;
  TRY(p.check_database());
  p.clock.hear(TRY(p.database.time()));
  p.writer->on_time([&p](Time now) { p.clock.hear(now); });
  TRY(turn_answer_partitions(p.database));
  p.delivery = std::make_unique<Delivery>(delivery_options(p.config), p.database, *p.writer,
                                          *p.http, p.sealer, p.clock, p.metrics);
  p.webhooks = std::make_unique<WebhookWorker>(p.services);
  p.writer->on_deliveries([&p] { p.delivery->wake(); });
  p.writer->on_webhooks([&p](ReceivedWebhook webhook) { p.webhooks->take(std::move(webhook)); });
  p.jobs = std::make_unique<JobRunner>(p.services);
  p.measure();
  p.server = std::make_unique<Server>(public_options(p.config),
                                      public_routes(p.api, [&p] { return p.is_draining.load(); }),
                                      p.metrics);
  p.port = TRY(p.server->start());
  p.operations =
      std::make_unique<Server>(operations_options(p.config), operations_routes(p.api), p.metrics);
  p.operations_port = TRY(p.operations->start());
  log_info("router.serving", {{"port", std::to_string(p.port)}, {"rules", p.config.rules.version}});
  return {};
}

void App::reload(const Config& config) {
  parts_->setup.put(setup_of(config));
  log_info("router.reloaded", {{"rules", config.rules.version}});
}

void App::drain() {
  Parts& p = *parts_;
  if (p.is_draining.exchange(true)) return;
  if (SEEDED_BUG("X21")) p.config.server.drain_within = {};
  const auto deadline = std::chrono::steady_clock::now() + p.config.server.drain_within;
  log_info("router.draining");
  if (p.jobs) p.jobs->drain();
  contain("drain", [&] {
    FAILPOINT("drain.mid");
    if (p.server)
      p.server->drain(
          std::chrono::duration_cast<std::chrono::milliseconds>(p.config.server.drain_within));
  });
  if (p.delivery) p.delivery->drain(std::chrono::seconds(2));
  // Calls that outlived their callers: their answers are still worth waiting for.
  while (p.in_flight.count() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  log_info("router.drained", {{"calls_left", std::to_string(p.in_flight.count())}});
}

}  // namespace switchyard
