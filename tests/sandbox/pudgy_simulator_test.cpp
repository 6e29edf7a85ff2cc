// Pudgy as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "base/id.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

class Pudgy : public RunningSimulator {
 protected:
  explicit Pudgy(double speed = 0) : RunningSimulator("pudgy", speed) {}
  Said call(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& key = new_uuid(),
            const std::string& type = "application/x-www-form-urlencoded") {
    const Headers headers = {
        {"Authorization", "Bearer " + secret_}, {"Idempotency-Key", key}, {"Content-Type", type}};
    return transmit(method, url("/v1/" + path), body, headers);
  }
  Said pay(const std::string& source, const std::string& reference = "att_1",
           const std::string& key = new_uuid()) {
    const std::string money = "amount=2000&currency=usd&source=" + source;
    return call("POST", "charges", money + "&description=Order%201042%20[" + reference + "]", key);
  }
  std::string paid() { return text_at(pay("tok_visa").json, "id"); }
  Said refund(const std::string& charge, const std::string& amount = "",
              const std::string& key = new_uuid()) {
    const std::string part = amount.empty() ? "" : "&amount=" + amount;
    return call("POST", "refunds", "charge=" + charge + part, key);
  }
  Json listed() { return member_at(call("GET", "charges?limit=100").json, "data"); }
  // What became of the charge with that reference; "" where none is listed.
  std::string end_of(const std::string& reference) {
    std::string status;
    becomes_true([&] {
      status.clear();
      for (const Json& charge : listed())
        if (text_at(charge, "description") == "Order 1042 [" + reference + "]")
          status = text_at(charge, "status");
      return status != "pending";
    });
    return status;
  }
  // The reason of a decline, the type of any other error, else the status of what was made.
  static std::string word_of(const Said& said) {
    const std::string type = text_at(said.json, "error.type");
    if (type.empty()) return text_at(said.json, "status");
    return type == "card_error" ? code_of(said) : type;
  }
  static std::string code_of(const Said& said) { return text_at(said.json, "error.code"); }
  HttpResponse type_card(const std::string& form) {
    return transmit("POST", url("/card"), form).response;
  }
  std::string token_of(const std::string& number) {
    const HttpResponse back = type_card("return_url=https://shop.example?a=1&number=" + number);
    return header_of(back.headers, "location").substr(sizeof "https://shop.example?a=1&token=" - 1);
  }
  // The nth event that came, its signature worked out again.
  static Json event(const Receiver& receiver, std::size_t nth,
                    const std::string& secret = "whsec_test_pudgy_5f1c9a") {
    const Request request = receiver.wait_for(nth).at(nth - 1);
    const std::string header(request.header("pudgy-signature"));
    const std::string time = header.substr(2, header.find(',') - 2);
    EXPECT_EQ(header,
              "t=" + time + ",v1=" + to_hex(hmac_sha256(secret, time + "." + request.body)));
    return parse_json(request.body);
  }

  std::string secret_ = "sk_test_demo";
};

TEST_F(Pudgy, opens_for_a_secret_key_and_keeps_the_modes_apart) {
  const std::string path = "charges/" + paid();
  EXPECT_EQ(bool_at(call("GET", "account").json, "livemode"), false);
  for (const char* refused : {"nonsense", "pk_test_demo", "sk_demo"}) {
    secret_ = refused;
    EXPECT_EQ(word_of(call("GET", path)), "authentication_error") << refused;
    EXPECT_EQ(pay("tok_visa").status, 401) << refused;
  }
  secret_ = "sk_live_demo";
  EXPECT_EQ(code_of(call("GET", path)), "resource_missing");
  EXPECT_EQ(pay("tok_visa").status, 404);
  secret_ = "sk_test_rotated";
  EXPECT_EQ(pay("tok_visa", "att_2").status, 200);
  set("revoked_key", "sk_test_rotated");
  EXPECT_EQ(call("GET", path).status, 401);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;charge 2000 USD att_2;");
}

TEST_F(Pudgy, answers_with_the_charge_that_it_shows_later) {
  const Json made = pay("tok_visa").json;
  const std::string id = text_at(made, "id"), created = text_at(made, "created").substr(0, 19);
  EXPECT_EQ(write_json(made),
            "{\"id\":\"" + id +
                R"(","object":"charge","amount":2000,"currency":"usd","status":"succeeded",)"
                R"("paid":true,"description":"Order 1042 [att_1]","created":")" +
                created + "Z\"}");
  EXPECT_EQ(call("GET", "charges/" + id).json, made);
}

TEST_F(Pudgy, tokens_do_what_they_are_called) {
  const std::tuple<const char*, int, const char*, const char*> rows[] = {
      {"tok_visa", 200, "succeeded", "succeeded"},
      {"tok_mastercard", 200, "succeeded", "succeeded"},
      {"tok_chargeDeclined", 402, "card_declined", "failed"},
      {"tok_insufficientFunds", 402, "insufficient_funds", "failed"},
      {"tok_expiredCard", 402, "expired_card", "failed"},
      {"tok_processingError", 502, "api_error", ""},
      {"tok_sim_pending", 200, "pending", "succeeded"},
      {"tok_sim_pending_fail", 200, "pending", "failed"},
      {"tok_sim_timeout", 504, "api_error", "succeeded"},
      {"tok_sim_rate_limited", 429, "rate_limit_error", ""},
  };
  for (const auto& [token, status, word, end] : rows) {
    const Said said = pay(token, token);
    EXPECT_EQ(said.status, status) << token;
    EXPECT_EQ(word_of(said), word) << token;
    EXPECT_EQ(end_of(token), end) << token;
  }
  EXPECT_EQ(operations(),
            "charge 2000 USD tok_visa;charge 2000 USD tok_mastercard;"
            "charge 2000 USD tok_sim_pending;charge 2000 USD tok_sim_timeout;");
  EXPECT_EQ(header_of(pay("tok_sim_rate_limited").response.headers, "Retry-After"), "2");
}

TEST_F(Pudgy, declines_without_an_id_and_lists_a_failed_charge_unless_told_not_to) {
  const Json said = pay("tok_insufficientFunds").json;
  EXPECT_EQ(text_at(said, "error.param"), "source");
  EXPECT_EQ(text_at(said, "error.doc_url"), "https://docs.pudgypay.dev/errors/insufficient_funds");
  EXPECT_FALSE(said.contains("id"));
  EXPECT_EQ(bool_at(listed(), "0.paid"), false);
  set("failure_code_field", "failure_code");
  EXPECT_EQ(text_at(listed(), "0.failure_code"), "insufficient_funds");
  set("store_declined", "false");
  EXPECT_EQ(pay("tok_insufficientFunds").status, 402);
  EXPECT_EQ(listed().size(), 1u);
}

TEST_F(Pudgy, takes_a_form_and_its_twin_in_json_for_the_same_request) {
  const Said first = pay("tok_visa", "att_1", "key");
  const std::string body = R"({"amount":2000,"currency":"usd","source":"tok_visa",)"
                           R"("description":"Order 1042 [att_1]"})";
  const Said again = call("POST", "charges", body, "key", "application/json");
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(pay("tok_visa", "att_2", "key").status, 409);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;");
  EXPECT_EQ(pay("tok_visa", "att_1", std::string(256, 'k')).status, 400);
}

TEST_F(Pudgy, keeps_a_decline_under_its_key_and_forgets_keys_after_a_day) {
  const Said declined = pay("tok_chargeDeclined", "att_1", "declined");
  const Said first = pay("tok_visa", "att_2", "paid");
  EXPECT_EQ(pay("tok_chargeDeclined", "att_1", "declined").response.body, declined.response.body);
  EXPECT_EQ(listed().size(), 2u);
  pass(24 * 3600);
  EXPECT_NE(pay("tok_visa", "att_2", "paid").response.body, first.response.body);
  EXPECT_EQ(operations(), "charge 2000 USD att_2;charge 2000 USD att_2;");
}

TEST_F(Pudgy, same_key_finds_out_what_came_of_a_lost_answer) {
  EXPECT_EQ(pay("tok_sim_timeout", "att_1", "lost").status, 504);
  EXPECT_EQ(word_of(pay("tok_sim_timeout", "att_1", "lost")), "succeeded");
  set("processing_error_times", "2");
  for (const int status : {502, 502, 200, 200})
    EXPECT_EQ(pay("tok_processingError", "att_2", "error").status, status);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;charge 2000 USD att_2;");
}

TEST_F(Pudgy, answers_409_while_the_first_request_with_the_key_runs) {
  set("hold_posts", "true");
  std::atomic<int> refused = 0, charged = 0;
  const auto send_one = [&] {
    const Said said = pay("tok_visa", "att_1", "key");
    refused += said.status == 409 && code_of(said) == "idempotency_in_progress";
    charged += said.status == 200;
  };
  std::thread one(send_one), other(send_one);
  becomes_true([&] { return refused == 1; });
  set("hold_posts", "false");
  one.join();
  other.join();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(charged, 1);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;");
}

TEST_F(Pudgy, says_which_parameter_of_a_charge_is_wrong) {
  const std::pair<const char*, const char*> rows[] = {
      {"amount=0&currency=usd&source=tok_visa", "amount"},
      {"amount=20.00&currency=usd&source=tok_visa", "amount"},
      {"amount=2000&source=tok_visa", "currency"},
      {"amount=2000&currency=USD&source=tok_visa", "currency"},
      {"amount=2000&currency=eur&source=tok_visa", "currency"},
      {"amount=2000&currency=usd", "source"},
  };
  for (const auto& [form, param] : rows) {
    const Said said = call("POST", "charges", form);
    EXPECT_EQ(word_of(said), "invalid_request_error") << form;
    EXPECT_EQ(text_at(said.json, "error.param"), param) << form;
  }
  set("currencies", "usd,eur");
  EXPECT_EQ(call("POST", "charges", rows[4].first, "key").status, 200);
  EXPECT_EQ(operations(), "charge 2000 EUR key;");
}

TEST_F(Pudgy, card_fields_give_back_a_token_for_the_number) {
  const std::pair<const char*, const char*> rows[] = {
      {"4242424242424242", "succeeded"},     {"5555+5555+5555+4444", "succeeded"},
      {"4000000000000002", "card_declined"}, {"4000000000009995", "insufficient_funds"},
      {"4000000000000069", "expired_card"},  {"1234", "card_declined"},
  };
  const Said shown = send("GET", "/pudgy/card?return_url=https://shop.example/pay");
  EXPECT_NE(shown.response.body.find("value=\"https://shop.example/pay\""), std::string::npos);
  const HttpResponse back = type_card("token=tok_visa&return_url=https://shop.example/pay");
  EXPECT_EQ(header_of(back.headers, "location"), "https://shop.example/pay?token=tok_visa");
  for (const auto& [number, word] : rows) EXPECT_EQ(word_of(pay(token_of(number))), word) << number;
  EXPECT_NE(type_card("number=4242424242424242").body.find("<code>tok_"), std::string::npos);
  EXPECT_EQ(ledger().size(), 2u);
}

TEST_F(Pudgy, tokens_work_once_and_for_a_quarter_of_an_hour) {
  secret_ = "pk_test_demo";
  const std::string form = "card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2030";
  const std::string token = text_at(call("POST", "tokens", form + "&card[cvc]=123").json, "id");
  secret_ = "sk_test_demo";
  EXPECT_EQ(word_of(pay(token)), "succeeded");
  const std::string declined = token_of("4000000000000002"), old = token_of("4242424242424242");
  EXPECT_EQ(pay(declined).status, 402);
  for (const std::string& used : {declined, token})
    EXPECT_EQ(code_of(pay(used)), "token_already_used");
  pass(900);
  EXPECT_EQ(pay(old).status, 400);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;");
}

TEST_F(Pudgy, saved_card_uses_up_its_token_and_can_be_charged_again) {
  const Json customer = call("POST", "customers", "email=dev@example.com").json;
  const std::string path = "customers/" + text_at(customer, "id") + "/cards";
  const std::string token = token_of("5555555555554444");
  const Json card = call("POST", path, "source=" + token).json;
  EXPECT_EQ(text_at(card, "brand") + " " + text_at(card, "last4"), "mastercard 4444");
  EXPECT_EQ(code_of(pay(token)), "token_already_used");
  EXPECT_EQ(word_of(pay(text_at(card, "id"), "att_1")), "succeeded");
  EXPECT_EQ(word_of(pay(text_at(card, "id"), "att_2")), "succeeded");
  EXPECT_EQ(operations(), "charge 2000 USD att_1;charge 2000 USD att_2;");
}

TEST_F(Pudgy, lists_newest_first_and_goes_on_after_a_cursor) {
  const std::string first = paid(), second = paid(), third = paid();
  const Json page = call("GET", "charges?limit=2").json;
  EXPECT_EQ(text_at(page, "data.0.id") + text_at(page, "data.1.id"), third + second);
  EXPECT_EQ(bool_at(page, "has_more"), true);
  const Json rest =
      call("GET", "charges?limit=2&starting_after=" + text_at(page, "next_cursor")).json;
  EXPECT_EQ(text_at(rest, "data.0.id"), first);
  EXPECT_EQ(bool_at(rest, "has_more"), false);
  for (const std::string limit : {"0", "101", "x"})
    EXPECT_EQ(text_at(call("GET", "charges?limit=" + limit).json, "error.param"), "limit");
}

TEST_F(Pudgy, refunds_no_more_than_it_took) {
  const std::string id = paid();
  const Said first = refund(id, "500", "ref_1");
  EXPECT_EQ(text_at(first.json, "charge") + " " + word_of(first), id + " succeeded");
  EXPECT_EQ(refund(id, "500", "ref_1").response.body, first.response.body);
  EXPECT_EQ(code_of(refund(id, "1501")), "amount_too_large");
  EXPECT_EQ(integer_at(refund(id, "", "ref_2").json, "amount"), 1500);
  EXPECT_EQ(code_of(refund(id)), "charge_already_refunded");
  pay("tok_chargeDeclined");
  EXPECT_EQ(code_of(refund(text_at(listed(), "0.id"))), "charge_not_refundable");
  EXPECT_EQ(refund("ch_none").status, 404);
  EXPECT_EQ(text_at(call("GET", "charges/" + id).json, "status"), "succeeded");
  EXPECT_EQ(operations(), "charge 2000 USD att_1;refund 500 USD ref_1;refund 1500 USD ref_2;");
}

TEST_F(Pudgy, pending_refund_says_the_same_again_and_succeeds) {
  Receiver receiver;
  const std::string id = paid();
  set("webhook_url", receiver.url());
  set("refund_result", "pending");
  set("refund_event_object", "refund");
  const Json made = refund(id, "500", "ref_1").json;
  EXPECT_EQ(text_at(made, "status"), "pending");
  const Json told = event(receiver, 1);
  EXPECT_EQ(text_at(told, "data.object.id"), text_at(made, "id"));
  EXPECT_EQ(text_at(told, "data.object.status"), "succeeded");
  EXPECT_EQ(refund(id, "500", "ref_1").json, made);
  EXPECT_EQ(operations(), "charge 2000 USD att_1;refund 500 USD ref_1;");
}

TEST_F(Pudgy, failed_refund_leaves_the_money_where_it_is) {
  for (const auto& [result, word] :
       {std::pair("failed", "failed"), std::pair("pending_fail", "pending")}) {
    const std::string id = paid();
    set("refund_result", result);
    const Said failed = refund(id, "", result);
    EXPECT_EQ(word_of(failed), word);
    set("refund_result", "succeeded");
    EXPECT_TRUE(becomes_true([&] { return refund(id).status == 200; })) << result;
    EXPECT_NE(text_at(ledger().back(), "object"), text_at(failed.json, "id"));
  }
  EXPECT_EQ(ledger().size(), 4u);
}

TEST_F(Pudgy, webhooks_carry_the_whole_charge_signed_with_their_time) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  set("webhook_secret", "whsec_a");
  const std::string id = text_at(pay("tok_visa", "Café Żółw").json, "id");
  const Json paid = event(receiver, 1, "whsec_a");
  EXPECT_EQ(text_at(paid, "type"), "charge.succeeded");
  EXPECT_EQ(member_at(paid, "data.object"), call("GET", "charges/" + id).json);
  refund(id, "500");
  const Json refunded = event(receiver, 2, "whsec_a");
  EXPECT_EQ(text_at(refunded, "type"), "charge.refunded");
  EXPECT_EQ(member_at(refunded, "data.object"), member_at(paid, "data.object"));
  pay("tok_expiredCard");
  EXPECT_EQ(text_at(event(receiver, 3, "whsec_a"), "type"), "charge.failed");
}

TEST_F(Pudgy, tries_again_by_its_schedule_and_replays_the_same_event) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  set("webhook_schedule_s", "0,10,30");
  for (int i = 0; i < 3; ++i) receiver.answer_next_with(500);
  paid();
  const Json sent = event(receiver, 1);
  EXPECT_EQ(event(receiver, 2), sent);
  EXPECT_EQ(event(receiver, 3), sent);
  EXPECT_EQ(send("POST", "/pudgy/replay/" + text_at(sent, "id")).status, 200);
  EXPECT_EQ(event(receiver, 4), sent);
  const std::string next = paid();
  EXPECT_EQ(text_at(event(receiver, 5), "data.object.id"), next);
}

TEST_F(Pudgy, sends_an_endpoint_what_it_asked_for_in_its_mode) {
  Receiver receiver;
  const std::string form = "url=" + receiver.url() + "&events[]=charge.succeeded";
  const std::string secret = text_at(call("POST", "webhook_endpoints", form).json, "secret");
  secret_ = "pk_live_demo";
  const Json token = call("POST", "tokens", "card[number]=4242424242424242").json;
  secret_ = "sk_live_demo";
  EXPECT_EQ(pay(text_at(token, "id")).status, 200);
  EXPECT_EQ(call("POST", "test/events", "type=charge.succeeded").status, 400);
  secret_ = "sk_test_demo";
  pay("tok_chargeDeclined");
  EXPECT_EQ(call("POST", "test/events", "type=charge.succeeded").status, 200);
  EXPECT_EQ(text_at(event(receiver, 1, secret), "data.object.status"), "succeeded");
  const std::string id = paid();
  EXPECT_EQ(text_at(event(receiver, 2, secret), "data.object.id"), id);
}

// Its tries wait for the clock.
struct SlowPudgy : Pudgy {
  SlowPudgy() : Pudgy(1) { set("webhook_url", receiver_.url()); }
  void begin(const std::string& schedule, const std::vector<int>& statuses) {
    set("webhook_schedule_s", schedule);
    for (const int status : statuses) receiver_.answer_next_with(status);
    paid();
    receiver_.wait_for(1);
  }
  // Again and again, since a try is planned only when the one before it has been answered.
  void pass_until(std::size_t count, std::int64_t hours) {
    EXPECT_TRUE(becomes_true([&] {
      pass(hours * 3600);
      return receiver_.received().size() >= count;
    }));
  }
  void expect_next_is_told(std::size_t nth) {
    const std::string id = paid();
    EXPECT_EQ(text_at(event(receiver_, nth), "data.object.id"), id);
  }
  Receiver receiver_;
};

TEST_F(SlowPudgy, endpoint_that_takes_nothing_for_three_days_is_disabled_until_it_is_enabled) {
  begin("0,259200,3600", {500, 500, 500});
  pass_until(2, 72);
  pass_until(3, 1);
  paid();
  EXPECT_EQ(send("POST", "/pudgy/enable/we_own").status, 200);
  expect_next_is_told(4);
}

TEST_F(SlowPudgy, three_days_begin_anew_with_whatever_an_endpoint_takes) {
  begin("0,259200,3600", {500, 200, 500});
  pass(3600);
  expect_next_is_told(2);
  pass_until(3, 72);
  pass_until(4, 1);
  expect_next_is_told(5);
}

TEST_F(SlowPudgy, endpoint_that_takes_the_last_try_is_not_disabled) {
  begin("0,259200", {500});
  pass_until(2, 72);
  expect_next_is_told(3);
}

}  // namespace
}  // namespace switchyard::sandbox
