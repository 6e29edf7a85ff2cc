// Messages posted to a provider's address by somebody else, or by the provider on a bad day: the P
// cases on a running router. That a hash is checked byte by byte is tests/adapters/webhook_proof.
#include <gtest/gtest.h>

#include "tests/attacks/target.h"
#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

const std::string right_key = "whk_example";

class WebhookAttack : public ::testing::Test {
 protected:
  // Somebody who was asked on the phone and never answers.
  Json waiting() {
    const JsonAnswer answer =
        target().pay(phone("mtn", "+254712345004"), {{"currency", "KES"}, {"amount", 4999}});
    EXPECT_EQ(status_of(answer), "requires_action") << answer.text;
    EXPECT_EQ(text_at(answer.body, "provider"), "example") << answer.text;
    return answer.body;
  }
  JsonAnswer post(const std::string& account, const std::string& bytes, Headers headers) {
    headers.emplace_back("Content-Type", "application/json");
    const SendOutcome sent = target().http().send({.method = "POST",
                                                   .url = target().url() + "/webhooks/" + account,
                                                   .headers = headers,
                                                   .body = bytes},
                                                  {.fresh_connection = true});
    return {.status = sent.response.status, .text = sent.response.body};
  }
  std::string now() const { return std::to_string(unix_seconds(SystemClock().now())); }
  std::string signature(const std::string& bytes, const std::string& time,
                        const std::string& key = right_key) const {
    return "t=" + time + ",v1=" + to_hex(hmac_sha256(key, time + "." + bytes));
  }
  JsonAnswer post_signed(const std::string& bytes) {
    return post("example", bytes, {{"Example-Signature", signature(bytes, now())}});
  }
  Json about(const Json& payment, const std::string& event) {
    Json message = says_paid(payment, "shop", "49.99");
    message["id"] = event;
    return message;
  }
  std::string of_event(const std::string& column, const std::string& event) {
    return target().value("SELECT " + column + " FROM provider_webhooks WHERE proof = 'verified' " +
                          "AND provider_event_id = '" + event + "'");
  }
  bool is_done(const std::string& event) {
    return wait_until([&] { return of_event("state", event) == "done"; });
  }
  // Of the payment, all but when it was looked at.
  std::string books_of(const Json& payment) {
    const std::string id = text_at(payment, "id");
    return target().value(
               "SELECT status || amount_received || sequence FROM payments WHERE id = '" + id +
               "'") +
           target().value("SELECT count(*) FROM events WHERE payment_id = '" + id + "'") +
           target().value("SELECT count(*) FROM journal_lines WHERE payment_id = '" + id + "'");
  }
};

TEST_F(WebhookAttack, P1_what_does_not_prove_itself_is_quarantined_and_changes_nothing) {
  const Json payment = waiting();
  const std::string before = books_of(payment);
  const std::string bytes = write_json(about(payment, "evt_p1"));
  const std::string time = now(), right = signature(bytes, time);
  std::string upper = right;
  for (std::size_t i = right.find("v1=") + 3; i < upper.size(); ++i)
    upper[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(upper[i])));
  const std::string hash = right.substr(right.find("v1=") + 3);
  int sent = 0;
  const auto kept = [] {
    return std::stoi(
        target().value("SELECT count(*) FROM provider_webhooks WHERE state = 'quarantined'"));
  };
  const int quarantined = kept();
  for (const std::string& header :
       {std::string(), right.substr(0, right.size() - 1), upper,
        "t=" + time + ",v1=" + to_base64(from_hex(hash).value()),
        signature(bytes, time, "whk_wrong"), "v1=" + hash, std::string("t=") + time}) {
    const JsonAnswer answer = post("example", bytes, {{"Example-Signature", header}});
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_EQ(text_at(parse_json(answer.text), "error.code"), "unauthenticated");
    ++sent;
  }
  EXPECT_EQ(kept(), quarantined + sent);
  EXPECT_EQ(books_of(payment), before);
  EXPECT_EQ(post_signed(bytes).status, 200) << "the true one is not shadowed by the false ones";
  target().wait_for_status(text_at(payment, "id"), "succeeded");
}

TEST_F(WebhookAttack, P2_one_byte_less_or_other_is_another_message) {
  const Json payment = waiting();
  const std::string before = books_of(payment);
  const std::string bytes = write_json(about(payment, "evt_p2"));
  const Headers headers = {{"Example-Signature", signature(bytes, now())}};
  std::string changed = bytes;
  changed.replace(changed.find("49.99"), 5, "49.98");
  EXPECT_EQ(post("example", changed, headers).status, 401);
  EXPECT_EQ(post("example", bytes + " ", headers).status, 401);
  EXPECT_EQ(post("example", parse_json(bytes).dump(2), headers).status, 401);
  EXPECT_EQ(books_of(payment), before);
}

TEST_F(WebhookAttack, P3_a_message_to_one_account_proves_nothing_at_another) {
  const Json payment = waiting();
  const std::string before = books_of(payment);
  const std::string bytes = write_json(about(payment, "evt_p3"));
  const Headers headers = {{"Example-Signature", signature(bytes, now())},
                           {"Stripe-Signature", signature(bytes, now())},
                           {"Soxara-Signature", signature(bytes, now())},
                           {"X-Signature", to_hex(hmac_sha256(right_key, bytes))}};
  for (const std::string account : {"stripe", "soxara", "mintcash"})
    EXPECT_EQ(post(account, bytes, headers).status, 401) << account;
  for (const std::string account : {"bank", "nobody", "EXAMPLE", "example%20", "exampl"})
    EXPECT_EQ(post(account, bytes, headers).status, 404) << account;
  EXPECT_EQ(books_of(payment), before);
}

TEST_F(WebhookAttack, P4_a_message_of_ten_minutes_ago_or_hence_is_refused) {
  const Json payment = waiting();
  const std::string before = books_of(payment);
  const std::string bytes = write_json(about(payment, "evt_p4"));
  for (const int apart : {-600, 600}) {
    const std::string time = std::to_string(unix_seconds(SystemClock().now()) + apart);
    EXPECT_EQ(post("example", bytes, {{"Example-Signature", signature(bytes, time)}}).status, 401);
  }
  EXPECT_EQ(books_of(payment), before);
}

TEST_F(WebhookAttack, P5_a_message_sent_again_has_no_second_effect) {
  const Json payment = waiting();
  const std::string bytes = write_json(about(payment, "evt_p5"));
  const std::string header = signature(bytes, now());
  EXPECT_EQ(post("example", bytes, {{"Example-Signature", header}}).status, 200);
  target().wait_for_status(text_at(payment, "id"), "succeeded");
  ASSERT_TRUE(is_done("evt_p5"));
  const std::string after = books_of(payment);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(post("example", bytes, {{"Example-Signature", header}}).status, 200);
  // Signed anew, so that not even the bytes of its head are the same.
  EXPECT_EQ(post_signed(bytes).status, 200);
  EXPECT_EQ(of_event("count(*)", "evt_p5"), "1");
  EXPECT_EQ(books_of(payment), after);
}

TEST_F(WebhookAttack, P9_another_amount_currency_or_reference_is_kept_for_a_person) {
  for (const std::string lie : {"amount", "currency", "reference"}) {
    const Json payment = waiting();
    Json message = about(payment, "evt_p9_" + lie);
    Json& charge = message["charge"];
    if (lie == "amount") charge["amount"] = "1.00";
    if (lie == "currency") charge["currency"] = "USD";
    if (lie == "reference") charge["reference"] = "att_00000000000000000000000000";
    EXPECT_EQ(post_signed(write_json(message)).status, 200) << lie;
    ASSERT_TRUE(is_done("evt_p9_" + lie)) << lie;
    const std::string id = text_at(payment, "id");
    EXPECT_EQ(text_at(target().payment(id), "status"), "requires_action") << lie;
    EXPECT_EQ(target().value("SELECT amount_received FROM payments WHERE id = '" + id + "'"), "0");
    EXPECT_NE(target().value("SELECT count(*) FROM anomalies WHERE payment_id = '" + id + "'"), "0")
        << lie;
    EXPECT_FALSE(target().has_received(id, "payment.succeeded"));
  }
}

TEST_F(WebhookAttack, P9_a_reference_that_is_nobodys_waits_and_touches_nothing) {
  const Json payment = waiting();
  Json message = about(payment, "evt_p9_nobody");
  message["charge"]["id"] = "ch_of_nobody";
  message["charge"]["reference"] = "att_of_nobody";
  const std::string before = books_of(payment);
  EXPECT_EQ(post_signed(write_json(message)).status, 200);
  EXPECT_TRUE(wait_until([&] { return of_event("state", "evt_p9_nobody") == "parked"; }));
  EXPECT_EQ(books_of(payment), before);
}

TEST_F(WebhookAttack, P12_what_is_signed_and_means_nothing_is_kept_and_answered) {
  const std::string large(1'000'000, 'x');
  const Json unknown = {{"id", "evt_p12_unknown"}, {"type", "something.new"}, {"live", false}};
  EXPECT_EQ(post_signed(write_json(unknown)).status, 200);
  EXPECT_TRUE(is_done("evt_p12_unknown"));
  EXPECT_EQ(post_signed("{\"id\":\"evt_p12_cut\",").status, 200);
  EXPECT_EQ(post_signed("").status, 200);
  EXPECT_EQ(post_signed("\xff\xfe{}").status, 200);
  EXPECT_EQ(post_signed(std::string(10'000, '[')).status, 200);
  const Json wide = {{"id", "evt_p12_large"}, {"type", "charge.updated"}, {"pad", large}};
  EXPECT_EQ(post_signed(write_json(wide)).status, 200);
  EXPECT_TRUE(wait_until([&] {
    return target().value("SELECT count(*) FROM provider_webhooks WHERE state = 'waiting'") == "0";
  })) << "one that cannot be read is worked on for ever";
  EXPECT_EQ(post_signed(std::string((1 << 20) + 1, 'x')).status, 413);
}

// Our own deliveries say what they are: an endpoint that points back at a provider's address ends
// there.
TEST_F(WebhookAttack, O13_an_event_of_ours_is_no_message_of_a_provider) {
  const std::string bytes = write_json(about(waiting(), "evt_o13"));
  EXPECT_EQ(post("example", bytes,
                 {{"Example-Signature", signature(bytes, now())}, {"Switchyard-Hop", "1"}})
                .status,
            400);
  EXPECT_EQ(of_event("count(*)", "evt_o13"), "0");
  for (const std::string path : {"/webhooks/example", "/v1/payments", "", "/return/x"}) {
    const Json endpoint = {{"url", target().url() + path}, {"enabled_events", {"*"}}};
    EXPECT_EQ(target().post("/v1/webhook_endpoints", endpoint).status, 400) << path;
  }
}

// What waits in quarantine is bounded: one address cannot fill the disk.
TEST_F(WebhookAttack, P13_a_flood_of_false_messages_is_cut_and_the_api_goes_on) {
  execute(
      "INSERT INTO provider_webhooks (id, account, proof, provider_event_id, method, sealed_head, "
      "body, sha256, peer, state, received_at) SELECT 'whk_flood' || i, 'example', 'rejected', '', "
      "'POST', '', '', '', '127.0.0.1', 'quarantined', now() FROM generate_series(1, 1000) i");
  const std::string before = count_of("provider_webhooks");
  const JsonAnswer answer = post("example", "{}", {{"Example-Signature", "t=1,v1=0"}});
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(text_at(parse_json(answer.text), "error.code"), "rate_limited");
  EXPECT_EQ(count_of("provider_webhooks"), before);
  EXPECT_EQ(target().post("/v1/payments", small_payment()).status, 201);
  const Json payment = waiting();
  EXPECT_EQ(post_signed(write_json(about(payment, "evt_p13"))).status, 200)
      << "true ones are not counted";
  target().wait_for_status(text_at(payment, "id"), "succeeded");
  execute("DELETE FROM provider_webhooks WHERE id LIKE 'whk_flood%'");
}

}  // namespace
}  // namespace switchyard::testing
