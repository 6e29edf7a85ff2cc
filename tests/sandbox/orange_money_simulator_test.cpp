// Orange Money as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

class OrangeMoney : public RunningSimulator {
 protected:
  explicit OrangeMoney(double speed = 0) : RunningSimulator("orange_money", speed) { sign_in(); }
  // "myClientId:mySecret", as the header holds it.
  Said ask_token(const std::string& version,
                 const std::string& authorization = "Basic bXlDbGllbnRJZDpteVNlY3JldA==",
                 const std::string& form = "grant_type=client_credentials") {
    return transmit(
        "POST", sandbox_.url() + "/orange_money/oauth/" + version + "/token", form,
        {{"Authorization", authorization}, {"Content-Type", "application/x-www-form-urlencoded"}});
  }
  void sign_in() { token_ = text_at(ask_token("v3").json, "access_token"); }
  Said api(const std::string& call, const Json& body, const std::string& country = "dev") {
    return send("POST", "/orange_money/orange-money-webpay/" + country + "/v1/" + call, body,
                {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}});
  }
  Json payment(const std::string& order_id, const std::string& currency = "OUV") const {
    return {{"merchant_key", "f2c1a9d4"},
            {"currency", currency},
            {"order_id", order_id},
            {"amount", 1200},
            {"return_url", "https://shop.example/om/return"},
            {"cancel_url", "https://shop.example/om/cancel"},
            {"notif_url", receiver_.url()},
            {"lang", "fr"},
            {"reference", "My Shop"}};
  }
  // Opens a page, and remembers what has to be asked with.
  Json open(const std::string& order_id) {
    const Json made = api("webpayment", payment(order_id)).json;
    page_ = text_at(made, "payment_url");
    asked_ = {{"order_id", order_id}, {"amount", 1200}};
    asked_["pay_token"] = text_at(made, "pay_token");
    return made;
  }
  std::string status() { return text_at(api("transactionstatus", asked_).json, "status"); }
  std::string status_with(const char* name, const Json& value) {
    Json body = asked_;
    body[name] = value;
    const Said said = api("transactionstatus", body);
    EXPECT_EQ(said.status, 201);
    return text_at(said.json, "status");
  }
  bool becomes(const std::string& wanted) {
    return becomes_true([&] { return status() == wanted; });
  }
  Said press(const std::string& form) { return transmit("POST", page_, form); }
  Said confirm(const std::string& decision = "pay", const std::string& code = "123456") {
    return press("msisdn=7701100100&otp=" + code + "&decision=" + decision);
  }
  // The code that the phone shows when it is dialed.
  std::string dial() {
    constexpr std::string_view before = "class=\"code\">";
    const std::string page =
        transmit("POST", sandbox_.url() + "/orange_money/simulator", "msisdn=7701100100")
            .response.body;
    const std::size_t at = page.find(before);
    return at == std::string::npos ? "" : page.substr(at + before.size(), 6);
  }
  // The HTTP status and Orange's code: "403 1204".
  static std::string refusal(const Said& said) {
    return std::to_string(said.status) + " " + decimal_at(said.json, "code");
  }
  static std::string location_of(const Said& said) {
    return header_of(said.response.headers, "location");
  }
  bool leads_to(const std::string& shop) {
    return transmit("GET", page_).response.body.find("href=\"" + shop + "\"") != std::string::npos;
  }

  Receiver receiver_;  // of every page's notifications
  std::string token_, page_;
  Json asked_;
};

TEST_F(OrangeMoney, says_how_long_a_token_lasts_in_a_number_or_a_text) {
  const Json current = ask_token("v3").json, older = ask_token("v2").json;
  EXPECT_EQ(text_at(current, "token_type"), "Bearer");
  EXPECT_EQ(integer_at(current, "expires_in"), 3600);
  EXPECT_EQ(text_at(older, "expires_in"), "7776000");
  set("expires_in", "string");
  set("token_lasts_s", "60");
  EXPECT_EQ(text_at(ask_token("v3").json, "expires_in"), "60");
}

TEST_F(OrangeMoney, gives_no_token_without_a_client_and_its_secret) {
  EXPECT_EQ(refusal(ask_token("v3", "Basic " + to_base64("myClientId"))), "401 41");
  EXPECT_EQ(refusal(ask_token("v3", "Bearer " + token_)), "401 41");
  EXPECT_EQ(ask_token("v3", "Basic " + to_base64("a:b"), "grant_type=password").status, 400);
  set("revoked_client", "myClientId");
  const Said revoked = ask_token("v3");
  EXPECT_EQ(refusal(revoked), "401 41");
  EXPECT_FALSE(text_at(revoked.json, "message").empty());
  EXPECT_FALSE(text_at(revoked.json, "description").empty());
}

TEST_F(OrangeMoney, a_token_ends_with_its_hour_or_when_it_is_revoked) {
  EXPECT_EQ(api("webpayment", payment("a1")).status, 201);
  pass(3600);
  EXPECT_EQ(refusal(api("webpayment", payment("a2"))), "401 42");
  sign_in();
  EXPECT_EQ(api("webpayment", payment("a2")).status, 201);
  send("POST", "/orange_money/revoke");
  EXPECT_EQ(refusal(api("webpayment", payment("a3"))), "401 42");
}

TEST_F(OrangeMoney, opens_a_page_for_an_order) {
  const Json made = open("ord7f1c9b5201");
  EXPECT_EQ(integer_at(made, "status"), 201);
  EXPECT_EQ(text_at(made, "message"), "OK");
  const std::string pay_token = text_at(made, "pay_token");
  EXPECT_EQ(from_hex(pay_token).value_or("").size(), 32u);
  EXPECT_EQ(from_hex(text_at(made, "notif_token")).value_or("").size(), 16u);
  EXPECT_TRUE(page_.ends_with("/payment/pay_token/" + pay_token));
  const std::string page = transmit("GET", page_).response.body;
  EXPECT_NE(page.find("OUV 1200"), std::string::npos);
  EXPECT_NE(page.find("My Shop"), std::string::npos);
  EXPECT_EQ(status(), "INITIATED");
}

TEST_F(OrangeMoney, refuses_a_payment_that_is_not_as_it_has_to_be) {
  const std::string a31(31, 'a'), a121 = std::string("https://shop.example/").append(100, 'a');
  const std::pair<const char*, Json> rows[] = {
      {"notif_url", a121}, {"return_url", "/return"}, {"order_id", a31}, {"reference", a31},
      {"amount", 12.5},    {"amount", "1200"},        {"amount", 0},     {"lang", "de"},
  };
  for (const auto& [name, value] : rows) {
    Json body = payment("a1");
    body[name] = value;
    EXPECT_EQ(api("webpayment", body).status, 400) << body.dump();
  }
  for (const char* name : {"merchant_key", "currency", "order_id", "amount", "return_url",
                           "cancel_url", "notif_url"}) {
    Json body = payment("a1");
    body.erase(name);
    EXPECT_EQ(api("webpayment", body).status, 400) << name;
  }
  EXPECT_EQ(api("webpayment", payment("a1")).status, 201);
}

TEST_F(OrangeMoney, each_country_is_a_path_with_its_own_money) {
  const std::pair<const char*, const char*> rows[] = {
      {"ci", "XOF"}, {"sn", "XOF"}, {"ml", "XOF"}, {"bf", "XOF"}, {"ne", "XOF"},
      {"gw", "XOF"}, {"cm", "XAF"}, {"cf", "XAF"}, {"gn", "GNF"}, {"mg", "MGA"},
      {"bw", "BWP"}, {"sl", "SLE"}, {"lr", "LRD"}, {"cd", "CDF"}, {"dev", "OUV"},
  };
  for (const auto& [country, currency] : rows) {
    EXPECT_EQ(refusal(api("webpayment", payment("a1", "EUR"), country)), "403 1203") << country;
    EXPECT_EQ(api("webpayment", payment("a1", currency), country).status, 201) << country;
  }
  set("country", "ci");
  EXPECT_EQ(api("webpayment", payment("a2", "XOF"), "ci").status, 201);
  EXPECT_EQ(refusal(api("webpayment", payment("a2", "XOF"), "sn")), "403 50");
  EXPECT_EQ(api("webpayment", payment("a2")).status, 201);
}

TEST_F(OrangeMoney, says_no_in_its_own_codes) {
  EXPECT_EQ(api("nothing", payment("a1")).status, 404);
  set("merchant_key", "another");
  EXPECT_EQ(refusal(api("webpayment", payment("a1"))), "403 1202");
  set("merchant_key", "f2c1a9d4");
  set("forbids_transactions", "true");
  EXPECT_EQ(refusal(api("webpayment", payment("a1"))), "403 1201");
  set("quota_is_used", "true");
  EXPECT_EQ(api("webpayment", payment("a1")).status, 429);
}

TEST_F(OrangeMoney, an_order_opens_one_page_ever) {
  set("code", "123456");
  open("a1");
  EXPECT_EQ(refusal(api("webpayment", payment("a1"))), "403 1204");
  confirm("refuse");
  EXPECT_TRUE(becomes("FAILED"));
  EXPECT_EQ(refusal(api("webpayment", payment("a1"))), "403 1204");
}

TEST_F(OrangeMoney, tells_a_status_to_who_knows_all_three_words) {
  open("a1");
  EXPECT_EQ(status_with("amount", 1200), "INITIATED");
  EXPECT_EQ(status_with("amount", 1201), "NOT FOUND");
  EXPECT_EQ(status_with("order_id", "a2"), "NOT FOUND");
  EXPECT_EQ(status_with("pay_token", std::string(64, '0')), "NOT FOUND");
  EXPECT_EQ(text_at(api("transactionstatus", asked_, "ci").json, "status"), "NOT FOUND");
  set("not_found", "NOT_FOUND");
  EXPECT_EQ(status_with("amount", 1199), "NOT_FOUND");
  EXPECT_EQ(api("transactionstatus", {{"order_id", "a1"}}).status, 400);
}

TEST_F(OrangeMoney, pays_with_the_code_that_the_phone_shows_once) {
  open("a1");
  const std::string code = dial();
  ASSERT_EQ(code.size(), 6u);
  EXPECT_EQ(confirm("pay", "wrong").status, 200);
  EXPECT_EQ(status(), "INITIATED");
  const Said back = confirm("pay", code);
  EXPECT_EQ(back.status, 303);
  EXPECT_EQ(location_of(back), "https://shop.example/om/return");
  EXPECT_TRUE(becomes("SUCCESS"));
  const Said told = api("transactionstatus", asked_);
  EXPECT_EQ(told.status, 201);
  EXPECT_EQ(text_at(told.json, "order_id"), "a1");
  const std::string txnid = text_at(told.json, "txnid");  // MP150709.1341.A00073
  EXPECT_EQ(txnid.size(), 20u);
  EXPECT_TRUE(txnid.starts_with("MP"));
  confirm("pay", code);
  open("a2");
  EXPECT_EQ(confirm("pay", code).status, 200);
  EXPECT_EQ(status(), "INITIATED");
  EXPECT_EQ(operations(), "charge 1200 OUV a1;");
}

TEST_F(OrangeMoney, goes_back_to_the_shop_and_says_nothing_of_a_payer_who_cancels) {
  open("a1");
  const Said back = press("decision=cancel");
  EXPECT_EQ(back.status, 303);
  EXPECT_EQ(location_of(back), "https://shop.example/om/cancel");
  EXPECT_EQ(status(), "INITIATED");
  set("code", "123456");
  confirm();
  EXPECT_TRUE(becomes("SUCCESS"));
  EXPECT_EQ(receiver_.wait_for(1).size(), 1u);
}

TEST_F(OrangeMoney, notifies_once_with_three_members_and_no_proof) {
  set("code", "123456");
  receiver_.answer_next_with(500);
  const Json paid = open("a1");
  confirm();
  EXPECT_TRUE(becomes("SUCCESS"));
  const std::string txnid = text_at(api("transactionstatus", asked_).json, "txnid");
  receiver_.wait_for(1);
  const Json refused = open("a2");
  EXPECT_EQ(location_of(confirm("refuse")), "https://shop.example/om/return");
  EXPECT_TRUE(becomes("FAILED"));
  const auto got = receiver_.wait_for(2);
  ASSERT_EQ(got.size(), 2u);
  const Json first = parse_json(got[0].body), second = parse_json(got[1].body);
  EXPECT_EQ(first.size(), 3u);
  EXPECT_EQ(text_at(first, "status"), "SUCCESS");
  EXPECT_EQ(text_at(first, "notif_token"), text_at(paid, "notif_token"));
  EXPECT_EQ(text_at(first, "txnid"), txnid);
  EXPECT_EQ(text_at(second, "status"), "FAILED");
  EXPECT_EQ(text_at(second, "notif_token"), text_at(refused, "notif_token"));
  EXPECT_EQ(operations(), "charge 1200 OUV a1;");
}

TEST_F(OrangeMoney, a_confirmation_after_ten_minutes_ends_the_page_and_nobody_is_told) {
  set("code", "123456");
  open("a1");
  pass(600);
  EXPECT_EQ(status(), "INITIATED");
  confirm();
  EXPECT_EQ(status(), "EXPIRED");
  EXPECT_TRUE(leads_to("https://shop.example/om/return"));
  set("page_lasts_s", "60");
  open("a2");
  pass(60);
  confirm();
  EXPECT_EQ(status(), "EXPIRED");
  EXPECT_EQ(operations(), "");
  EXPECT_EQ(member_at(send("GET", "/webhooks_sent").json, "tries").size(), 0u);
}

TEST_F(OrangeMoney, can_take_money_late) {
  set("code", "123456");
  set("late_payment", "true");
  open("a1");
  pass(3000);
  EXPECT_EQ(confirm().status, 303);
  EXPECT_TRUE(becomes("SUCCESS"));
  EXPECT_EQ(operations(), "charge 1200 OUV a1;");
}

TEST_F(OrangeMoney, can_notify_before_the_browser_goes_back) {
  set("code", "123456");
  set("notification", "before");
  open("a1");
  EXPECT_EQ(confirm().status, 200);
  const auto got = receiver_.wait_for(1);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(text_at(parse_json(got[0].body), "status"), "SUCCESS");
  EXPECT_TRUE(leads_to("https://shop.example/om/return"));
  open("a2");
  confirm("refuse");
  EXPECT_EQ(status(), "FAILED");
  EXPECT_TRUE(leads_to("https://shop.example/om/return"));
}

TEST_F(OrangeMoney, can_forge_a_notification_of_a_page_that_nobody_has_seen) {
  set("forged_notification", "true");
  const Json made = open("a1");
  const auto got = receiver_.wait_for(1);
  ASSERT_EQ(got.size(), 1u);
  const Json body = parse_json(got[0].body);
  EXPECT_EQ(text_at(body, "status"), "SUCCESS");
  EXPECT_EQ(text_at(body, "notif_token").size(), 32u);
  EXPECT_NE(text_at(body, "notif_token"), text_at(made, "notif_token"));
  EXPECT_EQ(status(), "INITIATED");
  EXPECT_EQ(operations(), "");
}

// Two seconds of the simulator are half an hour here.
class SlowOrangeMoney : public OrangeMoney {
 protected:
  SlowOrangeMoney() : OrangeMoney(900) {}
};

TEST_F(SlowOrangeMoney, a_confirmed_payment_is_pending_for_a_while_and_told_of_later) {
  set("code", "123456");
  set("notification_delay_s", "10");
  open("a1");
  confirm();
  EXPECT_EQ(status(), "PENDING");
  confirm();
  EXPECT_EQ(operations(), "");
  pass(900 * 2);
  EXPECT_TRUE(becomes("SUCCESS"));
  EXPECT_EQ(operations(), "charge 1200 OUV a1;");
  EXPECT_EQ(receiver_.received().size(), 0u);
  pass(900 * 10);
  EXPECT_EQ(receiver_.wait_for(1).size(), 1u);
}

}  // namespace
}  // namespace switchyard::sandbox
