#include "api/payments.h"

#include <future>
#include <set>

#include "api/refunds.h"
#include "api/transfers.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

const std::string plain = R"({"amount":4999,"currency":"USD"})";

std::string named(const std::string& external_id, const std::string& more = "") {
  return R"({"amount":4999,"currency":"USD","external_id":")" + external_id + "\"" + more + "}";
}

class PaymentsTest : public ::testing::Test {
 protected:
  Reply create(const std::string& body) { return running.ask(create_payment_call, {.body = body}); }
  Json made(const std::string& body) { return running.json(create(body)); }
  std::string id_of(const std::string& body) { return text_at(made(body), "id"); }
  Reply retrieve(const std::string& id) {
    return running.ask(retrieve_payment_call, {.method = "GET", .id = id});
  }
  std::string status_of(const std::string& id) {
    return text_at(running.json(retrieve(id)), "status");
  }
  std::string problem_with(const std::string& body) {
    const Json reply = running.json(create(body));
    return text_at(reply, "error.code") + " " + text_at(reply, "error.param");
  }

  RunningApi running;
};

TEST_F(PaymentsTest, are_created_and_read_again) {
  const Reply reply =
      create(named("order_1", R"(,"description":"Two chairs","metadata":{"a":"b"})"));
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json payment = running.json(reply);
  EXPECT_EQ(header_of(reply, "Location"), "/v1/payments/" + text_at(payment, "id"));
  EXPECT_EQ(text_at(payment, "status"), "requires_payment_method");
  EXPECT_EQ(text_at(payment, "amount_display"), "USD 49.99");
  EXPECT_EQ(text_at(payment, "metadata.a"), "b");
  EXPECT_EQ(retrieve(text_at(payment, "id")).body, reply.body);
  EXPECT_EQ(running.provider.charges(), 0);
}

TEST_F(PaymentsTest, succeed_when_the_provider_says_paid) {
  const Reply reply = create(card_payment("tok_paid"));
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(text_at(running.json(reply), "status"), "succeeded");
  EXPECT_EQ(integer_at(running.json(reply), "amount_received"), 4999);
}

TEST_F(PaymentsTest, are_answered_402_with_reason_advice_and_payment_when_declined) {
  const Reply reply = create(card_payment("tok_declined"));
  ASSERT_EQ(reply.status, 402) << reply.body;
  const Json json = running.json(reply);
  EXPECT_EQ(text_at(json, "error.type"), "payment_declined");
  EXPECT_EQ(text_at(json, "error.decline_code"), "insufficient_funds");
  EXPECT_EQ(text_at(json, "error.advice"), "try_another_method");
  EXPECT_EQ(text_at(json, "error.payment.status"), "failed");
}

TEST_F(PaymentsTest, are_answered_202_while_nobody_knows) {
  const Reply reply = create(card_payment("tok_broken"));
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(text_at(running.json(reply), "status"), "processing");
}

TEST_F(PaymentsTest, are_answered_in_time_however_slow_the_provider_is) {
  running.services.policies.answer_within = std::chrono::milliseconds(50);
  running.provider.hold();
  EXPECT_EQ(create(card_payment("tok_slow")).status, 202);
  running.provider.let_go();
}

TEST_F(PaymentsTest, D1_M1_refuse_what_is_not_theirs_to_set) {
  EXPECT_EQ(problem_with(R"({"amount":1,"currency":"USD","status":"succeeded"})"),
            "unknown_field status");
  EXPECT_EQ(problem_with(R"({"amount":1,"currency":"USD","merchant_id":"mer_x"})"),
            "unknown_field merchant_id");
  const std::string id = id_of(plain);
  const Reply confirmed = running.ask(confirm_payment_call, {.id = id, .body = R"({"amount":1})"});
  EXPECT_EQ(code_of(confirmed), "unknown_field");
}

TEST_F(PaymentsTest, refuse_fields_of_another_rail) {
  const auto with_method = [](const std::string& method) {
    return R"({"amount":1,"currency":"USD","payment_method":)" + method + "}";
  };
  EXPECT_EQ(problem_with(with_method(R"({"type":"stripe"})")), "invalid_field payment_method.type");
  EXPECT_EQ(problem_with(with_method("{}")), "missing_field payment_method.type");
  EXPECT_EQ(problem_with(with_method(R"({"type":"card"})")), "missing_field payment_method.token");
  EXPECT_EQ(problem_with(
                with_method(R"({"type":"card","token":"tok_x","phone_number":"+231770000000"})")),
            "unknown_field payment_method.phone_number");
  EXPECT_EQ(
      problem_with(with_method(R"({"type":"mobile_money","network":"mtn","phone_number":"0770"})")),
      "invalid_field payment_method.phone_number");
  EXPECT_EQ(problem_with(with_method(R"({"type":"wallet"})")), "missing_field payment_method.kind");
}

TEST_F(PaymentsTest, know_the_country_of_a_mobile_money_number) {
  const std::string mobile =
      R"({"amount":1,"currency":"LRD","payment_method":{"type":"mobile_money","network":"mtn","phone_number":"+231770000000"})";
  const std::string id = id_of(mobile + "}");
  EXPECT_EQ(running.value("SELECT country FROM payments WHERE id = '" + id + "'"), "LR");
  EXPECT_EQ(problem_with(mobile + R"(,"country":"KE"})"), "invalid_field country");
}

TEST_F(PaymentsTest, D20_refuse_times_to_expire_that_make_no_sense) {
  for (const char* at : {"1990-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "tomorrow", ""})
    EXPECT_EQ(
        problem_with(R"({"amount":1,"currency":"USD","expires_at":")" + std::string(at) + "\"}"),
        "invalid_field expires_at")
        << at;
}

TEST_F(PaymentsTest, D5_refuse_amounts_above_the_configured_one) {
  running.services.policies.largest_amount = 1000;
  EXPECT_EQ(problem_with(plain), "limit_exceeded amount");
  EXPECT_EQ(create(R"({"amount":1000,"currency":"USD"})").status, 201);
}

TEST_F(PaymentsTest, M4_refuse_return_urls_outside_the_merchants_hosts) {
  const std::string other = running.new_merchant({"shop.example"});
  const std::string key = running.new_key(Mode::test, false, other);
  const auto status = [&](const std::string& url) {
    return running
        .ask(create_payment_call,
             {.body = R"({"amount":1,"currency":"USD","return_url":")" + url + "\"}",
              .api_key = key})
        .status;
  };
  EXPECT_EQ(status("https://shop.example/done"), 201);
  EXPECT_EQ(status("https://evil.example/done"), 400);
  EXPECT_EQ(status("javascript:alert(1)"), 400);
}

TEST_F(PaymentsTest, are_found_by_their_external_id_and_not_made_again) {
  const std::string id = id_of(named("order_1"));
  const Reply again = create(
      named("order_1", R"(,"confirm":true,"payment_method":{"type":"card","token":"tok_paid"})"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(header_of(again, "Switchyard-Existing"), "true");
  EXPECT_EQ(text_at(running.json(again), "id"), id);
  EXPECT_EQ(running.provider.charges(), 0);
  const Reply other = create(R"({"amount":5000,"currency":"USD","external_id":"order_1"})");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(code_of(other), "external_id_conflict");
  EXPECT_EQ(text_at(running.json(other), "error.payment.id"), id);
  EXPECT_EQ(code_of(create(R"({"amount":4999,"currency":"EUR","external_id":"order_1"})")),
            "external_id_conflict");
}

TEST_F(PaymentsTest, do_not_begin_again_under_the_external_id_of_one_that_is_over) {
  const std::string id = id_of(named("order_1"));
  ASSERT_EQ(running.ask(cancel_payment_call, {.id = id}).status, 200);
  EXPECT_EQ(code_of(create(named("order_1"))), "external_id_finished");
}

TEST_F(PaymentsTest, I14_with_one_external_id_at_once_are_one) {
  std::vector<std::future<Reply>> asked;
  for (int i = 0; i < 20; ++i)
    asked.push_back(std::async(std::launch::async, [&] {
      return create(named(
          "order_1", R"(,"confirm":true,"payment_method":{"type":"card","token":"tok_paid"})"));
    }));
  std::set<std::string> ids;
  for (auto& each : asked) ids.insert(text_at(running.json(each.get()), "id"));
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(PaymentsTest, C2_make_their_customer_once_and_change_it_when_it_says_more) {
  const auto with = [&](const std::string& customer) {
    return text_at(made(R"({"amount":1,"currency":"USD","customer":)" + customer + "}"),
                   "customer");
  };
  const std::string id = with(R"({"external_id":"c1","email":"a@example.com"})");
  EXPECT_TRUE(id.starts_with("cus_"));
  EXPECT_EQ(with(R"({"external_id":"c1","name":"Ann"})"), id);
  EXPECT_EQ(with(R"({"id":")" + id + "\"}"), id);
  EXPECT_EQ(running.value("SELECT name || ' ' || email FROM customers"), "Ann a@example.com");
  EXPECT_EQ(
      running.value(
          "SELECT string_agg(type, ' ' ORDER BY position) FROM events WHERE type LIKE 'customer%'"),
      "customer.created customer.updated");
  const std::string foreign = running.new_key(Mode::test, false, running.new_merchant());
  const std::string body = R"({"amount":1,"currency":"USD","customer":{"id":")" + id + "\"}}";
  EXPECT_EQ(running.ask(create_payment_call, {.body = body, .api_key = foreign}).status, 404);
}

TEST_F(PaymentsTest, with_one_new_customer_at_once_share_it) {
  std::vector<std::future<Reply>> asked;
  for (int i = 0; i < 10; ++i)
    asked.push_back(std::async(std::launch::async, [&] {
      return create(R"({"amount":1,"currency":"USD","customer":{"external_id":"c1"}})");
    }));
  for (auto& each : asked) EXPECT_EQ(each.get().status, 201);
  EXPECT_EQ(running.value("SELECT count(*) FROM customers"), "1");
}

// The payment is what exists already, under whatever key; a customer that would be new is not made.
TEST_F(PaymentsTest, that_exist_are_the_answer_whatever_new_customer_is_named) {
  const auto named = [&](const std::string& customer, const std::string& key) {
    return running.ask(create_payment_call,
                       {.body = R"({"amount":1,"currency":"USD","external_id":"order_1",)"
                                R"("customer":)" +
                                customer + "}",
                        .key = key});
  };
  const Reply first = named(R"({"email":"a@example.com"})", "key-1");
  ASSERT_EQ(first.status, 201) << first.body;
  int number = 1;
  for (const auto* customer : {R"({"email":"a@example.com"})", R"({"external_id":"c_new"})"}) {
    const Reply again = named(customer, "key-" + std::to_string(++number));
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(text_at(running.json(again), "id"), text_at(running.json(first), "id"));
  }
  EXPECT_EQ(running.value("SELECT count(*) FROM customers"), "1");
}

TEST_F(PaymentsTest, C1_are_404_for_another_merchant_on_every_call) {
  const std::string id = id_of(plain);
  const std::string foreign = running.new_key(Mode::test, false, running.new_merchant());
  const auto ask = [&](ApiHandler handler, const std::string& body, const std::string& payment) {
    return running.ask(
        handler,
        {.method = body.empty() ? "GET" : "POST", .id = payment, .body = body, .api_key = foreign});
  };
  const std::vector<std::pair<ApiHandler, std::string>> calls = {
      {retrieve_payment_call, ""},
      {payment_timeline_call, ""},
      {update_payment_call, "{}"},
      {confirm_payment_call, "{}"},
      {capture_payment_call, "{}"},
      {cancel_payment_call, "{}"},
      {review_payment_call, R"({"decision":"accept"})"},
      {create_payment_refund_call, "{}"},
      {confirm_transfer_call, R"({"amount":1,"bank_reference":"b"})"},
      {reject_transfer_call, R"({"reason":"r"})"}};
  for (const auto& [handler, body] : calls) {
    const Json theirs = running.json(ask(handler, body, id));
    const Json unknown = running.json(ask(handler, body, "pay_00000000000000000000000000"));
    EXPECT_EQ(text_at(theirs, "error.code"), "not_found");
    EXPECT_EQ(text_at(theirs, "error.message"), text_at(unknown, "error.message"));
  }
  EXPECT_EQ(status_of(id), "requires_payment_method");
}

TEST_F(PaymentsTest, M2_are_confirmed_once) {
  const std::string id = id_of(card_payment("tok_paid"));
  const Reply again = running.ask(confirm_payment_call, {.id = id, .body = "{}"});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(code_of(again), "payment_state");
  EXPECT_EQ(text_at(running.json(again), "error.payment.status"), "succeeded");
  EXPECT_EQ(running.provider.charges(), 1);
}

TEST_F(PaymentsTest, may_be_confirmed_again_with_another_method_after_a_decline) {
  const std::string id =
      text_at(running.json(create(card_payment("tok_declined"))), "error.payment.id");
  const Reply again =
      running.ask(confirm_payment_call,
                  {.id = id, .body = R"({"payment_method":{"type":"card","token":"tok_paid"}})"});
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(text_at(running.json(again), "status"), "succeeded");
}

TEST_F(PaymentsTest, can_be_canceled_while_nothing_is_open) {
  const std::string id = id_of(plain);
  const Reply canceled = running.ask(cancel_payment_call, {.id = id});
  EXPECT_EQ(canceled.status, 200);
  EXPECT_EQ(text_at(running.json(canceled), "status"), "canceled");
  EXPECT_EQ(code_of(running.ask(
                confirm_payment_call,
                {.id = id, .body = R"({"payment_method":{"type":"card","token":"tok_paid"}})"})),
            "payment_state");
  EXPECT_EQ(running.provider.charges(), 0);
}

TEST_F(PaymentsTest, change_only_before_they_are_confirmed) {
  const std::string id = id_of(R"({"amount":1,"currency":"USD","metadata":{"a":"1","b":"2"}})");
  const auto patch = [&](const std::string& body) {
    return running.ask(update_payment_call, {.method = "PATCH", .id = id, .body = body});
  };
  const Json changed = running.json(patch(R"({"description":"New","metadata":{"a":"","c":"3"}})"));
  EXPECT_EQ(text_at(changed, "description"), "New");
  EXPECT_EQ(write_json(member_at(changed, "metadata")), R"({"b":"2","c":"3"})");
  EXPECT_EQ(code_of(patch(R"({"amount":2})")), "unknown_field");
  running.ask(cancel_payment_call, {.id = id});
  EXPECT_EQ(code_of(patch(R"({"description":"Late"})")), "payment_state");
}

const std::string transfer =
    R"({"amount":4999,"currency":"USD","confirm":true,"payment_method":{"type":"manual_transfer"}})";

TEST_F(PaymentsTest, by_transfer_are_confirmed_by_hand_and_counted_once) {
  const Json payment = made(transfer);
  const std::string id = text_at(payment, "id");
  ASSERT_EQ(text_at(payment, "status"), "requires_action") << write_json(payment);
  const auto confirm = [&](const std::string& body) {
    return running.ask(confirm_transfer_call, {.id = id, .body = body});
  };
  const Reply part = confirm(R"({"amount":4000,"bank_reference":"b1"})");
  EXPECT_EQ(text_at(running.json(part), "status"), "requires_action") << part.body;
  EXPECT_EQ(integer_at(running.json(confirm(R"({"amount":4000,"bank_reference":"b1"})")),
                       "amount_received"),
            4000);
  EXPECT_EQ(code_of(confirm(R"({"amount":999,"bank_reference":"b1"})")), "bank_reference_used");
  EXPECT_EQ(text_at(running.json(confirm(R"({"amount":999,"bank_reference":"b2"})")), "status"),
            "succeeded");
}

TEST_F(PaymentsTest, by_transfer_can_be_rejected) {
  const std::string id = id_of(transfer);
  const Reply rejected =
      running.ask(reject_transfer_call, {.id = id, .body = R"({"reason":"never came"})"});
  EXPECT_EQ(rejected.status, 200) << rejected.body;
  EXPECT_EQ(text_at(running.json(rejected), "status"), "failed");
  EXPECT_EQ(code_of(running.ask(reject_transfer_call, {.id = id, .body = R"({"reason":"again"})"})),
            "payment_state");
}

TEST_F(PaymentsTest, that_are_not_in_review_have_none_to_end) {
  const std::string id = id_of(plain);
  EXPECT_EQ(
      code_of(running.ask(review_payment_call, {.id = id, .body = R"({"decision":"accept"})"})),
      "payment_state");
  EXPECT_EQ(
      code_of(running.ask(review_payment_call, {.id = id, .body = R"({"decision":"maybe"})"})),
      "invalid_field");
}

}  // namespace
}  // namespace switchyard::testing
