// Whose keys, whose objects: the A and C cases that need a running router. Every call with every
// kind of key and another's ids is tests/journeys/stranger_matrix.
#include <gtest/gtest.h>

#include <set>

#include "store/merchants.h"
#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

class TenantAttack : public ::testing::Test {
 protected:
  const Keys& other() {
    static const Keys keys = target().make_merchant("Other");
    return keys;
  }
  JsonAnswer as_other(const std::string& method, const std::string& path,
                      const Json& body = nullptr, const Headers& headers = {}) {
    return target().call(method, path, body, headers, other().secret);
  }
  std::string new_key(Mode mode, bool is_publishable) {
    Database database(target().database_url(), 1);
    return create_key(database, target().keys().merchant, mode, is_publishable)
        .value()
        .text.reveal();
  }
  // All that an error says but the number of the request.
  std::string told(const JsonAnswer& answer) {
    Json error = member_at(answer.body, "error");
    if (error.is_object()) error.erase("request_id");
    return std::to_string(answer.status) + write_json(error);
  }
};

TEST_F(TenantAttack, A2_every_wrong_key_is_told_the_same) {
  std::set<std::string> told_all;
  std::string near = target().keys().secret;
  near.back() = near.back() == 'A' ? 'B' : 'A';
  for (const std::string& key :
       {near, std::string("sk_test_"), std::string("sk_live_") + target().keys().secret.substr(8),
        std::string("x"), target().keys().secret + "A", target().keys().merchant,
        std::string("Bearer ") + target().keys().secret})
    told_all.insert(told(target().call("GET", "/v1/payments", nullptr, {}, key)));
  EXPECT_EQ(told_all.size(), 1u);
  EXPECT_TRUE(told_all.begin()->starts_with("401"));
}

TEST_F(TenantAttack, A3_a_publishable_key_is_refused_before_the_body_is_read) {
  for (const std::string path : {"/v1/payments", "/v1/refunds", "/v1/customers",
                                 "/v1/webhook_endpoints", "/v1/routing/preview"}) {
    const std::string bytes =
        "POST " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " +
        target().keys().publishable +
        "\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{{{{{";
    const RawAnswer answer = send_raw(bytes);
    EXPECT_EQ(answer.status, 403) << path;
    EXPECT_EQ(answer.code, "key_scope") << path;
  }
}

TEST_F(TenantAttack, A4_a_payment_without_its_client_secret_is_no_payment_to_a_browser) {
  const JsonAnswer made = target().post("/v1/payments", small_payment());
  const std::string secret = text_at(made.body, "client_secret");
  const auto as_browser = [&](const std::string& id, const std::string& given) {
    Headers headers;
    if (!given.empty()) headers.emplace_back("Switchyard-Client-Secret", given);
    return told(
        target().call("GET", "/v1/payments/" + id, nullptr, headers, target().keys().publishable));
  };
  const std::string unknown = as_browser("pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E", "");
  const JsonAnswer another = target().post("/v1/payments", small_payment());
  for (const std::string& given :
       {std::string(), std::string("x"), secret + "x", secret.substr(0, secret.size() - 1),
        text_at(another.body, "client_secret")})
    EXPECT_EQ(as_browser(id_of(made), given), unknown) << given;
  EXPECT_TRUE(as_browser(id_of(made), secret).starts_with("200"));
}

TEST_F(TenantAttack, A5_a_key_of_one_mode_sees_nothing_of_the_other) {
  const std::string live = new_key(Mode::live, false);
  const JsonAnswer made = target().post("/v1/payments", small_payment());
  const std::string unknown =
      told(target().call("GET", "/v1/payments/pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E", nullptr, {}, live));
  EXPECT_EQ(told(target().call("GET", "/v1/payments/" + id_of(made), nullptr, {}, live)), unknown);
  EXPECT_TRUE(unknown.starts_with("404"));
  const JsonAnswer of_live = target().call("POST", "/v1/payments", small_payment(), {}, live);
  ASSERT_EQ(of_live.status, 201) << of_live.text;
  EXPECT_EQ(target().get("/v1/payments/" + id_of(of_live)).status, 404);
  EXPECT_EQ(target().get("/v1/payments?limit=100").text.find(id_of(of_live)), std::string::npos);
}

TEST_F(TenantAttack, A9_a_revoked_key_is_refused_within_a_second) {
  Database database(target().database_url(), 1);
  const NewApiKey key = create_key(database, target().keys().merchant, Mode::test, false).value();
  const auto status = [&] {
    return target().call("GET", "/v1/payments", nullptr, {}, key.text.reveal()).status;
  };
  EXPECT_EQ(status(), 200);
  ASSERT_TRUE(revoke_key(database, key.key.id).value());
  std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
  EXPECT_EQ(status(), 401);
}

TEST_F(TenantAttack, C2_an_id_in_a_body_is_as_unknown_as_one_in_a_path) {
  const JsonAnswer paid = target().pay(stripe_card());
  ASSERT_EQ(status_of(paid), "succeeded") << paid.text;
  const std::string customer = text_at(paid.body, "customer");
  const std::string requests = count_of("steps");
  const auto refund = [&](const std::string& id) {
    return told(as_other("POST", "/v1/refunds", {{"payment", id}, {"amount", 100}}));
  };
  EXPECT_EQ(refund(id_of(paid)), refund("pay_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E"));
  EXPECT_TRUE(refund(id_of(paid)).starts_with("404"));
  const auto pay_for = [&](const std::string& id) {
    return told(as_other("POST", "/v1/payments", small_payment({{"customer", {{"id", id}}}})));
  };
  EXPECT_EQ(pay_for(customer), pay_for("cus_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E"));
  EXPECT_TRUE(pay_for(customer).starts_with("404"));
  EXPECT_EQ(count_of("steps"), requests) << "no provider was called";
  EXPECT_EQ(integer_at(target().payment(id_of(paid)), "amount_refunded"), 0);
}

TEST_F(TenantAttack, C3_a_cursor_or_filter_of_another_shows_ones_own_only) {
  const JsonAnswer mine = target().pay(stripe_card());
  ASSERT_EQ(status_of(mine), "succeeded") << mine.text;
  const JsonAnswer others = as_other("POST", "/v1/payments", small_payment());
  const std::string event = target().value("SELECT max(id) FROM events WHERE merchant_id = '" +
                                           target().keys().merchant + "'");
  std::vector<std::string> ids;
  for (const auto& row : target().rows("SELECT id FROM payments WHERE merchant_id = '" +
                                       target().keys().merchant + "'"))
    ids.push_back(row[0]);
  for (const std::string& query :
       {"/v1/payments?after=" + id_of(mine), "/v1/payments?before=" + id_of(mine),
        "/v1/payments?customer=" + text_at(mine.body, "customer"),
        "/v1/refunds?payment=" + id_of(mine), "/v1/events?payment=" + id_of(mine),
        "/v1/events?after=" + event, "/v1/events?before=" + event,
        "/v1/webhook_endpoints?after=" + target().endpoint(),
        std::string("/v1/customers?external_id=jane")}) {
    const JsonAnswer answer = as_other("GET", query);
    EXPECT_TRUE(answer.status == 200 || answer.status == 400) << query << answer.text;
    for (const std::string& id : ids)
      EXPECT_EQ(answer.text.find("\"" + id + "\""), std::string::npos) << query;
    EXPECT_EQ(answer.text.find("jane@example.com"), std::string::npos) << query;
  }
}

TEST_F(TenantAttack, C4_one_key_and_one_order_number_at_two_merchants_are_two_payments) {
  const Json body = small_payment({{"external_id", "shared-order"}});
  const Headers key = {{"Idempotency-Key", "shared-key"}};
  const JsonAnswer mine = target().post("/v1/payments", body, key);
  const JsonAnswer others = as_other("POST", "/v1/payments", body, key);
  EXPECT_EQ(mine.status, 201) << mine.text;
  EXPECT_EQ(others.status, 201) << others.text;
  EXPECT_NE(id_of(mine), id_of(others));
}

TEST_F(TenantAttack, C5_anothers_deliveries_and_secrets_do_not_exist) {
  const std::string path = "/v1/webhook_endpoints/" + target().endpoint();
  const std::string unknown = "/v1/webhook_endpoints/we_01K9ZQ3V4W5X6Y7Z8A9B0C1D2E";
  for (const std::string& end : {std::string(), std::string("/deliveries")})
    EXPECT_EQ(told(as_other("GET", path + end)), told(as_other("GET", unknown + end))) << end;
  EXPECT_EQ(told(as_other("POST", path + "/enable")), told(as_other("POST", unknown + "/enable")));
  EXPECT_EQ(told(as_other("DELETE", path)), told(as_other("DELETE", unknown)));
  EXPECT_EQ(target().get(path).status, 200);
}

TEST_F(TenantAttack, C6_twenty_wrong_client_secrets_an_hour_and_no_more) {
  const JsonAnswer made = target().post("/v1/payments", small_payment());
  const auto guess = [&](const std::string& given) {
    return target()
        .call("GET", "/v1/payments/" + id_of(made), nullptr, {{"Switchyard-Client-Secret", given}},
              target().keys().publishable)
        .status;
  };
  const std::string secret = text_at(made.body, "client_secret");
  const std::string chance = secret.substr(secret.find("_secret_") + 8);
  EXPECT_GE(chance.size() * 5, 128u) << "bits, five a character";
  for (int i = 0; i < 20; ++i) EXPECT_EQ(guess(id_of(made) + "_secret_" + std::to_string(i)), 404);
  EXPECT_EQ(guess(id_of(made) + "_secret_x"), 429);
  EXPECT_EQ(guess(secret), 200) << "whoever knows it is not locked out";
  EXPECT_EQ(target().get("/v1/payments?limit=100").text.find("_secret_"), std::string::npos);
}

TEST_F(TenantAttack, C7_the_next_id_cannot_be_told_from_the_last) {
  std::set<std::string> ends;
  for (int i = 0; i < 50; ++i) {
    const std::string id = id_of(target().post("/v1/payments", small_payment()));
    ends.insert(id.substr(id.size() - 8));
  }
  EXPECT_EQ(ends.size(), 50u);
  std::set<std::string> starts;
  for (const std::string& end : ends) starts.insert(end.substr(0, 6));
  EXPECT_GT(starts.size(), 45u) << "they count up";
}

}  // namespace
}  // namespace switchyard::testing
