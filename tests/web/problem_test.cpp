#include "web/problem.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

Json error_of(const Reply& reply) { return parse_json(reply.body)["error"]; }

TEST(Problem, holds_all_that_is_known_and_nothing_else) {
  const Error error{.code = ErrorCode::invalid_field,
                    .message = "Two fields are invalid.",
                    .param = "amount",
                    .details = {{"amount", "too small"}, {"currency", "unknown"}},
                    .payment_id = "pay_1"};
  const Reply reply = to_reply(error, "req_1");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, R"({"error":{"type":"invalid_request","code":"invalid_field",)"
                        R"("message":"Two fields are invalid.","param":"amount",)"
                        R"("details":[{"param":"amount","message":"too small"},)"
                        R"({"param":"currency","message":"unknown"}],"payment":"pay_1",)"
                        R"("request_id":"req_1","doc_url":"docs/errors.md#invalid_field"}})");
  EXPECT_EQ(to_reply({.code = ErrorCode::not_found, .message = "No."}, "req_1").body,
            R"({"error":{"type":"invalid_request","code":"not_found","message":"No.",)"
            R"("request_id":"req_1","doc_url":"docs/errors.md#not_found"}})");
}

TEST(Problem, takes_what_a_declined_payment_adds) {
  const Json extra = {{"decline_code", "card_declined"}, {"payment", {{"id", "pay_1"}}}};
  const Reply reply =
      to_reply({.code = ErrorCode::payment_declined, .payment_id = "pay_1"}, "req_1", extra);
  EXPECT_EQ(reply.status, 402);
  EXPECT_EQ(text_at(error_of(reply), "decline_code"), "card_declined");
  EXPECT_EQ(text_at(error_of(reply), "payment.id"), "pay_1");
  EXPECT_EQ(text_at(error_of(reply), "request_id"), "req_1");
}

TEST(Problem, says_when_to_come_back) {
  EXPECT_EQ(to_reply({.code = ErrorCode::rate_limited, .retry_after_sec = 7}, "").headers,
            (Fields{{"Retry-After", "7"}}));
  EXPECT_EQ(to_reply({.code = ErrorCode::overloaded}, "").headers, (Fields{{"Retry-After", "1"}}));
  EXPECT_TRUE(to_reply({.code = ErrorCode::not_found}, "").headers.empty());
}

TEST(Problem, survives_a_message_that_is_not_utf8) {
  EXPECT_TRUE(error_of(to_reply({.message = "\xff"}, "req_1")).is_object());
}

}  // namespace
}  // namespace switchyard
