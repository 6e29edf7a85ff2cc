#include "app/dev.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "app/app.h"
#include "app/config_load.h"
#include "app/config_text.h"
#include "app/dev_access.h"
#include "app/dev_check.h"
#include "app/dev_config.h"
#include "app/dev_demo.h"
#include "app/dev_postgres.h"
#include "app/dev_sandbox.h"
#include "app/serve.h"
#include "base/log.h"
#include "store/migrate.h"

namespace switchyard {
namespace {

using namespace std::chrono_literals;

std::string local_url(int port) { return "http://127.0.0.1:" + std::to_string(port); }

// In the order of need; ended in the other.
class DevRun {
 public:
  DevRun(const DevOptions& options, std::ostream& out) : options_(options), out_(out) {}

  ~DevRun() {
    if (app_) app_->drain();
    app_.reset();
    if (sandbox_) sandbox_->stop();
    if (postgres_) postgres_->stop();
    stop_log();
    if (options_.data.empty()) remove_folder(folder_);
  }

  Result<void> start() {
    TRY(choose_folder());
    access_ = read_access(folder_);
    postgres_.emplace(TRY(
        PrivatePostgres::start(folder_, options_.data.empty() ? Lasts::this_run : Lasts::kept)));
    TRY(migrate(database_url()));
    TRY(complete_access(database_url(), access_));
    // Threads from here on.
    http_ = std::make_unique<HttpClient>(metrics_);
    TRY(start_sandbox());
    TRY(start_router());
    TRY(sandbox_->set(simulator_settings(base_url())));
    TRY(make_endpoint());
    return keep_access(folder_, access_);
  }

  DemoPlace place(std::function<bool()> is_interrupted) {
    return {*api_, *sandbox_, *http_, out_, std::move(is_interrupted)};
  }

  // "" while all of it runs.
  std::string what_has_ended() {
    if (!postgres_->is_running()) return "PostgreSQL has ended; see " + folder_ + "/postgres.log";
    return sandbox_->is_running() ? "" : "the sandbox has ended";
  }

  Json summary() const {
    return {{"base_url", base_url()},
            {"operations_url", local_url(app_->operations_port())},
            {"sandbox_url", sandbox_->url()},
            {"receiver_url", sandbox_->receiver_url()},
            {"secret_key", access_.secret_key},
            {"publishable_key", access_.publishable_key},
            {"webhook_secret", access_.webhook_secret},
            {"merchant", access_.merchant},
            {"endpoint", access_.endpoint},
            {"database_url", database_url().reveal()},
            {"pid", ::getpid()}};
  }

 private:
  Result<void> choose_folder() {
    if (options_.data.empty()) {
      folder_ = TRY(make_temporary_folder("switchyard-dev"));
      return {};
    }
    std::error_code problem;
    folder_ = std::filesystem::absolute(options_.data, problem).string();
    std::filesystem::create_directories(folder_, problem);
    if (problem)
      return fail(ErrorCode::internal, "Cannot make " + folder_ + ": " + problem.message() + ".");
    return {};
  }

  Result<void> start_sandbox() {
    SandboxStart start{.program = own_folder() + "/switchyard-sandbox", .speed = options_.speed};
    if (is_free_port(access_.sandbox_port)) start.port = access_.sandbox_port;
    start.log_file = folder_ + "/sandbox.log";
    sandbox_.emplace(TRY(SandboxProcess::start(*http_, start)));
    access_.sandbox_port = std::stoi(sandbox_->url().substr(sandbox_->url().rfind(':') + 1));
    return {};
  }

  int choose_port() {
    if (is_free_port(options_.port)) return options_.port;
    const int other = any_free_port();
    out_ << "Port " << options_.port << " is taken; using " << other << " instead." << std::endl;
    return other;
  }

  Result<void> start_router() {
    DevPlaces places{.port = choose_port(),
                     .sandbox_url = sandbox_->url(),
                     .database_url = database_url().reveal()};
    places.operations_port = is_free_port(places.port + 1) ? places.port + 1 : any_free_port();
    places.master_key = access_.master_key;
    const ConfigOutcome outcome = read_config(dev_config(places, extra_config()), "dev.toml");
    if (!outcome.problems.empty())
      return fail(ErrorCode::invalid_field, describe_problems({.problems = outcome.problems}));
    start_log_as(outcome.config);
    app_ = std::make_unique<App>(outcome.config);
    TRY(app_->start());
    api_ = std::make_unique<JsonClient>(*http_, base_url(), access_.secret_key);
    return {};
  }

  std::string extra_config() const {
    std::ifstream file(options_.config_extra);
    if (options_.config_extra.empty() || !file) return options_.config_extra;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // The one of an earlier run is good for as long as the sandbox has its port.
  Result<void> make_endpoint() {
    const std::string url = sandbox_->receiver_url();
    const bool is_there = access_.receiver_url == url &&
                          api_->get("/v1/webhook_endpoints/" + access_.endpoint).is_success();
    if (!is_there) {
      if (!access_.endpoint.empty())
        api_->send("DELETE", "/v1/webhook_endpoints/" + access_.endpoint);
      const JsonAnswer made =
          api_->post("/v1/webhook_endpoints", {{"url", url},
                                               {"enabled_events", {"*"}},
                                               {"description", "The sandbox's demo receiver"}});
      if (!made.is_success())
        return fail(ErrorCode::internal, "The router refused the demo endpoint: " + made.text);
      access_.endpoint = text_at(made.body, "id");
      access_.receiver_url = url;
      access_.webhook_secret = text_at(made.body, "secret");
    }
    return sandbox_->add_receiver_secret(access_.webhook_secret);
  }

  Secret database_url() const { return postgres_->url("switchyard"); }
  std::string base_url() const { return local_url(app_->port()); }

  const DevOptions& options_;
  std::ostream& out_;
  std::string folder_;
  DevAccess access_;
  Metrics metrics_;
  std::optional<PrivatePostgres> postgres_;
  std::unique_ptr<HttpClient> http_;
  std::optional<SandboxProcess> sandbox_;
  std::unique_ptr<App> app_;
  std::unique_ptr<JsonClient> api_;
};

std::string curl(const Json& summary, const std::string& path, const std::string& body) {
  return "  curl -s " + text_at(summary, "base_url") + path +
         " \\\n    -H 'Authorization: Bearer " + text_at(summary, "secret_key") + "'" +
         (body.empty() ? "\n" : " -H 'Content-Type: application/json' \\\n    -d '" + body + "'\n");
}

std::string welcome(const Json& summary) {
  return "\nSwitchyard is up.\n"
         "  API             " +
         text_at(summary, "base_url") + "\n  metrics         " +
         text_at(summary, "operations_url") + "/metrics" + "\n  sandbox         " +
         text_at(summary, "sandbox_url") + "   (plays the providers; /ledger is what they did)" +
         "\n  receiver        " + text_at(summary, "receiver_url") +
         "   (GET shows the events it was sent)" + "\n  secret key      " +
         text_at(summary, "secret_key") + "\n  publishable key " +
         text_at(summary, "publishable_key") + "\n  webhook secret  " +
         text_at(summary, "webhook_secret") + "\n  database        " +
         text_at(summary, "database_url") +
         "\n\nTry a card, a hosted page, and what came of them:\n\n" +
         curl(
             summary, "/v1/payments",
             R"({"amount":4999,"currency":"USD","confirm":true,"payment_method":{"type":"card","token":"tok_visa"}})") +
         "\n" +
         curl(
             summary, "/v1/payments",
             R"({"amount":8900,"currency":"EUR","confirm":true,"payment_method":{"type":"hosted_page"},"return_url":")" +
                 text_at(summary, "sandbox_url") + R"(/merchant/return"})") +
         "\n" + curl(summary, "/v1/events?limit=5", "") + "\nCtrl-C stops all of it.\n";
}

int stay_up(DevRun& run, Signals& signals) {
  while (!signals.is_end_asked()) {
    signals.wait(1s);
    const std::string ended = signals.is_end_asked() ? "" : run.what_has_ended();
    if (ended.empty()) continue;
    std::cerr << "Stopping: " << ended << "." << std::endl;
    return 1;
  }
  return 0;
}

// What a person reads goes to standard output, or beside the line for a program.
int run_all(const DevOptions& options, Signals& signals, std::ostream& out) {
  DevRun run(options, out);
  if (const auto started = run.start(); !started) {
    std::cerr << started.error().message << std::endl;
    return 1;
  }
  bool is_fine = true;
  if (options.is_check || !options.is_json) {
    const DemoPlace place = run.place([&] { return signals.is_end_asked(); });
    const auto results = make_demo_payments(place);
    if (options.is_check) is_fine = check_demo_payments(results, place);
  }
  if (options.is_json) std::cout << write_json(run.summary()) << std::endl;
  if (options.is_check) return is_fine ? 0 : 1;
  if (!options.is_json && !signals.is_end_asked()) out << welcome(run.summary()) << std::flush;
  const int code = stay_up(run, signals);
  signals.let_through();
  return code;
}

}  // namespace

int run_dev(const DevOptions& options) {
  prepare_process();
  Signals signals;
  return run_all(options, signals, options.is_json ? std::cerr : std::cout);
}

}  // namespace switchyard
