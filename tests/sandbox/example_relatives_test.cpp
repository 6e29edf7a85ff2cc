// Example Pay's relatives and lies as its README.md describes them, over sockets.
#include <set>

#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class Relatives : public RunningSandbox {
 protected:
  explicit Relatives(double speed = 0) : RunningSandbox(speed) {}

  Json refund(const std::string& charge_id) {
    return {{"reference", "ref_1"}, {"charge", charge_id}, {"amount", "10.00"}};
  }
  std::string operations() {
    std::string all;
    for (const Json& line : ledger())
      all += text_at(line, "operation") + " " + decimal_at(line, "amount") + ";";
    return all;
  }
  Json looked_up(const std::string& provider, const std::string& reference) {
    return member_at(ask(provider, "GET", "/charges?reference=" + reference).json, "charges");
  }
  void make_a_liar(const std::string& lie) { send("POST", "/settings", {{"example.lie", lie}}); }
};

// What takes a payer's time does not happen before the clock is moved.
class Waiting : public Relatives {
 protected:
  Waiting() : Relatives(100) {}
  void wait_for_the_payer() { send("POST", "/clock", {{"advance_sec", 500}}); }
};

TEST_F(Relatives, short_memory_charges_again_when_its_key_is_forgotten) {
  const Json body = charge("att_1", token("tok_ok"));
  const Said first = ask("example_short", "POST", "/charges", body, "key");
  const Said again = ask("example_short", "POST", "/charges", body, "key");
  EXPECT_EQ(text_at(again.json, "id"), text_at(first.json, "id"));
  send("POST", "/clock", {{"advance_sec", 21}});
  const Said late = ask("example_short", "POST", "/charges", body, "key");
  EXPECT_EQ(late.status, 201);
  EXPECT_NE(text_at(late.json, "id"), text_at(first.json, "id"));
  EXPECT_EQ(operations(), "charge 4999;charge 4999;");
  EXPECT_EQ(looked_up("example_short", "att_1").size(), 2u);
}

TEST_F(Relatives, short_memory_answers_a_repetition_with_what_became_of_it) {
  const Json body = charge("att_1", {{"type", "page"}});
  const Said first = ask("example_short", "POST", "/charges", body, "key");
  EXPECT_EQ(text_at(first.json, "status"), "awaiting_payer");
  client_.send({"POST", text_at(first.json, "approve_url"), {}, "action=pay"},
               {.plain_http_allowed = true});
  const Said again = ask("example_short", "POST", "/charges", body, "key");
  EXPECT_EQ(text_at(again.json, "status"), "paid");
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(Waiting, keyed_by_reference_says_what_became_of_it_only_to_who_asks) {
  const Json body = charge("att_1", token("tok_ok"));
  const Said first = ask("example_reference", "POST", "/charges", body);
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(text_at(first.json, "status"), "processing");
  EXPECT_EQ(text_at(first.json, "id"), "");
  wait_for_the_payer();
  const Said again = ask("example_reference", "POST", "/charges", body);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(text_at(again.json, "code"), "exists");
  EXPECT_TRUE(becomes_true(
      [&] { return text_at(looked_up("example_reference", "att_1")[0], "status") == "paid"; }));
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(Relatives, keyed_by_reference_refunds_later_and_once) {
  ask("example_reference", "POST", "/charges", charge("att_1", token("tok_ok")));
  ASSERT_TRUE(becomes_true(
      [&] { return text_at(looked_up("example_reference", "att_1")[0], "status") == "paid"; }));
  const Json body = refund(text_at(looked_up("example_reference", "att_1")[0], "id"));
  const Said first = ask("example_reference", "POST", "/refunds", body);
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(text_at(first.json, "status"), "pending");
  EXPECT_EQ(text_at(ask("example_reference", "POST", "/refunds", body).json, "code"), "exists");
  EXPECT_TRUE(becomes_true([&] {
    return text_at(ask("example_reference", "GET", "/refunds?reference=ref_1").json, "status") ==
           "succeeded";
  }));
  EXPECT_EQ(operations(), "charge 4999;refund 1000;");
}

TEST_F(Relatives, without_keys_everything_that_is_repeated_is_done_again) {
  const Json body = charge("att_1", token("tok_ok"));
  const Said first = ask("example_keyless", "POST", "/charges", body, "key");
  ask("example_keyless", "POST", "/charges", body, "key");
  const Json back = refund(text_at(first.json, "id"));
  ask("example_keyless", "POST", "/refunds", back, "key");
  ask("example_keyless", "POST", "/refunds", back, "key");
  EXPECT_EQ(operations(), "charge 4999;charge 4999;refund 1000;refund 1000;");
}

TEST_F(Relatives, without_keys_webhooks_are_not_signed) {
  Receiver receiver;
  ask("example_keyless", "POST", "/charges", charge("att_1", token("tok_ok"), receiver.url()));
  const auto received = receiver.wait_for(1);
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].header("example-signature"), "");
  EXPECT_EQ(text_at(parse_json(received[0].body), "charge.status"), "paid");
}

TEST_F(Relatives, a_canceled_reference_stays_closed_everywhere) {
  for (const char* provider : {"example_short", "example_reference", "example_keyless"}) {
    EXPECT_EQ(ask(provider, "POST", "/cancel?reference=att_1").status, 200) << provider;
    const Said late = ask(provider, "POST", "/charges", charge("att_1", token("tok_ok")));
    EXPECT_EQ(late.status, 409) << provider;
    EXPECT_EQ(text_at(looked_up(provider, "att_1")[0], "status"), "canceled") << provider;
  }
  EXPECT_EQ(operations(), "cancel 0;cancel 0;cancel 0;");
}

TEST_F(Waiting, a_liar_hides_a_young_charge_from_who_asks) {
  make_a_liar("not_found");
  const Said made = example("POST", "/charges", charge("att_1", token("tok_ok")));
  const std::string path = "/charges/" + text_at(made.json, "id");
  EXPECT_EQ(text_at(made.json, "status"), "paid");
  EXPECT_EQ(example("GET", path).status, 404);
  EXPECT_EQ(looked_up("example", "att_1").size(), 0u);
  wait_for_the_payer();
  EXPECT_TRUE(becomes_true([&] { return example("GET", path).status == 200; }));
}

TEST_F(Waiting, a_liar_shows_an_old_state_of_a_young_charge) {
  make_a_liar("stale");
  const Said made = example("POST", "/charges", charge("att_1", token("tok_ok")));
  const std::string id = text_at(made.json, "id");
  EXPECT_EQ(text_at(made.json, "status"), "paid");
  EXPECT_EQ(status_of(id), "processing");
  wait_for_the_payer();
  EXPECT_EQ(wait_for_status(id, "paid"), "paid");
}

TEST_F(Waiting, a_liar_takes_the_money_after_a_final_no) {
  make_a_liar("late_success");
  const Said made = example("POST", "/charges", charge("att_1", token("tok_ok")));
  EXPECT_EQ(made.status, 402);
  EXPECT_EQ(bool_at(made.json, "open"), false);
  EXPECT_EQ(operations(), "");
  wait_for_the_payer();
  EXPECT_EQ(wait_for_status(text_at(made.json, "id"), "paid"), "paid");
  EXPECT_EQ(operations(), "charge 4999;");
}

// By its two webhooks, of which either may arrive first.
std::multiset<std::string> statuses_told(Receiver& receiver) {
  std::multiset<std::string> statuses;
  for (const auto& each : receiver.wait_for(2))
    statuses.insert(text_at(parse_json(each.body), "charge.status"));
  return statuses;
}

TEST_F(Relatives, the_word_of_a_late_success_is_not_lost) {
  make_a_liar("late_success");
  order({{"provider", "example"}, {"webhook", "lose"}, {"times", 0}});
  Receiver receiver;
  example("POST", "/charges", charge("att_1", token("tok_ok"), receiver.url()));
  EXPECT_EQ(statuses_told(receiver), (std::multiset<std::string>{"paid", "rejected"}));
}

TEST_F(Relatives, a_liar_says_in_a_webhook_that_a_success_has_failed) {
  make_a_liar("success_then_failed");
  Receiver receiver;
  const Said made = example("POST", "/charges", charge("att_1", token("tok_ok"), receiver.url()));
  EXPECT_EQ(statuses_told(receiver), (std::multiset<std::string>{"paid", "rejected"}));
  EXPECT_EQ(status_of(text_at(made.json, "id")), "paid");
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(Relatives, a_liar_answers_with_the_charge_before) {
  const Said first = example("POST", "/charges", charge("att_1", token("tok_ok")));
  make_a_liar("swapped");
  const Said second = example("POST", "/charges", charge("att_2", token("tok_ok")));
  EXPECT_EQ(text_at(second.json, "id"), text_at(first.json, "id"));
  EXPECT_EQ(text_at(second.json, "reference"), "att_1");
  EXPECT_EQ(text_at(looked_up("example", "att_2")[0], "reference"), "att_2");
}

TEST_F(Relatives, only_one_account_lies_when_only_that_one_is_told_to) {
  send("POST", "/settings", {{"example.lie.shop", "amount"}, {"example.lie.other", "currency"}});
  const Json made = example("POST", "/charges", charge("att_1", token("tok_ok"))).json;
  EXPECT_EQ(text_at(made, "amount"), "99.99");
  EXPECT_EQ(text_at(made, "captured"), "99.99");
  EXPECT_EQ(text_at(made, "currency"), "USD");
}

// Each charge by itself is what it is; among many every lie is met, and most are true.
TEST_F(Relatives, a_mixed_liar_tells_who_asks_the_truth_in_the_end) {
  make_a_liar("mix");
  int wrong = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string reference = "att_" + std::to_string(i);
    const Json made = example("POST", "/charges", charge(reference, token("tok_ok"))).json;
    wrong += text_at(made, "amount") != "49.99" || text_at(made, "currency") != "USD" ||
             text_at(made, "reference") != reference || text_at(made, "account") != "shop";
    EXPECT_TRUE(becomes_true([&] {
      const Json found = looked_up("example", reference);
      return found.size() == 1 && text_at(found[0], "amount") == "49.99" &&
             text_at(found[0], "currency") == "USD" &&
             text_at(found[0], "reference") == reference && text_at(found[0], "status") == "paid";
    }));
  }
  EXPECT_GT(wrong, 0);
  EXPECT_LT(wrong, 30);
}

}  // namespace
}  // namespace switchyard::sandbox
