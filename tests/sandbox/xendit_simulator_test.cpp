// Xendit as its README.md describes it, over sockets.
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

constexpr const char* account = "BCA_VIRTUAL_ACCOUNT";

class Xendit : public RunningSimulator {
 protected:
  explicit Xendit(double speed = 0) : RunningSimulator("xendit", speed) {}
  Said call(const std::string& method, const std::string& path, const Json& body = nullptr,
            Headers headers = {{"api-version", "2024-11-11"}}) {
    headers.emplace_back("Authorization", "Basic " + to_base64(key_ + ":"));
    return send(method, "/xendit" + path, body, std::move(headers));
  }
  static Json invoice() {
    return {{"external_id", "ord-1"},
            {"amount", 510'000},
            {"currency", "IDR"},
            {"invoice_duration", 3600},
            {"success_redirect_url", "https://shop.example/ok"}};
  }
  std::string open_invoice(const Json& body = invoice()) {
    const Json made = call("POST", "/v2/invoices", body).json;
    page_ = text_at(made, "invoice_url");
    return text_at(made, "id");
  }
  static Json request_of(const std::string& channel, const Json& amount = 25'000) {
    Json properties = {{"success_return_url", "https://shop.example/ok"},
                       {"failure_return_url", "https://shop.example/ko"}};
    if (channel == "OVO") properties = {{"mobile_number", "+628123456789"}};
    if (channel == account) properties = {{"display_name", "John Doe"}};
    const std::string currency = channel == "GCASH" ? "PHP" : "IDR";
    return {{"reference_id", "ord-1"},          {"type", "PAY"},
            {"country", currency.substr(0, 2)}, {"currency", currency},
            {"request_amount", amount},         {"channel_code", channel},
            {"channel_properties", properties}};
  }
  Said ask_for(const Json& body) { return call("POST", "/v3/payment_requests", body); }
  std::string open(const Json& body = request_of("DANA")) {
    const std::string channel = text_at(body, "channel_code");
    const char* place = channel == "OVO" ? "/ovo/" : channel == account ? "/va/" : "/ewallet/";
    const std::string id = text_at(ask_for(body).json, "payment_request_id");
    page_ = url(place + id);
    return id;
  }
  HttpResponse press(const std::string& form, const std::string& method = "POST") {
    return transmit(method, page_, form).response;
  }
  std::string shown() { return press("", "GET").body; }
  Json read(const std::string& id) {
    const char* place = id.starts_with("rfd-") ? "/refunds/" : "/v2/invoices/";
    return call("GET", (id.starts_with("pr-") ? "/v3/payment_requests/" : place) + id).json;
  }
  // The reason once it has failed, else the status that it reached.
  std::string end_of(const std::string& id) {
    Json last;
    becomes_true([&] {
      last = read(id);
      return text_at(last, "status") != "PENDING" && text_at(last, "status") != "REQUIRES_ACTION";
    });
    return text_at(last, text_at(last, "failure_code").empty() ? "status" : "failure_code");
  }
  std::string paid(const Json& body = request_of("DANA")) {
    const std::string id = open(body);
    press("act=pay");
    EXPECT_EQ(end_of(id), "SUCCEEDED");
    return id;
  }
  Said refund(const std::string& id, const Json& amount = nullptr,
              const std::string& reference = "rf-1", const std::string& key = new_uuid()) {
    Json body = {{id.starts_with("pr-") ? "payment_request_id" : "invoice_id", id},
                 {"reference_id", reference},
                 {"reason", "REQUESTED_BY_CUSTOMER"}};
    if (!amount.is_null()) body["amount"] = amount;
    return call("POST", "/refunds", body, {{"idempotency-key", key}});
  }
  std::string end_of_refund(const Said& made) { return end_of(text_at(made.json, "id")); }
  Said change(const std::string& id, const std::string& verb) {
    return call("POST", "/v3/payment_requests/" + id + "/" + verb, Json::object());
  }
  static std::string code_of(const Said& said) { return text_at(said.json, "error_code"); }
  static Json message(const Receiver& receiver, std::size_t nth) {
    const Request request = receiver.wait_for(nth).at(nth - 1);
    EXPECT_EQ(request.header("x-callback-token"), "V8tq2nQ0sYk4wZr7xP1c");
    return parse_json(request.body);
  }
  std::string key_ = "xnd_development_abc123", page_;
};

TEST_F(Xendit, opens_for_a_secret_key_alone_and_keeps_the_modes_apart) {
  const std::string path = "/v2/invoices/" + open_invoice();
  EXPECT_EQ(text_at(send("GET", "/xendit" + path).json, "errors.0.field.0"), "api_key");
  key_ = "xnd_public_development_abc123";
  EXPECT_EQ(code_of(call("GET", path)), "INVALID_API_KEY");
  key_ = "xnd_production_9f3c2b7d41e84f0aa6d5";
  EXPECT_EQ(code_of(call("GET", path)), "INVOICE_NOT_FOUND_ERROR");
  set("revoked_key", key_);
  EXPECT_EQ(call("GET", path).status, 401);
}

TEST_F(Xendit, makes_two_invoices_of_one_external_id_and_finds_both) {
  const Said made = call("POST", "/v2/invoices", invoice());
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(text_at(made.json, "available_banks.0.bank_code"), "BCA");
  const std::string second = open_invoice();
  EXPECT_EQ(call("GET", "/v2/invoices?external_id=ord-1").json,
            Json::array({read(second), made.json}));
}

TEST_F(Xendit, says_what_is_wrong_with_what_it_is_asked) {
  const auto refusal = [&](Json body, const std::string& member, const Json& value) {
    body[member] = value;
    return code_of(body.contains("type") ? ask_for(body) : call("POST", "/v2/invoices", body));
  };
  const Json barter = Json::array({"BARTER"}), wallet = request_of("DANA");
  EXPECT_EQ(refusal(invoice(), "external_id", nullptr), "API_VALIDATION_ERROR");
  EXPECT_EQ(refusal(invoice(), "amount", "much"), "API_VALIDATION_ERROR");
  EXPECT_EQ(refusal(invoice(), "currency", "EUR"), "UNSUPPORTED_CURRENCY");
  EXPECT_EQ(refusal(invoice(), "payment_methods", barter), "UNAVAILABLE_PAYMENT_METHOD_ERROR");
  EXPECT_EQ(refusal(wallet, "reference_id", nullptr), "API_VALIDATION_ERROR");
  EXPECT_EQ(refusal(wallet, "channel_properties", Json::object()), "API_VALIDATION_ERROR");
  for (const Json& amount : {Json(99), Json(20'000'001), Json(25'000.5)})
    EXPECT_EQ(refusal(wallet, "request_amount", amount), "INVALID_VALUE_ERROR") << amount;
  EXPECT_EQ(refusal(wallet, "capture_method", "MANUAL"), "INVALID_VALUE_ERROR");
  EXPECT_EQ(code_of(call("POST", "/v3/payment_requests", wallet, {})), "API_VALIDATION_ERROR");
  set("inactive_channels", "OVO,DANA");
  EXPECT_EQ(code_of(ask_for(wallet)), "CHANNEL_NOT_ACTIVATED");
}

TEST_F(Xendit, answers_404_to_what_is_no_call) {
  const std::string id = paid(), request = "/v3/payment_requests/" + id;
  const std::string payment = "/v3/payments/" + text_at(read(id), "latest_payment_id");
  for (const std::string& path : {payment, payment + "/pay", request, request + "/pay"})
    EXPECT_EQ(call("POST", path).status, 404) << path;
  for (const char* verb : {"/capture", "/cancel"})
    EXPECT_EQ(code_of(call("POST", payment + verb)), "INELIGIBLE_TRANSACTION_STATUS");
}

TEST_F(Xendit, invoice_stays_open_after_a_declined_try_and_is_paid_once) {
  const std::string id = open_invoice();
  EXPECT_NE(shown().find("Pay IDR 510000"), std::string::npos);
  EXPECT_NE(press("act=fail").body.find("Try again"), std::string::npos);
  EXPECT_EQ(text_at(read(id), "status"), "PENDING");
  EXPECT_EQ(header_of(press("pay=DANA").headers, "location"), "https://shop.example/ok");
  press("pay=DANA");
  EXPECT_EQ(text_at(read(id), "status") + " " + text_at(read(id), "payment_method"),
            "PAID EWALLET");
  EXPECT_EQ(operations(), "charge 510000 IDR ord-1;");
}

TEST_F(Xendit, invoice_is_paid_only_by_a_way_that_it_offers) {
  Json body = invoice();
  body["payment_methods"] = Json::array({"DANA", "GCASH"});
  const std::string id = open_invoice(body);
  for (const char* way : {"pay=OVO", "pay=GCASH"})
    EXPECT_NE(press(way).body.find("offers other ways"), std::string::npos) << way;
  EXPECT_EQ(write_json(member_at(read(id), "available_ewallets")), R"([{"ewallet_type":"DANA"}])");
  EXPECT_EQ(text_at(read(id), "status"), "PENDING");
}

TEST_F(Xendit, invoice_that_is_over_cannot_be_paid_unless_told_so) {
  const Said closed = call("POST", "/invoices/" + open_invoice() + "/expire!");
  EXPECT_EQ(text_at(closed.json, "status"), "EXPIRED");
  const std::string left = open_invoice();
  pass(3600);
  press("pay=DANA");
  EXPECT_EQ(text_at(read(left), "status"), "EXPIRED");
  set("late_success", "true");
  press("pay=DANA");
  EXPECT_EQ(text_at(read(left), "status"), "PAID");
  EXPECT_EQ(operations(), "cancel 510000 IDR ord-1;charge 510000 IDR ord-1;");
}

TEST_F(Xendit, wallet_sends_the_payer_to_its_page_and_back) {
  const Said made = ask_for(request_of("GCASH", 1000.01));
  EXPECT_EQ(made.status, 201);
  page_ = text_at(made.json, "actions.0.value");
  EXPECT_NE(shown().find("GCASH: pay PHP 1000.01"), std::string::npos);
  EXPECT_EQ(header_of(press("act=pay").headers, "location"), "https://shop.example/ok");
  press("act=pay");
  const Json request = read(text_at(made.json, "payment_request_id"));
  const Json payment = call("GET", "/v3/payments/" + text_at(request, "latest_payment_id")).json;
  EXPECT_EQ(decimal_at(payment, "captures.0.capture_amount"), "1000.01");
  EXPECT_EQ(operations(), "charge 100001 PHP ord-1;");
}

TEST_F(Xendit, pages_do_what_is_pressed) {
  set("ovo_answer", "none");
  const std::tuple<const char*, const char*, const char*> rows[] = {
      {"DANA", "decline", "USER_DECLINED_PAYMENT"},
      {"GCASH", "poor", "INSUFFICIENT_BALANCE"},
      {"OVO", "decline", "USER_DECLINED_PAYMENT"},
      {"LINKAJA", "expire", "EXPIRED"},
      {"OVO", "pay", "SUCCEEDED"},
      {account, "expire", "EXPIRED"},
      {account, "pay", "SUCCEEDED"},
  };
  for (const auto& [channel, act, end] : rows) {
    const std::string id = open(request_of(channel));
    press(std::string("act=") + act);
    EXPECT_EQ(end_of(id), end) << channel;
  }
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;charge 25000 IDR ord-1;");
  open();
  EXPECT_EQ(header_of(press("act=decline").headers, "location"), "https://shop.example/ko");
}

TEST_F(Xendit, amounts_of_wallets_do_what_is_published) {
  set("failure_codes", "20102=USER_DECLINED_PAYMENT,20111=INVALID_OTP");
  const std::tuple<int, int, const char*> rows[] = {
      {10'100, 403, "CHANNEL_NOT_ACTIVATED"}, {10'101, 503, "CHANNEL_UNAVAILABLE"},
      {10'102, 500, "SERVER_ERROR"},          {20'101, 201, "FAILURE_DETAILS_UNAVAILABLE"},
      {20'102, 201, "USER_DECLINED_PAYMENT"}, {20'103, 201, "ACCOUNT_ACCESS_BLOCKED"},
      {20'111, 201, "INVALID_OTP"},
  };
  for (const auto& [amount, status, code] : rows) {
    const Said said = ask_for(request_of("DANA", amount));
    EXPECT_EQ(said.status, status) << amount;
    const std::string id = text_at(said.json, "payment_request_id");
    EXPECT_EQ(id.empty() ? code_of(said) : end_of(id), code) << amount;
  }
  paid(request_of("DANA", 20'112));
  EXPECT_EQ(operations(), "charge 20112 IDR ord-1;");
}

TEST_F(Xendit, ovo_asks_on_the_phone_and_answers_by_itself) {
  const Said made = ask_for(request_of("OVO"));
  EXPECT_EQ(text_at(made.json, "status"), "PENDING");
  EXPECT_EQ(member_at(made.json, "actions"), Json::array());
  EXPECT_EQ(end_of(text_at(made.json, "payment_request_id")), "SUCCEEDED");
  set("ovo_answer", "decline");
  EXPECT_EQ(end_of(open(request_of("OVO"))), "USER_DECLINED_PAYMENT");
  set("ovo_answer", "none");
  set("ovo_status", "REQUIRES_ACTION");
  const std::string id = open(request_of("OVO"));
  EXPECT_NE(shown().find("OVO on +628123456789"), std::string::npos);
  EXPECT_EQ(text_at(read(id), "status"), "REQUIRES_ACTION");
  pass(55);
  EXPECT_EQ(text_at(read(id), "status"), "EXPIRED");
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;");
  set("ovo_phone_property", "account_mobile_number");
  EXPECT_EQ(code_of(ask_for(request_of("OVO"))), "API_VALIDATION_ERROR");
}

TEST_F(Xendit, account_has_its_number_and_closes_when_it_was_told) {
  Json body = request_of(account);
  body["channel_properties"]["virtual_account_number"] = "1076612345678";
  body["channel_properties"]["expires_at"] = to_rfc3339(SystemClock().now() + std::chrono::days(2));
  const std::string id = open(body);
  EXPECT_EQ(text_at(read(id), "actions.0.value"), "1076612345678");
  pass(47 * 3600);
  EXPECT_EQ(text_at(read(id), "status"), "REQUIRES_ACTION");
  pass(3600);
  EXPECT_EQ(text_at(read(id), "status"), "EXPIRED");
}

TEST_F(Xendit, simulates_a_payment_in_test_mode_only) {
  const std::string id = open(request_of(account));
  EXPECT_EQ(text_at(change(id, "simulate").json, "status"), "PENDING");
  EXPECT_EQ(end_of(id), "SUCCEEDED");
  key_ = "xnd_production_9f3c2b7d41e84f0aa6d5";
  EXPECT_EQ(change(open(), "simulate").status, 403);
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;");
}

TEST_F(Xendit, cancels_only_what_requires_action) {
  EXPECT_EQ(code_of(change(paid(), "cancel")), "INACTIVE_PAYMENT_REQUEST");
  set("ovo_answer", "none");
  EXPECT_EQ(code_of(change(open(request_of("OVO")), "cancel")), "INELIGIBLE_TRANSACTION_STATUS");
  EXPECT_EQ(text_at(change(open(), "cancel").json, "status"), "CANCELED");
  press("act=pay");
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;cancel 25000 IDR ord-1;");
}

TEST_F(Xendit, refunds_no_more_than_it_took_and_once_for_each_key) {
  const std::string id = paid(request_of("GCASH", 1000.01));
  const Said first = refund(id, 250.5, "rf-1", "key");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(text_at(first.json, "payment_method_type"), "EWALLET");
  EXPECT_EQ(end_of_refund(first), "SUCCEEDED");
  EXPECT_EQ(refund(id, 250.5, "rf-1", "key").response.body, first.response.body);
  EXPECT_EQ(code_of(refund(id, 250, "rf-1", "key")), "IDEMPOTENCY_ERROR");
  EXPECT_EQ(code_of(refund(id, 250.5, "rf-1")), "DUPLICATE_ERROR");
  EXPECT_EQ(code_of(refund(id, 749.52, "rf-2")), "REFUND_AMOUNT_EXCEEDED");
  EXPECT_EQ(end_of_refund(refund(id, nullptr, "rf-3")), "SUCCEEDED");
  const Json list = member_at(call("GET", "/refunds?payment_request_id=" + id).json, "data");
  EXPECT_EQ(text_at(list, "0.reference_id") + text_at(list, "1.reference_id"), "rf-3rf-1");
  EXPECT_EQ(operations(), "charge 100001 PHP ord-1;refund 25050 PHP rf-1;refund 74951 PHP rf-3;");
}

TEST_F(Xendit, refunds_only_through_channels_that_give_back) {
  EXPECT_EQ(code_of(refund(paid(request_of("OVO")))), "REFUND_NOT_SUPPORTED");
  EXPECT_EQ(code_of(refund(paid(request_of(account)))), "REFUND_NOT_SUPPORTED");
  const std::string whole = paid(request_of("LINKAJA"));
  EXPECT_EQ(code_of(refund(whole, 100)), "PARTIAL_REFUND_NOT_SUPPORTED");
  EXPECT_EQ(end_of_refund(refund(whole)), "SUCCEEDED");
  EXPECT_EQ(code_of(refund(whole, 100, "rf-2")), "REFUND_AMOUNT_EXCEEDED");
  EXPECT_EQ(code_of(refund(open())), "INELIGIBLE_TRANSACTION_STATUS");
  const std::string at_shop = open_invoice();
  press("pay=ALFAMART");
  EXPECT_EQ(code_of(refund(at_shop)), "REFUND_NOT_SUPPORTED");
  const std::string by_code = open_invoice();
  press("pay=QRIS");
  EXPECT_EQ(end_of_refund(refund(by_code, nullptr, "rf-3")), "SUCCEEDED");
  EXPECT_EQ(text_at(read(by_code), "status"), "PAID");
}

struct SlowXendit : Xendit {
  SlowXendit() : Xendit(1000) {}
};

TEST_F(SlowXendit, what_nobody_pays_expires_by_itself_and_tells_so) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  open_invoice();
  for (const char* channel : {"DANA", account}) open(request_of(channel));
  pass(86'400'000);
  std::multiset<std::string> told;
  for (std::size_t nth : {1, 2, 3}) told.insert(text_at(message(receiver, nth), "event"));
  EXPECT_EQ(told.count("payment_request.expiry"), 2u);  // and the invoice, which names no event
}

TEST_F(SlowXendit, refunds_one_at_a_time_and_cancels_one_that_waits) {
  const std::string id = paid();
  const std::string path = "/refunds/" + text_at(refund(id, 100).json, "id");
  EXPECT_EQ(code_of(refund(id, 100, "rf-2")), "REFUND_IN_PROGRESS");
  EXPECT_EQ(text_at(call("POST", path + "/cancel").json, "status"), "CANCELLED");
  const Said second = refund(id, 200, "rf-3");
  pass(2000);
  EXPECT_EQ(end_of_refund(second), "SUCCEEDED");
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;refund 200 IDR rf-3;");
}

TEST_F(Xendit, webhook_of_an_invoice_is_flat_and_says_what_was_really_paid) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  const std::string id = open_invoice();
  press("pay=DANA&paid_amount=500000");
  const Json told = message(receiver, 1);
  EXPECT_EQ(text_at(told, "id") + " " + text_at(told, "status"), id + " PAID");
  EXPECT_EQ(decimal_at(told, "amount") + " " + decimal_at(told, "paid_amount"), "510000 500000");
  open_invoice();
  press("act=expire");
  EXPECT_EQ(text_at(message(receiver, 2), "status"), "EXPIRED");
  EXPECT_EQ(operations(), "charge 500000 IDR ord-1;");
}

TEST_F(Xendit, webhooks_of_payments_and_refunds_name_their_event) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  const auto event = [&](std::size_t nth, const std::string& path) {
    return text_at(message(receiver, nth), "event") + " " + text_at(message(receiver, nth), path);
  };
  const std::string id = paid();
  EXPECT_EQ(event(1, "data.payment_request_id"), "payment.capture " + id);
  open();
  press("act=poor");
  EXPECT_EQ(event(2, "data.failure_code"), "payment.failure INSUFFICIENT_BALANCE");
  refund(id, 100);
  EXPECT_EQ(event(3, "data.reference_id"), "refund.succeeded rf-1");
  set("refund_result", "FAILED");
  set("refund_nested", "true");
  refund(id, nullptr, "rf-2");
  EXPECT_EQ(event(4, "data.data.failure_code"), "refund.failed REFUND_FAILED");
  EXPECT_EQ(decimal_at(refund(id, nullptr, "rf-3").json, "amount"), "24900");
  EXPECT_EQ(operations(), "charge 25000 IDR ord-1;refund 100 IDR rf-1;");
}

TEST_F(Xendit, tries_seven_times_and_replays_when_asked) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  for (int i = 0; i < 7; ++i) receiver.answer_next_with(503);
  const std::string id = paid();
  receiver.wait_for(7);
  EXPECT_EQ(integer_at(send("POST", "/xendit/replay/" + id).json, "sent"), 1);
  const auto all = receiver.wait_for(8);
  for (const Request& each : all) EXPECT_EQ(each.body, all[0].body);
  EXPECT_EQ(all[6].header("webhook-id"), all[0].header("webhook-id"));
  EXPECT_NE(all.at(7).header("webhook-id"), all[0].header("webhook-id"));
}

TEST_F(Xendit, limits_the_calls_to_an_endpoint_until_the_minute_is_over) {
  const auto list = [&] { return call("GET", "/v2/invoices?external_id=ord-1"); };
  EXPECT_EQ(header_of(list().response.headers, "Rate-Limit-Limit"), "60");
  set("rate_limit", "3");
  for (const char* left : {"1", "0"})
    EXPECT_EQ(header_of(list().response.headers, "Rate-Limit-Remaining"), left);
  const Said over = list();
  EXPECT_EQ(std::to_string(over.status) + " " + code_of(over), "429 RATE_LIMIT_EXCEEDED");
  pass(std::stoll(header_of(over.response.headers, "Rate-Limit-Reset")));
  EXPECT_EQ(list().status, 200);
}

}  // namespace
}  // namespace switchyard::sandbox
