// switchyard-bench: the benchmark's own side, run by scripts/bench. `prepare` migrates a database
// and makes a merchant, `load` plays the clients, the provider and the merchant's endpoint in one
// thread and prints what it saw as one line of JSON.
#include <CLI/CLI.hpp>
#include <iostream>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "figures.h"
#include "store/merchants.h"
#include "store/migrate.h"
#include "store/writer.h"

namespace bench {
namespace {

using switchyard::Json;

template <class T>
T must(switchyard::Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}

struct PreparePlan {
  std::string database;
  std::string master_key;  // hex
  std::string endpoint_url;
};

void add_endpoint(const PreparePlan& plan, const std::string& merchant_id) {
  using namespace switchyard;
  const SystemClock clock;
  Metrics metrics;
  const auto key = from_hex(plan.master_key);
  if (!key) give_up("the master key is not hex");
  const Sealer sealer{Secret(*key)};
  Endpoint endpoint{.id = new_id("we"), .merchant_id = merchant_id, .url = plan.endpoint_url};
  endpoint.enabled_events = {"payment.succeeded"};
  endpoint.secret = Secret("whsec_" + to_base64(random_bytes(32)));
  endpoint.created_at = endpoint.updated_at = clock.now();
  Writer writer(Secret(plan.database), sealer, clock, metrics);
  const auto done = writer.write({.decide = [&](Draft& draft) -> Result<void> {
    draft.endpoints.push_back(endpoint);
    return {};
  }});
  if (!done) give_up(done.error().message);
}

int prepare(const PreparePlan& plan) {
  const switchyard::Secret url(plan.database);
  must(switchyard::migrate(url));
  switchyard::Database database(url, 1);
  const auto merchant = must(switchyard::create_merchant(database, "Benchmark"));
  const auto key =
      must(switchyard::create_key(database, merchant.id, switchyard::Mode::test, false));
  add_endpoint(plan, merchant.id);
  const Json json = {{"merchant", merchant.id}, {"api_key", key.text.reveal()}};
  std::cout << switchyard::write_json(json) << std::endl;
  return 0;
}

struct RunPlan {
  LoadPlan load;
  StubPlaces stub;
  double warm_up_sec = 2;
  double seconds = 8;
  int router_pid = 0;
};

Json report(const RunPlan& plan, const Load& load, const Stub& stub, Instant from, Instant to,
            const ProcessFigures& before, const ProcessFigures& after) {
  Json statuses = Json::object();
  for (const auto& [status, count] : load.statuses) statuses[std::to_string(status)] = count;
  const double seconds = std::chrono::duration<double>(to - from).count();
  return {{"clients", plan.load.clients},
          {"answers_per_sec", rate_between(load.answers, from, to)},
          {"delivered_per_sec", rate_between(load.deliveries, from, to)},
          {"answer_ms", percentiles_json(load.answers, from, to, false)},
          {"added_ms", percentiles_json(load.answers, from, to, true)},
          {"delivered_ms", percentiles_json(load.deliveries, from, to, false)},
          {"statuses", statuses},
          {"late", load.late},
          {"most_at_provider", stub.most_charging},
          {"webhooks_taken", stub.webhooks_taken},
          {"webhooks_refused", stub.webhooks_refused},
          {"delivered_again", stub.delivered_again},
          {"router_cores", (after.cpu_seconds - before.cpu_seconds) / seconds}};
}

int run(const RunPlan& plan) {
  Loop loop;
  Stub stub(loop, plan.stub);
  Load load(loop, stub, plan.load);
  const auto seconds = [](double count) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
  };
  load.start();
  const Instant from = Clock::now() + seconds(plan.warm_up_sec);
  const Instant to = from + seconds(plan.seconds);
  loop.run_until([&] { return Clock::now() >= from; });
  const ProcessFigures before = figures_of_process(plan.router_pid);
  long most_threads = 0, most_resident_mb = 0;
  const std::function<void()> watch = [&] {
    const ProcessFigures now = figures_of_process(plan.router_pid);
    most_threads = std::max(most_threads, now.threads);
    most_resident_mb = std::max(most_resident_mb, now.resident_mb);
    if (Clock::now() < to) loop.at(Clock::now() + std::chrono::milliseconds(100), watch);
  };
  watch();
  loop.run_until([&] { return Clock::now() >= to; });
  const ProcessFigures after = figures_of_process(plan.router_pid);
  Json json = report(plan, load, stub, from, to, before, after);
  json["undelivered_at_end"] = load.undelivered();
  json["router_threads"] = most_threads;
  json["router_mb"] = most_resident_mb;
  // Nothing is left for the next run to trip over.
  load.stop();
  const Instant patience = Clock::now() + seconds(60);
  loop.run_until([&] { return load.is_idle() || Clock::now() >= patience; });
  json["lost"] = load.undelivered() + static_cast<std::size_t>(load.under_way());
  std::cout << switchyard::write_json(json) << std::endl;
  return 0;
}

void add_load_options(CLI::App& app, RunPlan& plan) {
  app.add_option("--router", plan.load.router_port, "the router's port")->required();
  app.add_option("--stub", plan.stub.port, "the provider's and the endpoint's port")->required();
  app.add_option("--key", plan.load.api_key, "the merchant's API key")->required();
  app.add_option("--webhook-key", plan.stub.webhook_key, "signs the provider's webhooks");
  app.add_option("--pid", plan.router_pid, "the router's process");
  app.add_option("--clients", plan.load.clients, "connections");
  app.add_option("--account", plan.load.account, "confirm through this account; absent: create");
  app.add_option("--rate", plan.load.rate, "payments a second; 0: as fast as they are answered");
  app.add_flag("--whole", plan.load.awaits_events, "a payment is done when its event came");
  app.add_flag("!--no-idempotency-keys", plan.load.sends_keys, "");
  app.add_option("--warm-up", plan.warm_up_sec, "seconds that do not count");
  app.add_option("--seconds", plan.seconds, "seconds that count");
}

int main_of(int count, char** words) {
  CLI::App app("Switchyard's benchmark; run scripts/bench");
  app.require_subcommand(1);
  PreparePlan preparing;
  CLI::App* prepare_command = app.add_subcommand("prepare", "make a merchant in a new database");
  prepare_command->add_option("--database", preparing.database)->required();
  prepare_command->add_option("--master-key", preparing.master_key)->required();
  prepare_command->add_option("--endpoint", preparing.endpoint_url)->required();
  RunPlan plan;
  CLI::App* load_command = app.add_subcommand("load", "make payments");
  add_load_options(*load_command, plan);
  CLI11_PARSE(app, count, words);
  if (prepare_command->parsed()) return prepare(preparing);
  plan.load.confirms = !plan.load.account.empty();
  plan.stub.router_port = plan.load.router_port;
  return run(plan);
}

}  // namespace
}  // namespace bench

int main(int count, char** words) { return bench::main_of(count, words); }
