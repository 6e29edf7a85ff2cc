// A provider takes another amount than it was asked for, and a person decides that the payer gets
// it back.
#include "tests/journeys/example_webhook.h"
#include "web/server.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

// Stands before Example Pay and asks it for 29.99 when it was asked for 49.99; its answer to that
// keeps the secret, which comes out when somebody looks or a webhook tells.
class ShortProvider {
 public:
  ShortProvider(const std::string& sandbox, HttpClient& http)
      : sandbox_(sandbox), http_(http), server_({}, routes(), metrics_) {
    const auto port = server_.start();
    EXPECT_TRUE(port);
    url_ = "http://127.0.0.1:" + std::to_string(port.value_or(0));
  }

  const std::string& url() const { return url_; }

 private:
  std::vector<Route> routes() {
    const Handler pass = [this](const Request& request) { return pass_on(request); };
    return {{"POST", "/{rest...}", pass, Access::open}, {"GET", "/{rest...}", pass, Access::open}};
  }

  Result<Reply> pass_on(const Request& request) {
    const bool is_charge = request.method == "POST" && request.path == "/charges";
    HttpRequest further{.method = request.method,
                        .url = sandbox_ + "/example" + request.raw_target};
    for (const char* name : {"authorization", "idempotency-key", "content-type"})
      if (!request.header(name).empty()) further.headers.emplace_back(name, request.header(name));
    further.body = is_charge ? replaced(request.body, "49.99", "29.99") : request.body;
    const SendOutcome sent = http_.send(std::move(further), {.fresh_connection = true});
    std::string body = sent.response.body;
    if (is_charge) body = replaced(body, "29.99", "49.99");
    return Reply{.status = sent.response.status, .body = std::move(body)};
  }

  std::string sandbox_;
  HttpClient& http_;
  Metrics metrics_;
  Server server_;
  std::string url_;
};

std::string pages_at(const ShortProvider& provider) {
  return R"(
[[account]]
id = "short"
adapter = "example"
mode = "test"
base_url = ")" +
         provider.url() + R"("
api_key = "sk_test_short"
webhook_key = "whk_example"

[[rule]]
name = "all"
use = ["short"]
)";
}

class Mismatch : public ::testing::TestWithParam<const char*> {
 protected:
  Mismatch() : provider_(stack_.sandbox().url(), stack_.http()) {
    stack_.change_config(pages_at(provider_));
    stack_.restart_router();
  }

  std::string in_review() {
    const JsonAnswer answer = stack_.pay(hosted_page);
    EXPECT_EQ(status_of(answer), "requires_action") << answer.text;
    pay_page(stack_, redirect_of(answer));
    const std::string id = id_of(answer);
    EXPECT_TRUE(
        wait_until([&] { return text_at(stack_.payment(id), "review") == "amount_mismatch"; }));
    EXPECT_EQ(text_at(stack_.payment(id), "status"), "requires_action");
    return id;
  }
  JsonAnswer give_back(const std::string& id) {
    return stack_.post("/v1/payments/" + id + "/review", {{"decision", "refund"}},
                       {{"Idempotency-Key", "decision-1"}});
  }
  void expect_given_back(const std::string& id) {
    EXPECT_TRUE(wait_until([&] { return stack_.has_received(id, "payment.refunded"); }));
    const Json now = stack_.payment(id);
    EXPECT_EQ(text_at(now, "review"), "");
    EXPECT_EQ(integer_at(now, "amount_received"), 2999);
    EXPECT_EQ(integer_at(now, "amount_refunded"), 2999);
    EXPECT_EQ(stack_.ledger_of(id, "refund").size(), 1u);
    EXPECT_EQ(stack_.value("SELECT count(*) FROM refunds WHERE is_automatic"), "1");
    stack_.expect_sound(id);
  }

  Stack stack_;
  ShortProvider provider_;
};

TEST_F(Mismatch, what_was_received_is_given_back_and_no_more) {
  const std::string id = in_review();
  const JsonAnswer decided = give_back(id);
  EXPECT_EQ(decided.status, 200) << decided.text;
  expect_given_back(id);
  EXPECT_EQ(give_back(id).text, decided.text);
  EXPECT_EQ(stack_.ledger_of(id, "refund").size(), 1u);
  EXPECT_EQ(
      stack_.received_types(id),
      (std::vector<std::string>{"payment.created", "payment.processing", "payment.requires_action",
                                "payment.review_required", "payment.succeeded", "refund.created",
                                "refund.succeeded", "payment.refunded"}));
}

TEST_F(Mismatch, what_is_accepted_counts_as_it_was_received) {
  const std::string id = in_review();
  const JsonAnswer accepted =
      stack_.post("/v1/payments/" + id + "/review", {{"decision", "accept"}});
  EXPECT_EQ(accepted.status, 200) << accepted.text;
  EXPECT_EQ(status_of(accepted), "succeeded");
  EXPECT_EQ(integer_at(accepted.body, "amount_received"), 2999);
  stack_.expect_sound(id);
}

// The provider goes on saying what it always said.
TEST_F(Mismatch, what_was_decided_is_not_asked_again) {
  const std::string id = in_review();
  const Json before = stack_.payment(id);
  EXPECT_TRUE(stack_.post("/v1/payments/" + id + "/review", {{"decision", "accept"}}).is_success());
  EXPECT_EQ(
      send_webhook(stack_, "short", says_paid(before, "short", "29.99"), "whk_example").status,
      200);
  EXPECT_TRUE(wait_until([&] {
    return stack_.value("SELECT count(*) FROM provider_webhooks WHERE state <> 'done'") == "0" &&
           stack_.value("SELECT count(*) FROM leases") == "0";
  })) << "it is still being looked up";
  EXPECT_EQ(text_at(stack_.payment(id), "review"), "");
  EXPECT_EQ(stack_.value("SELECT count(*) FROM events WHERE type = 'payment.review_required'"),
            "1");
}

using CrashAtMismatch = Mismatch;

TEST_P(CrashAtMismatch, the_money_goes_back_once) {
  const std::string id = in_review();
  stack_.restart_router(0, GetParam());
  give_back(id);
  stack_.wait_until_router_is_gone();
  stack_.end_leases();
  stack_.start_router();
  EXPECT_TRUE(wait_until([&] {
    const JsonAnswer answer = give_back(id);
    return answer.is_success() || text_at(answer.body, "error.code") == "payment_state";
  }));
  expect_given_back(id);
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(At, CrashAtMismatch,
                         ::testing::Values("result.in_commit=kill@1", "result.after_commit=kill@1",
                                           "call.before_dns=kill@1", "call.after_response=kill@1"),
                         name_of);

}  // namespace
}  // namespace switchyard::testing
