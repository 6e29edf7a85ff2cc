#include "api/pan_guard.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

std::string place_of(const Json& body) {
  const auto done = refuse_card_numbers(body);
  if (done) return "accepted";
  EXPECT_EQ(done.error().code, ErrorCode::card_number_not_accepted);
  EXPECT_EQ(done.error().message.find("4242"), std::string::npos);
  return done.error().param;
}

TEST(PanGuard, D11_refuses_a_card_number_in_any_text) {
  EXPECT_EQ(place_of({{"description", "card 4242 4242 4242 4242"}}), "description");
  EXPECT_EQ(place_of({{"metadata", {{"note", "4242424242424242"}}}}), "metadata.note");
  EXPECT_EQ(place_of({{"external_id", "4242-4242-4242-4242"}}), "external_id");
  EXPECT_EQ(place_of({{"payment_method", {{"token", "4242424242424242"}}}}),
            "payment_method.token");
  EXPECT_EQ(place_of({{"list", Json::array({"a", "4242424242424242"})}}), "list.1");
}

TEST(PanGuard, D11_refuses_a_card_number_in_the_idempotency_key_and_in_the_query) {
  const auto place = [](const Request& request) {
    const auto done = refuse_card_numbers(request);
    return done ? "accepted" : done.error().param;
  };
  EXPECT_EQ(place({.headers = {{"idempotency-key", "order-4242424242424242"}}}), "idempotency-key");
  EXPECT_EQ(place({.headers = {{"x-idempotency-key", "4242 4242 4242 4242"}}}),
            "x-idempotency-key");
  EXPECT_EQ(place({.query = {{"external_id", "4242424242424242"}}}), "external_id");
  EXPECT_EQ(place({.query = {{"4242424242424242", "x"}}}), "?");
  EXPECT_EQ(place({.query = {{"external_id", "order-1"}},
                   .headers = {{"idempotency-key", "0e248279-2737-4241-3cc8-945124e21b4f"}}}),
            "accepted");
}

TEST(PanGuard, D11_refuses_a_card_number_in_a_key_and_does_not_repeat_it) {
  EXPECT_EQ(place_of({{"metadata", {{"4242424242424242", "x"}}}}), "metadata.?");
}

TEST(PanGuard, D11_takes_phone_numbers_in_their_own_fields_only) {
  const std::string looks_like_a_card = "+378282246310005";  // E.164 allows 15 digits
  EXPECT_EQ(place_of({{"payment_method", {{"phone_number", looks_like_a_card}}}}), "accepted");
  EXPECT_EQ(place_of({{"customer", {{"phone", looks_like_a_card}}}}), "accepted");
  EXPECT_EQ(place_of({{"metadata", {{"phone", looks_like_a_card}}}}), "metadata.phone");
  EXPECT_EQ(place_of({{"customer", {{"phone", "4242424242424242"}}}}), "customer.phone");
}

TEST(PanGuard, takes_everything_else) {
  EXPECT_EQ(
      place_of(
          {{"amount", 4999}, {"description", "Order 4242424242424241"}, {"customer", nullptr}}),
      "accepted");
}

}  // namespace
}  // namespace switchyard
