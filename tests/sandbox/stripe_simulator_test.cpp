// Stripe as its documents describe it, over sockets.
#include "base/crypto.h"
#include "base/id.h"
#include "running_sandbox.h"
#include "sandbox/wire.h"

namespace switchyard::sandbox {
namespace {

class Stripe : public RunningSandbox {
 protected:
  Said call(const std::string& method, const std::string& path, const std::string& form = "",
            std::string key = {}, Headers more = {}) {
    Headers headers = {{"Authorization", "Bearer sk_test_shop"},
                       {"Stripe-Version", "2026-08-26.dahlia"}};
    if (method == "POST") headers.emplace_back("Idempotency-Key", key.empty() ? new_uuid() : key);
    if (!form.empty()) headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    for (const auto& header : more) {
      std::erase_if(headers, [&](const auto& each) { return each.first == header.first; });
      headers.push_back(header);
    }
    return get(method, sandbox_.url() + "/stripe/v1/" + path, form, headers);
  }
  Said get(const std::string& method, const std::string& url, const std::string& body = "",
           Headers headers = {}) {
    const auto outcome =
        client_.send({method, url, std::move(headers), body}, {.plain_http_allowed = true});
    return {outcome.response.status, parse_json(outcome.response.body), outcome.response};
  }
  Said pay(const std::string& method, const std::string& more = "", std::string key = {}) {
    return call("POST", "payment_intents",
                "amount=1099&currency=eur&confirm=true&automatic_payment_methods[enabled]=true"
                "&return_url=https%3A%2F%2Fshop.example%2Fback%3Fa%3D1"
                "&metadata[switchyard_attempt]=att_1&payment_method=" +
                    method + more,
                key);
  }
  std::string status_of(const std::string& path) {
    return text_at(call("GET", path).json, "status");
  }
  std::string operations() {
    std::string all;
    for (const Json& line : ledger())
      all += text_at(line, "operation") + " " + decimal_at(line, "amount") + " " +
             text_at(line, "currency") + " " + text_at(line, "reference") + ";";
    return all;
  }
  std::string open_page(const std::string& more = "") {
    const Json made =
        call(
            "POST", "checkout/sessions",
            "mode=payment&success_url=https://shop.example/ok%3Fs={CHECKOUT_SESSION_ID}&cancel_url="
            "https://shop.example/no&line_items[0][quantity]=1&line_items[0][price_data][currency]"
            "=eur&line_items[0][price_data][unit_amount]=1099&line_items[0][price_data]"
            "[product_data][name]=Shoes&metadata[switchyard_attempt]=session_1"
            "&payment_intent_data[metadata][switchyard_attempt]=att_1" +
                more)
            .json;
    page_ = text_at(made, "url");
    return "checkout/sessions/" + text_at(made, "id");
  }
  Said press(const std::string& form) { return get("POST", page_, form); }
  void set(const std::string& name, const std::string& value) {
    ASSERT_EQ(send("POST", "/settings", {{name, value}}).status, 200);
  }
  std::vector<std::string> types_of(const std::vector<Request>& received) {
    std::vector<std::string> types;
    for (const Request& each : received) types.push_back(text_at(parse_json(each.body), "type"));
    std::sort(types.begin(), types.end());
    return types;
  }
  std::string page_;
};

TEST_F(Stripe, charges_a_test_card_and_shows_the_charge_when_asked) {
  const Said paid = pay("pm_card_visa", "&expand[]=latest_charge");
  EXPECT_EQ(paid.status, 200);
  EXPECT_EQ(text_at(paid.json, "status"), "succeeded");
  EXPECT_EQ(integer_at(paid.json, "latest_charge.amount_captured"), 1099);
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;");
}

TEST_F(Stripe, keeps_a_declined_payment_intent_that_another_card_can_pay) {
  const Said declined = pay("pm_card_visa_chargeDeclinedInsufficientFunds");
  EXPECT_EQ(declined.status, 402);
  EXPECT_EQ(text_at(declined.json, "error.decline_code"), "insufficient_funds");
  const std::string path = "payment_intents/" + text_at(declined.json, "error.payment_intent.id");
  EXPECT_EQ(status_of(path), "requires_payment_method");
  const Said again = call("POST", path + "/confirm",
                          "payment_method=pm_card_visa&return_url=https://shop.example");
  EXPECT_EQ(text_at(again.json, "status"), "succeeded");
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;");
}

TEST_F(Stripe, replays_the_kept_answer_of_a_key_even_a_decline) {
  const Said first = pay("pm_card_visa_chargeDeclined", "", "key");
  const Said again = pay("pm_card_visa_chargeDeclined", "", "key");
  EXPECT_EQ(again.status, 402);
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(header_of(again.response.headers, "Idempotent-Replayed"), "true");
  EXPECT_EQ(header_of(again.response.headers, "Original-Request"),
            header_of(first.response.headers, "Request-Id"));
  EXPECT_NE(header_of(again.response.headers, "Request-Id"),
            header_of(first.response.headers, "Request-Id"));
}

TEST_F(Stripe, refuses_other_parameters_and_other_endpoints_under_a_key) {
  const std::string id = text_at(pay("pm_card_visa", "", "key").json, "id");
  for (const Said& other : {pay("pm_card_mastercard", "", "key"),
                            call("POST", "payment_intents/" + id + "/cancel", "", "key")}) {
    EXPECT_EQ(other.status, 400);
    EXPECT_EQ(text_at(other.json, "error.type"), "idempotency_error");
  }
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Stripe, forgets_keys_after_a_day) {
  pay("pm_card_visa", "", "key");
  send("POST", "/clock", {{"advance_sec", 24 * 60 * 60}});
  pay("pm_card_visa", "", "key");
  EXPECT_EQ(ledger().size(), 2u);
}

TEST_F(Stripe, keeps_nothing_for_a_request_that_it_did_not_begin) {
  EXPECT_EQ(text_at(pay("pm_card_visa", "&colour=red", "key").json, "error.code"),
            "parameter_unknown");
  EXPECT_EQ(pay("pm_card_visa", "", "key").status, 200);
}

TEST_F(Stripe, keeps_a_500_that_comes_after_the_money) {
  set("stripe.fail_posts", "500");
  const Said failed = pay("pm_card_visa", "", "key");
  set("stripe.fail_posts", "");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(header_of(failed.response.headers, "Stripe-Should-Retry"), "false");
  EXPECT_EQ(pay("pm_card_visa", "", "key").status, 500);
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;");
}

TEST_F(Stripe, answers_409_while_the_key_is_in_use) {
  set("stripe.hold_posts", "true");
  std::atomic<int> refused = 0, paid = 0;
  const auto send_one = [&] {
    const Said said = pay("pm_card_visa", "", "key");
    refused += said.status == 409 && text_at(said.json, "error.code") == "idempotency_key_in_use";
    paid += said.status == 200;
  };
  std::thread one(send_one), other(send_one);
  becomes_true([&] { return refused == 1; });
  set("stripe.hold_posts", "false");
  one.join();
  other.join();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(paid, 1);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(Stripe, asks_for_a_known_key_version_and_form) {
  EXPECT_EQ(call("GET", "events", "", "", {{"Authorization", "Bearer nonsense"}}).status, 401);
  EXPECT_EQ(call("GET", "events", "", "", {{"Authorization", "Bearer rk_test_none"}}).status, 403);
  EXPECT_EQ(call("GET", "events", "", "", {{"Authorization", "Bearer pk_test_1"}}).status, 401);
  const std::string basic = "Basic " + to_base64("sk_test_shop:");
  EXPECT_EQ(call("GET", "events", "", "", {{"Authorization", basic}}).status, 200);
  EXPECT_EQ(call("GET", "events", "", "", {{"Stripe-Version", "2026-08-26.fern"}}).status, 400);
  EXPECT_EQ(call("POST", "refunds", "{}", "", {{"Content-Type", "application/json"}}).status, 400);
  EXPECT_EQ(text_at(call("GET", "payment_intents/pi_none").json, "error.code"), "resource_missing");
}

TEST_F(Stripe, refuses_amounts_that_it_cannot_charge) {
  const auto refusal = [&](const std::string& money) {
    const Json said = call("POST", "payment_intents", money).json;
    return text_at(said, "error.code") + "/" + text_at(said, "error.param");
  };
  EXPECT_EQ(refusal("amount=49&currency=usd"), "amount_too_small/amount");
  EXPECT_EQ(refusal("amount=1000000000000&currency=usd"), "amount_too_large/amount");
  EXPECT_EQ(refusal("amount=5124&currency=kwd"), "/amount");
  EXPECT_EQ(refusal("amount=550&currency=isk"), "/amount");
  EXPECT_EQ(refusal("amount=10.99&currency=eur"), "parameter_invalid_integer/amount");
  EXPECT_EQ(refusal("amount=1099&currency=EUR"), "/currency");
  EXPECT_EQ(refusal("amount=1099&currency=eur"), "/");
}

TEST_F(Stripe, lets_a_browser_make_tokens_that_work_once) {
  const Said token =
      call("POST", "tokens", "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034",
           "", {{"Authorization", "Bearer pk_test_shop"}});
  const std::string form =
      "amount=1099&currency=eur&confirm=true&return_url=https://shop.example"
      "&payment_method_data[type]=card&payment_method_data[card][token]=" +
      text_at(token.json, "id");
  EXPECT_EQ(text_at(call("POST", "payment_intents", form).json, "status"), "succeeded");
  EXPECT_EQ(text_at(call("POST", "payment_intents", form).json, "error.code"),
            "token_already_used");
  EXPECT_EQ(call("POST", "tokens", "card[number]=4242424242424242").status, 402);
}

TEST_F(Stripe, asks_the_bank_on_a_page_and_sends_the_payer_back) {
  const Json asked = pay("pm_card_authenticationRequired").json;
  page_ = text_at(asked, "next_action.redirect_to_url.url");
  EXPECT_EQ(text_at(asked, "status"), "requires_action");
  EXPECT_NE(get("GET", page_).response.body.find("Approve"), std::string::npos);
  const Said back = press("result=approve");
  EXPECT_EQ(back.status, 303);
  EXPECT_TRUE(header_of(back.response.headers, "Location")
                  .starts_with("https://shop.example/back?a=1&payment_intent=pi_"));
  EXPECT_EQ(status_of("payment_intents/" + text_at(asked, "id")), "succeeded");
  press("result=approve");
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;");
}

TEST_F(Stripe, waits_for_another_card_when_authentication_fails) {
  const Json asked = pay("pm_card_authenticationRequired").json;
  page_ = text_at(asked, "next_action.redirect_to_url.url");
  press("result=fail");
  const Json failed = call("GET", "payment_intents/" + text_at(asked, "id")).json;
  EXPECT_EQ(text_at(failed, "status"), "requires_payment_method");
  EXPECT_EQ(text_at(failed, "last_payment_error.code"), "payment_intent_authentication_failure");
  EXPECT_EQ(operations(), "");
}

TEST_F(Stripe, captures_a_part_once_and_cancels_what_is_held) {
  const auto hold = [&] {
    const Json held = pay("pm_card_visa", "&capture_method=manual").json;
    EXPECT_EQ(text_at(held, "status"), "requires_capture");
    return "payment_intents/" + text_at(held, "id");
  };
  const std::string first = hold();
  const Json captured = call("POST", first + "/capture", "amount_to_capture=600").json;
  EXPECT_EQ(integer_at(captured, "amount_received"), 600);
  EXPECT_EQ(text_at(call("POST", first + "/capture").json, "error.code"),
            "payment_intent_unexpected_state");
  EXPECT_EQ(text_at(call("POST", hold() + "/cancel").json, "status"), "canceled");
  EXPECT_EQ(operations(),
            "authorize 1099 EUR att_1;capture 600 EUR att_1;authorize 1099 EUR att_1;"
            "cancel 1099 EUR att_1;");
}

TEST_F(Stripe, refunds_no_more_than_it_took) {
  const std::string id = text_at(pay("pm_card_visa").json, "id");
  const auto refund = [&](const std::string& amount) {
    return call("POST", "refunds",
                "payment_intent=" + id + "&metadata[switchyard_attempt]=att_2" + amount);
  };
  EXPECT_EQ(text_at(refund("&amount=500").json, "status"), "succeeded");
  EXPECT_EQ(text_at(refund("&amount=600").json, "error.param"), "amount");
  EXPECT_EQ(refund("").status, 200);
  EXPECT_EQ(text_at(refund("").json, "error.code"), "charge_already_refunded");
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;refund 500 EUR att_2;refund 599 EUR att_2;");
}

TEST_F(Stripe, changes_its_mind_about_the_refunds_of_two_cards) {
  const auto refund = [&](const std::string& card) {
    const std::string id = text_at(pay(card).json, "id");
    return "refunds/" + text_at(call("POST", "refunds", "payment_intent=" + id).json, "id");
  };
  const std::string pending = refund("pm_card_pendingRefund"), fails = refund("pm_card_refundFail");
  EXPECT_TRUE(becomes_true([&] { return status_of(pending) == "succeeded"; }));
  EXPECT_TRUE(becomes_true([&] { return status_of(fails) == "failed"; }));
}

TEST_F(Stripe, takes_another_card_on_its_page_after_a_decline) {
  const std::string session = open_page();
  EXPECT_NE(get("GET", page_).response.body.find("10.99 EUR"), std::string::npos);
  EXPECT_NE(press("number=4000000000000002").response.body.find("declined"), std::string::npos);
  EXPECT_EQ(status_of(session), "open");
  const Said paid = press("number=4242+4242+4242+4242&way=card");
  EXPECT_TRUE(header_of(paid.response.headers, "Location")
                  .starts_with("https://shop.example/ok?s=cs_test_"));
  const Json complete = call("GET", session + "?expand[]=payment_intent.latest_charge").json;
  EXPECT_EQ(text_at(complete, "payment_status"), "paid");
  EXPECT_EQ(text_at(complete, "payment_intent.latest_charge.status"), "succeeded");
  press("number=4242424242424242&way=card");
  EXPECT_EQ(operations(), "charge 1099 EUR att_1;");
}

TEST_F(Stripe, asks_the_bank_from_its_page) {
  const std::string session = open_page("&payment_intent_data[capture_method]=manual");
  page_ = header_of(press("number=4000002760003184").response.headers, "Location");
  EXPECT_EQ(press("result=approve").status, 303);
  EXPECT_EQ(status_of(session), "complete");
  EXPECT_EQ(operations(), "authorize 1099 EUR att_1;");
}

TEST_F(Stripe, completes_a_page_before_a_debit_is_paid) {
  const std::string session = open_page();
  press("way=debit_succeeds");
  EXPECT_EQ(status_of(session), "complete");
  EXPECT_TRUE(
      becomes_true([&] { return text_at(call("GET", session).json, "payment_status") == "paid"; }));
}

TEST_F(Stripe, expires_a_page_when_told_and_when_its_time_is_over) {
  const std::string told = open_page();
  EXPECT_EQ(text_at(call("POST", told + "/expire").json, "status"), "expired");
  EXPECT_EQ(call("POST", told + "/expire").status, 400);
  const std::string late = open_page();
  send("POST", "/clock", {{"advance_sec", 24 * 60 * 60}});
  EXPECT_EQ(status_of(late), "expired");
  press("number=4242424242424242&way=card");
  EXPECT_EQ(operations(), "");
}

TEST_F(Stripe, signs_its_events_with_every_active_secret) {
  const Receiver receiver;
  set("stripe.webhook_url", receiver.url());
  set("stripe.webhook_secret", "whsec_old whsec_new");
  pay("pm_card_visa");
  const auto received = receiver.wait_for(3);
  EXPECT_EQ(types_of(received),
            (std::vector<std::string>{"charge.succeeded", "payment_intent.created",
                                      "payment_intent.succeeded"}));
  const Request& event = received.front();
  const std::string header(event.header("stripe-signature"));
  const std::string time = header.substr(2, header.find(',') - 2);
  for (const char* secret : {"whsec_old", "whsec_new"})
    EXPECT_NE(header.find(",v1=" + to_hex(hmac_sha256(secret, time + "." + event.body))),
              std::string::npos);
}

}  // namespace
}  // namespace switchyard::sandbox
