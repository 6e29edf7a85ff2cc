// kill -9 between a provider's message and what becomes of it: the message is kept, believed once
// or not at all, and says no more after the crash than before it. Nothing is looked up by itself
// here, so that only messages can bring the news.
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

constexpr const char* stored = "wh.after_store_before_ack=kill@1";
constexpr const char* leased = "wh.before_apply=kill@1";

// Where the router dies; and, when it then works on what it had kept, where it dies again.
struct Death {
  const char* name;
  const char* first;
  const char* second = "";
};
// clang-format off
constexpr Death deaths[] = {
    {"after_it_was_kept",             stored},
    {"before_it_was_applied",         leased},
    {"in_the_commit_that_applies_it", leased, "result.in_commit=kill@1"},
    {"after_that_commit",             leased, "result.after_commit=kill@1"},
};
// clang-format on

void PrintTo(const Death& death, std::ostream* out) { *out << death.name; }
std::string name_of(const ::testing::TestParamInfo<Death>& info) { return info.param.name; }

void revive(Stack& stack, const std::string& failpoints = {}) {
  stack.wait_until_router_is_gone();
  stack.end_leases();
  stack.start_router(0, failpoints);
}

std::string rarely_looking(const std::string& config) {
  return config + "\n[payments]\nlook_up_speed = 0.001\n";
}

std::string webhooks(Stack& stack, const std::string& where) {
  return stack.value("SELECT count(*) FROM provider_webhooks WHERE " + where);
}

// All that is known of a payment: what changes nothing leaves this as it is.
std::vector<std::vector<std::string>> all_of(Stack& stack, const std::string& id) {
  return stack.rows("SELECT 'payment', p::text FROM payments p WHERE id = '" + id +
                    "' UNION ALL SELECT 'attempt', a::text FROM attempts a WHERE payment_id = '" +
                    id + "' UNION ALL SELECT 'event', id FROM events WHERE payment_id = '" + id +
                    "' UNION ALL SELECT 'line', id FROM journal_lines WHERE payment_id = '" + id +
                    "' UNION ALL SELECT 'anomaly', id FROM anomalies WHERE payment_id = '" + id +
                    "' ORDER BY 1, 2");
}

class CrashAtWebhook : public ::testing::TestWithParam<Death> {
 protected:
  // A payment that the provider was paid for and has not told us of.
  static Json paid_in_secret(Stack& stack, const Json& more = Json::object()) {
    stack.order_fault(all_webhooks_lost("example"));
    const JsonAnswer answer = stack.pay(hosted_page, more);
    EXPECT_EQ(status_of(answer), "requires_action") << answer.text;
    pay_and_leave(stack, redirect_of(answer));
    EXPECT_EQ(stack.ledger_of(id_of(answer), "charge").size(), 1u);
    EXPECT_EQ(text_at(stack.payment(id_of(answer)), "status"), "requires_action");
    return answer.body;
  }

  // The router takes the message and dies as the parameter says, once or twice; then it lives.
  static void tell_and_die(Stack& stack, const std::string& account, const Json& message,
                           const std::string& key) {
    const Death& death = GetParam();
    stack.restart_router(0, death.first);
    send_webhook(stack, account, message, key);
    if (*death.second) revive(stack, death.second);
    revive(stack);
  }

  static void expect_one_success(Stack& stack, const std::string& id) {
    EXPECT_EQ(integer_at(stack.wait_for_status(id, "succeeded"), "amount_received"), 4999);
    EXPECT_TRUE(wait_until([&] { return webhooks(stack, "state = 'waiting'") == "0"; }));
    stack.expect_sound(id);
    EXPECT_EQ(stack.value("SELECT count(*) FROM events WHERE payment_id = '" + id +
                          "' AND type = 'payment.succeeded'"),
              "1");
    EXPECT_EQ(stack.value("SELECT count(*) FROM journal_lines WHERE payment_id = '" + id +
                          "' AND what = 'captured' AND amount > 0"),
              "1");
    EXPECT_EQ(stack.sandbox().ledger().size(), 1u);
  }
};

TEST_P(CrashAtWebhook, a_message_received_twice_is_one_success) {
  Stack stack({.config = rarely_looking(pages_at_example)});
  const Json payment = paid_in_secret(stack);
  Json message = says_paid(payment, "shop", "49.99");
  tell_and_die(stack, "example", message, "whk_example");
  EXPECT_EQ(send_webhook(stack, "example", message, "whk_example").status, 200);
  message["id"] = "evt_that_says_it_again";
  EXPECT_EQ(send_webhook(stack, "example", message, "whk_example").status, 200);
  expect_one_success(stack, text_at(payment, "id"));
  EXPECT_EQ(webhooks(stack, "provider_event_id = 'evt_of_the_test'"), "1");
  EXPECT_EQ(webhooks(stack, "provider_event_id = 'evt_that_says_it_again'"), "1");
}

TEST_P(CrashAtWebhook, a_forged_one_changes_nothing_and_does_not_hide_the_true_one) {
  Stack stack({.config = rarely_looking(pages_at_example)});
  const Json payment = paid_in_secret(stack);
  const std::string id = text_at(payment, "id");
  const auto before = all_of(stack, id);
  stack.restart_router(0, stored);
  send_webhook(stack, "example", says_paid(payment, "shop", "49.99"), "whk_wrong");
  revive(stack);
  EXPECT_EQ(webhooks(stack, "proof = 'rejected' AND state = 'quarantined'"), "1");
  EXPECT_EQ(all_of(stack, id), before);

  tell_and_die(stack, "example", says_paid(payment, "shop", "49.99"), "whk_example");
  expect_one_success(stack, id);
  EXPECT_EQ(webhooks(stack, "proof = 'rejected' AND state = 'quarantined'"), "1");
  EXPECT_EQ(webhooks(stack, "proof = 'verified' AND state = 'done'"), "1");
  EXPECT_EQ(before.size() + 3,
            all_of(stack, id).size());  // the event, and two lines of the journal
}

TEST_P(CrashAtWebhook, a_wrong_amount_that_is_true_is_shown_to_a_person_once) {
  Stack stack({.config = rarely_looking(pages_at_example)});
  const Json payment = paid_in_secret(stack);
  const std::string id = text_at(payment, "id");
  stack.set_simulator({{"example.lie", "amount"}});
  tell_and_die(stack, "example", says_paid(payment, "shop", "99.99"), "whk_example");
  EXPECT_TRUE(
      wait_until([&] { return text_at(stack.payment(id), "review") == "amount_mismatch"; }));
  EXPECT_TRUE(wait_until([&] { return stack.has_received(id, "payment.review_required"); }));
  const Json now = stack.payment(id);
  EXPECT_EQ(text_at(now, "status"), "requires_action");
  EXPECT_EQ(integer_at(now, "amount_received"), 0);
  EXPECT_EQ(stack.received_types(id),
            (std::vector<std::string>{"payment.created", "payment.processing",
                                      "payment.requires_action", "payment.review_required"}));
  EXPECT_NE(stack.value("SELECT count(*) FROM anomalies WHERE what = 'mismatch: amount'"), "0");
}

TEST_P(CrashAtWebhook, a_wrong_amount_that_is_a_lie_is_outweighed_by_looking) {
  Stack stack({.config = rarely_looking(pages_at_example)});
  const Json payment = paid_in_secret(stack);
  const std::string id = text_at(payment, "id");
  tell_and_die(stack, "example", says_paid(payment, "shop", "0.01"), "whk_example");
  expect_one_success(stack, id);
  EXPECT_EQ(text_at(stack.payment(id), "review"), "");
  EXPECT_NE(stack.value("SELECT count(*) FROM anomalies WHERE what = 'mismatch: amount'"), "0");
}

TEST_P(CrashAtWebhook, one_account_cannot_speak_for_another) {
  Stack stack({.config = rarely_looking(second_account)});
  stack.set_simulator({{"example.webhook_key.two", "whk_two"}});
  const Json payment = paid_in_secret(stack, {{"currency", "EUR"}});
  const std::string id = text_at(payment, "id");
  ASSERT_EQ(text_at(payment, "provider"), "example_two");
  const auto before = all_of(stack, id);
  tell_and_die(stack, "example", says_paid(payment, "shop", "49.99"), "whk_example");
  EXPECT_TRUE(wait_until([&] { return webhooks(stack, "state = 'parked'") == "1"; }));
  EXPECT_EQ(all_of(stack, id), before);

  EXPECT_EQ(
      send_webhook(stack, "example_two", says_paid(payment, "two", "49.99"), "whk_two").status,
      200);
  expect_one_success(stack, id);
}

INSTANTIATE_TEST_SUITE_P(At, CrashAtWebhook, ::testing::ValuesIn(deaths), name_of);

}  // namespace
}  // namespace switchyard::testing
