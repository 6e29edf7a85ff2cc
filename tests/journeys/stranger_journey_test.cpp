// Two merchants with an account each at the same provider. What one's account truly says about the
// other's payment touches neither.
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

std::string account_of(const std::string& name, const std::string& merchant) {
  return "\n[[account]]\nid = \"example_" + name +
         "\"\nadapter = \"example\"\nmode = \"test\"\nbase_url = \"SANDBOX/example\"\n"
         "api_key = \"sk_test_" +
         name + "\"\nwebhook_key = \"whk_" + name + "\"\naccount_name = \"" + name +
         "\"\nmerchants = [\"" + merchant + "\"]\n";
}

class Stranger : public ::testing::Test {
 protected:
  Stranger() : other_(stack_.make_merchant("Other")) {
    stack_.change_config(account_of("mine", stack_.keys().merchant) +
                         account_of("other", other_.merchant) + R"(
[[rule]]
name = "all"
use = ["example_mine", "example_other"]

[payments]
look_up_speed = 0.001
)");
    stack_.restart_router();
    stack_.set_simulator(
        {{"example.webhook_key.mine", "whk_mine"}, {"example.webhook_key.other", "whk_other"}});
    mine_ = pay(stack_.keys().secret, "example_mine");
    others_ = pay(other_.secret, "example_other");
    // Each charge's page is told of as it opens.
    EXPECT_TRUE(wait_until([&] {
      return stack_.value("SELECT count(*) FROM provider_webhooks WHERE state = 'done'") == "2";
    }));
  }

  Json pay(const std::string& key, const std::string& account) {
    const JsonAnswer answer = stack_.call("POST", "/v1/payments",
                                          {{"amount", 4999},
                                           {"currency", "USD"},
                                           {"confirm", true},
                                           {"payment_method", hosted_page},
                                           {"return_url", stack_.sandbox().url() + "/return"}},
                                          {}, key);
    EXPECT_EQ(status_of(answer), "requires_action") << answer.text;
    EXPECT_EQ(text_at(answer.body, "provider"), account);
    return answer.body;
  }

  // Everything of both merchants but the messages themselves.
  std::vector<std::vector<std::string>> all() {
    return stack_.rows(
        "SELECT 'payment', p::text FROM payments p UNION ALL SELECT 'attempt', a::text FROM "
        "attempts a UNION ALL SELECT 'refund', r::text FROM refunds r UNION ALL SELECT 'event', "
        "id FROM events UNION ALL SELECT 'line', id FROM journal_lines UNION ALL SELECT "
        "'anomaly', id FROM anomalies ORDER BY 1, 2");
  }
  std::string anomalies(const std::string& where) {
    return stack_.value("SELECT count(*) FROM anomalies WHERE " + where);
  }
  void expect_outcome(const std::string& event, const std::string& state,
                      const std::string& outcome) {
    const std::string of = " FROM provider_webhooks WHERE provider_event_id = '" + event + "'";
    EXPECT_TRUE(wait_until([&] { return stack_.value("SELECT state" + of) != "waiting"; }));
    EXPECT_EQ(stack_.value("SELECT state" + of), state);
    EXPECT_EQ(stack_.value("SELECT outcome" + of), outcome);
  }
  void expect_both_can_still_be_paid() {
    for (const Json& each : {mine_, others_})
      pay_and_leave(stack_, text_at(each, "next_action.redirect.url"));
    EXPECT_TRUE(wait_until([&] {
      return stack_.value("SELECT count(*) FROM payments WHERE status = 'succeeded'") == "2";
    }));
    EXPECT_EQ(stack_.sandbox().ledger().size(), 2u);
    stack_.expect_sound(text_at(mine_, "id"));
  }

  Stack stack_;
  Keys other_;
  Json mine_, others_;
};

TEST_F(Stranger, C8_P9_says_that_a_payment_was_paid) {
  const auto before = all();
  EXPECT_EQ(
      send_webhook(stack_, "example_mine", says_paid(others_, "mine", "49.99"), "whk_mine").status,
      200);
  expect_outcome("evt_of_the_test", "parked", "no attempt of ours yet");
  EXPECT_EQ(all(), before);
  expect_both_can_still_be_paid();
}

TEST_F(Stranger, P3_knows_the_other_address_but_not_the_key) {
  const auto before = all();
  EXPECT_EQ(send_webhook(stack_, "example_other", says_paid(others_, "other", "49.99"), "whk_mine")
                .status,
            401);
  EXPECT_EQ(stack_.value("SELECT state FROM provider_webhooks WHERE proof = 'rejected'"),
            "quarantined");
  EXPECT_EQ(all(), before);
  expect_both_can_still_be_paid();
}

TEST_F(Stranger, C8_P9_names_a_charge_of_its_own_with_the_reference_of_another) {
  Json message = says_paid(mine_, "mine", "49.99");
  message["charge"]["reference"] = text_at(others_, "attempts.0.id");
  const auto before = stack_.rows("SELECT p::text FROM payments p UNION ALL SELECT id FROM events");
  EXPECT_EQ(send_webhook(stack_, "example_mine", message, "whk_mine").status, 200);
  expect_outcome("evt_of_the_test", "done", "applied");
  EXPECT_EQ(
      anomalies("what = 'mismatch: reference' AND payment_id = '" + text_at(mine_, "id") + "'"),
      "1");
  EXPECT_EQ(anomalies("payment_id = '" + text_at(others_, "id") + "'"), "0");
  EXPECT_EQ(stack_.rows("SELECT p::text FROM payments p UNION ALL SELECT id FROM events"), before);
  expect_both_can_still_be_paid();
}

TEST_F(Stranger, P9_is_named_in_a_message_that_came_the_right_way) {
  const auto before = stack_.rows("SELECT p::text FROM payments p UNION ALL SELECT id FROM events");
  EXPECT_EQ(send_webhook(stack_, "example_other", says_paid(others_, "mine", "49.99"), "whk_other")
                .status,
            200);
  expect_outcome("evt_of_the_test", "done", "applied");
  EXPECT_EQ(
      anomalies("what = 'mismatch: account' AND payment_id = '" + text_at(others_, "id") + "'"),
      "1");
  EXPECT_EQ(anomalies("payment_id = '" + text_at(mine_, "id") + "'"), "0");
  EXPECT_EQ(stack_.rows("SELECT p::text FROM payments p UNION ALL SELECT id FROM events"), before);
  expect_both_can_still_be_paid();
}

TEST_F(Stranger, C8_P9_says_that_a_paid_charge_was_refunded) {
  expect_both_can_still_be_paid();
  EXPECT_TRUE(wait_until([&] {
    return stack_.value("SELECT count(*) FROM provider_webhooks WHERE state = 'done'") == "4";
  }));
  const auto before = all();
  const Json refund = {
      {"id", "re_of_nobody"},    {"charge", text_at(others_, "provider_reference")},
      {"reference", "somebody"}, {"account", "mine"},
      {"status", "succeeded"},   {"amount", "49.99"},
      {"currency", "USD"}};
  EXPECT_EQ(send_webhook(stack_, "example_mine",
                         {{"id", "evt_refund"},
                          {"type", "refund.updated"},
                          {"live", false},
                          {"account", "mine"},
                          {"refund", refund}},
                         "whk_mine")
                .status,
            200);
  expect_outcome("evt_refund", "parked", "no attempt of ours yet");
  EXPECT_EQ(all(), before);
}

}  // namespace
}  // namespace switchyard::testing
