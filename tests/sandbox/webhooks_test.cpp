#include "sandbox/webhooks.h"

#include "base/crypto.h"
#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class ProviderWebhooks : public RunningSandbox {
 protected:
  void pay(const std::string& reference) {
    ASSERT_EQ(
        example("POST", "/charges", charge(reference, token("tok_ok"), receiver_.url())).status,
        201);
  }
  static std::string reference_in(const Request& request) {
    return text_at(parse_json(request.body), "charge.reference");
  }
  static bool is_signed(const Request& request, const std::string& key) {
    const std::string header(request.header("example-signature"));
    const std::size_t comma = header.find(",v1=");
    if (comma == std::string::npos) return false;
    const std::string content = header.substr(2, comma - 2) + "." + request.body;
    return header.substr(comma + 4) == to_hex(hmac_sha256(key, content));
  }
  bool log_holds(const std::string& outcome) {
    return becomes_true([&] {
      const Json log = send("GET", "/webhooks_sent").json;
      for (const Json& each : member_at(log, "tries"))
        if (text_at(each, "outcome") == outcome) return true;
      return false;
    });
  }
  Receiver receiver_;
};

TEST_F(ProviderWebhooks, are_signed_with_the_configured_key) {
  send("POST", "/settings", {{"example.webhook_key", "whk_mine"}});
  pay("att_1");
  const auto received = receiver_.wait_for(1);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_TRUE(is_signed(received[0], "whk_mine"));
  EXPECT_EQ(text_at(parse_json(received[0].body), "charge.status"), "paid");
}

TEST_F(ProviderWebhooks, are_tried_again_until_they_are_taken) {
  receiver_.answer_next_with(500);
  receiver_.answer_next_with(302);
  pay("att_1");
  const auto received = receiver_.wait_for(3);
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(received[0].body, received[2].body);
  EXPECT_TRUE(is_signed(received[2], "whk_example"));
  EXPECT_TRUE(log_holds("500"));
  EXPECT_TRUE(log_holds("200"));
}

TEST_F(ProviderWebhooks, are_given_up_after_their_last_try) {
  for (int i = 0; i < 6; ++i) receiver_.answer_next_with(500);
  pay("att_1");
  EXPECT_EQ(receiver_.wait_for(6).size(), 6u);
  pay("att_2");
  const auto received = receiver_.wait_for(7);
  ASSERT_EQ(received.size(), 7u);
  EXPECT_EQ(reference_in(received[6]), "att_2");
}

TEST_F(ProviderWebhooks, get_lost) {
  order({{"provider", "example"}, {"webhook", "lose"}});
  pay("att_lost");
  pay("att_kept");
  const auto received = receiver_.wait_for(1);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(reference_in(received[0]), "att_kept");
  EXPECT_TRUE(log_holds("lost"));
}

TEST_F(ProviderWebhooks, come_twice) {
  order({{"webhook", "double"}});
  pay("att_1");
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].body, received[1].body);
}

TEST_F(ProviderWebhooks, overtake_each_other) {
  order({{"webhook", "reorder"}});
  pay("att_first");
  pay("att_second");
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(reference_in(received[0]), "att_second");
  EXPECT_EQ(reference_in(received[1]), "att_first");
}

TEST_F(ProviderWebhooks, come_late) {
  order({{"webhook", "delay:3600000"}});
  pay("att_late");
  pay("att_soon");
  EXPECT_EQ(receiver_.wait_for(1).size(), 1u);
  send("POST", "/clock", {{"advance_sec", 3600}});
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(reference_in(received[1]), "att_late");
}

TEST_F(ProviderWebhooks, are_forged_beside_the_true_one) {
  order({{"webhook", "forge"}});
  pay("att_1");
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_NE(is_signed(received[0], "whk_example"), is_signed(received[1], "whk_example"));
  EXPECT_TRUE(log_holds("forged 200"));
}

TEST_F(ProviderWebhooks, come_again_long_after_with_the_same_bytes_and_time) {
  order({{"webhook", "again:600000"}});
  pay("att_1");
  EXPECT_EQ(receiver_.wait_for(1).size(), 1u);
  send("POST", "/clock", {{"advance_sec", 600}});
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].body, received[1].body);
  EXPECT_EQ(received[0].header("example-signature"), received[1].header("example-signature"));
}

TEST_F(ProviderWebhooks, go_to_somebody_else_as_well) {
  Receiver another;
  ASSERT_EQ(example("POST", "/charges", charge("att_1", token("tok_ok"), another.url())).status,
            201);
  ASSERT_EQ(another.wait_for(1).size(), 1u);
  order({{"webhook", "misaddress"}});
  pay("att_2");
  const auto strayed = another.wait_for(2);
  ASSERT_EQ(strayed.size(), 2u);
  EXPECT_EQ(reference_in(strayed[1]), "att_2");
  EXPECT_EQ(receiver_.wait_for(1).size(), 1u);
}

TEST_F(ProviderWebhooks, bring_nonsense_under_true_headers) {
  order({{"webhook", "garbage"}});
  pay("att_1");
  const auto received = receiver_.wait_for(2);
  ASSERT_EQ(received.size(), 2u);
  EXPECT_GE(std::max(received[0].body.size(), received[1].body.size()), 1u << 20);
}

}  // namespace
}  // namespace switchyard::sandbox
