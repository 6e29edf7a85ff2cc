#include "api/once.h"

#include <future>

#include "api/payments.h"
#include "api/refunds.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

const std::string paid = card_payment("tok_paid");

class OnceTest : public ::testing::Test {
 protected:
  Reply create(const std::string& body, const std::string& key, Fields headers = {}) {
    return running.ask(create_payment_call,
                       {.body = body, .key = key, .headers = std::move(headers)});
  }
  void let_leases_run_out() {
    running.execute("UPDATE idempotency_keys SET lease_until = now() - interval '1 second'");
  }
  // As if the owner had died before it could store its answer.
  void forget_answers() {
    running.execute("DELETE FROM idempotency_answers");
    running.execute(
        "UPDATE idempotency_keys SET state = 'running', finished_at = NULL, lease_until = now() + "
        "interval '15 seconds'");
  }
  std::string count(const std::string& table) {
    return running.value("SELECT count(*) FROM " + table);
  }

  RunningApi running;
};

void expect_replay(const Reply& first, const Reply& again) {
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.content_type, first.content_type);
  EXPECT_EQ(header_of(again, "Location"), header_of(first, "Location"));
  EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_TRUE(header_of(again, "Original-Request-Id").starts_with("req_"));
  EXPECT_EQ(header_of(again, "Original-Request-Id").size(), 30u);
}

TEST_F(OnceTest, repeats_a_success_byte_for_byte_and_does_nothing) {
  const Reply first = create(paid, "k1");
  ASSERT_EQ(first.status, 201) << first.body;
  const std::string events = count("events");
  expect_replay(first, create(paid, "k1"));
  EXPECT_EQ(running.provider.charges(), 1);
  EXPECT_EQ(count("events"), events);
  EXPECT_EQ(count("payments"), "1");
}

TEST_F(OnceTest, repeats_a_decline) {
  const Reply first = create(card_payment("tok_declined"), "k1");
  ASSERT_EQ(first.status, 402) << first.body;
  expect_replay(first, create(card_payment("tok_declined"), "k1"));
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, repeats_an_answer_that_nobody_knows_the_outcome) {
  const Reply first = create(card_payment("tok_broken"), "k1");
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_EQ(text_at(running.json(first), "status"), "processing");
  expect_replay(first, create(card_payment("tok_broken"), "k1"));
}

TEST_F(OnceTest, repeats_what_was_answered_with_the_commit_itself) {
  const std::string body = R"({"amount":1,"currency":"USD"})";
  const Reply first = create(body, "k1");
  ASSERT_EQ(first.status, 201) << first.body;
  expect_replay(first, create(body, "k1"));
}

TEST_F(OnceTest, compares_requests_after_parsing) {
  const Reply first = create(R"({"amount":1,"currency":"USD"})", "k1");
  expect_replay(first, create(R"( {"currency":"USD" , "amount":1} )", "k1"));
}

TEST_F(OnceTest, refuses_a_key_that_belongs_to_another_request) {
  create(paid, "k1");
  const Reply other_body = create(card_payment("tok_paid", R"(,"description":"x")"), "k1");
  EXPECT_EQ(other_body.status, 422);
  EXPECT_EQ(code_of(other_body), "idempotency_key_reused");
  EXPECT_EQ(other_body.body.find("pay_"), std::string::npos);
  const std::string id = running.value("SELECT id FROM payments");
  const Reply other_endpoint =
      running.ask(create_refund_call, {.body = R"({"payment":")" + id + "\"}", .key = "k1"});
  EXPECT_EQ(code_of(other_endpoint), "idempotency_key_reused");
  EXPECT_EQ(running.provider.refunds(), 0);
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, C4_keeps_merchants_and_modes_apart) {
  const std::string body = R"({"amount":1,"currency":"USD"})";
  const std::string live = running.new_key(Mode::live, false, running.merchant);
  const std::string other = running.new_key(Mode::test, false, running.new_merchant());
  for (const std::string& key : {running.secret_key, live, other})
    EXPECT_EQ(running.ask(create_payment_call, {.body = body, .key = "k1", .api_key = key}).status,
              201);
  EXPECT_EQ(count("payments"), "3");
}

TEST_F(OnceTest, belongs_to_the_merchant_and_not_to_the_api_key) {
  const Reply first = create(R"({"amount":1,"currency":"USD"})", "k1");
  const std::string newer = running.new_key(Mode::test, false, running.merchant);
  expect_replay(first, running.ask(create_payment_call, {.body = R"({"amount":1,"currency":"USD"})",
                                                         .key = "k1",
                                                         .api_key = newer}));
}

TEST_F(OnceTest, stores_nothing_for_what_is_refused_before_the_claim) {
  EXPECT_EQ(create(R"({"amount":0,"currency":"USD"})", "k1").status, 400);
  // No rule takes a wallet of this kind.
  EXPECT_EQ(
      create(
          R"({"amount":1,"currency":"USD","confirm":true,"payment_method":{"type":"wallet","kind":"nobody"}})",
          "k1")
          .status,
      422);
  EXPECT_EQ(count("idempotency_keys"), "0");
  EXPECT_EQ(create(paid, "k1").status, 201);
}

TEST_F(OnceTest, says_that_the_first_request_still_runs) {
  running.provider.hold();
  auto first =
      std::async(std::launch::async, [&] { return create(card_payment("tok_slow"), "k1"); });
  running.provider.wait_for_charge();
  const Reply second = create(card_payment("tok_slow"), "k1");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(code_of(second), "idempotency_key_in_use");
  EXPECT_EQ(header_of(second, "Retry-After"), "1");
  EXPECT_TRUE(text_at(running.json(second), "error.payment.id").starts_with("pay_"));
  running.provider.let_go();
  EXPECT_EQ(first.get().status, 201);
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, waits_for_the_first_request_when_asked) {
  running.provider.hold();
  auto first =
      std::async(std::launch::async, [&] { return create(card_payment("tok_slow"), "k1"); });
  running.provider.wait_for_charge();
  auto second = std::async(std::launch::async, [&] {
    return create(card_payment("tok_slow"), "k1", {{"prefer", "wait=20"}});
  });
  running.provider.let_go();
  expect_replay(first.get(), second.get());
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, F03_lets_one_of_many_at_once_through) {
  std::vector<std::future<Reply>> asked;
  for (int i = 0; i < 40; ++i)
    asked.push_back(std::async(std::launch::async, [&] {
      return create(paid, "k1", {{"prefer", "wait=20"}});
    }));
  std::set<std::string> bodies;
  for (auto& each : asked) bodies.insert(each.get().body);
  EXPECT_EQ(bodies.size(), 1u);
  EXPECT_EQ(running.provider.charges(), 1);
  EXPECT_EQ(count("payments"), "1");
}

TEST_F(OnceTest, is_taken_over_when_its_owner_is_gone_and_charges_nothing_again) {
  const Reply first = create(paid, "k1");
  forget_answers();
  EXPECT_EQ(create(paid, "k1").status, 409);
  let_leases_run_out();
  const Reply resumed = create(paid, "k1");
  EXPECT_EQ(resumed.status, 201);
  EXPECT_EQ(text_at(running.json(resumed), "id"), text_at(running.json(first), "id"));
  EXPECT_EQ(running.provider.charges(), 1);
  expect_replay(resumed, create(paid, "k1"));
}

TEST_F(OnceTest, is_not_taken_over_by_another_request) {
  create(paid, "k1");
  forget_answers();
  let_leases_run_out();
  EXPECT_EQ(code_of(create(card_payment("tok_declined"), "k1")), "idempotency_key_reused");
}

TEST_F(OnceTest, F65_answers_an_owner_that_was_fenced_off_with_the_new_owners_answer) {
  running.provider.hold();
  auto sleeper =
      std::async(std::launch::async, [&] { return create(card_payment("tok_slow"), "k1"); });
  running.provider.wait_for_charge();
  let_leases_run_out();
  const Reply new_owner = create(card_payment("tok_slow"), "k1");
  EXPECT_EQ(new_owner.status, 202);
  running.provider.let_go();
  const Reply fenced_off = sleeper.get();
  EXPECT_EQ(fenced_off.status, 202);
  EXPECT_EQ(fenced_off.body, new_owner.body);
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, is_finished_by_its_owner_only_and_only_once) {
  const KeyClaim mine{.merchant_id = running.merchant,
                      .key_hash = "h",
                      .fingerprint = "f",
                      .request_id = "req_1#a"};
  KeyClaim other = mine;
  other.request_id = "req_1#b";
  const auto finish = [&](const KeyClaim& owner) {
    return running.writer.write({.decide = [&](Draft& draft) -> Result<void> {
      draft.answer =
          KeyAnswer{.status = 201, .content_type = "application/json", .body = owner.request_id};
      draft.finishes = owner;
      return {};
    }});
  };
  ASSERT_TRUE(
      running.writer.write({.decide = [](Draft&) -> Result<void> { return {}; }, .claim = mine}));
  EXPECT_EQ(finish(other).error().code, ErrorCode::idempotency_key_in_use);
  EXPECT_EQ(running.value("SELECT state FROM idempotency_keys"), "running");
  EXPECT_TRUE(finish(mine));
  EXPECT_EQ(finish(mine).error().code, ErrorCode::idempotency_key_in_use);
  EXPECT_EQ(running.value("SELECT count(*) FROM idempotency_answers"), "1");
}

TEST_F(OnceTest, extends_its_lease_while_it_works) {
  running.provider.hold();
  auto first =
      std::async(std::launch::async, [&] { return create(card_payment("tok_slow"), "k1"); });
  running.provider.wait_for_charge();
  let_leases_run_out();
  running.key_keeper.extend_all();
  EXPECT_EQ(
      running.value("SELECT lease_until > now() + interval '10 seconds' FROM idempotency_keys"),
      "t");
  running.provider.let_go();
  first.get();
  running.execute(
      "UPDATE idempotency_keys SET state = 'running', lease_until = '-infinity', finished_at = "
      "NULL");
  running.key_keeper.extend_all();
  EXPECT_EQ(running.value("SELECT lease_until > now() FROM idempotency_keys"), "f");
}

TEST_F(OnceTest, F08_stores_no_5xx_and_lets_the_retry_resume) {
  int runs = 0;
  const auto ask = [&](const Reply& reply) {
    Request request{
        .method = "POST", .headers = {{"idempotency-key", "k1"}}, .request_id = "req_1"};
    const ApiCall call{
        .request = request, .asker = {.merchant_id = running.merchant}, .body = Json::object()};
    Once what{.operation = "test", .typed = Json::object()};
    what.run = [&](const std::optional<KeyClaim>& claim) -> Result<Reply> {
      ++runs;
      TRY(running.writer.write(
          {.decide = [](Draft&) -> Result<void> { return {}; }, .claim = claim}));
      return fail(ErrorCode::internal, "lost its way");
    };
    what.resume = [&](const std::string&) -> Result<Reply> { return reply; };
    return once(running.api, call, what);
  };
  // Resuming needs the object that the claim named.
  EXPECT_EQ(ask({}).error().code, ErrorCode::internal);
  EXPECT_EQ(running.value("SELECT state FROM idempotency_keys"), "running");
  running.execute("UPDATE idempotency_keys SET object_id = 'pay_x'");
  EXPECT_EQ(ask({.status = 503}).value().status, 503);
  EXPECT_EQ(ask({.status = 201, .body = "{}"}).value().status, 201);
  EXPECT_EQ(ask({.status = 500}).value().status, 201);
  EXPECT_EQ(runs, 1);
}

TEST_F(OnceTest, stores_a_refusal_that_came_after_the_claim) {
  int runs = 0;
  const auto ask = [&] {
    Request request{
        .method = "POST", .headers = {{"idempotency-key", "k1"}}, .request_id = "req_1"};
    const ApiCall call{
        .request = request, .asker = {.merchant_id = running.merchant}, .body = Json::object()};
    Once what{.operation = "test", .typed = Json::object()};
    what.run = [&](const std::optional<KeyClaim>& claim) -> Result<Reply> {
      ++runs;
      TRY(running.writer.write(
          {.decide = [](Draft&) -> Result<void> { return {}; }, .claim = claim}));
      return fail(ErrorCode::payment_state, "too late");
    };
    return once(running.api, call, what).value();
  };
  EXPECT_EQ(ask().status, 409);
  EXPECT_EQ(ask().status, 409);
  EXPECT_EQ(runs, 1);
}

TEST_F(OnceTest, stores_no_answer_about_a_cancellation_that_still_runs) {
  const Reply made = create(card_payment("tok_broken"), "k1");
  const std::string id = text_at(running.json(made), "id");
  const Reply first = running.ask(cancel_payment_call, {.id = id, .key = "k2"});
  EXPECT_EQ(first.status, 202) << first.body;
  const Reply again = running.ask(cancel_payment_call, {.id = id, .key = "k2"});
  EXPECT_EQ(again.status, 202) << again.body;
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "");
}

TEST_F(OnceTest, resumes_a_creation_that_another_payment_was_faster_than) {
  const std::string body = card_payment("tok_paid", R"(,"external_id":"order_1")");
  const Reply first = create(body, "k1");
  forget_answers();
  let_leases_run_out();
  // The claim was committed for a payment whose external_id was taken at the last moment.
  running.execute("UPDATE idempotency_keys SET object_id = 'pay_00000000000000000000000000'");
  const Reply resumed = create(body, "k1");
  EXPECT_EQ(resumed.status, 200) << resumed.body;
  EXPECT_EQ(text_at(running.json(resumed), "id"), text_at(running.json(first), "id"));
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(OnceTest, runs_nothing_while_the_database_is_away) {
  const Reply first = create(paid, "k1");
  running.take_database_away();
  EXPECT_EQ(create(paid, "k1").status, 503);
  EXPECT_EQ(create(paid, "k2").status, 503);
  running.bring_database_back();
  expect_replay(first, create(paid, "k1"));
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST(Once, F07_forgets_answers_after_30_days_but_never_the_key) {
  const std::string body = R"({"amount":1,"currency":"USD"})";
  const auto days_ago = SystemClock().now() - std::chrono::days(30);
  for (const auto& [used_at, status] : {std::pair(days_ago + 1min, 201), {days_ago - 1s, 409}}) {
    RunningApi running({}, used_at);
    ASSERT_EQ(running.ask(create_payment_call, {.body = body, .key = "k1"}).status, 201);
    const Reply late = running.ask(create_payment_call, {.body = body, .key = "k1"});
    EXPECT_EQ(late.status, status);
    EXPECT_EQ(running.value("SELECT count(*) FROM payments"), "1");
    if (status != 409) continue;
    EXPECT_EQ(code_of(late), "idempotency_key_expired");
    EXPECT_EQ(text_at(parse_json(late.body), "error.payment.id"),
              running.value("SELECT id FROM payments"));
  }
}

TEST(Once, may_be_required_of_calls_that_can_move_money) {
  RunningApi running({.require_idempotency_key = true});
  EXPECT_EQ(code_of(running.ask(create_payment_call, {.body = paid})), "idempotency_key_missing");
  EXPECT_EQ(running.ask(create_payment_call, {.body = paid, .key = "k1"}).status, 201);
}

TEST(IdempotencyKey, is_one_key_bare_and_quoted) {
  const auto key = [](Fields headers) { return idempotency_key({.headers = std::move(headers)}); };
  EXPECT_EQ(key({}).value(), std::nullopt);
  EXPECT_EQ(key({{"idempotency-key", "abc"}}).value(), "abc");
  EXPECT_EQ(key({{"idempotency-key", "\"abc\""}}).value(), "abc");
  EXPECT_EQ(key({{"idempotency-key", R"("a\"b\\c")"}}).value(), R"(a"b\c)");
  EXPECT_EQ(key({{"x-idempotency-key", "abc"}}).value(), "abc");
  EXPECT_EQ(key({{"x-idempotency-key", "abc"}, {"idempotency-key", "abc"}}).value(), "abc");
  EXPECT_EQ(key({{"idempotency-key", std::string(255, 'k')}}).value(), std::string(255, 'k'));
}

TEST(IdempotencyKey, is_1_to_255_visible_characters_sent_once) {
  for (const Fields& headers :
       std::vector<Fields>{{{"idempotency-key", ""}},
                           {{"idempotency-key", "\"\""}},
                           {{"idempotency-key", "\"abc"}},
                           {{"idempotency-key", "\"a\"b\""}},
                           {{"idempotency-key", "a b"}},
                           {{"idempotency-key", "schlüssel"}},
                           {{"idempotency-key", std::string(256, 'k')}},
                           {{"idempotency-key", "a"}, {"x-idempotency-key", "b"}}}) {
    const auto key = idempotency_key({.headers = headers});
    ASSERT_FALSE(key) << headers[0].second;
    EXPECT_EQ(key.error().code, ErrorCode::idempotency_key_invalid);
  }
}

}  // namespace
}  // namespace switchyard::testing
