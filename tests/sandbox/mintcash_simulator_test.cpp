// MintCash as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

class MintCash : public RunningSandbox {
 protected:
  Said mint(const std::string& method, const std::string& path, const Json& body = nullptr,
            const std::string& keys = "pk_test_demo:sk_test_demo") {
    return send(method, "/mintcash" + path, body, {{"Authorization", "Basic " + to_base64(keys)}});
  }
  static Json payment(const std::string& external_id, std::int64_t amount = 4999) {
    return {{"externalId", external_id},
            {"amount", amount},
            {"currency", "USD"},
            {"returnUrl", "https://shop.example/back"},
            {"customer", {{"externalId", "c1"}, {"email", "a@b.example"}, {"name", "Jane"}}}};
  }
  std::string open(const std::string& external_id) {
    const Json made = mint("POST", "/payments", payment(external_id)).json;
    page_ = text_at(made, "redirectUrl");
    return text_at(made, "id");
  }
  HttpResponse post_form(const std::string& url, const std::string& form) {
    return client_.send({"POST", url, {}, form}, {.plain_http_allowed = true}).response;
  }
  Json read(const std::string& id) { return mint("GET", "/payments/" + id).json; }
  // The failure code once it has failed, else the status that it reached.
  std::string end_of(const std::string& id) {
    becomes_true([&] {
      const std::string status = text_at(read(id), "status");
      return status != "created" && status != "pending";
    });
    const std::string code = text_at(read(id), "failureCode");
    return code.empty() ? text_at(read(id), "status") : code;
  }
  std::string paid(const std::string& external_id) {
    const std::string id = open(external_id);
    post_form(page_, "card=5519283812030000&expiry=12/31&cvv=123");
    EXPECT_EQ(end_of(id), "succeeded");
    return id;
  }
  Said refund(const std::string& id, const std::string& external_id, const Json& amount) {
    return mint("POST", "/payments/" + id + "/refund",
                {{"externalId", external_id}, {"amount", amount}});
  }
  void set(const std::string& name, const std::string& value) {
    send("POST", "/settings", {{"mintcash." + name, value}});
  }
  std::string page_;
};

TEST_F(MintCash, opens_for_both_halves_of_a_key_and_keeps_the_modes_apart) {
  const std::string id = open("a1");
  EXPECT_EQ(mint("GET", "/merchant/api-keys").status, 200);
  EXPECT_EQ(mint("GET", "/payments/" + id, nullptr, "pk_test_demo:").status, 401);
  EXPECT_EQ(mint("GET", "/payments/" + id, nullptr, "pk_test_a:sk_live_a").status, 401);
  EXPECT_EQ(mint("GET", "/payments/" + id, nullptr, "pk_live_a:sk_live_a").status, 404);
  set("revoked_key", "sk_test_demo");
  EXPECT_EQ(text_at(mint("GET", "/payments/" + id).json, "code"), "unauthenticated");
}

TEST_F(MintCash, answers_the_same_external_id_with_the_same_payment) {
  const std::string id = open("a1");
  EXPECT_EQ(open("a1"), id);
  const Said other = mint("POST", "/payments", payment("a1", 5000));
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(text_at(other.json, "code"), "already_exists");
}

TEST_F(MintCash, refuses_a_payment_that_lacks_something) {
  for (const char* member : {"externalId", "amount", "currency", "customer", "returnUrl"}) {
    Json body = payment("a1");
    body.erase(member);
    EXPECT_EQ(text_at(mint("POST", "/payments", body).json, "code"), "invalid_argument") << member;
  }
  Json fraction = payment("a1");
  fraction["amount"] = 49.99;
  EXPECT_EQ(mint("POST", "/payments", fraction).status, 400);
}

TEST_F(MintCash, answers_in_the_shape_and_unit_it_was_told) {
  set("create_shape", "nested");
  set("answer_unit", "major");
  const Json made = mint("POST", "/payments", payment("a1")).json;
  EXPECT_EQ(decimal_at(made, "payment.amount"), "49.99");
  EXPECT_FALSE(text_at(made, "redirectUrl").empty());
}

TEST_F(MintCash, page_takes_a_card_and_sends_the_browser_back) {
  const std::string id = open("a1");
  const HttpResponse back = post_form(page_, "card=5519+2838+1203+0000&expiry=12/31&cvv=123");
  EXPECT_EQ(back.status, 303);
  EXPECT_EQ(header_of(back.headers, "location"), "https://shop.example/back");
  EXPECT_EQ(end_of(id), "succeeded");
  EXPECT_EQ(ledger().size(), 1u);
  EXPECT_EQ(text_at(ledger()[0], "reference"), "a1");
  post_form(page_, "card=4302912837020000&expiry=01/31");
  EXPECT_EQ(end_of(id), "succeeded");
}

TEST_F(MintCash, failing_cards_fail_by_their_month) {
  const std::pair<const char*, const char*> rows[] = {
      {"card=4302912837020000&expiry=01/31", "insufficient_funds"},
      {"card=4302912837020000&expiry=08/31", "issuer_decline"},
      {"card=4302912837020000&expiry=12/31", "general_decline"},
      {"card=4242424242424242&expiry=01/31", "invalid_pan"},
      {"action=expire", "expired"},
  };
  for (const auto& [form, code] : rows) {
    const std::string id = open(form);
    post_form(page_, form);
    EXPECT_EQ(end_of(id), code);
  }
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(MintCash, three_d_secure_is_approved_or_rejected) {
  for (const auto& [decision, end] :
       {std::pair("approve", "succeeded"), std::pair("reject", "client_auth_failed")}) {
    const std::string id = open(decision);
    const std::string bank =
        header_of(post_form(page_, "card=5123817234060000&expiry=12/31").headers, "location");
    EXPECT_TRUE(bank.ends_with("/3ds"));
    EXPECT_EQ(text_at(read(id), "status"), "pending");
    post_form(bank, std::string("decision=") + decision);
    EXPECT_EQ(end_of(id), end);
  }
}

TEST_F(MintCash, page_that_is_left_expires) {
  const std::string id = open("a1");
  send("POST", "/clock", {{"advance_sec", 1801}});
  EXPECT_EQ(text_at(read(id), "failureCode"), "expired");
}

TEST_F(MintCash, saved_card_is_charged_at_once_and_declined_with_499) {
  const std::string token = text_at(read(paid("a1")), "cardToken");
  Json body = payment("a2");
  body.erase("returnUrl");
  body["cardToken"] = token;
  EXPECT_EQ(text_at(mint("POST", "/payments", body).json, "status"), "succeeded");
  set("token_decline", "card_expired");
  body["externalId"] = "a3";
  const Said declined = mint("POST", "/payments", body);
  EXPECT_EQ(declined.status, 499);
  EXPECT_EQ(text_at(declined.json, "details.failureCode"), "card_expired");
  EXPECT_EQ(ledger().size(), 2u);
}

TEST_F(MintCash, refunds_one_at_a_time_and_no_more_than_is_left) {
  const std::string id = paid("a1");
  EXPECT_EQ(refund(open("a2"), "r0", 1).status, 409);
  const Json first = refund(id, "r1", 1500).json;
  EXPECT_EQ(text_at(first, "status"), "succeeded");
  EXPECT_EQ(text_at(refund(id, "r1", 1500).json, "id"), text_at(first, "id"));
  EXPECT_EQ(refund(id, "r1", 1501).status, 409);
  EXPECT_EQ(refund(id, "r2", 3500).status, 422);
  EXPECT_EQ(refund(id, "r3", nullptr).status, 200);
  EXPECT_EQ(refund(id, "r4", 1).status, 409);
  EXPECT_EQ(text_at(read(id), "status"), "refunded");
  EXPECT_EQ(text_at(mint("GET", "/refunds/" + text_at(first, "id")).json, "externalId"), "r1");
  EXPECT_EQ(text_at(mint("GET", "/payments/" + id + "/refunds").json, "refunds.1.externalId"),
            "r1");
  EXPECT_EQ(ledger().size(), 3u);
}

TEST_F(MintCash, failed_refund_leaves_the_payment_as_it_was) {
  const std::string id = paid("a1");
  set("refund_result", "failed");
  EXPECT_EQ(text_at(refund(id, "r1", 100).json, "failureCode"), "provider_error");
  EXPECT_EQ(text_at(read(id), "status"), "succeeded");
  EXPECT_EQ(ledger().size(), 1u);
}

TEST_F(MintCash, webhooks_are_signed_over_their_body_in_major_units) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  set("secret_key", "signing");
  const std::string id = paid("a1");
  refund(id, "r1", 2499);
  bool has_refund = false;
  for (const Request& each : receiver.wait_for(4)) {
    const Json body = parse_json(each.body);
    EXPECT_EQ(each.header("x-signature"), to_hex(hmac_sha256("signing", each.body)));
    EXPECT_EQ(text_at(body, "environment"), "test");
    EXPECT_EQ(decimal_at(body, "data.amount"), "49.99");
    if (text_at(body, "event") != "payment.partially_refunded") continue;
    has_refund = true;
    EXPECT_EQ(text_at(body, "type"), "payment");
    EXPECT_EQ(decimal_at(body, "data.amountRefundable"), "25");
    EXPECT_EQ(text_at(body, "data.refund.externalId"), "r1");
  }
  EXPECT_TRUE(has_refund);
}

TEST_F(MintCash, sends_the_probe_that_nobody_signs) {
  Receiver receiver;
  set("webhook_url", receiver.url());
  send("POST", "/mintcash/ping");
  const auto got = receiver.wait_for(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].body, R"({"ping":true})");
  EXPECT_EQ(got[0].header("x-signature"), "");
}

TEST_F(MintCash, keeps_a_subscription_until_it_is_ended) {
  const Json made = mint("POST", "/subscriptions", {{"externalId", "s1"}, {"amount", 100}}).json;
  const std::string path = "/subscriptions/" + text_at(made, "id");
  EXPECT_EQ(text_at(mint("GET", path).json, "status"), "created");
  mint("DELETE", path);
  EXPECT_EQ(text_at(mint("GET", path).json, "status"), "cancelled");
}

}  // namespace
}  // namespace switchyard::sandbox
