// MTN MoMo as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "base/id.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

constexpr const char* demo_user = "72a6b1d0-3f3e-4a55-9d4e-8b1f0a2c7e11";
constexpr const char* demo_pair =
    "72a6b1d0-3f3e-4a55-9d4e-8b1f0a2c7e11:f1db798c98df4bcf83b538175893bbf0";
constexpr const char* collection_key = "5c1e9f0a7b3d4e6288aa01c4d2f7b9e3";
constexpr const char* disbursement_key = "d07be4a15f9c4b7ca2360e8f1c5d9b42";
constexpr const char* balance = "/collection/v1_0/account/balance";

class MtnMomo : public RunningSimulator {
 protected:
  explicit MtnMomo(double speed = 0) : RunningSimulator("mtn_momo", speed) { sign_in(demo_pair); }
  Said ask_token(const std::string& product, const std::string& key, const std::string& pair,
                 const Json& body = nullptr) {
    return send(
        "POST", "/mtn_momo/" + product + "/token/", body,
        {{"Ocp-Apim-Subscription-Key", key}, {"Authorization", "Basic " + to_base64(pair)}});
  }
  void sign_in(const std::string& pair) {
    const Json one = ask_token("collection", collection_key, pair).json;
    const Json other = ask_token("disbursement", disbursement_key, pair).json;
    collection_token_ = text_at(one, "access_token");
    disbursement_token_ = text_at(other, "access_token");
  }
  // With the key and the token of the product that the path names.
  Said call(const std::string& method, const std::string& path, const Json& body = nullptr,
            Headers headers = {}) {
    const bool is_collection = path.starts_with("/collection");
    headers.emplace_back("Ocp-Apim-Subscription-Key",
                         is_collection ? collection_key : disbursement_key);
    headers.emplace_back("Authorization",
                         "Bearer " + (is_collection ? collection_token_ : disbursement_token_));
    headers.emplace_back("X-Target-Environment", environment_);
    headers.emplace_back("Content-Type", "application/json");
    return send(method, "/mtn_momo" + path, body, std::move(headers));
  }
  // Either key opens it.
  Said add_user(const std::string& id) {
    return call("POST", "/v1_0/apiuser", {{"providerCallbackHost", "callbacks.example.com"}},
                {{"X-Reference-Id", id}});
  }
  std::string new_key(const std::string& user) {
    return text_at(call("POST", "/v1_0/apiuser/" + user + "/apikey").json, "apiKey");
  }
  static Json party(const std::string& phone) {
    return {{"partyIdType", "MSISDN"}, {"partyId", phone}};
  }
  static Json payment(const std::string& phone = "46733000000", const std::string& amount = "15.5",
                      const std::string& currency = "EUR") {
    return {{"amount", amount},      {"currency", currency},      {"externalId", "ord-1"},
            {"payer", party(phone)}, {"payerMessage", "Order 1"}, {"payeeNote", "tenant 42"}};
  }
  Said pay(const std::string& id, const Json& body = payment(), const std::string& callback = "") {
    Headers headers = {{"X-Reference-Id", id}};
    if (!callback.empty()) headers.emplace_back("X-Callback-Url", callback);
    return call("POST", "/collection/v1_0/requesttopay", body, std::move(headers));
  }
  Said refund(const std::string& id, const std::string& paid, const std::string& version = "v1_0") {
    const Json body = {{"amount", "5.00"},      {"currency", "EUR"},
                       {"externalId", "rf-1"},  {"payerMessage", "Refund order 1"},
                       {"payeeNote", "refund"}, {"referenceIdToRefund", paid}};
    return call("POST", "/disbursement/" + version + "/refund", body, {{"X-Reference-Id", id}});
  }
  Said read(const std::string& id, const std::string& what = "/collection/v1_0/requesttopay/") {
    return call("GET", what + id);
  }
  // The reason once it has failed, else the status that it reached.
  std::string end_of(const std::string& id,
                     const std::string& what = "/collection/v1_0/requesttopay/") {
    becomes_true([&] { return text_at(read(id, what).json, "status") != "PENDING"; });
    const Json end = read(id, what).json;
    const std::string reason = text_at(end, "reason");
    return reason.empty() ? text_at(end, "status") : reason;
  }
  std::string end_with(const Json& body) {
    const std::string id = new_uuid();
    EXPECT_EQ(pay(id, body).status, 202);
    return end_of(id);
  }
  std::string paid() {
    std::string id = new_uuid();
    pay(id);
    EXPECT_EQ(end_of(id), "SUCCESSFUL");
    return id;
  }
  static std::string code_of(const Said& said) { return text_at(said.json, "code"); }
  HttpResponse phone(const std::string& method, const std::string& form = "") {
    const std::string url = sandbox_.url() + "/mtn_momo/phone/46733000000";
    return client_.send({method, url, {}, form}, {.plain_http_allowed = true}).response;
  }

  std::string environment_ = "sandbox", collection_token_, disbursement_token_;
};

TEST_F(MtnMomo, gives_a_token_for_an_hour_to_who_has_both_keys) {
  const Said given = ask_token("collection", collection_key, demo_pair);
  EXPECT_EQ(given.status, 200);
  EXPECT_EQ(text_at(given.json, "token_type"), "access_token");
  EXPECT_EQ(integer_at(given.json, "expires_in"), 3600);
  EXPECT_EQ(text_at(call("GET", balance).json, "currency"), "EUR");
  pass(3600);
  EXPECT_EQ(call("GET", balance).status, 401);
  EXPECT_EQ(ask_token("collection", collection_key, new_uuid() + ":guess").status, 401);
  const Said other = ask_token("collection", disbursement_key, demo_pair);
  EXPECT_EQ(integer_at(other.json, "statusCode"), 401);
  EXPECT_TRUE(
      text_at(other.json, "message").starts_with("Access denied due to invalid subscription key."));
}

TEST_F(MtnMomo, wants_no_body_with_the_token_call_but_its_length) {
  EXPECT_EQ(ask_token("collection", collection_key, demo_pair, Json::object()).status, 400);
  std::string head = "POST /mtn_momo/collection/token/ HTTP/1.1\r\nConnection: close\r\n";
  head += std::string("Ocp-Apim-Subscription-Key: ") + collection_key + "\r\n";
  head += "Authorization: Basic " + to_base64(demo_pair) + "\r\n\r\n";
  EXPECT_TRUE(exchange_bytes(sandbox_.url(), head).bytes.starts_with("HTTP/1.1 411 "));
}

TEST_F(MtnMomo, a_token_opens_one_product_and_can_end_before_its_time) {
  disbursement_token_ = collection_token_;
  EXPECT_EQ(call("GET", "/disbursement/v1_0/account/balance").status, 401);
  set("token_ends_s", "60");
  sign_in(demo_pair);
  EXPECT_EQ(call("GET", "/disbursement/v1_0/account/balance").status, 200);
  pass(60);
  EXPECT_EQ(call("GET", "/disbursement/v1_0/account/balance").status, 401);
}

TEST_F(MtnMomo, makes_api_users_and_their_keys) {
  const std::string id = new_uuid();
  EXPECT_EQ(add_user(id).status, 201);
  EXPECT_EQ(add_user(id).status, 409);
  const Json user = call("GET", "/v1_0/apiuser/" + id).json;
  EXPECT_EQ(text_at(user, "providerCallbackHost"), "callbacks.example.com");
  EXPECT_EQ(text_at(user, "targetEnvironment"), "sandbox");
  const std::string old_pair = id + ":" + new_key(id), pair = id + ":" + new_key(id);
  EXPECT_EQ(ask_token("disbursement", disbursement_key, pair).status, 200);
  EXPECT_EQ(ask_token("disbursement", disbursement_key, old_pair).status, 401);
}

TEST_F(MtnMomo, takes_no_reference_but_a_version_4_uuid_in_lower_case) {
  for (const char* id :
       {"72a6b1d0-3f3e-1a55-9d4e-8b1f0a2c7e11", "72A6B1D0-3F3E-4A55-9D4E-8B1F0A2C7E11",
        "72a6b1d03f3e4a559d4e8b1f0a2c7e11", "72a6b1d0-3f3e-4a55-7d4e-8b1f0a2c7e11", "ord-1"}) {
    EXPECT_EQ(add_user(id).status, 400) << id;
    EXPECT_EQ(pay(id).status, 400) << id;
  }
  EXPECT_EQ(pay(demo_user).status, 202);
}

TEST_F(MtnMomo, accepts_with_an_empty_202_and_tells_the_rest_when_asked) {
  const std::string id = new_uuid();
  const Json asked = payment();
  const Said accepted = pay(id, asked);
  EXPECT_EQ(accepted.status, 202);
  EXPECT_EQ(accepted.response.body, "");
  EXPECT_EQ(end_of(id), "SUCCESSFUL");
  const Json told = read(id).json;
  for (const auto& [name, value] : asked.items()) EXPECT_EQ(member_at(told, name), value) << name;
  EXPECT_FALSE(text_at(told, "financialTransactionId").empty());
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;");
  EXPECT_EQ(text_at(ledger()[0], "object"), id);
  EXPECT_EQ(code_of(read(new_uuid())), "RESOURCE_NOT_FOUND");
}

TEST_F(MtnMomo, a_repeated_reference_takes_nothing_and_a_repeated_external_id_does) {
  const Said again = pay(paid());
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(code_of(again), "RESOURCE_ALREADY_EXIST");
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;");
  paid();
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;charge 1550 EUR ord-1;");
}

TEST_F(MtnMomo, answers_a_bad_request_400_without_a_word) {
  const auto expect_400 = [&](const Json& body) {
    const Said said = pay(new_uuid(), body);
    EXPECT_EQ(said.status, 400) << body.dump();
    EXPECT_EQ(said.response.body, "");
  };
  for (const char* name : {"amount", "currency", "externalId", "payer"}) {
    Json body = payment();
    body.erase(name);
    expect_400(body);
  }
  const std::pair<const char*, Json> rows[] = {
      {"amount", 15},
      {"amount", "0"},
      {"amount", "1.505"},
      {"payer", party("+46733000000")},
      {"payerMessage", "It's"},
      {"payer", party("0046733000000")},
      {"payeeNote", std::string(161, 'a')},
  };
  for (const auto& [name, value] : rows) {
    Json body = payment();
    body[name] = value;
    expect_400(body);
  }
  EXPECT_EQ(call("GET", "/collection//v1_0/account/balance").status, 400);
  environment_.clear();
  EXPECT_EQ(pay(new_uuid()).status, 400);
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(MtnMomo, phones_do_what_their_numbers_say) {
  const std::string waiting = new_uuid();
  pay(waiting, payment("46733123454"));
  EXPECT_EQ(end_with(payment("46733123450")), "INTERNAL_PROCESSING_ERROR");
  EXPECT_EQ(end_with(payment("46733123451")), "APPROVAL_REJECTED");
  EXPECT_EQ(end_with(payment("46733123452")), "EXPIRED");
  EXPECT_EQ(end_with(payment("46733123453")), "SUCCESSFUL");
  EXPECT_EQ(end_with(payment("46733123455")), "SUCCESSFUL");
  EXPECT_EQ(text_at(read(waiting).json, "status"), "PENDING");
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;charge 1550 EUR ord-1;");
}

TEST_F(MtnMomo, prompts_end_as_the_settings_say) {
  set("outcome", "PAYER_NOT_FOUND");
  set("outcome.46733000001", "NOT_ENOUGH_FUNDS");
  EXPECT_EQ(end_with(payment()), "PAYER_NOT_FOUND");
  EXPECT_EQ(end_with(payment("46733000001")), "NOT_ENOUGH_FUNDS");
  set("reason_shape", "object");
  const std::string id = new_uuid();
  pay(id);
  EXPECT_EQ(end_of(id), "FAILED");
  EXPECT_EQ(text_at(read(id).json, "reason.code"), "PAYER_NOT_FOUND");
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(MtnMomo, each_environment_takes_its_own_currency_and_knows_its_own_payments) {
  const std::string elsewhere = paid();
  const std::pair<const char*, const char*> rows[] = {
      {"mtnuganda", "UGX"},   {"mtnghana", "GHS"},     {"mtnrwanda", "RWF"},
      {"mtnzambia", "ZMW"},   {"mtnbenin", "XOF"},     {"mtnivorycoast", "XOF"},
      {"mtncameroon", "XAF"}, {"mtncongo", "XAF"},     {"mtnguineaconakry", "GNF"},
      {"mtnliberia", "LRD"},  {"mtnswaziland", "SZL"}, {"mtnsouthafrica", "ZAR"},
  };
  for (const auto& [environment, currency] : rows) {
    environment_ = std::string(environment);
    EXPECT_EQ(end_with(payment("237670000000", "15", currency)), "SUCCESSFUL") << environment;
    EXPECT_EQ(read(elsewhere).status, 404) << environment;
    const Said euros = pay(new_uuid());
    EXPECT_EQ(euros.status, 500) << environment;
    EXPECT_EQ(code_of(euros), "INVALID_CURRENCY") << environment;
  }
  EXPECT_EQ(ledger().size(), 13u);
}

TEST_F(MtnMomo, an_operator_can_have_one_environment_other_money_and_needless_decimals) {
  set("target_environment", "mtncameroon");
  EXPECT_EQ(code_of(pay(new_uuid())), "NOT_ALLOWED_TARGET_ENVIRONMENT");
  environment_ = std::string("mtncameroon");
  EXPECT_EQ(pay(new_uuid(), payment("237670000000", "1500.50", "XAF")).status, 400);
  set("two_decimals", "true");
  const std::string id = new_uuid();
  pay(id, payment("237670000000", "1500", "XAF"));
  EXPECT_EQ(end_of(id), "SUCCESSFUL");
  EXPECT_EQ(text_at(read(id).json, "amount"), "1500.00");
  set("currency.mtncameroon", "USD");
  EXPECT_EQ(end_with(payment("237670000000", "1.50", "USD")), "SUCCESSFUL");
  EXPECT_EQ(operations(), "charge 1500 XAF ord-1;charge 150 USD ord-1;");
}

TEST_F(MtnMomo, refunds_by_the_other_product_to_the_wallet_that_paid) {
  const std::string original = paid(), id = new_uuid(), failing = new_uuid();
  const std::string what = "/disbursement/v1_0/refund/";
  EXPECT_EQ(refund(id, original).status, 202);
  EXPECT_EQ(end_of(id, what), "SUCCESSFUL");
  EXPECT_EQ(text_at(read(id, what).json, "payee.partyId"), "46733000000");
  EXPECT_EQ(code_of(refund(id, original)), "RESOURCE_ALREADY_EXIST");
  EXPECT_EQ(refund(new_uuid(), new_uuid()).status, 404);
  set("refund_result", "NOT_ENOUGH_FUNDS");
  EXPECT_EQ(refund(failing, original, "v2_0").status, 202);
  EXPECT_EQ(end_of(failing, what), "NOT_ENOUGH_FUNDS");
  set("currency.mtnbenin", "EUR");
  environment_ = std::string("mtnbenin");
  EXPECT_EQ(code_of(refund(new_uuid(), original)), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;refund 500 EUR rf-1;");
}

TEST_F(MtnMomo, calls_back_once_whatever_is_answered) {
  Receiver receiver;
  receiver.answer_next_with(500);
  pay(new_uuid(), payment(), receiver.url());
  receiver.wait_for(1);
  set("callback_method", "PUT");
  pay(new_uuid(), payment("46733123451"), receiver.url());
  const auto got = receiver.wait_for(2);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].method, "POST");
  EXPECT_EQ(text_at(parse_json(got[0].body), "status"), "SUCCESSFUL");
  EXPECT_EQ(text_at(parse_json(got[0].body), "externalId"), "ord-1");
  EXPECT_EQ(got[1].method, "PUT");
  EXPECT_EQ(text_at(parse_json(got[1].body), "reason"), "APPROVAL_REJECTED");
}

TEST_F(MtnMomo, calls_back_to_no_host_but_the_registered_one) {
  const std::string user = new_uuid();
  add_user(user);
  sign_in(user + ":" + new_key(user));
  set("callbacks", "none");
  const std::string right = new_uuid();
  EXPECT_EQ(pay(right, payment(), "https://callbacks.example.com/cb/1").status, 202);
  const Said wrong = pay(new_uuid(), payment(), "https://other.example.com/cb/1");
  EXPECT_EQ(wrong.status, 500);
  EXPECT_EQ(code_of(wrong), "INVALID_CALLBACK_URL_HOST");
  set("bad_callback_status", "400");
  EXPECT_EQ(pay(new_uuid(), payment(), "https://other.example.com/cb/1").status, 400);
  EXPECT_EQ(end_of(right), "SUCCESSFUL");
  EXPECT_EQ(member_at(send("GET", "/webhooks_sent").json, "tries").size(), 0u);
}

TEST_F(MtnMomo, can_be_down_or_not_know_the_caller) {
  set("is_down", "true");
  EXPECT_EQ(code_of(pay(new_uuid())), "SERVICE_UNAVAILABLE");
  EXPECT_EQ(pay(new_uuid()).status, 503);
  set("ip_not_allowed", "true");
  EXPECT_EQ(pay(new_uuid()).status, 403);
}

// What takes its payers a second elsewhere takes them ten.
class SlowMtnMomo : public MtnMomo {
 protected:
  SlowMtnMomo() : MtnMomo(10) {}
  std::string open(const std::string& number = "46733000000") {
    std::string id = new_uuid();
    EXPECT_EQ(pay(id, payment(number)).status, 202);
    EXPECT_EQ(text_at(read(id).json, "status"), "PENDING");
    return id;
  }
};

TEST_F(SlowMtnMomo, payer_decides_on_the_phone_once) {
  set("outcome", "ask");
  for (const auto& [decision, end] :
       {std::pair("approve", "SUCCESSFUL"), std::pair("decline", "APPROVAL_REJECTED")}) {
    const std::string id = open();
    const std::string page = phone("GET").body;
    EXPECT_NE(page.find("EUR 15.5"), std::string::npos);
    EXPECT_NE(page.find(id), std::string::npos);
    EXPECT_EQ(phone("POST", "id=" + id + "&decision=" + decision).status, 303);
    EXPECT_EQ(phone("GET").body.find(id), std::string::npos);
    phone("POST", "id=" + id + "&decision=approve");
    EXPECT_EQ(end_of(id), end);
  }
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;");
}

TEST_F(SlowMtnMomo, a_prompt_lapses_after_five_minutes) {
  set("outcome", "ask");
  const std::string id = open();
  // The number of a transaction is there all the same, and proves nothing.
  EXPECT_FALSE(text_at(read(id).json, "financialTransactionId").empty());
  pass(10 * 300);
  EXPECT_EQ(end_of(id), "EXPIRED");
  phone("POST", "id=" + id + "&decision=approve");
  EXPECT_EQ(end_of(id), "EXPIRED");
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(SlowMtnMomo, an_ongoing_payment_succeeds_when_asked_after_half_a_minute) {
  const std::string id = open("46733123453");
  EXPECT_EQ(ledger().size(), 0u);
  pass(10 * 30);
  EXPECT_EQ(end_of(id), "SUCCESSFUL");
  EXPECT_EQ(operations(), "charge 1550 EUR ord-1;");
}

TEST_F(SlowMtnMomo, a_new_request_can_stay_unseen_for_a_while) {
  set("visible_after_s", "10");
  const std::string id = new_uuid();
  EXPECT_EQ(pay(id).status, 202);
  EXPECT_EQ(code_of(read(id)), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(pay(id).status, 409);
  pass(10 * 10);
  EXPECT_TRUE(becomes_true([&] { return read(id).status == 200; }));
}

}  // namespace
}  // namespace switchyard::sandbox
