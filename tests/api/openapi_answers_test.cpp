// What payments, refunds and transfers really answer is what docs/openapi.yaml says, in good times
// and bad; the other resources check it in their own tests.
#include "api/payments.h"
#include "api/refunds.h"
#include "api/transfers.h"
#include "documented.h"

namespace switchyard {
namespace {

using testing::Ask;
using testing::ask_documented;
using testing::card_payment;
using testing::id_of;
using testing::RunningApi;

class Answers : public ::testing::Test {
 protected:
  Reply create(const std::string& body) {
    return ask_documented(api, "/v1/payments", create_payment_call, {.body = body});
  }
  // The id of the payment, of one that was declined too.
  std::string paid_with(const std::string& token) {
    const Reply reply = create(card_payment(token));
    return reply.status == 402 ? text_at(api.json(reply), "error.payment.id") : id_of(reply);
  }
  Reply post(const std::string& id, const std::string& verb, ApiHandler handler,
             const std::string& body = "{}") {
    return ask_documented(api, "/v1/payments/{id}/" + verb, handler, {.id = id, .body = body});
  }
  void do_everything_to(const std::string& id) {
    const std::string one = "/v1/payments/{id}";
    ask_documented(api, one, retrieve_payment_call, {.method = "GET", .id = id});
    ask_documented(api, one + "/timeline", payment_timeline_call, {.method = "GET", .id = id});
    post(id, "refunds", create_payment_refund_call, R"({"amount":100})");
    post(id, "confirm", confirm_payment_call);
    post(id, "capture", capture_payment_call);
    post(id, "review", review_payment_call, R"({"decision":"accept"})");
    post(id, "cancel", cancel_payment_call);
    ask_documented(api, one, update_payment_call,
                   {.method = "PATCH", .id = id, .body = R"({"description":"x"})"});
    ask_documented(api, "/v1/payments", list_payments_call, {.method = "GET"});
    ask_documented(api, "/v1/refunds", list_refunds_call, {.method = "GET"});
  }

  RunningApi api;
};

TEST_F(Answers, about_payments_are_documented_whatever_the_provider_says) {
  for (const char* token : {"tok_paid", "tok_declined", "tok_held", "tok_broken"}) {
    const std::string id = paid_with(token);
    ASSERT_FALSE(id.empty()) << token;
    do_everything_to(id);
  }
}

TEST_F(Answers, about_payments_that_are_not_there_are_documented) { do_everything_to("pay_none"); }

TEST_F(Answers, to_bad_requests_are_documented) {
  EXPECT_EQ(create("{").status, 400);
  EXPECT_EQ(create(R"({"amount":-1,"colour":"red"})").status, 400);
  EXPECT_EQ(create(R"({"amount":1,"currency":"USD","description":"4242 4242 4242 4242"})").status,
            400);
  EXPECT_EQ(create(R"({"amount":1,"currency":"USD","customer":{"id":"cus_none"}})").status, 404);
}

TEST_F(Answers, to_the_payers_browser_are_documented) {
  const Reply made = create(R"({"amount":4999,"currency":"USD"})");
  const auto ask = [&](const std::string& verb, ApiHandler handler, const std::string& method,
                       const std::string& body) {
    return ask_documented(
        api, "/v1/payments/{id}" + verb, handler,
        {.method = method,
         .id = id_of(made),
         .body = body,
         .headers = {{"switchyard-client-secret", text_at(api.json(made), "client_secret")}},
         .api_key = api.publishable_key},
        Access::publishable);
  };
  EXPECT_EQ(ask("", retrieve_payment_call, "GET", "").status, 200);
  const std::string declined = R"({"payment_method":{"type":"card","token":"tok_declined"}})";
  EXPECT_EQ(ask("/confirm", confirm_payment_call, "POST", declined).status, 402);
  const std::string paid = R"({"payment_method":{"type":"card","token":"tok_paid"}})";
  EXPECT_EQ(ask("/confirm", confirm_payment_call, "POST", paid).status, 200);
}

TEST_F(Answers, about_manual_transfers_are_documented) {
  const Reply made = create(
      R"({"amount":250000,"currency":"IDR","confirm":true,"payment_method":{"type":"manual_transfer"}})");
  const std::string id = id_of(made);
  EXPECT_EQ(text_at(api.json(made), "next_action.type"), "transfer_instructions");
  EXPECT_EQ(post(id, "transfer/confirm", confirm_transfer_call, "{}").status, 400);
  EXPECT_EQ(post(id, "transfer/confirm", confirm_transfer_call,
                 R"({"amount":250000,"bank_reference":"A"})")
                .status,
            200);
  EXPECT_EQ(post(id, "transfer/reject", reject_transfer_call, R"({"reason":"A"})").status, 409);
}

}  // namespace
}  // namespace switchyard
