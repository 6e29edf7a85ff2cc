// M-Pesa as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "running_sandbox.h"

namespace switchyard::sandbox {
namespace {

const std::string passkey = "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919";

class Mpesa : public RunningSandbox {
 protected:
  Said ask_token(const std::string& pair) {
    return send("GET", "/mpesa/oauth/v1/generate?grant_type=client_credentials", nullptr,
                {{"Authorization", "Basic " + to_base64(pair)}});
  }
  void SetUp() override { token_ = text_at(ask_token("ck_test:cs_test").json, "access_token"); }

  Said call(const std::string& path, const Json& body) {
    return send("POST", "/mpesa/mpesa" + path, body, {{"Authorization", "Bearer " + token_}});
  }
  void set(const std::string& name, const std::string& value) {
    Json settings = Json::object();
    settings[name] = value;
    send("POST", "/settings", settings);
  }

  static Json signed_body(const std::string& short_code = "174379") {
    Json body = Json::object();
    body["BusinessShortCode"] = short_code;
    body["Password"] = to_base64(short_code + passkey + "20231201120000");
    body["Timestamp"] = "20231201120000";
    return body;
  }
  Json push_of(const std::string& number) const {
    Json body = signed_body();
    body["TransactionType"] = "CustomerPayBillOnline";
    body["Amount"] = 150;
    body["PartyA"] = number;
    body["PartyB"] = "174379";
    body["PhoneNumber"] = number;
    body["CallBackURL"] = receiver_.url() + "/att_1.secret";
    body["AccountReference"] = "ORD7F1C9B52";
    body["TransactionDesc"] = "Order";
    return body;
  }
  Said push(const Json& body) { return call("/stkpush/v1/processrequest", body); }
  // The CheckoutRequestID.
  std::string open(const std::string& number) {
    const Said said = push(push_of(number));
    EXPECT_EQ(text_at(said.json, "ResponseCode"), "0");
    return text_at(said.json, "CheckoutRequestID");
  }
  Said query(const std::string& id) {
    Json body = signed_body();
    body["CheckoutRequestID"] = id;
    return call("/stkpushquery/v1/query", body);
  }
  // The ResultCode, once there is one.
  std::string result_of(const std::string& id) {
    becomes_true([&] { return query(id).status == 200; });
    return text_at(query(id).json, "ResultCode");
  }
  HttpResponse press(const std::string& number, const std::string& id, const std::string& action) {
    return client_
        .send({"POST",
               sandbox_.url() + "/mpesa/phone/" + number,
               {},
               "prompt=" + id + "&action=" + action},
              {.plain_http_allowed = true})
        .response;
  }
  std::string phone(const std::string& number) {
    return client_
        .send({"GET", sandbox_.url() + "/mpesa/phone/" + number, {}, ""},
              {.plain_http_allowed = true})
        .response.body;
  }
  Json received(std::size_t count) {
    const auto all = receiver_.wait_for(count);
    EXPECT_EQ(all.size(), count);
    return all.size() < count ? Json() : parse_json(all[count - 1].body);
  }
  // Pays by that number's payer; the receipt.
  std::string receipt_of(const std::string& number) {
    open(number);
    return text_at(received(1), "Body.stkCallback.CallbackMetadata.Item.1.Value");
  }
  Json order_of(const std::string& command, const std::string& receipt) const {
    return {{"Initiator", "apiop37"},
            {"SecurityCredential", to_base64("sealed")},
            {"CommandID", command},
            {"TransactionID", receipt},
            {"ResultURL", receiver_.url() + "/att_2.secret"},
            {"QueueTimeOutURL", receiver_.url() + "/att_2.secret"},
            {"Remarks", "Refund"},
            {"Occasion", "rf-01"}};
  }
  Said reverse(const std::string& receipt, const std::string& amount) {
    Json body = order_of("TransactionReversal", receipt);
    body["Amount"] = amount;
    body["ReceiverParty"] = "174379";
    body["RecieverIdentifierType"] = "11";
    return call("/reversal/v1/request", body);
  }
  Said ask_status(const std::string& receipt) {
    Json body = order_of("TransactionStatusQuery", receipt);
    body["PartyA"] = "174379";
    body["IdentifierType"] = "4";
    return call("/transactionstatus/v1/query", body);
  }
  std::string operations() {
    std::string all;
    for (const Json& line : ledger())
      all += text_at(line, "operation") + " " + text_at(line, "reference") + " " +
             decimal_at(line, "amount") + ";";
    return all;
  }

  Receiver receiver_;
  std::string token_;
};

TEST_F(Mpesa, gives_tokens_whose_lifetime_is_a_text) {
  const Said said = ask_token("ck_test:cs_test");
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(text_at(said.json, "expires_in"), "3599");
  const Said refused = ask_token("ck_wrong:cs_test");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.response.body, "");
}

TEST_F(Mpesa, refuses_a_token_that_is_over_or_revoked) {
  set("mpesa.token_generation", "2");
  const Said revoked = query("ws_CO_1");
  EXPECT_EQ(revoked.status, 401);
  EXPECT_EQ(text_at(revoked.json, "errorCode"), "401.003.01");
  set("mpesa.token_refusal", "404");
  const Said hidden = query("ws_CO_1");
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(text_at(hidden.json, "errorCode"), "404.001.03");
  SetUp();
  EXPECT_EQ(query("ws_CO_1").status, 400);
  send("POST", "/clock", {{"advance_sec", 3600}});
  EXPECT_EQ(query("ws_CO_1").status, 404);
}

TEST_F(Mpesa, wants_a_password_made_of_the_timestamp) {
  Json body = push_of("254708374149");
  body["Timestamp"] = "20231201120001";
  const Said said = push(body);
  EXPECT_EQ(said.status, 500);
  EXPECT_EQ(text_at(said.json, "errorCode"), "500.001.1001");
  EXPECT_EQ(text_at(said.json, "errorMessage"), "Wrong credentials");
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(Mpesa, refuses_pushes_that_are_not_whole) {
  const auto refused = [&](const std::string& member, const Json& value) {
    Json body = push_of("254708374149");
    body[member] = value;
    const Said said = push(body);
    EXPECT_EQ(said.status, 400) << member;
    EXPECT_EQ(text_at(said.json, "errorCode"), "400.002.02");
    return text_at(said.json, "errorMessage");
  };
  EXPECT_EQ(refused("Amount", "12.50"), "Bad Request - Invalid Amount");
  EXPECT_EQ(refused("Amount", 0), "Bad Request - Invalid Amount");
  EXPECT_EQ(refused("PhoneNumber", "+254708374149"), "Bad Request - Invalid PhoneNumber");
  EXPECT_EQ(refused("PhoneNumber", "256772123456"), "Bad Request - Invalid PhoneNumber");
  EXPECT_EQ(refused("PartyA", "254700000000"), "Bad Request - Invalid PartyA");
  EXPECT_EQ(refused("PartyB", "600000"), "Bad Request - Invalid PartyB");
  EXPECT_EQ(refused("TransactionType", "CustomerPays"), "Bad Request - Invalid TransactionType");
  EXPECT_EQ(refused("CallBackURL", ""), "Bad Request - Invalid CallBackURL");
  EXPECT_EQ(refused("BusinessShortCode", "1"), "Bad Request - Invalid BusinessShortCode");
  EXPECT_EQ(ledger().size(), 0u);
}

TEST_F(Mpesa, prompts_and_calls_back_once_without_a_signature) {
  const std::string id = open("254708374149");
  EXPECT_TRUE(id.starts_with("ws_CO_"));
  const Json body = received(1);
  const Json& said = member_at(body, "Body.stkCallback");
  EXPECT_EQ(text_at(said, "CheckoutRequestID"), id);
  EXPECT_EQ(integer_at(said, "ResultCode"), 0);
  EXPECT_EQ(decimal_at(said, "CallbackMetadata.Item.0.Value"), "150.0");
  EXPECT_EQ(text_at(said, "CallbackMetadata.Item.1.Value").size(), 10u);
  EXPECT_TRUE(member_at(said, "CallbackMetadata.Item.2.Value").is_null());
  EXPECT_EQ(integer_at(said, "CallbackMetadata.Item.4.Value"), 254708374149);
  EXPECT_EQ(result_of(id), "0");
  EXPECT_EQ(operations(), "charge att_1 15000;");
}

TEST_F(Mpesa, charges_each_push_for_there_are_no_keys) {
  open("254708374149");
  open("254708374149");
  EXPECT_TRUE(becomes_true([&] { return ledger().size() == 2; }));
}

TEST_F(Mpesa, ends_as_the_number_says) {
  for (const std::string code : {"1", "17", "26", "1001", "1019", "1032", "1037", "2001", "9999"}) {
    const std::string number = "25470000" + std::string(4 - code.size(), '0') + code;
    EXPECT_EQ(result_of(open(number)), code);
  }
  EXPECT_TRUE(member_at(received(9), "Body.stkCallback.CallbackMetadata").is_null());
  EXPECT_EQ(ledger().size(), 0u);
  EXPECT_EQ(result_of(open("254700000000")), "0");
}

TEST_F(Mpesa, answers_500_while_the_prompt_is_open) {
  const std::string id = open("254711000001");
  const Said said = query(id);
  EXPECT_EQ(said.status, 500);
  EXPECT_EQ(text_at(said.json, "errorCode"), "500.001.1001");
  EXPECT_EQ(text_at(said.json, "errorMessage"), "The transaction is being processed");
  send("POST", "/clock", {{"advance_sec", 61}});
  EXPECT_EQ(result_of(id), "1037");
}

TEST_F(Mpesa, phone_takes_the_pin_or_declines) {
  const std::string number = "254711000001";
  const std::string paid = open(number), declined = open(number), mistyped = open(number);
  EXPECT_NE(phone(number).find("KES 150"), std::string::npos);
  EXPECT_EQ(press("254711000009", paid, "pin").status, 303);
  EXPECT_EQ(query(paid).status, 500);
  press(number, paid, "pin");
  press(number, declined, "decline");
  press(number, mistyped, "wrong_pin");
  press(number, declined, "pin");
  EXPECT_EQ(result_of(paid), "0");
  EXPECT_EQ(result_of(declined), "1032");
  EXPECT_EQ(result_of(mistyped), "2001");
  EXPECT_NE(phone("+" + number).find("No prompt is open"), std::string::npos);
  EXPECT_EQ(operations(), "charge att_1 15000;");
}

TEST_F(Mpesa, query_says_its_code_as_a_number_when_told_to) {
  const std::string id = open("254700001032");
  EXPECT_EQ(result_of(id), "1032");
  set("mpesa.query_code_is_number", "true");
  EXPECT_EQ(integer_at(query(id).json, "ResultCode"), 1032);
}

TEST_F(Mpesa, limits_queries_and_calls_when_told_to) {
  const std::string id = open("254711000001");
  set("mpesa.query_gap_sec", "5");
  EXPECT_EQ(query(id).status, 500);
  EXPECT_EQ(query(id).status, 429);
  send("POST", "/clock", {{"advance_sec", 5}});
  EXPECT_EQ(query(id).status, 500);
  set("mpesa.query_gap_sec", "0");
  set("mpesa.calls_per_sec", "1");
  EXPECT_TRUE(becomes_true([&] { return query(id).status == 429; }));
}

TEST_F(Mpesa, plays_the_odd_payers) {
  EXPECT_EQ(text_at(push(push_of("254711000005")).json, "ResponseCode"), "1");
  open("254711000002");
  EXPECT_EQ(decimal_at(received(1), "Body.stkCallback.CallbackMetadata.Item.0.Value"), "1.0");
  const std::string odd = open("254711000004");
  EXPECT_EQ(text_at(query(odd).json, "ResultCode"), "4242");
  const std::string silent = open("254711000003");
  EXPECT_EQ(result_of(silent), "0");
  EXPECT_EQ(receiver_.received().size(), 1u);
}

TEST_F(Mpesa, loses_callbacks_when_told_to) {
  set("mpesa.loses_callbacks", "true");
  EXPECT_EQ(result_of(open("254708374149")), "0");
  EXPECT_EQ(receiver_.received().size(), 0u);
}

TEST_F(Mpesa, locks_subscribers_when_told_to) {
  open("254711000001");
  set("mpesa.locks_subscribers", "500");
  const Said said = push(push_of("254711000001"));
  EXPECT_EQ(said.status, 500);
  EXPECT_TRUE(text_at(said.json, "errorMessage").starts_with("Unable to lock subscriber"));
  set("mpesa.locks_subscribers", "1001");
  EXPECT_EQ(result_of(open("254711000001")), "1001");
}

TEST_F(Mpesa, cannot_prompt_with_texts_that_are_too_long) {
  Json body = push_of("254708374149");
  body["AccountReference"] = "att_01KA00000000000000000000A1";
  EXPECT_EQ(result_of(text_at(push(body).json, "CheckoutRequestID")), "1025");
}

TEST_F(Mpesa, reverses_the_whole_once_and_says_so_later) {
  const std::string receipt = receipt_of("254708374149");
  const Said taken = reverse(receipt, "150");
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(text_at(taken.json, "ResponseCode"), "0");
  const Json body = received(2);
  EXPECT_EQ(integer_at(body, "Result.ResultCode"), 0);
  EXPECT_EQ(text_at(body, "Result.ConversationID"), text_at(taken.json, "ConversationID"));
  reverse(receipt, "150");
  EXPECT_EQ(integer_at(received(3), "Result.ResultCode"), 17);
  EXPECT_EQ(operations(), "charge att_1 15000;refund att_2 15000;");
}

TEST_F(Mpesa, reverses_parts_only_when_told_to) {
  const std::string receipt = receipt_of("254708374149");
  reverse(receipt, "50");
  EXPECT_EQ(integer_at(received(2), "Result.ResultCode"), 17);
  set("mpesa.partial_reversals", "true");
  reverse(receipt, "50");
  EXPECT_EQ(integer_at(received(3), "Result.ResultCode"), 0);
  EXPECT_EQ(operations(), "charge att_1 15000;refund att_2 5000;");
}

TEST_F(Mpesa, refuses_reversals_that_are_not_whole) {
  const std::string receipt = receipt_of("254708374149");
  Json body = order_of("TransactionReversal", receipt);
  body["Amount"] = "150";
  body["ReceiverParty"] = "174379";
  body["ReceiverIdentifierType"] = "11";
  const Said said = call("/reversal/v1/request", body);
  EXPECT_EQ(said.status, 400);
  EXPECT_EQ(text_at(said.json, "errorMessage"), "Bad Request - Invalid RecieverIdentifierType");
  set("mpesa.initiator", "apiop1");
  reverse(receipt, "150");
  EXPECT_EQ(integer_at(received(2), "Result.ResultCode"), 2001);
  set("mpesa.initiator", "");
  set("mpesa.float_is_empty", "true");
  reverse(receipt, "150");
  EXPECT_EQ(integer_at(received(3), "Result.ResultCode"), 1);
}

TEST_F(Mpesa, reversals_end_as_the_payers_number_says) {
  reverse(receipt_of("254711000007"), "150");
  const Json odd = received(2);
  EXPECT_EQ(integer_at(odd, "Result.ResultCode"), 21);
  EXPECT_EQ(operations(), "charge att_1 15000;refund att_2 15000;");
}

TEST_F(Mpesa, a_reversal_may_leave_its_queue_unserved) {
  const std::string receipt = receipt_of("254711000008");
  const Said taken = reverse(receipt, "150");
  const Json body = received(2);
  EXPECT_TRUE(member_at(body, "Result").is_null());
  EXPECT_EQ(text_at(body, "ConversationID"), text_at(taken.json, "ConversationID"));
  ask_status(receipt);
  const Json status = received(3);
  EXPECT_EQ(text_at(status, "Result.ResultParameters.ResultParameter.2.Key"), "TransactionStatus");
  EXPECT_EQ(text_at(status, "Result.ResultParameters.ResultParameter.2.Value"), "Completed");
  EXPECT_EQ(operations(), "charge att_1 15000;");
}

TEST_F(Mpesa, tells_the_status_of_what_was_reversed_without_a_word) {
  const std::string receipt = receipt_of("254711000009");
  reverse(receipt, "150");
  EXPECT_TRUE(becomes_true([&] { return ledger().size() == 2; }));
  ask_status(receipt);
  EXPECT_EQ(text_at(received(2), "Result.ResultParameters.ResultParameter.2.Value"), "Reversed");
  ask_status("NLJ7RT61SV");
  EXPECT_EQ(integer_at(received(3), "Result.ResultCode"), 17);
}

}  // namespace
}  // namespace switchyard::sandbox
