// Example Pay as its README.md describes it, over sockets.
#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class ExamplePay : public RunningSandbox {
 protected:
  std::string open_page(const std::string& return_url = "") {
    Json body = charge("att_1", {{"type", "page"}});
    body["return_url"] = return_url;
    const Json made = example("POST", "/charges", body).json;
    EXPECT_EQ(text_at(made, "status"), "awaiting_payer");
    page_ = text_at(made, "approve_url");
    return text_at(made, "id");
  }
  HttpResponse press(const std::string& button) {
    return client_.send({"POST", page_, {}, "action=" + button}, {.plain_http_allowed = true})
        .response;
  }
  Said ask_phone(const std::string& number) {
    const Json source = {{"type", "phone"}, {"network", "mtn"}, {"number", number}};
    return example("POST", "/charges", charge("att_" + number, source));
  }
  std::string operations() {
    std::string all;
    for (const Json& line : ledger())
      all += text_at(line, "operation") + " " + decimal_at(line, "amount") + ";";
    return all;
  }
  std::string page_;
};

TEST_F(ExamplePay, answers_the_same_key_with_the_same_bytes_and_charges_once) {
  const Json body = charge("att_1", token("tok_ok"));
  const Said first = example("POST", "/charges", body, "key");
  const Said again = example("POST", "/charges", body, "key");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(ExamplePay, refuses_another_body_under_the_same_key) {
  example("POST", "/charges", charge("att_1", token("tok_ok")), "key");
  const Said other = example("POST", "/charges", charge("att_2", token("tok_ok")), "key");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(ExamplePay, charges_a_repeated_reference_once_also_after_its_keys_are_forgotten) {
  const Json body = charge("att_1", token("tok_ok"));
  const std::string id = text_at(example("POST", "/charges", body, "key").json, "id");
  send("POST", "/clock", {{"advance_sec", 25 * 60 * 60}});
  const Said again = example("POST", "/charges", body, "key");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(text_at(again.json, "id"), id);
  Json other = body;
  other["amount"] = "1.00";
  EXPECT_EQ(text_at(example("POST", "/charges", other).json, "code"), "reference_mismatch");
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(ExamplePay, keeps_accounts_apart) {
  const std::string id =
      text_at(example("POST", "/charges", charge("att_1", token("tok_ok"))).json, "id");
  const Headers other = {{"Authorization", "Bearer sk_test_other"}};
  EXPECT_EQ(send("GET", "/example/charges/" + id, nullptr, other).status, 404);
  EXPECT_EQ(send("GET", "/example/charges/" + id).status, 401);
  EXPECT_EQ(status_of(id), "paid");
}

TEST_F(ExamplePay, refuses_tokens_as_their_names_say) {
  const std::pair<const char*, const char*> rows[] = {
      {"tok_declined", "card_declined"},
      {"tok_insufficient_funds", "insufficient_funds"},
      {"tok_decline_purple_card", "purple_card"},
  };
  for (const auto& [name, code] : rows) {
    const Said said = example("POST", "/charges", charge(name, token(name)));
    EXPECT_EQ(said.status, 402);
    EXPECT_EQ(text_at(said.json, "code"), code);
    EXPECT_EQ(bool_at(said.json, "open"), false);
  }
  EXPECT_EQ(example("POST", "/charges", charge("att_1", token("tok_?"))).status, 400);
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(ExamplePay, a_refused_charge_that_stays_open_can_be_paid_until_it_is_canceled) {
  const auto refused = [&](const std::string& reference) {
    return text_at(
        example("POST", "/charges", charge(reference, token("tok_stays_payable_declined"))).json,
        "id");
  };
  const std::string paid = refused("att_1"), closed = refused("att_2");
  page_ = sandbox_.url() + "/example/pay/" + paid;
  press("pay");
  EXPECT_EQ(status_of(paid), "paid");
  EXPECT_EQ(example("POST", "/charges/" + closed + "/cancel").status, 200);
  page_ = sandbox_.url() + "/example/pay/" + closed;
  press("pay");
  EXPECT_EQ(status_of(closed), "canceled");
  EXPECT_EQ(operations(), "charge 4999;cancel 4999;");
}

TEST_F(ExamplePay, closes_a_reference_before_it_was_ever_seen) {
  EXPECT_EQ(text_at(example("POST", "/cancel?reference=att_1").json, "status"), "canceled");
  const Said late = example("POST", "/charges", charge("att_1", token("tok_ok")));
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(text_at(late.json, "status"), "canceled");
  EXPECT_EQ(operations(), "cancel 0;");
}

TEST_F(ExamplePay, does_not_cancel_what_is_paid) {
  const std::string id =
      text_at(example("POST", "/charges", charge("att_1", token("tok_ok"))).json, "id");
  const Said said = example("POST", "/cancel?reference=att_1");
  EXPECT_EQ(said.status, 409);
  EXPECT_EQ(text_at(said.json, "status"), "paid");
  EXPECT_EQ(status_of(id), "paid");
}

TEST_F(ExamplePay, captures_a_part_of_what_it_authorized_once) {
  Json body = charge("att_1", token("tok_ok"));
  body["capture"] = "manual";
  const Json made = example("POST", "/charges", body).json;
  EXPECT_EQ(text_at(made, "status"), "authorized");
  const std::string path = "/charges/" + text_at(made, "id") + "/capture";
  EXPECT_EQ(example("POST", path, {{"reference", "cap"}, {"amount", "50.00"}}).status, 422);
  const Json part = {{"reference", "cap"}, {"amount", "30.00"}};
  EXPECT_EQ(text_at(example("POST", path, part).json, "captured"), "30.00");
  EXPECT_EQ(example("POST", path, part).status, 200);
  EXPECT_EQ(example("POST", path, {{"reference", "more"}, {"amount", "1.00"}}).status, 409);
  EXPECT_EQ(operations(), "authorize 4999;capture 3000;");
}

TEST_F(ExamplePay, refunds_no_more_than_was_taken) {
  const std::string id =
      text_at(example("POST", "/charges", charge("att_1", token("tok_ok"))).json, "id");
  const auto refund = [&](const std::string& reference, const std::string& amount) {
    return example(
        "POST", "/refunds",
        {{"reference", reference}, {"charge", id}, {"amount", amount}, {"currency", "USD"}});
  };
  EXPECT_EQ(text_at(refund("r1", "40.00").json, "status"), "succeeded");
  EXPECT_EQ(refund("r1", "40.00").status, 200);
  EXPECT_EQ(text_at(refund("r2", "10.00").json, "code"), "amount_too_large");
  EXPECT_EQ(text_at(example("GET", "/refunds?reference=r1").json, "amount"), "40.00");
  EXPECT_EQ(operations(), "charge 4999;refund 4000;");
}

TEST_F(ExamplePay, takes_a_refund_back_when_told_by_the_token) {
  const std::string id = text_at(
      example("POST", "/charges", charge("att_1", token("tok_ok_refund_fails"))).json, "id");
  example("POST", "/refunds", {{"reference", "r1"}, {"charge", id}, {"amount", "49.99"}});
  EXPECT_TRUE(becomes_true(
      [&] { return text_at(example("GET", "/refunds?reference=r1").json, "status") == "failed"; }));
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(ExamplePay, does_on_the_phone_what_the_number_says) {
  const auto ends_as = [&](const std::string& number, const std::string& status) {
    const Said said = ask_phone(number);
    EXPECT_EQ(said.status, 201);
    EXPECT_EQ(wait_for_status(text_at(said.json, "id"), status), status) << number;
    return text_at(example("GET", "/charges/" + text_at(said.json, "id")).json, "code");
  };
  EXPECT_EQ(ends_as("+231770000000", "paid"), "");
  EXPECT_EQ(ends_as("+231770000001", "rejected"), "payer_refused");
  EXPECT_EQ(ends_as("+231770000002", "rejected"), "prompt_timed_out");
  EXPECT_EQ(ends_as("+231770000003", "rejected"), "insufficient_funds");
  EXPECT_EQ(ask_phone("+231770000005").status, 402);
}

TEST_F(ExamplePay, lets_a_prompt_that_nobody_answers_expire) {
  const std::string id = text_at(ask_phone("+231770000004").json, "id");
  EXPECT_EQ(status_of(id), "awaiting_payer");
  send("POST", "/clock", {{"advance_sec", 121}});
  EXPECT_EQ(status_of(id), "expired");
}

TEST_F(ExamplePay, page_pays_and_sends_the_browser_back) {
  const std::string id = open_page("https://shop.example/back?x=1");
  const auto shown = client_.send({"GET", page_, {}, ""}, {.plain_http_allowed = true}).response;
  EXPECT_NE(shown.body.find("USD 49.99"), std::string::npos);
  const HttpResponse back = press("pay");
  EXPECT_EQ(back.status, 303);
  EXPECT_EQ(header_of(back.headers, "location"), "https://shop.example/back?x=1");
  EXPECT_EQ(status_of(id), "paid");
  press("decline");
  EXPECT_EQ(status_of(id), "paid");
}

TEST_F(ExamplePay, page_declines_and_cancels) {
  const std::string id = open_page();
  press("cancel");
  EXPECT_EQ(text_at(example("GET", "/charges/" + id).json, "code"), "payer_left");
  press("pay");
  EXPECT_EQ(status_of(id), "rejected");
}

TEST_F(ExamplePay, page_is_not_payable_when_its_time_is_over) {
  const std::string id = open_page();
  send("POST", "/clock", {{"advance_sec", 3600}});
  press("pay");
  EXPECT_EQ(status_of(id), "expired");
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(ExamplePay, wallet_needs_a_session) {
  const auto pay = [&](const std::string& session) {
    return example("POST", "/charges", charge("att_1", {{"type", "wallet"}, {"session", session}}));
  };
  EXPECT_EQ(pay("ws_none").status, 400);
  const Said session = example("POST", "/wallet_sessions", {{"kind", "example_wallet"}});
  EXPECT_EQ(text_at(pay(text_at(session.json, "id")).json, "status"), "awaiting_payer");
}

TEST_F(ExamplePay, lies_when_it_is_told_to) {
  send("POST", "/settings", {{"example.lie", "amount"}});
  const Json made = example("POST", "/charges", charge("att_1", token("tok_ok"))).json;
  EXPECT_EQ(text_at(made, "amount"), "99.99");
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(ExamplePay, answers_slowly_what_it_has_charged_at_once) {
  EXPECT_EQ(example("POST", "/charges", charge("att_1", token("tok_slow"))).status, 201);
  EXPECT_EQ(operations(), "charge 4999;");
}

TEST_F(ExamplePay, speaks_each_currency_with_its_decimals) {
  const auto amount = [&](const char* currency, const char* text) {
    Json body = charge(std::string("att_") + currency + text, token("tok_ok"));
    body["currency"] = currency;
    body["amount"] = text;
    return example("POST", "/charges", body).status;
  };
  EXPECT_EQ(amount("IDR", "250000"), 201);
  EXPECT_EQ(amount("TND", "12.345"), 201);
  EXPECT_EQ(amount("USD", "0.05"), 201);
  EXPECT_EQ(amount("IDR", "25.5"), 400);
  EXPECT_EQ(amount("USD", "-5"), 400);
  EXPECT_EQ(amount("USD", "5."), 400);
  EXPECT_EQ(amount("XXX", "5"), 400);
  EXPECT_EQ(operations(), "charge 250000;charge 12345;charge 5;");
}

// The ledger counts from one, and can be read from where one stopped.
TEST_F(ExamplePay, ledger_is_read_from_where_one_stopped) {
  for (const char* reference : {"att_1", "att_2", "att_3"})
    example("POST", "/charges", charge(reference, token("tok_ok")));
  const Json first = send("GET", "/ledger?limit=2").json;
  EXPECT_EQ(bool_at(first, "has_more"), true);
  EXPECT_EQ(integer_at(first, "lines.1.seq"), 2);
  const Json rest = send("GET", "/ledger?after=2&provider=example").json;
  EXPECT_EQ(bool_at(rest, "has_more"), false);
  EXPECT_EQ(text_at(rest, "lines.0.reference"), "att_3");
  EXPECT_EQ(member_at(send("GET", "/ledger?provider=other").json, "lines").size(), 0u);
}

}  // namespace
}  // namespace switchyard::sandbox
