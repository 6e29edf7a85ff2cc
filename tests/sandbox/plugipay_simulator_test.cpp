// Plugipay as its README.md describes it, over sockets.
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

constexpr const char* good_card = "method=card&number=4242424242424242";
const std::string charged = "charge 250000 IDR att_1;", canceled = "cancel 250000 IDR att_1;";

class Plugipay : public RunningSimulator {
 protected:
  explicit Plugipay(double speed = 0) : RunningSimulator("plugipay", speed) {}
  Said call(const std::string& method, const std::string& path, const Json& body = nullptr,
            const std::string& key = new_uuid(), Headers headers = {}) {
    headers.emplace_back("Authorization", "Bearer " + bearer_);
    headers.emplace_back("Idempotency-Key", key);
    return send(method, "/plugipay" + base_ + path, body, std::move(headers));
  }
  static Json session(std::int64_t amount = 250'000, const std::string& currency = "IDR") {
    Json methods = Json::array({"qris", "va", "ewallet", "card", "retail"});
    if (currency == "USD") methods = Json::array({"card", "paypal"});
    return {{"amount", amount},
            {"currency", currency},
            {"methods", methods},
            {"successUrl", "https://shop.example/ok?a=1"},
            {"lineItems", Json::array()},
            {"cancelUrl", "https://shop.example/no"},
            {"metadata", {{"orderId", "1042"}, {"attemptId", "att_1"}}}};
  }
  std::string open(const Json& body = session()) {
    const Json made = call("POST", "/checkout-sessions", body).json;
    page_ = text_at(made, base_ == "/v1" ? "data.url" : "data.hostedUrl");
    return text_at(made, "data.id");
  }
  HttpResponse press(const std::string& form, const std::string& step = "",
                     const std::string& method = "POST") {
    return transmit(method, page_ + step, form).response;
  }
  std::string go(const std::string& form, const std::string& step = "") {
    return header_of(press(form, step).headers, "location");
  }
  std::string shown(const std::string& step = "") { return press("", step, "GET").body; }
  std::string paid(const std::string& form = good_card) {
    const std::string id = open();
    press(form);
    EXPECT_TRUE(becomes(id, "completed"));
    return id;
  }
  Json read(const std::string& id) {
    const char* noun = id.starts_with("rf") ? "/refunds/" : "/checkout-sessions/";
    return member_at(call("GET", noun + id).json, "data");
  }
  std::string status(const std::string& id) { return text_at(read(id), "status"); }
  bool becomes(const std::string& id, const std::string& wanted) {
    return becomes_true([&] { return status(id) == wanted; });
  }
  Said change(const std::string& id, const std::string& verb) {
    return call("POST", "/checkout-sessions/" + id + "/" + verb, Json::object());
  }
  Said refund(const std::string& id, const Json& amount = nullptr,
              const std::string& key = new_uuid()) {
    Json body = {{"sourceType", "checkout_session"}, {"sourceId", id}};
    body["metadata"] = {{"refundId", "ref_1"}};
    if (!amount.is_null()) body["amount"] = amount;
    return call("POST", "/refunds", body, key);
  }
  bool succeeds(const Said& made) { return becomes(text_at(made.json, "data.id"), "succeeded"); }
  static std::string code_of(const Said& said) { return text_at(said.json, "error.code"); }
  static std::string answer_of(const Said& said) {
    return std::to_string(said.status) + " " + code_of(said);
  }
  std::string bearer_ = "pk_test_EXAMPLE", base_ = "/api/v1", page_;
};

TEST_F(Plugipay, opens_for_a_secret_key_and_keeps_modes_and_merchants_apart) {
  const std::string path = "/checkout-sessions/" + open();
  EXPECT_EQ(code_of(call("GET", "/api-keys")), "person_only");
  const auto acting_for = [&](const std::string& account, const std::string& mode) {
    const Headers headers = {{"X-Plugipay-On-Behalf-Of", account}, {"X-Plugipay-Mode", mode}};
    return call("GET", path, nullptr, "", headers).status;
  };
  EXPECT_EQ(acting_for("acc_other", "test"), 404);
  EXPECT_EQ(acting_for("acc_01J2MERCHANT", "live"), 404);
  EXPECT_EQ(acting_for("", "live"), 200);
  set("revoked_key", "pk_test_revoked");
  for (const char* key : {"sk_test_EXAMPLE", "pk_EXAMPLE", "pk_test_revoked"}) {
    bearer_ = key;
    EXPECT_EQ(code_of(call("GET", path)), "invalid_key") << key;
  }
  bearer_ = "pk_live_EXAMPLE";
  EXPECT_EQ(code_of(call("GET", path)), "not_found");
}

TEST_F(Plugipay, takes_calls_that_are_signed_with_time_key_and_query) {
  const std::string none = sha256_hex(""), hash = sha256_hex(write_json(session()));
  const std::string query = "?limit=1&order=asc";
  const std::int64_t seconds = unix_seconds(SystemClock().now());
  const std::string now = std::to_string(seconds), old = std::to_string(seconds - 302);
  const std::string path = "/plugipay/api/v1/checkout-sessions", start = "POST\n" + path + "\n";
  const auto make = [&](const std::string& text, const std::string& time) {
    const std::string scheme = "Plugipay-HMAC-SHA256 keyId=ak_test_demo, scope=*, signature=";
    const std::string signature = to_hex(hmac_sha256("sk_test_plugi_4242", text));
    const Headers headers = {{"Authorization", scheme + signature},
                             {"X-Plugipay-Timestamp", time},
                             {"Idempotency-Key", "key"}};
    return answer_of(text.starts_with("POST") ? send("POST", path, session(), headers)
                                              : send("GET", path + query, nullptr, headers));
  };
  EXPECT_EQ(make(start + now + "\n" + hash, now), "401 invalid_signature");
  EXPECT_EQ(make(start + now + "\n" + none + "\nkey", now), "401 invalid_signature");
  EXPECT_EQ(make(start + old + "\n" + hash + "\nkey", old), "401 timestamp_skew");
  EXPECT_EQ(make(start + now + "\n" + hash + "\nkey", now), "201 ");
  const std::string rest = "\n" + now + "\n" + none + "\nkey";
  EXPECT_EQ(make("GET\n" + path + query + rest, now), "200 ");
  EXPECT_EQ(make("GET\n" + path + "?order=asc&limit=1" + rest, now), "401 invalid_signature");
}

TEST_F(Plugipay, makes_a_session_and_shows_it_again) {
  const Said made = call("POST", "/checkout-sessions", session());
  EXPECT_EQ(text_at(made.json, "data.hostedUrl"), url("/c/" + text_at(made.json, "data.id")));
  EXPECT_EQ(read(text_at(made.json, "data.id")), member_at(made.json, "data"));
}

TEST_F(Plugipay, answers_the_same_key_for_a_day_failures_too) {
  const auto make = [&](std::int64_t amount, const std::string& key) {
    return call("POST", "/checkout-sessions", session(amount), key);
  };
  const Said first = make(250'000, "key");
  EXPECT_EQ(make(250'000, "key").response.body, first.response.body);
  EXPECT_EQ(code_of(make(250'001, "key")), "idempotency_mismatch");
  EXPECT_EQ(make(250'000, "").status, 400);
  EXPECT_EQ(make(0, "refused").response.body, make(0, "refused").response.body);
  set("in_flight", "true");
  EXPECT_EQ(code_of(make(250'000, "key")), "conflict");
  pass(24 * 3600);
  EXPECT_NE(text_at(make(250'000, "key").json, "data.id"), text_at(first.json, "data.id"));
}

TEST_F(Plugipay, says_which_field_of_a_session_is_wrong) {
  const auto field = [&](const std::string& member, const Json& value) {
    Json body = session();
    body[member] = value;
    const Said said = call("POST", "/checkout-sessions", body);
    return code_of(said) + " " + text_at(said.json, "error.field");
  };
  EXPECT_EQ(field("amount", -5), "validation_error amount");
  EXPECT_EQ(field("methods", nullptr), "validation_error methods");
  EXPECT_EQ(field("methods", Json::array({"paypal"})), "validation_error methods");
  EXPECT_EQ(field("lineItems", nullptr), "validation_error lineItems");
  EXPECT_EQ(field("expiresInSec", 299), "validation_error expiresInSec");
  EXPECT_EQ(field("metadata", {{"orderId", 1042}}), "validation_error metadata");
}

TEST_F(Plugipay, refuses_with_the_code_that_is_set_and_its_status) {
  for (const std::string answer :
       {"400 invalid_request", "401 invalid_key", "403 person_only", "404 not_found",
        "409 invalid_transition", "409 idempotency_mismatch", "409 conflict", "500 internal_error",
        "502 upstream_error", "503 service_unavailable", "429 rate_limited"}) {
    set("refuse_with", answer.substr(4));
    EXPECT_EQ(answer_of(call("GET", "/refunds")), answer);
  }
  EXPECT_EQ(header_of(call("GET", "/refunds").response.headers, "Retry-After"), "1");
}

TEST_F(Plugipay, cards_do_what_their_numbers_say_and_another_try_is_free) {
  const std::pair<const char*, const char*> rows[] = {{"4242424242424242", "completed"},
                                                      {"4811+1111+1111+1114", "completed"},
                                                      {"4000000000000002", "open"},
                                                      {"4000000000009995", "open"}};
  for (const auto& [number, end] : rows) {
    const std::string id = open(), back = "https://shop.example/ok?a=1&session_id=" + id;
    EXPECT_NE(shown().find("Pay IDR 250000"), std::string::npos);
    const std::string place = go(std::string("method=card&number=") + number);
    EXPECT_EQ(status(id), end) << number;
    EXPECT_EQ(place.empty() ? go(good_card) : place, back) << number;
    press(good_card);
  }
  EXPECT_EQ(operations(), charged + charged + charged + charged);
}

TEST_F(Plugipay, payer_answers_the_question_of_the_bank_or_wallet) {
  const std::pair<std::string, std::string> rows[] = {
      {"card&number=4000002760003184", "/3ds"}, {"ewallet", "/ewallet"}, {"paypal", "/paypal"}};
  for (const auto& [method, step] : rows) {
    const std::string form = "method=" + method;
    const std::string id = open(method == "paypal" ? session(2'500, "USD") : session());
    EXPECT_EQ(go(form), page_ + step);
    EXPECT_EQ(status(id), "pending");
    EXPECT_NE(shown(step).find("Approve"), std::string::npos);
    press("decision=reject", step);
    EXPECT_EQ(status(id), "open");
    press(form);
    press("decision=approve", step);
    EXPECT_TRUE(becomes(id, "completed")) << form;
  }
  EXPECT_EQ(operations(), charged + charged + "charge 2500 USD att_1;");
}

struct SlowPlugipay : Plugipay {
  SlowPlugipay() : Plugipay(1000) {}
};

TEST_F(SlowPlugipay, codes_and_accounts_are_paid_a_little_later) {
  const std::tuple<const char*, const char*, std::int64_t> rows[] = {
      {"qris", "open", 3000}, {"va", "pending", 5000}, {"retail", "pending", 5000}};
  for (const auto& [method, before, seconds] : rows) {
    const std::string id = open();
    EXPECT_EQ(go(std::string("method=") + method), page_ + "/transfer");
    pass(seconds - 600);
    EXPECT_EQ(status(id), before) << method;
    pass(600);
    EXPECT_TRUE(becomes(id, "completed")) << method;
  }
  EXPECT_EQ(ledger().size(), 3u);
}

TEST_F(SlowPlugipay, cancel_loses_against_a_transfer_under_way_when_told_so) {
  set("late_success", "true");
  const std::string id = open();
  press("method=va");
  EXPECT_EQ(text_at(change(id, "cancel").json, "data.status"), "canceled");
  pass(5000);
  EXPECT_TRUE(becomes(id, "completed"));
  EXPECT_EQ(operations(), canceled + charged);
}

TEST_F(Plugipay, bank_transfer_waits_for_the_shop_and_its_refund_moves_nothing) {
  const std::string id = open();
  press("method=manual_transfer");
  EXPECT_NE(shown("/transfer").find("account_number"), std::string::npos);
  EXPECT_EQ(code_of(change(id, "confirm")), "invalid_transition");
  press("action=claim", "/transfer");
  EXPECT_EQ(status(id), "pending_review");
  EXPECT_EQ(text_at(change(id, "confirm").json, "data.status"), "completed");
  const Said refunded = refund(id);
  EXPECT_EQ(text_at(refunded.json, "data.chargeId"), id);
  EXPECT_TRUE(succeeds(refunded));
  EXPECT_EQ(operations(), charged);
}

TEST_F(Plugipay, bank_transfer_is_confirmed_in_the_dashboard_and_can_be_switched_off) {
  const std::string id = open();
  press("method=manual_transfer");
  press("action=claim", "/transfer");
  page_ = url("/dashboard");
  EXPECT_NE(shown().find(id + ": IDR 250000"), std::string::npos);
  EXPECT_EQ(go("decision=confirm", "/" + id), page_);
  EXPECT_EQ(status(id), "completed");
  set("manual", "false");
  open();
  EXPECT_NE(press("method=manual_transfer").body.find("not offered"), std::string::npos);
}

TEST_F(Plugipay, amounts_fail_or_hang_by_their_end) {
  const std::string fails = open(session(250'013));
  press(good_card);
  EXPECT_EQ(status(fails), "failed");
  const std::string hangs = open(session(250'017));
  press(good_card);
  EXPECT_EQ(status(hangs), "pending");
  pass(24 * 3600);
  EXPECT_EQ(status(hangs), "expired");
  EXPECT_EQ(operations(), "");
}

TEST_F(Plugipay, cancels_what_is_not_over) {
  EXPECT_EQ(code_of(change(paid(), "cancel")), "invalid_transition");
  const std::string on_page = open();
  EXPECT_EQ(go("action=cancel"), "https://shop.example/no");
  press(good_card);
  EXPECT_EQ(status(on_page), "canceled");
  EXPECT_EQ(text_at(change(open(), "cancel").json, "data.status"), "canceled");
  EXPECT_EQ(operations(), charged + canceled + canceled);
}

TEST_F(Plugipay, refunds_no_more_than_it_took) {
  const std::string id = paid(), charge = text_at(read(id), "paymentId");
  const Said first = refund(id, 100'000, "key");
  EXPECT_EQ(text_at(first.json, "data.status"), "pending");
  EXPECT_EQ(text_at(first.json, "data.chargeId"), charge);
  EXPECT_EQ(refund(id, 100'000, "key").response.body, first.response.body);
  EXPECT_TRUE(succeeds(first));
  EXPECT_EQ(code_of(refund(id, 150'001)), "validation_error");
  EXPECT_TRUE(succeeds(call("POST", "/refunds", {{"chargeId", charge}}, "ref_2")));
  EXPECT_EQ(code_of(refund(id)), "validation_error");
  EXPECT_EQ(status(id), "completed");
  EXPECT_EQ(operations(), charged + "refund 100000 IDR ref_1;refund 150000 IDR ref_2;");
}

TEST_F(Plugipay, refused_refund_is_a_422_and_leaves_a_failed_one) {
  const std::string id = paid(), by_code = paid("method=qris");
  EXPECT_EQ(refund(id, 100'022).status, 422);
  EXPECT_EQ(integer_at(call("GET", "/refunds?status=failed").json, "data.0.amount"), 100'022);
  set("unrefundable", "qr,va");
  EXPECT_EQ(refund(by_code).status, 422);
  set("managed", "true");
  EXPECT_EQ(text_at(refund(id).json, "data.status"), "succeeded");
  EXPECT_EQ(operations(), charged + charged + "refund 250000 IDR ref_1;");
}

struct ToldPlugipay : Plugipay {
  ToldPlugipay() { set("webhook_url", receiver_.url()); }
  Json event(std::size_t nth) const {
    const Request request = receiver_.wait_for(nth).at(nth - 1);
    const std::string header(request.header(header_)), at = header.substr(2, header.find(',') - 2);
    const std::string v1 = to_hex(hmac_sha256(secret_, at + "." + request.body));
    EXPECT_EQ(header, "t=" + at + ",v1=" + v1);
    return parse_json(request.body);
  }
  std::string type(std::size_t nth) const { return text_at(event(nth), "type"); }
  Receiver receiver_;
  std::string secret_ = "whsec_test_plugi_c0ffee", header_ = "x-plugipay-signature";
};

TEST_F(ToldPlugipay, webhooks_show_what_a_get_shows) {
  open(session(250'013));
  press(good_card);
  change(open(), "cancel");
  const std::string id = paid();
  EXPECT_EQ(type(1), "plugipay.checkout_session.completed.v1");
  EXPECT_EQ(member_at(event(1), "data.object"), read(id));
  set("issued_while_pending", "true");
  EXPECT_TRUE(succeeds(refund(id, 100'000)));
  EXPECT_EQ(type(3), "plugipay.refund.issued.v1");
  refund(id, 22);
  EXPECT_EQ(type(4), "plugipay.refund.failed.v1");
  const std::string late = open();
  pass(24 * 3600);
  EXPECT_EQ(status(late), "expired");
  EXPECT_EQ(type(5), "plugipay.checkout_session.expired.v1");
}

TEST_F(ToldPlugipay, tries_again_with_the_same_bytes_and_replays_them) {
  set("webhook_secret", secret_ = "whsec_a");
  for (int i = 0; i < 2; ++i) receiver_.answer_next_with(500);
  paid();
  EXPECT_EQ(event(1), event(3));
  call("POST", "/events/replay", {{"eventIds", Json::array({text_at(event(3), "id")})}});
  EXPECT_EQ(event(4), event(3));
}

TEST_F(ToldPlugipay, endpoint_gets_what_it_asked_for_in_its_mode_at_an_allowed_address) {
  set("webhook_url", "");
  const Json wanted = {{"url", receiver_.url()},
                       {"events", {"plugipay.checkout_session.completed.v1"}}};
  const Json made = call("POST", "/webhooks", wanted).json;
  secret_ = text_at(made, "data.secret");
  bearer_ = "pk_live_EXAMPLE";
  paid();
  bearer_ = "pk_test_EXAMPLE";
  succeeds(refund(paid()));
  EXPECT_EQ(text_at(event(1), "data.object.mode"), "test");
  set("strict_urls", "true");
  EXPECT_EQ(call("POST", "/webhooks", wanted).status, 400);
  EXPECT_EQ(call("PATCH", "/webhooks/" + text_at(made, "data.id"), wanted).status, 400);
  paid();
  set("strict_urls", "false");
  const std::string told = paid();
  EXPECT_EQ(text_at(event(2), "data.object.id"), told);
}

TEST_F(ToldPlugipay, customers_tell_of_themselves_and_are_shown_by_their_sessions) {
  const Json made = member_at(call("POST", "/customers", {{"name", "Alice Tan"}}).json, "data");
  const std::string id = text_at(made, "id"), path = "/customers/" + id;
  EXPECT_EQ(member_at(event(1), "data.object"), made);
  EXPECT_EQ(call("PATCH", path, {{"externalId", "u_42"}}, "").status, 400);
  EXPECT_EQ(call("PATCH", path, {{"externalId", "u_42"}}).status, 200);
  EXPECT_EQ(type(2), "plugipay.customer.updated.v1");
  set("strict_urls", "true");
  EXPECT_EQ(call("PATCH", path, {{"name", "Alice"}}).status, 200);
  set("strict_urls", "false");
  Json body = session();
  body["customerId"] = id;
  EXPECT_EQ(text_at(read(open(body)), "customer.externalId"), "u_42");
  EXPECT_EQ(call("DELETE", path).status, 204);
  EXPECT_EQ(type(3), text_at(call("GET", "/events/types").json, "data.6"));
}

TEST_F(ToldPlugipay, speaks_the_words_of_its_pages_when_told_so) {
  base_ = "/v1";
  set("dialect", "doc");
  set("signature_header", header_ = "plugipay-signature");
  Json body = session();
  body.erase("methods");
  const std::string id = open(body);
  press(good_card);
  EXPECT_EQ(status(id), "complete");
  EXPECT_TRUE(succeeds(call("POST", "/refunds", {{"paymentId", read(id)["paymentId"]}})));
  std::set<std::string> types;
  for (std::size_t nth : {1, 2, 3, 4}) types.insert(type(nth));
  EXPECT_EQ(types, (std::set<std::string>{"checkout_session.completed", "payment.succeeded",
                                          "refund.created", "refund.succeeded"}));
  EXPECT_EQ(code_of(call("GET", "/checkout-sessions/none")), "NOT_FOUND");
}

}  // namespace
}  // namespace switchyard::sandbox
