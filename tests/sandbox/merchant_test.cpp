#include "sandbox/merchant.h"

#include <gtest/gtest.h>

namespace switchyard::sandbox {
namespace {

// The vector of the Standard Webhooks reference libraries.
constexpr char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::int64_t sent_at = 1614265330;

Request event(std::string body = R"({"test": 2432232314})") {
  return {
      .method = "POST",
      .path = "/events",
      .headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                  {"webhook-timestamp", std::to_string(sent_at)},
                  {"webhook-signature", "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
      .body = std::move(body)};
}

class DemoMerchant : public testing::Test {
 protected:
  Reply post(const std::string& path, const Json& body) {
    return merchant_.handle({.method = "POST", .path = path, .body = write_json(body)});
  }
  Json events() {
    return member_at(parse_json(merchant_.handle({.method = "GET", .path = "/events"}).body),
                     "events");
  }
  std::int64_t now_ = sent_at;
  Merchant merchant_{[this] { return now_; }};
};

TEST_F(DemoMerchant, takes_what_is_signed_with_one_of_its_secrets) {
  post("/secret", {{"secret", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}});
  post("/secret", {{"secret", secret}});
  EXPECT_EQ(merchant_.handle(event()).status, 200);
  EXPECT_EQ(bool_at(events(), "0.verified"), true);
  EXPECT_EQ(text_at(events(), "0.webhook_id"), "msg_p5jXN8AQM9LWM0D4loKWxJek");
}

TEST_F(DemoMerchant, refuses_and_remembers_what_is_not) {
  EXPECT_EQ(merchant_.handle(event()).status, 401);
  post("/secret", {{"secret", secret}});
  EXPECT_EQ(merchant_.handle(event(R"({"test": 2432232315})")).status, 401);
  EXPECT_EQ(events().size(), 2u);
  EXPECT_EQ(bool_at(events(), "1.verified"), false);
}

TEST_F(DemoMerchant, refuses_an_old_signature) {
  post("/secret", {{"secret", secret}});
  now_ = sent_at + 300;
  EXPECT_EQ(merchant_.handle(event()).status, 200);
  now_ = sent_at + 301;
  EXPECT_EQ(merchant_.handle(event()).status, 401);
}

TEST_F(DemoMerchant, fails_as_often_as_it_was_told) {
  post("/secret", {{"secret", secret}});
  post("/fail", {{"times", 2}, {"status", 503}});
  EXPECT_EQ(merchant_.handle(event()).status, 503);
  EXPECT_EQ(merchant_.handle(event()).status, 503);
  EXPECT_EQ(merchant_.handle(event()).status, 200);
  EXPECT_EQ(integer_at(events(), "0.answered"), 503);
}

TEST_F(DemoMerchant, does_not_take_a_secret_that_is_none) {
  EXPECT_EQ(post("/secret", {{"secret", "whsec_?"}}).status, 400);
  EXPECT_EQ(post("/secret", Json::object()).status, 400);
}

TEST_F(DemoMerchant, shows_the_payer_the_payment_without_running_its_text) {
  const Reply reply = merchant_.handle(
      {.method = "GET", .path = "/return", .query = {{"payment_id", "<script>pay_1"}}});
  EXPECT_NE(reply.body.find("&lt;script&gt;pay_1"), std::string::npos);
}

}  // namespace
}  // namespace switchyard::sandbox
