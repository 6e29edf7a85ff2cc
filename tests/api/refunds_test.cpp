#include "api/refunds.h"

#include <future>

#include "api/payments.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

class RefundsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    payment = text_at(
        running.json(running.ask(create_payment_call, {.body = card_payment("tok_paid")})), "id");
  }
  Reply refund(const std::string& more = "", const std::string& key = "") {
    return running.ask(create_refund_call,
                       {.body = R"({"payment":")" + payment + "\"" + more + "}", .key = key});
  }

  RunningApi running;
  std::string payment;
};

TEST_F(RefundsTest, give_money_back) {
  const Reply reply = refund(R"(,"amount":1000,"reason":"duplicate")");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json made = running.json(reply);
  EXPECT_EQ(text_at(made, "status"), "succeeded");
  EXPECT_EQ(text_at(made, "reason"), "duplicate");
  EXPECT_EQ(header_of(reply, "Location"), "/v1/refunds/" + text_at(made, "id"));
  const Reply read =
      running.ask(retrieve_refund_call, {.method = "GET", .id = text_at(made, "id")});
  EXPECT_EQ(read.body, reply.body);
  const Json rest =
      running.json(running.ask(create_payment_refund_call, {.id = payment, .body = "{}"}));
  EXPECT_EQ(integer_at(rest, "amount"), 3999);
  EXPECT_EQ(code_of(refund()), "amount_exceeds_remaining");
}

TEST_F(RefundsTest, D6_never_exceed_what_was_received_whatever_runs_at_once) {
  std::vector<std::future<Reply>> asked;
  for (int i = 0; i < 20; ++i)
    asked.push_back(std::async(std::launch::async, [&] { return refund(R"(,"amount":499)"); }));
  int made = 0;
  for (auto& each : asked) made += each.get().status == 201;
  EXPECT_EQ(made, 10);
  EXPECT_EQ(running.value("SELECT sum(amount) FROM refunds"), "4990");
}

TEST_F(RefundsTest, are_made_once_under_one_key) {
  const Reply first = refund(R"(,"amount":100)", "k1");
  const Reply again = refund(R"(,"amount":100)", "k1");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(running.provider.refunds(), 1);
}

TEST_F(RefundsTest, resume_where_their_owner_stopped) {
  const Reply first = refund(R"(,"amount":100)", "k1");
  running.execute("DELETE FROM idempotency_answers");
  running.execute(
      "UPDATE idempotency_keys SET state = 'running', finished_at = NULL, lease_until = "
      "'-infinity'");
  const Reply resumed = refund(R"(,"amount":100)", "k1");
  EXPECT_EQ(resumed.status, 201);
  EXPECT_EQ(text_at(running.json(resumed), "id"), text_at(running.json(first), "id"));
  EXPECT_EQ(running.provider.refunds(), 1);
}

TEST_F(RefundsTest, are_found_by_their_external_id_and_not_made_again) {
  const Reply first = refund(R"(,"amount":100,"external_id":"r1")");
  const Reply again = refund(R"(,"amount":100,"external_id":"r1")");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(header_of(again, "Switchyard-Existing"), "true");
  EXPECT_EQ(text_at(running.json(again), "id"), text_at(running.json(first), "id"));
  EXPECT_EQ(code_of(refund(R"(,"amount":101,"external_id":"r1")")), "external_id_conflict");
  EXPECT_EQ(running.provider.refunds(), 1);
}

TEST_F(RefundsTest, with_one_external_id_at_once_are_one) {
  std::vector<std::future<Reply>> asked;
  for (int i = 0; i < 10; ++i)
    asked.push_back(std::async(std::launch::async,
                               [&] { return refund(R"(,"amount":100,"external_id":"r1")"); }));
  std::set<std::string> ids;
  for (auto& each : asked) ids.insert(text_at(running.json(each.get()), "id"));
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(running.provider.refunds(), 1);
}

TEST_F(RefundsTest, M2_need_money_to_give_back) {
  payment = text_at(
      running.json(running.ask(create_payment_call, {.body = R"({"amount":1,"currency":"USD"})"})),
      "id");
  const Reply reply = refund();
  EXPECT_EQ(code_of(reply), "payment_state");
  EXPECT_EQ(text_at(running.json(reply), "error.payment.id"), payment);
}

TEST_F(RefundsTest, C2_of_another_merchants_payment_do_not_exist) {
  const std::string foreign = running.new_key(Mode::test, false, running.new_merchant());
  const Reply reply = running.ask(
      create_refund_call, {.body = R"({"payment":")" + payment + "\"}", .api_key = foreign});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(running.provider.refunds(), 0);
}

TEST_F(RefundsTest, D6_refuse_what_does_not_fit_together) {
  EXPECT_EQ(code_of(refund(R"(,"reason":"because")")), "invalid_field");
  EXPECT_EQ(code_of(refund(R"(,"reason":"other")")), "missing_field");
  EXPECT_EQ(code_of(running.ask(create_refund_call, {.body = "{}"})), "missing_field");
  EXPECT_EQ(code_of(running.ask(create_payment_refund_call,
                                {.id = payment, .body = R"({"payment":"pay_x"})"})),
            "invalid_field");
  EXPECT_EQ(running.provider.refunds(), 0);
}

TEST_F(RefundsTest, are_listed_newest_first) {
  for (int i = 0; i < 3; ++i) refund(R"(,"amount":1)");
  const auto list = [&](Fields query) {
    return running.json(
        running.ask(list_refunds_call, {.method = "GET", .query = std::move(query)}));
  };
  const Json first = list({{"limit", "2"}, {"payment", payment}});
  EXPECT_EQ(member_at(first, "data").size(), 2u);
  EXPECT_GT(text_at(first, "data.0.id"), text_at(first, "data.1.id"));
  EXPECT_EQ(member_at(list({{"after", text_at(first, "next_after")}}), "data").size(), 1u);
  EXPECT_EQ(member_at(list({{"payment", "pay_other"}}), "data").size(), 0u);
  EXPECT_EQ(code_of(running.ask(list_refunds_call, {.method = "GET", .query = {{"status", "x"}}})),
            "invalid_query");
}

}  // namespace
}  // namespace switchyard::testing
