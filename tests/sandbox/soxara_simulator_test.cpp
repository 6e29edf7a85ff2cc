// Soxara as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "base/id.h"
#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class Soxara : public RunningSandbox {
 protected:
  explicit Soxara(double speed = 0) : RunningSandbox(speed) {}
  Said soxara(const std::string& method, const std::string& path, const Json& body = nullptr,
              const std::string& key = new_uuid(), const std::string& bearer = "sxm_test_a") {
    return send(method, "/soxara" + path, body,
                {{"Authorization", "Bearer " + bearer}, {"X-Idempotency-Key", key}});
  }
  static Json payment(std::int64_t amount = 1250, const std::string& currency = "USD") {
    return {{"amount", amount}, {"currency", currency}, {"metadata", {{"attempt_id", "att_1"}}}};
  }
  Json create(const Json& body = payment()) {
    return member_at(soxara("POST", "/v1/payments", body).json, "data");
  }
  Said confirm(const Json& intent, const Json& method) {
    return soxara("POST", "/v1/payments/" + text_at(intent, "id") + "/confirm",
                  {{"client_secret", text_at(intent, "client_secret")},
                   {"payment_method", method},
                   {"return_url", "https://shop.example/back"}});
  }
  static Json momo(const std::string& phone, const std::string& network = "mtn") {
    return {{"type", "momo"}, {"momo", {{"provider", network}, {"phone_number", phone}}}};
  }
  static Json card(const std::string& number) {
    return {{"type", "card"}, {"card", {{"number", number}}}};
  }
  static Json wallet(const std::string& phone) {
    return {{"type", "soxara_wallet"}, {"soxara_wallet", {{"phone_number", phone}}}};
  }
  Json read(const std::string& id) {
    return member_at(soxara("GET", "/v1/payments/" + id).json, "data");
  }
  // The reason once it has failed, else the status that it reached.
  std::string end_of(const std::string& id) {
    becomes_true([&] { return text_at(read(id), "status") != "requires_action"; });
    const std::string code = text_at(read(id), "failure_code");
    return code.empty() ? text_at(read(id), "status") : code;
  }
  std::string end_with(const Json& method) {
    const Json intent = create();
    EXPECT_EQ(confirm(intent, method).status, 200);
    return end_of(text_at(intent, "id"));
  }
  static std::string code_of(const Said& said) { return text_at(said.json, "error.code"); }
  void set(const std::string& name, const std::string& value) {
    send("POST", "/settings", {{"soxara." + name, value}});
  }
};

TEST_F(Soxara, opens_for_a_key_with_the_scope_and_keeps_the_modes_apart) {
  const std::string id = text_at(create(), "id");
  EXPECT_EQ(soxara("GET", "/v1/merchant").status, 200);
  EXPECT_EQ(soxara("GET", "/v1/payments/" + id, nullptr, "k", "sk_test_a").status, 401);
  EXPECT_EQ(soxara("GET", "/v1/payments/" + id, nullptr, "k", "sxm_live_a").status, 404);
  set("scopes", "payments:read");
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment())), "FORBIDDEN");
  EXPECT_FALSE(header_of(soxara("GET", "/v1/nothing").response.headers, "x-trace-id").empty());
}

TEST_F(Soxara, answers_the_same_key_for_a_day_failures_too) {
  const Said first = soxara("POST", "/v1/payments", payment(), "key");
  EXPECT_EQ(soxara("POST", "/v1/payments", payment(), "key").json, first.json);
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment(1), "key")), "IDEMPOTENCY_CONFLICT");
  const Said refused = soxara("POST", "/v1/payments", payment(1), "small");
  EXPECT_EQ(soxara("POST", "/v1/payments", payment(1), "small").response.body,
            refused.response.body);
  send("POST", "/clock", {{"advance_sec", 24 * 3600}});
  EXPECT_NE(soxara("POST", "/v1/payments", payment(), "key").json, first.json);
}

TEST_F(Soxara, says_what_is_wrong_with_a_payment) {
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment(), "")), "VALIDATION_ERROR");
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment(-5))), "VALIDATION_ERROR");
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment(1250, "EUR"))), "INVALID_CURRENCY");
  EXPECT_EQ(code_of(soxara("POST", "/v1/payments", payment(4999, "LRD"))), "AMOUNT_TOO_SMALL");
  Json fraction = payment();
  fraction["amount"] = 12.5;
  EXPECT_EQ(soxara("POST", "/v1/payments", fraction).status, 422);
}

TEST_F(Soxara, does_on_the_phone_what_the_number_says) {
  EXPECT_EQ(end_with(momo("+231881158457")), "succeeded");
  EXPECT_EQ(end_with(momo("+231771111000", "orange")), "succeeded");
  EXPECT_EQ(end_with(momo("+231881111001")), "user_rejected");
  EXPECT_EQ(end_with(momo("+231771111002", "orange")), "PROMPT_TIMEOUT");
  EXPECT_EQ(end_with(momo("+231881111003")), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(code_of(confirm(create(), momo("0881158457"))), "INVALID_PHONE_NUMBER");
  EXPECT_EQ(code_of(confirm(create(), momo("+231881158457", "lonestar"))), "VALIDATION_ERROR");
  EXPECT_EQ(ledger().size(), 2u);
  EXPECT_EQ(text_at(ledger()[0], "reference"), "att_1");
}

TEST_F(Soxara, confirms_once_and_only_with_the_client_secret) {
  Json intent = create();
  const std::string id = text_at(intent, "id");
  EXPECT_TRUE(text_at(read(id), "client_secret").empty());
  Json stolen = intent;
  stolen["client_secret"] = "pi_guess";
  EXPECT_EQ(confirm(stolen, card("4242424242424242")).status, 422);
  EXPECT_EQ(confirm(intent, card("4242424242424242")).status, 200);
  EXPECT_EQ(code_of(confirm(intent, card("4242424242424242"))), "INVALID_STATE");
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Soxara, cards_do_what_their_numbers_say) {
  EXPECT_EQ(end_with(card("4242424242424242")), "succeeded");
  EXPECT_EQ(end_with(card("4000000000000002")), "generic_decline");
  EXPECT_EQ(end_with(card("4000000000009995")), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(end_with(card("4000000000000069")), "EXPIRED_CARD");
  EXPECT_EQ(end_with(card("1")), "CARD_DECLINED");
}

TEST_F(Soxara, bank_challenges_the_payer_who_comes_back) {
  for (const auto& [decision, end] :
       {std::pair("approve", "succeeded"), std::pair("reject", "three_d_secure_failed")}) {
    const Json intent = create();
    const Json said = confirm(intent, card("4000002760003184")).json;
    const HttpRequest press = {"POST",
                               text_at(said, "data.next_action.redirect_to_url.url"),
                               {},
                               std::string("decision=") + decision};
    const HttpResponse back = client_.send(press, {.plain_http_allowed = true}).response;
    EXPECT_EQ(header_of(back.headers, "location"), "https://shop.example/back");
    EXPECT_EQ(end_of(text_at(intent, "id")), end);
  }
}

TEST_F(Soxara, wallets_of_test_buyers_can_be_emptied) {
  const auto pay = [&] {
    const Json intent = create(payment(60'000));
    confirm(intent, wallet("+231880000001"));
    return end_of(text_at(intent, "id"));
  };
  EXPECT_EQ(pay(), "succeeded");
  EXPECT_EQ(pay(), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(code_of(confirm(create(), wallet("+231881158457"))), "FORBIDDEN");
}

TEST_F(Soxara, page_offers_every_method) {
  const Json intent = create();
  const std::string url = sandbox_.url() + "/soxara/pay/" + text_at(intent, "id");
  const auto shown = client_
                         .send({"GET", url + "?return_url=https://shop.example/x", {}, ""},
                               {.plain_http_allowed = true})
                         .response;
  EXPECT_NE(shown.body.find("USD 12.50"), std::string::npos);
  EXPECT_NE(shown.body.find("https://shop.example/x"), std::string::npos);
  client_.send({"POST", url, {}, "type=momo&provider=mtn&phone_number=%2B231881111000"},
               {.plain_http_allowed = true});
  EXPECT_EQ(end_of(text_at(intent, "id")), "succeeded");
}

TEST_F(Soxara, cancels_what_is_not_finished) {
  const auto cancel = [&](const std::string& id) {
    return soxara("POST", "/v1/payments/" + id + "/cancel", Json::object());
  };
  const Json open = create(), paid = create();
  confirm(paid, card("4242424242424242"));
  EXPECT_EQ(text_at(cancel(text_at(open, "id")).json, "data.status"), "canceled");
  EXPECT_EQ(code_of(cancel(text_at(paid, "id"))), "INVALID_STATE");
  EXPECT_EQ(code_of(confirm(open, card("4242424242424242"))), "INVALID_STATE");
}

// Its prompts stay open until the clock is moved.
class SlowSoxara : public Soxara {
 protected:
  SlowSoxara() : Soxara(1000) {}
  std::string cancel_with_an_open_prompt() {
    const Json intent = create();
    const std::string id = text_at(intent, "id");
    confirm(intent, momo("+231881111000"));
    EXPECT_EQ(text_at(read(id), "status"), "requires_action");
    soxara("POST", "/v1/payments/" + id + "/cancel", Json::object());
    EXPECT_EQ(text_at(read(id), "status"), "canceled");
    send("POST", "/clock", {{"advance_sec", 5001}});
    return id;
  }
};

TEST_F(SlowSoxara, cancel_loses_against_an_open_prompt_when_told_so) {
  set("late_success", "true");
  const std::string id = cancel_with_an_open_prompt();
  EXPECT_TRUE(becomes_true([&] { return text_at(read(id), "status") == "succeeded"; }));
  EXPECT_EQ(text_at(ledger()[1], "operation"), "charge");
}

TEST_F(Soxara, closes_an_intent_that_nobody_confirms_for_a_day) {
  const std::string id = text_at(create(), "id");
  send("POST", "/clock", {{"advance_sec", 24 * 3600}});
  EXPECT_EQ(text_at(read(id), "status"), "canceled");
}

TEST_F(Soxara, refunds_no_more_than_was_taken) {
  const Json intent = create();
  const std::string id = text_at(intent, "id");
  const auto refund = [&](std::int64_t amount) {
    return soxara(
        "POST", "/v1/refunds",
        {{"payment_id", id}, {"amount", amount}, {"metadata", {{"refund_attempt_id", "ref_1"}}}});
  };
  EXPECT_EQ(code_of(refund(500)), "INVALID_STATE");
  confirm(intent, card("4242424242424242"));
  const Said made = refund(500);
  EXPECT_EQ(text_at(made.json, "data.status"), "pending");
  const std::string path = "/v1/refunds/" + text_at(made.json, "data.id");
  EXPECT_TRUE(becomes_true(
      [&] { return text_at(soxara("GET", path).json, "data.status") == "succeeded"; }));
  EXPECT_EQ(integer_at(read(id), "amount_refunded"), 500);
  EXPECT_EQ(text_at(refund(751).json, "error.details.field"), "amount");
  EXPECT_EQ(text_at(ledger()[1], "reference"), "ref_1");
}

TEST_F(Soxara, failed_refund_can_be_asked_again) {
  const Json intent = create();
  confirm(intent, card("4242424242424242"));
  set("refund_result", "failed");
  const auto refund_all = [&] {
    return soxara("POST", "/v1/refunds", {{"payment", text_at(intent, "id")}});
  };
  const std::string path = "/v1/refunds/" + text_at(refund_all().json, "data.id");
  EXPECT_TRUE(
      becomes_true([&] { return text_at(soxara("GET", path).json, "data.status") == "failed"; }));
  EXPECT_EQ(refund_all().status, 201);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Soxara, lists_newest_first_and_goes_on_after) {
  const std::string first = text_at(create(), "id"), second = text_at(create(), "id");
  const Json page = soxara("GET", "/v1/payments?limit=1").json;
  EXPECT_EQ(text_at(page, "data.items.0.id"), second);
  EXPECT_EQ(bool_at(page, "data.has_more"), true);
  const Json rest = soxara("GET", "/v1/payments?starting_after=" + second).json;
  EXPECT_EQ(text_at(rest, "data.items.0.id"), first);
  EXPECT_EQ(bool_at(rest, "data.has_more"), false);
}

TEST_F(Soxara, webhooks_are_signed_with_their_time) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  set("webhook_secret", "whsec_a");
  confirm(create(), momo("+231881111000"));
  std::set<std::string> types;
  std::string event;
  for (const Request& each : receiver.wait_for(3)) {
    const std::string header(each.header("soxara-signature"));
    const std::string time = header.substr(2, header.find(',') - 2);
    EXPECT_EQ(header,
              "t=" + time + ",v1=" + to_hex(hmac_sha256("whsec_a", time + "." + each.body)));
    types.insert(text_at(parse_json(each.body), "type"));
    event = text_at(parse_json(each.body), "id");
  }
  EXPECT_EQ(types, (std::set<std::string>{"payment.created", "payment.requires_action",
                                          "payment.succeeded"}));
  send("POST", "/soxara/replay/" + event);
  EXPECT_EQ(text_at(parse_json(receiver.wait_for(4).back().body), "id"), event);
}

TEST_F(Soxara, sends_an_endpoint_what_it_asked_for) {
  Receiver receiver;
  const Json made = soxara("POST", "/v1/webhook-endpoints",
                           {{"url", receiver.url()}, {"events", {"payment.succeeded"}}})
                        .json;
  const std::string secret = text_at(made, "data.signing_secret");
  confirm(create(), card("4242424242424242"));
  const auto got = receiver.wait_for(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(text_at(parse_json(got[0].body), "type"), "payment.succeeded");
  const std::string header(got[0].header("soxara-signature"));
  const std::string time = header.substr(2, header.find(',') - 2);
  EXPECT_TRUE(header.ends_with(to_hex(hmac_sha256(secret, time + "." + got[0].body))));
}

}  // namespace
}  // namespace switchyard::sandbox
