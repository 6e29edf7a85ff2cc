#include "tests/support/stack.h"

#include <cassert>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "app/dev_config.h"
#include "app/dev_demo.h"
#include "app/dev_postgres.h"
#include "store/merchants.h"
#include "store/query.h"
#include "tests/support/openapi.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

const std::string master_key(64, 'a');

// What a step of the stack itself must bring; a broken one would fail every test in some other way.
template <class T>
T need(Result<T> result) {
  if (!result) std::cerr << result.error().message << std::endl;
  assert(result);
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::string all_of(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::int64_t sum_of(const Json& ledger, std::initializer_list<std::string_view> operations) {
  std::int64_t sum = 0;
  for (const Json& line : ledger)
    for (const std::string_view operation : operations)
      if (text_at(line, "operation") == operation) sum += integer_at(line, "amount").value_or(0);
  return sum;
}

}  // namespace

Stack::Stack(StackOptions options)
    : options_(std::move(options)),
      folder_(need(make_temporary_folder("switchyard-journey"))),
      programs_(own_folder() + "/.."),
      database_url_(options_.database_url.is_empty() ? fresh_database() : options_.database_url),
      http_(metrics_) {
  make_access();
  start_sandbox();
  routers_.resize(static_cast<std::size_t>(options_.routers));
  for (int number = 0; number < options_.routers; ++number) {
    routers_[number].port = any_free_port();
    write_config(routers_[number], number);
    start_router(number);
  }
  need(sandbox_->set(simulator_settings(url())));
  make_endpoint();
}

Stack::~Stack() {
  for (Router& router : routers_) router.process.stop(SIGKILL, 5s);
  sandbox_->stop();
  if (::testing::Test::HasFailure())
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      const std::string log = all_of(log_of(static_cast<int>(i)));
      std::cerr << "router " << i << " said:\n"
                << (log.size() > 6000 ? log.substr(log.size() - 6000) : log);
    }
  remove_folder(folder_);
}

void Stack::make_access() { keys_ = make_merchant("Journey"); }

Keys Stack::make_merchant(const std::string& name) {
  Database database(database_url_, 1);
  Keys keys{.merchant = need(create_merchant(database, name)).id};
  keys.secret = need(create_key(database, keys.merchant, Mode::test, false)).text.reveal();
  keys.publishable = need(create_key(database, keys.merchant, Mode::test, true)).text.reveal();
  return keys;
}

void Stack::start_sandbox() {
  SandboxStart start{.program = programs_ + "/switchyard-sandbox", .speed = options_.speed};
  start.log_file = folder_ + "/sandbox.log";
  sandbox_ = std::make_unique<SandboxProcess>(need(SandboxProcess::start(http_, start)));
}

void Stack::write_config(Router& router, int number) {
  std::string extra = with_section(options_.config, "payments", "look_up_speed = 20");
  extra =
      with_section(extra, "delivery",
                   "allowed_networks = [\"127.0.0.0/8\"]\nplain_http_allowed = true\n"
                   "schedule = [\"0s\", \"1s\", \"1s\", \"1s\", \"1s\", \"1s\", \"1s\", \"1s\"]");
  extra = with_section(extra, "log", "level = \"info\"");
  DevPlaces places{
      .port = router.port, .operations_port = router.port + 1, .sandbox_url = sandbox_->url()};
  places.database_url = "env:DATABASE_URL";
  places.master_key = "env:SWITCHYARD_MASTER_KEY";
  places.server_keys = options_.server_keys;
  router.config_file = folder_ + "/router" + std::to_string(number) + ".toml";
  std::string text = dev_config(places, extra);
  const std::string mark = "SANDBOX";
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
    text.replace(at, mark.size(), sandbox_->url());
  std::ofstream(router.config_file) << text;
}

std::string Stack::log_of(int router) const {
  return folder_ + "/router" + std::to_string(router) + ".log";
}

void Stack::start_router(int router, const std::string& failpoints) {
  ChildOptions options{.command = options_.under};
  for (const std::string& word :
       {programs_ + (failpoints.empty() ? "/switchyard" : "/switchyard-failpoints"),
        std::string("serve"), std::string("--config"), routers_[router].config_file})
    options.command.push_back(word);
  options.environment = {"DATABASE_URL=" + as_role(database_url_, serving_role).reveal(),
                         "SWITCHYARD_MASTER_KEY=" + master_key,
                         "SWITCHYARD_FAILPOINTS=" + failpoints};
  options.log_file = log_of(router);
  routers_[router].process = need(ChildProcess::start(options));
  const bool may_die = !failpoints.empty();
  wait_until_ready(router, may_die);
}

void Stack::wait_until_ready(int router, bool may_die) {
  const JsonClient client(http_, url(router));
  const bool is_ready =
      wait_until([&] { return client.get("/readyz").status == 200 || !is_router_running(router); });
  if (may_die) return;
  if (!is_ready || !is_router_running(router)) std::cerr << all_of(log_of(router));
  assert(is_ready && is_router_running(router));
}

void Stack::make_endpoint() {
  const JsonAnswer made =
      post("/v1/webhook_endpoints", {{"url", sandbox_->receiver_url()}, {"enabled_events", {"*"}}});
  ASSERT_EQ(made.status, 201) << made.text;
  endpoint_ = text_at(made.body, "id");
  need(sandbox_->add_receiver_secret(text_at(made.body, "secret")));
}

std::string Stack::url(int router) const {
  return "http://127.0.0.1:" + std::to_string(routers_[router].port);
}

void Stack::kill_router(int router) { routers_[router].process.stop(SIGKILL, 5s); }

void Stack::restart_router(int router, const std::string& failpoints) {
  kill_router(router);
  start_router(router, failpoints);
}

bool Stack::is_router_running(int router) { return routers_[router].process.is_running(); }

void Stack::wait_until_router_is_gone(int router) {
  EXPECT_TRUE(wait_until([&] { return !is_router_running(router); }))
      << "the failpoint was not reached";
}

void Stack::change_config(const std::string& config) {
  options_.config = config;
  write_config(routers_[0], 0);
}

void Stack::hang_up() { routers_[0].process.send(SIGHUP); }

std::string Stack::log() const { return all_of(log_of(0)); }

void Stack::end_leases() {
  need(Connection(database_url_).write([](Transaction& transaction) -> Result<void> {
    for (const char* table : {"leases", "idempotency_keys", "deliveries", "provider_webhooks"})
      transaction.exec("UPDATE " + std::string(table) +
                       " SET lease_until = now() - interval '1 second' WHERE lease_until > now()");
    return {};
  }));
}

int Stack::stop_router(int router) { return routers_[router].process.stop(SIGTERM, 40s); }

JsonAnswer Stack::call(const std::string& method, const std::string& path, const Json& body,
                       Headers headers, const std::string& key, int router) {
  const JsonClient client(http_, url(router), key.empty() ? keys_.secret : key);
  JsonAnswer answer = client.send(method, path, body, std::move(headers));
  if (answer.status != 0)
    for (const std::string& problem :
         problems_of(method, path.substr(0, path.find('?')), answer.status, answer.text))
      ADD_FAILURE() << method << " " << path << " is not as docs/openapi.yaml says: " << problem
                    << "\n"
                    << answer.text;
  return answer;
}

JsonAnswer Stack::get(const std::string& path, Headers headers) {
  return call("GET", path, nullptr, std::move(headers));
}

JsonAnswer Stack::post(const std::string& path, const Json& body, Headers headers) {
  return call("POST", path, body, std::move(headers));
}

JsonAnswer Stack::pay(const Json& method, const Json& more, Headers headers) {
  Json body = {
      {"amount", 4999},
      {"currency", "USD"},
      {"confirm", true},
      {"customer", {{"external_id", "jane"}, {"email", "jane@example.com"}, {"name", "Jane Doe"}}},
      {"payment_method", method},
      {"return_url", sandbox_->url() + "/merchant/return"}};
  for (const auto& [name, value] : more.items()) body[name] = value;
  return post("/v1/payments", body, std::move(headers));
}

Json Stack::payment(const std::string& id) { return get("/v1/payments/" + id).body; }

Json Stack::wait_for_status(const std::string& id, const std::string& status) {
  Json last;
  const bool is_so = wait_until([&] {
    last = payment(id);
    return text_at(last, "status") == status;
  });
  EXPECT_TRUE(is_so) << "waited for " << status << ", but: " << write_json(last);
  return last;
}

void Stack::order_fault(const Json& order) { need(sandbox_->order_fault(order)); }
void Stack::set_simulator(const Json& settings) { need(sandbox_->set(settings)); }

Json Stack::ledger_of(const std::string& payment_id, const std::string& operation) {
  std::set<std::string> references;
  for (const auto& row : rows("SELECT id FROM attempts WHERE payment_id = '" + payment_id + "'"))
    references.insert(row[0]);
  Json found = Json::array();
  for (const Json& line : sandbox_->ledger())
    if (text_at(line, "operation") == operation && references.contains(text_at(line, "reference")))
      found.push_back(line);
  return found;
}

Json Stack::received_events(const std::string& payment_id) {
  std::map<std::int64_t, Json> by_sequence;
  for (const Json& each : events_about(sandbox_->received_events(), payment_id))
    if (integer_at(each, "answered") == 200)
      by_sequence[integer_at(each, "event.sequence").value_or(0)] = each;
  Json found = Json::array();
  for (const auto& [sequence, event] : by_sequence) found.push_back(event);
  return found;
}

std::vector<std::string> Stack::received_types(const std::string& payment_id) {
  std::vector<std::string> types;
  for (const Json& each : received_events(payment_id)) types.push_back(text_at(each, "type"));
  return types;
}

bool Stack::has_received(const std::string& payment_id, const std::string& type) {
  const auto types = received_types(payment_id);
  return std::find(types.begin(), types.end(), type) != types.end();
}

std::vector<std::vector<std::string>> Stack::rows(const std::string& sql) {
  std::vector<std::vector<std::string>> all;
  need(Connection(database_url_).read([&](Transaction& transaction) -> Result<void> {
    all.clear();
    for (const Row& row : transaction.exec(sql)) {
      all.emplace_back();
      for (const auto& field : row) all.back().push_back(field.is_null() ? "" : field.c_str());
    }
    return {};
  }));
  return all;
}

std::string Stack::value(const std::string& sql) {
  const auto all = rows(sql);
  return all.empty() ? "" : all.front().front();
}

void Stack::change_rows(const std::string& sql) {
  need(Connection(database_url_).write([&](Transaction& transaction) -> Result<void> {
    transaction.exec(sql);
    return {};
  }));
}

void Stack::expect_sound(const std::string& payment_id) {
  const std::string of = " WHERE payment_id = '" + payment_id + "'";
  const auto count = std::stoul(value("SELECT count(*) FROM events" + of));
  EXPECT_TRUE(wait_until([&] { return received_events(payment_id).size() >= count; }))
      << "of " << count << " events only " << received_events(payment_id).size() << " arrived";
  std::int64_t expected = 0;
  for (const Json& each : received_events(payment_id)) {
    EXPECT_EQ(integer_at(each, "event.sequence"), ++expected);
    EXPECT_EQ(bool_at(each, "verified"), true) << text_at(each, "type");
  }
  EXPECT_EQ(value("SELECT coalesce(sum(amount), 0) FROM journal_lines" + of), "0");

  // Money in doubt is not there yet; what is sure must agree with the provider.
  const Json now = payment(payment_id);
  if (text_at(now, "payment_method.type") == "manual_transfer") return;
  const std::int64_t taken = sum_of(ledger_of(payment_id, "charge"), {"charge"}) +
                             sum_of(ledger_of(payment_id, "capture"), {"capture"});
  EXPECT_EQ(integer_at(now, "amount_received"), taken);
  EXPECT_EQ(integer_at(now, "amount_refunded"),
            sum_of(ledger_of(payment_id, "refund"), {"refund"}));
}

bool wait_until(const std::function<bool()>& is_so, double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

}  // namespace switchyard::testing
