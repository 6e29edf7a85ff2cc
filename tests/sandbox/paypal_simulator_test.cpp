// PayPal as its README.md describes it, over sockets.
#include "base/certificate.h"
#include "base/crypto.h"
#include "base/id.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

class Paypal : public RunningSimulator {
 protected:
  Paypal() : RunningSimulator("paypal") { sign_in(); }
  Said ask_token(const std::string& pair = "paypal-sandbox-client:paypal-sandbox-secret") {
    return transmit("POST", url("/v1/oauth2/token"), "grant_type=client_credentials",
                    {{"Authorization", "Basic " + to_base64(pair)}});
  }
  void sign_in() { token_ = text_at(ask_token().json, "access_token"); }
  // Of a header that stands twice the first one counts.
  Said call(const std::string& method, const std::string& path, const Json& body = nullptr,
            const std::string& key = new_uuid(), Headers headers = {}) {
    headers.emplace_back("Authorization", "Bearer " + token_);
    headers.emplace_back("Content-Type", "application/json");
    headers.emplace_back("Prefer", "return=representation");
    headers.emplace_back("PayPal-Request-Id", key);
    return send(method, "/paypal" + path, body, std::move(headers));
  }
  static Json money(const std::string& value, const std::string& currency = "EUR") {
    return {{"currency_code", currency}, {"value", value}};
  }
  static Json order_of(const Json& amount = money("49.90"), const char* intent = "CAPTURE") {
    const Json unit = {{"custom_id", "att_1"}, {"amount", amount}};
    Json body = {{"intent", intent}, {"purchase_units", Json::array({unit})}};
    body["payment_source"]["paypal"]["experience_context"] = {
        {"return_url", "https://shop.example/back?a=1"}, {"cancel_url", "https://shop.example/no"}};
    return body;
  }
  Said create(const Json& body = order_of(), const std::string& key = new_uuid()) {
    return call("POST", "/v2/checkout/orders", body, key);
  }
  Said press(const std::string& order, const std::string& decision) {
    return transmit("POST", url("/checkoutnow?token=" + order), "decision=" + decision);
  }
  std::string agreed(const Json& body = order_of(), const std::string& decision = "approve") {
    std::string id = text_at(create(body).json, "id");
    press(id, decision);
    return id;
  }
  Said read(const std::string& order) { return call("GET", "/v2/checkout/orders/" + order); }
  Said pay(const std::string& order, const std::string& key = new_uuid(), Headers headers = {}) {
    return call("POST", "/v2/checkout/orders/" + order + "/capture", Json::object(), key,
                std::move(headers));
  }
  static std::string in_capture(const Said& paid, const std::string& member) {
    return text_at(paid.json, "purchase_units.0.payments.captures.0." + member);
  }
  std::string capture() { return in_capture(pay(agreed()), "id"); }
  Said refund(const std::string& id, const Json& body, const std::string& key = new_uuid()) {
    return call("POST", "/v2/payments/captures/" + id + "/refund", body, key);
  }
  std::string hold() {
    const std::string order = agreed(order_of(money("49.90"), "AUTHORIZE"));
    const Said held = call("POST", "/v2/checkout/orders/" + order + "/authorize", Json::object());
    return "authorizations/" + text_at(held.json, "purchase_units.0.payments.authorizations.0.id");
  }
  Said take(const std::string& hold, const Json& amount, bool is_final = true) {
    const Json body = {{"amount", amount}, {"final_capture", is_final}};
    return call("POST", "/v2/payments/" + hold + "/capture", body);
  }
  std::string status_at(const std::string& path) {
    return text_at(call("GET", "/v2/payments/" + path).json, "status");
  }
  bool becomes(const std::string& path, const std::string& status) {
    return becomes_true([&] { return status_at(path) == status; });
  }
  static std::string issue_of(const Said& said) { return text_at(said.json, "details.0.issue"); }
  static std::string link(const Said& said, const std::string& rel) {
    for (const Json& each : member_at(said.json, "links"))
      if (text_at(each, "rel") == rel) return text_at(each, "href");
    return {};
  }
  bool is_proven(const Request& event, const std::string& webhook_id) {
    const std::string pem = transmit("GET", text(event, "paypal-cert-url")).response.body;
    const std::string crc = std::to_string(crc32_of(event.body));
    std::string message = text(event, "paypal-transmission-id");
    message += "|" + text(event, "paypal-transmission-time") + "|" + webhook_id + "|" + crc;
    const CertificateRules rules = {
        .name_ends_with = ".simulator.test", .trusted_roots = pem, .now = SystemClock().now()};
    const auto signature = from_base64(text(event, "paypal-transmission-sig"));
    return signature && is_signed_by_certificate(pem, rules, message, *signature);
  }
  // What PayPal itself says of it. The event goes along byte for byte, and not at the end.
  std::string verify(const Request& event, const std::string& id) {
    std::string asked = "{\"webhook_event\":" + event.body + ",\"webhook_id\":\"" + id + "\"";
    for (auto [name, value] : event.headers) {
      if (!name.starts_with("paypal-")) continue;
      std::ranges::replace(name, '-', '_');
      asked += ",\"" + name.substr(7) + "\":\"" + value + "\"";
    }
    const Said said =
        transmit("POST", url("/v1/notifications/verify-webhook-signature"), asked + "}",
                 {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}});
    return text_at(said.json, "verification_status");
  }
  static std::string text(const Request& event, std::string_view header) {
    return std::string(event.header(header));
  }

  std::string token_;
  const Headers short_ = {{"Prefer", "return=minimal"}};
};

TEST_F(Paypal, gives_a_token_for_nine_hours_to_who_knows_the_secret) {
  EXPECT_EQ(ask_token("paypal-sandbox-client:guess").status, 401);
  EXPECT_EQ(text_at(ask_token("guess:guess").json, "error"), "invalid_client");
  EXPECT_EQ(integer_at(ask_token().json, "expires_in"), 32400);
  EXPECT_EQ(create().status, 200);
  pass(32400);
  EXPECT_EQ(create().status, 401);
  sign_in();
  EXPECT_EQ(create().status, 200);
  set("token_generation", "2");
  EXPECT_EQ(text_at(create().json, "error"), "invalid_token");
}

TEST_F(Paypal, creates_an_order_in_the_shape_that_was_asked_for) {
  const Said made = create();
  const std::string id = text_at(made.json, "id");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(text_at(made.json, "status"), "PAYER_ACTION_REQUIRED");
  EXPECT_EQ(link(made, "payer-action"), url("/checkoutnow?token=" + id));
  Json body = order_of();
  body.erase("payment_source");
  const Said minimal = call("POST", "/v2/checkout/orders", body, new_uuid(), short_);
  EXPECT_EQ(minimal.status, 201);
  EXPECT_EQ(text_at(minimal.json, "status"), "CREATED");
  EXPECT_FALSE(link(minimal, "approve").empty());
  EXPECT_FALSE(minimal.json.contains("purchase_units"));
}

TEST_F(Paypal, refuses_amounts_that_it_does_not_have) {
  const Json number = {{"currency_code", "EUR"}, {"value", 49.9}};
  const std::pair<Json, const char*> rows[] = {
      {money("10.005"), "422 DECIMAL_PRECISION"},
      {money("1200.00", "JPY"), "422 DECIMALS_NOT_SUPPORTED"},
      {money("100", "XOF"), "422 INVALID_CURRENCY_CODE"},
      {money("0.00"), "422 CANNOT_BE_ZERO_OR_NEGATIVE"},
      {money("1,000.00"), "400 INVALID_PARAMETER_SYNTAX"},
      {number, "400 INVALID_PARAMETER_SYNTAX"},
  };
  for (const auto& [amount, refusal] : rows) {
    const Said said = create(order_of(amount));
    EXPECT_EQ(std::to_string(said.status) + " " + issue_of(said), refusal) << amount.dump();
    EXPECT_EQ(header_of(said.response.headers, "Paypal-Debug-Id"), text_at(said.json, "debug_id"));
  }
  pay(agreed(order_of(money("1200", "HUF"))));
  EXPECT_EQ(operations(), "charge 1200 HUF att_1;");
}

TEST_F(Paypal, answers_a_key_with_the_order_as_it_is_for_six_hours) {
  set("order_lasts_s", "86400");
  const std::string id = text_at(create(order_of(), "k1").json, "id");
  press(id, "approve");
  const Said again = create(order_of(), "k1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(text_at(again.json, "id"), id);
  EXPECT_EQ(text_at(again.json, "status"), "APPROVED");
  EXPECT_NE(text_at(create(order_of(), "k2").json, "id"), id);
  pass(6 * 3600);
  EXPECT_NE(text_at(create(order_of(), "k1").json, "id"), id);
}

TEST_F(Paypal, takes_money_once_and_only_after_the_payer_agreed) {
  const std::string id = text_at(create().json, "id");
  EXPECT_EQ(issue_of(pay(id)), "ORDER_NOT_APPROVED");
  press(id, "approve");
  EXPECT_EQ(text_at(read(id).json, "status"), "APPROVED");
  const Json payer = member_at(read(id).json, "payment_source.paypal");
  EXPECT_EQ(text_at(payer, "email_address"), "sb-buyer7714@personal.example.com");
  EXPECT_EQ(text_at(payer, "name.surname"), "Moreno");
  EXPECT_EQ(operations(), "");
  const Said paid = pay(id, "k1"), again = pay(id, "k1");
  EXPECT_EQ(in_capture(paid, "status"), "COMPLETED");
  EXPECT_EQ(std::pair(paid.status, again.status), std::pair(201, 200));
  EXPECT_EQ(again.json, paid.json);
  EXPECT_EQ(issue_of(pay(id, "k2")), "ORDER_ALREADY_CAPTURED");
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;");
}

TEST_F(Paypal, page_sends_the_payer_back_with_the_order_and_lets_a_cancel_change_nothing) {
  const std::string id = text_at(create().json, "id"), left = text_at(create().json, "id");
  const Said page = transmit("GET", url("/checkoutnow?token=" + id));
  EXPECT_NE(page.response.body.find("EUR 49.90"), std::string::npos);
  EXPECT_EQ(header_of(press(id, "cancel").response.headers, "location"),
            "https://shop.example/no?token=" + id);
  EXPECT_EQ(text_at(read(id).json, "status"), "PAYER_ACTION_REQUIRED");
  const std::string back = header_of(press(id, "approve").response.headers, "location");
  EXPECT_TRUE(back.starts_with("https://shop.example/back?a=1&token=" + id + "&PayerID="));
  EXPECT_EQ(press(left, "leave").status, 200);
  EXPECT_EQ(text_at(read(left).json, "status"), "APPROVED");
}

TEST_F(Paypal, captures_become_what_the_payers_button_or_the_setting_says) {
  const char* const rows[][4] = {
      {"approve", "COMPLETED", "COMPLETED", "COMPLETED"},
      {"review", "COMPLETED", "PENDING", "COMPLETED"},
      {"bounce", "COMPLETED", "PENDING", "DECLINED"},
      {"approve", "DECLINED", "DECLINED", "DECLINED"},
      {"approve", "FAILED", "FAILED", "FAILED"},
  };
  const std::string receivable = "seller_receivable_breakdown.";
  for (const auto& [decision, setting, first, last] : rows) {
    set("capture_result", setting);
    const Said paid = pay(agreed(order_of(), decision));
    EXPECT_EQ(text_at(paid.json, "status"), "COMPLETED");
    EXPECT_EQ(in_capture(paid, "status"), first);
    const bool is_paid = std::string_view(first) == "COMPLETED";
    EXPECT_EQ(in_capture(paid, "links.1.rel"), is_paid ? "refund" : "up");
    EXPECT_EQ(in_capture(paid, receivable + "paypal_fee.value"), is_paid ? "1.84" : "");
    EXPECT_EQ(in_capture(paid, receivable + "net_amount.value"), is_paid ? "48.06" : "");
    EXPECT_TRUE(becomes("captures/" + in_capture(paid, "id"), last)) << decision << setting;
  }
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;charge 4990 EUR att_1;");
}

TEST_F(Paypal, finds_an_id_in_its_own_collection_and_nowhere_else) {
  const std::string id = capture(), own = "/v2/payments/captures/";
  EXPECT_EQ(text_at(call("GET", own + id).json, "payee.merchant_id"), "C7KMZ9P2WD4RA");
  for (const char* other : {"/v2/checkout/orders/", "/v2/payments/refunds/", "/v2/a/b/"})
    EXPECT_EQ(issue_of(call("GET", other + id)), "INVALID_RESOURCE_ID") << other;
  for (const char* method : {"PATCH", "DELETE"}) EXPECT_EQ(call(method, own + id).status, 404);
}

TEST_F(Paypal, a_declined_order_can_be_agreed_to_again) {
  const std::string id = agreed(order_of(), "decline");
  const Said declined = pay(id);
  EXPECT_EQ(issue_of(declined), "INSTRUMENT_DECLINED");
  EXPECT_EQ(link(declined, "redirect"), url("/checkoutnow?token=" + id));
  press(id, "approve");
  EXPECT_EQ(pay(id).status, 201);
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;");
}

TEST_F(Paypal, pays_an_invoice_once_and_forgets_an_order_after_three_hours) {
  Json order = order_of();
  order["purchase_units"].front()["invoice_id"] = "inv_1";
  for (const char* result : {"DECLINED", "FAILED", "COMPLETED"}) {
    set("capture_result", result);
    EXPECT_EQ(in_capture(pay(agreed(order)), "status"), result);
  }
  EXPECT_EQ(issue_of(pay(agreed(order))), "DUPLICATE_INVOICE_ID");
  const std::string id = agreed();
  pass(3 * 3600);
  EXPECT_EQ(issue_of(read(id)), "INVALID_RESOURCE_ID");
  EXPECT_EQ(pay(id).status, 404);
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;");
}

TEST_F(Paypal, says_no_as_it_is_ordered_to) {
  const std::string id = agreed();
  const char* const rows[][2] = {
      {"PAYER_CANNOT_PAY", "422 UNPROCESSABLE_ENTITY"},
      {"INVALID_ACCOUNT_STATUS", "401 AUTHENTICATION_FAILURE"},
      {"PERMISSION_DENIED", "403 NOT_AUTHORIZED"},
      {"PREVIOUS_REQUEST_IN_PROGRESS", "409 RESOURCE_CONFLICT"},
  };
  for (const auto& [issue, refusal] : rows) {
    const std::string header = write_json({{"mock_application_codes", issue}});
    const Said said = pay(id, "k1", {{"PayPal-Mock-Response", header}});
    EXPECT_EQ(std::to_string(said.status) + " " + text_at(said.json, "name"), refusal);
    EXPECT_EQ(issue_of(said), issue);
  }
  set("mock_capture", "INTERNAL_SERVER_ERROR");
  EXPECT_EQ(pay(id, "k1").status, 500);
  EXPECT_EQ(pay(id, "k1", {{"Content-Type", "text/plain"}}).status, 415);
  set("rate_limited", "true");
  EXPECT_EQ(text_at(read(id).json, "name"), "RATE_LIMIT_REACHED");
  EXPECT_EQ(ask_token().status, 429);
  EXPECT_EQ(operations(), "");
}

TEST_F(Paypal, captures_a_hold_in_parts_up_to_115_percent) {
  EXPECT_EQ(issue_of(pay(agreed(order_of(money("49.90"), "AUTHORIZE")))),
            "ACTION_DOES_NOT_MATCH_INTENT");
  const std::string id = hold();
  EXPECT_EQ(text_at(take(id, money("30.00"), false).json, "status"), "COMPLETED");
  EXPECT_EQ(status_at(id), "PARTIALLY_CAPTURED");
  EXPECT_EQ(issue_of(take(id, money("1.00", "USD"))), "AUTH_CAPTURE_CURRENCY_MISMATCH");
  EXPECT_EQ(issue_of(take(id, money("27.39"))), "MAX_CAPTURE_AMOUNT_EXCEEDED");
  EXPECT_EQ(take(id, money("10.00")).status, 201);
  EXPECT_EQ(issue_of(take(id, money("1.00"))), "AUTHORIZATION_ALREADY_CAPTURED");
  EXPECT_EQ(operations(),
            "authorize 4990 EUR att_1;capture 3000 EUR att_1;capture 1000 EUR att_1;");
}

TEST_F(Paypal, a_hold_ends_when_it_is_voided_or_after_29_days) {
  const std::string voided = hold(), left = hold();
  EXPECT_EQ(call("POST", "/v2/payments/" + voided + "/void", nullptr, "k1", short_).status, 204);
  EXPECT_EQ(issue_of(call("POST", "/v2/payments/" + voided + "/void")), "PREVIOUSLY_VOIDED");
  EXPECT_EQ(issue_of(take(voided, money("49.90"))), "AUTHORIZATION_VOIDED");
  take(left, money("30.00"), false);
  set("authorize_result", "DENIED");
  EXPECT_EQ(issue_of(call("POST", "/v2/payments/" + hold() + "/void")), "CANNOT_BE_VOIDED");
  set("authorize_result", "PENDING");
  const std::string pending = hold();
  EXPECT_EQ(issue_of(take(pending, money("49.90"))), "TRANSACTION_REFUSED");
  pass(29 * 24 * 3600);
  sign_in();
  for (const std::string& open : {left, pending}) EXPECT_EQ(status_at(open), "VOIDED");
  EXPECT_EQ(operations(),
            "authorize 4990 EUR att_1;authorize 4990 EUR att_1;cancel 4990 EUR att_1;"
            "capture 3000 EUR att_1;cancel 1990 EUR att_1;");
}

TEST_F(Paypal, refunds_no_more_than_was_captured_and_once_for_each_key) {
  const std::string id = capture();
  const Json part = {{"amount", money("10.00")}, {"custom_id", "ref_1"}, {"invoice_id", "ref_1"}};
  const Said made = refund(id, part, "k1");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(text_at(made.json, "seller_payable_breakdown.total_refunded_amount.value"), "10.00");
  EXPECT_EQ(status_at("captures/" + id), "PARTIALLY_REFUNDED");
  EXPECT_EQ(issue_of(refund(id, part)), "DUPLICATE_INVOICE_ID");
  EXPECT_EQ(issue_of(refund(id, {{"amount", money("39.91")}})), "REFUND_AMOUNT_EXCEEDED");
  EXPECT_EQ(issue_of(refund(id, {{"amount", money("1.00", "USD")}})),
            "REFUND_CAPTURE_CURRENCY_MISMATCH");
  pass(44 * 24 * 3600);
  sign_in();
  const Said again = refund(id, part, "k1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.json, made.json);
  EXPECT_EQ(text_at(refund(id, {{"custom_id", "ref_2"}}).json, "amount.value"), "39.90");
  EXPECT_EQ(status_at("captures/" + id), "REFUNDED");
  EXPECT_EQ(issue_of(refund(id, Json::object())), "CAPTURE_FULLY_REFUNDED");
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;refund 1000 EUR ref_1;refund 3990 EUR ref_2;");
}

TEST_F(Paypal, a_refund_can_fail_later_and_another_can_be_made_on_its_own_pages) {
  const std::string id = capture();
  set("refund_result", "FAILED");
  const Json made = refund(id, Json::object()).json;
  EXPECT_EQ(text_at(made, "status"), "PENDING");
  EXPECT_TRUE(becomes("refunds/" + text_at(made, "id"), "FAILED"));
  EXPECT_EQ(status_at("captures/" + id), "COMPLETED");
  set("refund_result", "COMPLETED");
  send("POST", "/paypal/dashboard/captures/" + id + "/refund", {{"amount", money("1.00")}});
  EXPECT_EQ(operations(), "charge 4990 EUR att_1;refund 100 EUR att_1;");
}

TEST_F(Paypal, proves_its_events_by_certificate_and_by_its_own_word) {
  Receiver receiver;
  receiver.answer_next_with(500);
  set("webhook_url", receiver.url());
  const std::string webhook = "8PT597110X687430L";
  agreed();
  const auto got = receiver.wait_for(2);
  ASSERT_EQ(got.size(), 2u);
  // The second try is the same message in another transmission.
  EXPECT_EQ(got[1].body, got[0].body);
  EXPECT_NE(text(got[1], "paypal-transmission-id"), text(got[0], "paypal-transmission-id"));
  EXPECT_EQ(text_at(parse_json(got[0].body), "event_type"), "CHECKOUT.ORDER.APPROVED");
  EXPECT_FALSE(text(got[0], "correlation-id").empty());
  for (const Request& event : got) {
    EXPECT_TRUE(is_proven(event, webhook));
    EXPECT_EQ(verify(event, webhook), "SUCCESS");
    EXPECT_EQ(verify(event, "WEBHOOK_ID"), "FAILURE");
    Request changed = event;
    changed.body.replace(changed.body.find("APPROVED"), 1, "B");
    EXPECT_FALSE(is_proven(changed, webhook));
    EXPECT_EQ(verify(changed, webhook), "FAILURE");
  }
}

TEST_F(Paypal, sends_an_endpoint_what_it_asked_for_and_again_when_told) {
  Receiver receiver;
  const Json types =
      parse_json(R"([{"name": "PAYMENT.CAPTURE.DECLINED"}, {"name": "PAYMENT.CAPTURE.REFUNDED"}])");
  const Said made =
      call("POST", "/v1/notifications/webhooks", {{"url", receiver.url()}, {"event_types", types}});
  set("denied_event", "DECLINED");
  pay(agreed(order_of(), "bounce"));
  receiver.wait_for(1);
  const std::string id = capture();
  refund(id, Json::object());
  const auto got = receiver.wait_for(2);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_TRUE(is_proven(got[0], text_at(made.json, "id")));
  EXPECT_EQ(text_at(parse_json(got[0].body), "resource.status"), "DECLINED");
  const Json event = parse_json(got[1].body);
  EXPECT_EQ(text_at(event, "resource_type"), "refund");
  EXPECT_TRUE(text_at(event, "resource.links.1.href").ends_with("/captures/" + id));
  const std::string path = "/v1/notifications/webhooks-events/" + text_at(event, "id");
  EXPECT_EQ(text_at(event, "links.1.href"), url(path + "/resend"));
  EXPECT_EQ(call("POST", path, Json::object()).status, 404);
  for (const std::string& to : {std::string("8PT597110X687430L"), text_at(made.json, "id")})
    EXPECT_EQ(call("POST", path + "/resend", {{"webhook_ids", Json::array({to})}}).status, 202);
  EXPECT_EQ(receiver.wait_for(3).back().body, got[1].body);
  EXPECT_EQ(receiver.received().size(), 3u);
}

}  // namespace
}  // namespace switchyard::sandbox
