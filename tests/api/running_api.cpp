#include "running_api.h"

#include "base/id.h"
#include "store/merchants.h"
#include "store/query.h"

namespace switchyard::testing {
namespace {

std::shared_ptr<const Setup> setup_with(const std::string& provider_url) {
  Account account{.id = "example_main", .adapter = "example", .base_url = provider_url};
  account.settings = {{"api_key", Secret("sk_example")}, {"webhook_key", Secret("wh_example")}};
  account.webhook_url = "http://127.0.0.1/webhooks/example_main";
  Account bank{.id = "bank", .adapter = "manual"};
  bank.settings = {{"bank_name", Secret("Bank")},
                   {"account_name", Secret("Shop")},
                   {"account_number", Secret("123")}};
  Setup setup;
  setup.accounts = {{"example_main", account}, {"bank", bank}};
  setup.rules.rules = {
      {.name = "transfers", .when = {.method = {Rail::manual_transfer}}, .use = {"bank"}},
      {.name = "all", .use = {"example_main"}}};
  setup.rules.version = "test";
  return std::make_shared<const Setup>(std::move(setup));
}

}  // namespace

Provider::Provider()
    : server_({.name = "provider"},
              {{"POST", "/charges", [this](const Request& r) { return charge(r); }, Access::open},
               {"POST", "/charges/{id}/cancel",
                [](const Request&) -> Result<Reply> {
                  return Reply{.body = R"({"id":"ch_1","status":"canceled"})"};
                },
                Access::open},
               {"POST", "/refunds", [this](const Request& r) { return refund(r); }, Access::open}},
              metrics_) {
  const auto started = server_.start();
  assert(started && "the provider finds a port");
  port_ = *started;
}

Result<Reply> Provider::charge(const Request& request) {
  const Json asked = parse_json(request.body);
  const std::string token = text_at(asked, "source.token");
  {
    std::unique_lock lock(mutex_);
    ++charges_;
    changed_.notify_all();
    if (token == "tok_slow") changed_.wait(lock, [&] { return !is_held_; });
  }
  if (token == "tok_broken") return Reply{.status = 500, .body = "{}"};
  Json charge = {{"id", "ch_" + text_at(asked, "reference").substr(4)},
                 {"reference", text_at(asked, "reference")},
                 {"status", token == "tok_declined" ? "rejected"
                            : token == "tok_held"   ? "authorized"
                                                    : "paid"},
                 {"amount", text_at(asked, "amount")},
                 {"currency", text_at(asked, "currency")}};
  if (token == "tok_declined") charge["code"] = "insufficient_funds";
  return Reply{.status = 201, .body = write_json(charge)};
}

Result<Reply> Provider::refund(const Request& request) {
  const Json asked = parse_json(request.body);
  ++refunds_;
  return Reply{.status = 201,
               .body = write_json({{"id", "re_" + text_at(asked, "reference").substr(4)},
                                   {"reference", text_at(asked, "reference")},
                                   {"status", "succeeded"},
                                   {"amount", text_at(asked, "amount")},
                                   {"currency", text_at(asked, "currency")}})};
}

void Provider::hold() {
  const std::lock_guard lock(mutex_);
  is_held_ = true;
}

void Provider::let_go() {
  const std::lock_guard lock(mutex_);
  is_held_ = false;
  changed_.notify_all();
}

void Provider::wait_for_charge() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return charges_ > 0; });
}

RunningApi::RunningApi(Policies policies, std::optional<Time> clock, int reads, int writes)
    : clocks_{.stopped = clock ? std::optional(StoppedClock(*clock)) : std::nullopt},
      writer(url, sealer,
             clocks_.stopped ? static_cast<const Clock&>(*clocks_.stopped) : clocks_.system,
             metrics),
      setup(setup_with(provider.url())),
      services{clocks_.stopped ? static_cast<const Clock&>(*clocks_.stopped) : clocks_.system,
               database,
               writer,
               http,
               sealer,
               metrics,
               setup,
               health,
               pool,
               in_flight,
               std::move(policies)},
      rate_limit(reads, writes, 0),
      api{services, authenticator, rate_limit, key_keeper, guesses} {
  merchant = new_merchant();
  secret_key = new_key(Mode::test, false, merchant);
  publishable_key = new_key(Mode::test, true, merchant);
}

std::string RunningApi::new_merchant(const std::vector<std::string>& return_hosts) {
  return create_merchant(database, "Shop", return_hosts).value().id;
}

std::string RunningApi::new_key(Mode mode, bool is_publishable, const std::string& merchant_id) {
  return create_key(database, merchant_id, mode, is_publishable).value().text.reveal();
}

Reply RunningApi::ask(ApiHandler handler, const Ask& what, Access access) {
  Request request{
      .method = what.method, .path = "/v1/test", .query = what.query, .headers = what.headers};
  if (!what.id.empty()) request.path_params = {{"id", what.id}};
  request.body = what.body;
  request.peer = "127.0.0.1";
  request.request_id = new_id("req");
  const std::string& key = what.api_key.empty() ? secret_key : what.api_key;
  if (request.header("authorization").empty())
    request.headers.emplace_back("authorization", "Bearer " + key);
  if (!what.key.empty()) request.headers.emplace_back("idempotency-key", what.key);
  const Result<Reply> reply = guarded(api, access, handler)(request);
  if (reply) return *reply;
  return {.status = info_of(reply.error().code).http_status,
          .body = write_json({{"error",
                               {{"code", info_of(reply.error().code).name},
                                {"message", reply.error().message}}}})};
}

namespace {

// Through the server's own database, for statements about `url`'s.
void execute_beside(const Secret& url, const std::function<std::string(const std::string&)>& sql) {
  const std::string text = url.reveal();
  const std::size_t at = text.find("dbname=") + 7;
  pqxx::connection connection(text.substr(0, at) + "postgres");
  pqxx::nontransaction(connection).exec(sql(text.substr(at)));
}

}  // namespace

void RunningApi::take_database_away() {
  execute_beside(url, [](const std::string& name) {
    return "ALTER DATABASE " + name +
           " ALLOW_CONNECTIONS false;"
           "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
           name + "'";
  });
}

void RunningApi::bring_database_back() {
  execute_beside(url, [](const std::string& name) {
    return "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true";
  });
}

void RunningApi::execute(const std::string& sql) {
  ASSERT_TRUE(database.write([&](Transaction& transaction) -> Result<void> {
    transaction.exec(sql);
    return {};
  }));
}

std::string RunningApi::value(const std::string& sql) {
  std::string text;
  EXPECT_TRUE(database.read([&](Transaction& transaction) -> Result<void> {
    const auto rows = transaction.exec(sql);
    text = rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].c_str();
    return {};
  }));
  return text;
}

std::string header_of(const Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return "";
}

std::string code_of(const Reply& reply) { return text_at(parse_json(reply.body), "error.code"); }

std::string card_payment(const std::string& token, const std::string& more) {
  return R"({"amount":4999,"currency":"USD","confirm":true,"payment_method":{"type":"card","token":")" +
         token + "\"}" + more + "}";
}

}  // namespace switchyard::testing
