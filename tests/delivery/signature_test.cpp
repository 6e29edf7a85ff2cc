#include "delivery/signature.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace switchyard {
namespace {

// Vectors made with the reference libraries of Standard Webhooks.
const std::string body_b =
    R"({"type":"payment.captured","timestamp":"2026-01-01T00:00:00.000000Z","data":{"payment_id":"pay_01J9Z3K8","version":7,"amount":{"value":123456,"currency":"EUR"},"merchant_ref":"Zażółć gęślą jaźń €"}})";
const std::string id_b = "evt_01J9Z3K8Q4W7N2X5C6V8B0M1RT";
const Secret key_b("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
const Secret old_key("whsec_paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWl");
const Time at_b = from_unix_seconds(1'767'225'600);
const std::string new_token = "v1,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=";
const std::string old_token = "v1,I53nHYLNG10/LWxpJB3/fii29JMDX3j+t6pdcQpY6/Y=";

std::string sign(const std::vector<Secret>& secrets, const std::string& id, Time at,
                 const std::string& body) {
  return sign_message(secrets, id, at, body);
}

struct Message {
  std::string id = id_b;
  std::string timestamp = "1767225600";
  std::string signature = new_token;
  std::string body = body_b;
  std::int64_t now = 1'767'225'600;
  Secret secret = key_b;
};

bool is_accepted(const Message& message) {
  return is_signed(std::vector{message.secret},
                   {{"webhook-id", message.id},
                    {"webhook-timestamp", message.timestamp},
                    {"webhook-signature", message.signature}},
                   message.body, from_unix_seconds(message.now));
}

bool is_accepted_with(const std::string& signature) {
  return is_accepted({.signature = signature});
}
bool is_accepted_at(std::int64_t now) { return is_accepted({.now = now}); }
bool is_accepted_as_of(const std::string& timestamp) {
  // Signed over that very text, so that only its grammar can be refused.
  const auto key = from_base64(key_b.reveal().substr(6));
  const std::string content = id_b + "." + timestamp + "." + body_b;
  return is_accepted(
      {.timestamp = timestamp, .signature = "v1," + to_base64(hmac_sha256(*key, content))});
}

}  // namespace

TEST(Signature, O15_is_the_official_vector) {
  EXPECT_EQ(sign({Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")}, "msg_p5jXN8AQM9LWM0D4loKWxJek",
                 from_unix_seconds(1'614'265'330), R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, covers_text_that_is_not_ascii) {
  ASSERT_EQ(sha256_hex(body_b), "7d1d09a57a723c890789fa1d154b8e9aefa4c2ef5f7989210b63f56482aca312");
  EXPECT_EQ(sign({key_b}, id_b, at_b, body_b), new_token);
}

TEST(Signature, O15_lists_the_newest_secret_first_with_one_space) {
  EXPECT_EQ(sign({key_b, old_key}, id_b, at_b, body_b), new_token + " " + old_token);
}

TEST(Signature, covers_an_empty_body) {
  EXPECT_EQ(sign({key_b}, "evt_empty", at_b, ""),
            "v1,IEidhSDqRhHdnYnnuTjxtzcGb0ePnOEAl3XDlH5TeaA=");
}

TEST(Signature, takes_the_longest_key) {
  EXPECT_EQ(sign({Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMD"
                         "EyMzQ1Njc4OTo7PD0+Pw==")},
                 id_b, at_b, body_b),
            "v1,kQN7GKUgVI3+hObanmflYqp92XyyCSJWwQOSukwPA3c=");
}

TEST(Signature, is_nothing_without_a_secret_that_can_be_read) {
  for (const char* text : {"", "whsec_", "whsec_!!!", "AAECAwQFBgcICQoL", "whsec_AAECAwQFBgcICQo"})
    EXPECT_EQ(sign({Secret(text)}, id_b, at_b, body_b), "") << text;
}

TEST(Signature, O15_ignores_a_secret_that_was_rotated_out) {
  const Secret text(key_b.reveal() + " " + old_key.reveal() + "@1767225600");
  EXPECT_EQ(secrets_in(text, from_unix_seconds(1'767'225'599)), (std::vector{key_b, old_key}));
  EXPECT_EQ(secrets_in(text, from_unix_seconds(1'767'225'600)), std::vector{key_b});
  EXPECT_EQ(secrets_in(key_b, at_b), std::vector{key_b});
  EXPECT_TRUE(secrets_in(Secret(), at_b).empty());
}

TEST(Signature, O15_is_accepted_with_either_secret_while_they_rotate) {
  for (const Secret& secret : {key_b, old_key})
    EXPECT_TRUE(
        is_accepted({.signature = new_token + " " + old_token + " v1a,AAAA", .secret = secret}));
  EXPECT_TRUE(is_accepted({.signature = "v1a,AAAA " + new_token}));
}

TEST(Signature, is_accepted_for_300_seconds_either_way) {
  EXPECT_TRUE(is_accepted_at(1'767'225'900));
  EXPECT_TRUE(is_accepted_at(1'767'225'300));
  EXPECT_FALSE(is_accepted_at(1'767'225'901));
  EXPECT_FALSE(is_accepted_at(1'767'225'299));
}

TEST(Signature, is_refused_when_anything_changed) {
  std::string changed = body_b;
  changed[20] ^= 1;
  EXPECT_FALSE(is_accepted({.body = changed}));
  EXPECT_FALSE(is_accepted({.body = body_b + " "}));
  EXPECT_FALSE(is_accepted({.id = "evt_01J9Z3K8Q4W7N2X5C6V8B0M1RX"}));
  EXPECT_FALSE(is_accepted({.id = ""}));
  EXPECT_FALSE(is_accepted({.secret = old_key}));
}

TEST(Signature, is_refused_when_its_list_is_not_one) {
  for (const char* signature : {"", "v1", "v1,", "v1a,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=",
                                "v1,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4s", "v1,bjwO",
                                "v1,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU",
                                "bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=",
                                "v1bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=",
                                "v1,AAAA,v1,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=",
                                "v1,bjwO1sO6TQ/ujuyuwhpfKJ3z3ITz6Nqb4e07Mi4swpU=,v1,AAAA"})
    EXPECT_FALSE(is_accepted_with(signature)) << signature;
}

TEST(Signature, is_refused_when_the_timestamp_is_no_plain_number) {
  EXPECT_TRUE(is_accepted_as_of("1767225600"));
  for (const char* timestamp : {"1767225600junk", "1767225600.75", "+1767225600", "01767225600", "",
                                " 1767225600", "1767225600 ", "-1767225600", "1767225600000000"})
    EXPECT_FALSE(is_accepted_as_of(timestamp)) << timestamp;
}

TEST(Signature, is_found_under_any_case_of_the_header) {
  EXPECT_TRUE(is_signed(
      std::vector{key_b},
      {{"Webhook-Id", id_b}, {"WEBHOOK-TIMESTAMP", "1767225600"}, {"Webhook-Signature", new_token}},
      body_b, at_b));
}

TEST(Signature, covers_bytes_that_are_not_text) {
  const std::string bytes("{\"a\":\"\xff\xfe\0\"}", 12);
  EXPECT_TRUE(is_accepted({.signature = sign({key_b}, id_b, at_b, bytes), .body = bytes}));
}

TEST(SignatureDeathTest, is_never_made_for_an_id_with_a_dot) {
  EXPECT_DEATH(sign({key_b}, "evt_a.1767225600", at_b, "X"), "is_plain_id");
}

}  // namespace switchyard
