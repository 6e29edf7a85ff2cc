// Midtrans as its README.md describes it, over sockets.
#include "base/crypto.h"
#include "running_simulator.h"

namespace switchyard::sandbox {
namespace {

constexpr const char* test_key = "SB-Mid-server-TESTKEY0000000000000001";
constexpr const char* live_key = "Mid-server-LIVEKEY0000000000000002";

class Midtrans : public RunningSimulator {
 protected:
  explicit Midtrans(double speed = 0) : RunningSimulator("midtrans", speed) {}
  Said call(const std::string& method, const std::string& path, const Json& body = nullptr,
            Headers headers = {}) {
    headers.emplace_back("Authorization", "Basic " + to_base64(key_ + ":"));
    headers.emplace_back("Accept", accept_);
    headers.emplace_back("Content-Type", "application/json");
    return send(method, "/midtrans" + path, body, std::move(headers));
  }
  static Json body_of(const std::string& id, const Json& more) {
    Json body = {{"transaction_details", {{"order_id", id}, {"gross_amount", 10'000}}},
                 {"callbacks", {{"finish", "https://shop.example/?a=1"}}}};
    for (const auto& [name, value] : more.items()) body[name] = value;
    return body;
  }
  Said open(const std::string& id, const Json& more = Json::object(), Headers headers = {}) {
    Said made = call("POST", "/snap/v1/transactions", body_of(id, more), std::move(headers));
    page_ = text_at(made.json, "redirect_url");
    return made;
  }
  Said charge(const std::string& id, const Json& more, Headers headers = {}) {
    return call("POST", "/v2/charge", body_of(id, more), std::move(headers));
  }
  HttpResponse press(const std::string& form) { return transmit("POST", page_, form).response; }
  // Where the browser goes from the bank's question.
  std::string type_card(const std::string& number = "4811111111111114") {
    press("method=credit_card&number=" + number + "&expiry=12/31&cvv=123");
    return header_of(press("otp=112233").headers, "location");
  }
  void pay_by_card(const std::string& id, const Json& more = Json::object()) {
    open(id, more);
    type_card();
  }
  void choose(const char* method, const char* id, const Json& more = {}, Headers headers = {}) {
    open(id, more, std::move(headers));
    press(std::string("method=").append(method));
  }
  void pay_by(const char* method, const char* id) {
    choose(method, id);
    press("decision=pay");
  }
  Said read(const std::string& id) { return call("GET", "/v2/" + id + "/status"); }
  std::string text_of(const std::string& id, const char* at) { return text_at(read(id).json, at); }
  // The body's code and status: "407 expire".
  static std::string status_in(const Said& said) {
    return text_at(said.json, "status_code") + " " + text_at(said.json, "transaction_status");
  }
  bool becomes(const std::string& id, const std::string& status) {
    return becomes_true([&] { return status_in(read(id)) == status; });
  }
  std::string change(const std::string& id, const char* what, const Json& body = Json::object()) {
    return status_in(call("POST", "/v2/" + id + "/" + what, body));
  }
  std::string capture(const std::string& order) {
    const Json body = {{"transaction_id", text_of(order, "transaction_id")},
                       {"gross_amount", 6'000}};
    return status_in(call("POST", "/v2/capture", body));
  }
  static Json part(const std::string& key, std::int64_t amount) {
    return {{"refund_key", key}, {"amount", amount}, {"reason", "Item out of stock"}};
  }

  std::string key_ = test_key, page_;
  const char* accept_ = "application/json";
};

TEST_F(Midtrans, opens_for_a_server_key_and_keeps_keys_apart) {
  pay_by("gopay", "ORD-1");
  EXPECT_EQ(send("GET", "/midtrans/v2/ORD-1/status").status, 401);
  accept_ = "text/html";
  EXPECT_EQ(status_in(read("ORD-1")), "403 ");
  EXPECT_EQ(open("ORD-2").status, 403);
  accept_ = "application/json";
  EXPECT_EQ(status_in(read("ORD-1")), "200 settlement");
  key_ = std::string(live_key);
  EXPECT_EQ(read("ORD-1").status, 404);
  EXPECT_EQ(open("ORD-1").status, 201);
  set("revoked_key", live_key);
  EXPECT_EQ(status_in(read("ORD-1")), "401 ");
  EXPECT_TRUE(text_at(open("ORD-2").json, "error_messages.0").starts_with("Access denied "));
}

TEST_F(Midtrans, makes_a_page_that_core_knows_nothing_of_until_a_method_is_chosen) {
  EXPECT_EQ(open("ORD-1").status, 201);
  EXPECT_NE(transmit("GET", page_).response.body.find("IDR 10000"), std::string::npos);
  EXPECT_EQ(read("ORD-1").status, 404);
  EXPECT_EQ(text_of("ORD-1", "status_message"), "Transaction doesn't exist.");
  press("method=bca_va");
  const Json told = read("ORD-1").json;
  EXPECT_EQ(text_at(told, "gross_amount"), "10000.00");
  EXPECT_EQ(read(text_at(told, "transaction_id")).json, told);
  EXPECT_NE(text_at(open("ORD-1").json, "error_messages.0").find("taken"), std::string::npos);
  EXPECT_EQ(status_in(charge("ORD-1", {{"payment_type", "gopay"}})), "406 ");
}

TEST_F(Midtrans, says_what_is_wrong_with_an_order_in_the_shape_of_each_api) {
  const Json item = {{"price", 5'000}, {"quantity", 1}, {"name", "Half"}};
  const Json rows[] = {
      {{"transaction_details", {{"gross_amount", 10'000}}}},
      {{"transaction_details", {{"order_id", "ORD 1"}, {"gross_amount", 10'000}}}},
      {{"transaction_details", {{"order_id", "ORD-1"}, {"gross_amount", 100.5}}}},
      {{"page_expiry", {{"duration", 4}, {"unit", "minutes"}}}},
      {{"item_details", Json::array({item})}},
  };
  for (const Json& row : rows) {
    const Said said = open("ORD-1", row);
    EXPECT_EQ(said.status, 400) << row.dump();
    EXPECT_FALSE(text_at(said.json, "error_messages.0").empty()) << row.dump();
  }
  EXPECT_EQ(text_at(charge("ORD-1", rows[4]).json, "validation_messages.0"),
            "transaction_details.gross_amount is not equal to the sum of item_details");
}

TEST_F(Midtrans, asks_for_the_password_and_takes_another_card_after_a_refusal) {
  open("ORD-1");
  press("method=credit_card&number=4811+1111+1111+1114");
  press("otp=000000");
  EXPECT_EQ(read("ORD-1").status, 404);
  EXPECT_EQ(type_card("4911111111111113"), page_);
  EXPECT_EQ(status_in(read("ORD-1")), "202 deny");
  EXPECT_EQ(type_card(),
            "https://shop.example/?a=1&order_id=ORD-1&status_code=200&transaction_status=capture");
  EXPECT_TRUE(becomes("ORD-1", "200 settlement"));
  type_card();
  EXPECT_EQ(operations(), "charge 10000 IDR ORD-1;");
}

TEST_F(Midtrans, each_method_waits_for_its_payer_in_its_own_words) {
  const char* const rows[][4] = {
      {"gopay", "gopay", "fraud_status", "accept"},
      {"gopay_qr", "qris", "acquirer", "gopay"},
      {"shopeepay", "shopeepay", "fraud_status", "accept"},
      {"bca_va", "bank_transfer", "va_numbers.0.bank", "bca"},
      {"alfamart", "cstore", "store", "alfamart"},
      {"indomaret", "cstore", "fraud_status", ""},
      {"echannel", "echannel", "biller_code", "70012"},
  };
  for (const auto& [method, type, member, text] : rows) {
    choose(method, method);
    EXPECT_EQ(text_of(method, "payment_type"), type) << method;
    EXPECT_EQ(text_of(method, member), text) << method;
    press("decision=pay");
    EXPECT_EQ(status_in(read(method)), "200 settlement") << method;
  }
  EXPECT_EQ(ledger().size(), std::size(rows));
}

TEST_F(Midtrans, finds_what_dana_paid_by_its_own_id_and_its_source_alone) {
  Receiver receiver;
  choose("dana", "ORD-1", {}, {{"X-Override-Notification", receiver.url()}});
  const auto got = receiver.wait_for(1);
  ASSERT_EQ(got.size(), 1u);
  const std::string id = text_at(parse_json(got[0].body), "transaction_id");
  const Headers source = {{"transaction-source", "SNAP_API"}};
  EXPECT_EQ(call("GET", "/v2/ORD-1/status", nullptr, source).status, 404);
  EXPECT_EQ(read(id).status, 404);
  EXPECT_EQ(status_in(call("GET", "/v2/" + id + "/status", nullptr, source)), "201 PENDING");
}

TEST_F(Midtrans, names_what_opens_an_app_or_a_code_where_there_is_no_page) {
  const std::pair<const char*, const char*> rows[] = {
      {"gopay",
       "GO-PAY transaction is created generate-qr-code deeplink-redirect get-status cancel"},
      {"shopeepay", "Success, transaction is created deeplink-redirect"},
      {"qris", "Success, transaction is created generate-qr-code"},
      {"dana", "No access to this payment type."},
  };
  for (const auto& [type, answer] : rows) {
    const Json made = charge(type, {{"payment_type", type}}).json;
    std::string all = text_at(made, "status_message");
    for (const Json& each : member_at(made, "actions")) all += " " + text_at(each, "name");
    EXPECT_EQ(all, answer);
  }
}

TEST_F(Midtrans, page_offers_what_the_order_names_and_does_what_its_buttons_say) {
  for (const auto& [decision, status] :
       {std::pair("pay", "200 settlement"), std::pair("deny", "202 deny"),
        std::pair("cancel", "202 cancel"), std::pair("expire", "407 expire")}) {
    open(decision, {{"enabled_payments", Json::array({"gopay"})}});
    press("method=bca_va");
    EXPECT_EQ(read(decision).status, 404) << decision;
    press("method=gopay");
    press(std::string("decision=").append(decision));
    EXPECT_EQ(status_in(read(decision)), status);
    EXPECT_EQ(read(decision).status, 200) << decision;
  }
  EXPECT_EQ(operations(), "charge 10000 IDR pay;cancel 10000 IDR cancel;");
}

TEST_F(Midtrans, phones_of_ovo_do_what_their_numbers_say) {
  const char* const rows[][3] = {
      {"+628271939753", "202 deny", "17"},   {"08271939753", "202 deny", "17"},
      {"+628242014881", "202 deny", "26"},   {"+628237435829", "202 deny", "40"},
      {"+628242974268", "407 expire", ""},   {"+628215023424", "201 pending", "68"},
      {"08123456789", "200 settlement", ""},
  };
  const auto ask = [&](const std::string& id, const std::string& phone) {
    return charge(id, {{"payment_type", "ovo"}, {"ovo", {{"payer_phone_number", phone}}}});
  };
  for (const auto& [phone, status, channel_code] : rows) {
    const std::string id = phone + 1;
    EXPECT_EQ(status_in(ask(id, phone)), "201 pending") << phone;
    EXPECT_TRUE(becomes(id, status)) << phone;
    EXPECT_EQ(text_of(id, "channel_response_code"), channel_code) << phone;
  }
  for (const char* typed : {"+628249134000", "+62 824-9134-000", "0824 9134 000"})
    EXPECT_EQ(text_at(ask("14", typed).json, "status_message"),
              "User with requested phone number doesn't exist");
  EXPECT_EQ(operations(), "charge 10000 IDR 8123456789;");
}

TEST_F(Midtrans, a_page_ends_but_a_virtual_account_stays_payable_for_its_own_time) {
  const Json hour = {{"page_expiry", {{"duration", 60}, {"unit", "minutes"}}}};
  choose("bca_va", "ORD-1", hour);
  pass(3600);
  press("decision=pay");
  EXPECT_EQ(status_in(read("ORD-1")), "200 settlement");
  open("ORD-2", hour);
  pass(3600);
  press("method=bca_va");
  EXPECT_EQ(read("ORD-2").status, 404);
  choose("bca_va", "ORD-3", {{"expiry", {{"duration", 2}, {"unit", "hour"}}}});
  pass(7200);
  EXPECT_EQ(status_in(read("ORD-3")), "407 expire");
}

TEST_F(Midtrans, cancels_a_page_that_nobody_has_used) {
  const auto cancel = [&](const Said& made) {
    const std::string path = "/snap/v1/transactions/" + text_at(made.json, "token");
    return call("POST", path + "/cancel", Json::object()).json;
  };
  const Said unused = open("ORD-1");
  EXPECT_FALSE(text_at(cancel(unused), "canceled_at").empty());
  EXPECT_FALSE(text_at(cancel(unused), "error_messages.0").empty());
  press("method=gopay");
  EXPECT_EQ(read("ORD-1").status, 404);
  const Said used = open("ORD-2");
  press("method=gopay");
  EXPECT_FALSE(text_at(cancel(used), "error_messages.0").empty());
  EXPECT_EQ(operations(), "cancel 10000 IDR ORD-1;");
}

TEST_F(Midtrans, repeats_a_success_for_five_minutes_under_its_key) {
  const auto ask = [&](const std::string& id, const std::string& key) {
    return charge(id, {{"payment_type", "gopay"}}, {{"Idempotency-Key", key}});
  };
  const Said first = ask("ORD-1", "k1");
  EXPECT_EQ(status_in(first), "201 pending");
  EXPECT_EQ(ask("ORD-2", "k1").json, first.json);
  EXPECT_EQ(status_in(ask("ORD-1", std::string(47, 'k'))), "406 ");
  EXPECT_EQ(status_in(ask("ORD-1", "k2")), "406 ");
  EXPECT_EQ(status_in(ask("ORD-2", "k2")), "201 pending");
  pass(300);
  EXPECT_EQ(status_in(ask("ORD-1", "k1")), "406 ");
}

TEST_F(Midtrans, refunds_what_has_settled_once_for_each_key) {
  pay_by_card("ORD-1");
  EXPECT_TRUE(becomes("ORD-1", "200 settlement"));
  set("refund_result", "denied");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-1", 4'000)), "202 settlement");
  set("refund_result", "no_balance");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-1", 4'000)), "414 ");
  set("refund_result", "approved");
  const Said made = call("POST", "/v2/ORD-1/refund", part("rf-1", 4'000));
  EXPECT_EQ(status_in(made), "200 partial_refund");
  EXPECT_EQ(text_at(made.json, "refund_amount"), "4000.00");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-1", 4'000)), "406 ");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-2", 6'001)), "414 ");
  EXPECT_EQ(change("ORD-1", "refund", {{"refund_key", "rf-2"}}), "200 refund");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-3", 1)), "412 ");
  EXPECT_EQ(text_of("ORD-1", "refunds.1.refund_amount"), "6000.00");
  EXPECT_EQ(operations(), "charge 10000 IDR ORD-1;refund 4000 IDR rf-1;refund 6000 IDR rf-2;");
}

TEST_F(Midtrans, refunds_a_part_or_all_or_nothing_as_the_method_allows) {
  const char* const rows[][3] = {{"gopay", "200 partial_refund", "200 refund"},
                                 {"shopeepay", "414 ", "200 refund"},
                                 {"ovo", "414 ", "200 refund"},
                                 {"bca_va", "412 ", "412 "}};
  for (const auto& [method, a_part, the_rest] : rows) {
    pay_by(method, method);
    EXPECT_TRUE(becomes(method, "200 settlement")) << method;
    EXPECT_EQ(change(method, "refund/online/direct", part("r1", 1)), a_part) << method;
    EXPECT_EQ(change(method, "refund/online/direct"), the_rest) << method;
  }
}

TEST_F(Midtrans, signs_what_it_tells_the_orders_addresses_until_they_take_it) {
  Receiver dashboard, own;
  set("webhook_url", dashboard.url());
  for (const int status : {500, 503}) own.answer_next_with(status);
  choose("bca_va", "ORDER-101", {}, {{"X-Override-Notification", own.url()}});
  own.wait_for(3);
  choose("gopay", "ORD-2", {}, {{"X-Append-Notification", own.url()}});
  const auto got = own.wait_for(4), besides = dashboard.wait_for(1);
  ASSERT_EQ(got.size(), 4u);
  ASSERT_EQ(besides.size(), 1u);
  EXPECT_EQ(got[0].header("user-agent"), "Veritrans");
  EXPECT_EQ(got[2].body, got[0].body);
  EXPECT_EQ(text_at(parse_json(got[0].body), "signature_key"),
            "853ebae2f2a3ee96224e9e59a0b412a120c6aec0551d42d739dc88660ebdb71e"
            "04f951cd7b4c9870cb6c499fdfa62c0382bc40a3ac731c616357e4f3f5d21641");
  EXPECT_EQ(text_at(parse_json(besides[0].body), "order_id"), "ORD-2");
}

TEST_F(Midtrans, tells_of_a_refund_and_again_when_the_bank_confirms_it) {
  for (const char* id : {"ORD-1", "ORD-2"}) pay_by("gopay", id);
  Receiver receiver;
  set("webhook_url", receiver.url());
  change("ORD-1", "refund", part("rf-1", 4'000));
  change("ORD-2", "refund/online/direct", part("rf-2", 4'000));
  std::multiset<std::string> told;
  for (const Request& each : receiver.wait_for(3)) {
    const Json body = parse_json(each.body);
    const bool is_confirmed = !text_at(body, "refunds.0.bank_confirmed_at").empty();
    told.insert(text_at(body, "order_id") + (is_confirmed ? " confirmed" : ""));
  }
  EXPECT_EQ(told, (std::multiset<std::string>{"ORD-1", "ORD-1 confirmed", "ORD-2 confirmed"}));
}

// What takes a second elsewhere takes nine here: cards stay captured, and settle later.
class SlowMidtrans : public Midtrans {
 protected:
  SlowMidtrans() : Midtrans(9) {}
};

TEST_F(SlowMidtrans, cards_do_what_their_numbers_say) {
  const char* const rows[][3] = {
      {"4811111111111114", "200 capture", "00"}, {"4911111111111113", "202 deny", "05"},
      {"4611111111111116", "202 deny", ""},      {"4472429869996670", "202 deny", "51"},
      {"4024007176265022", "201 pending", ""},   {"4000000000000002", "202 deny", "05"},
  };
  for (const auto& [number, status, channel_code] : rows) {
    open(number);
    type_card(number);
    EXPECT_EQ(status_in(read(number)), status) << number;
    EXPECT_EQ(text_of(number, "channel_response_code"), channel_code) << number;
  }
  EXPECT_EQ(text_of("4611111111111116", "fraud_status"), "deny");
  EXPECT_EQ(operations(), "charge 10000 IDR 4811111111111114;");
  pass(9 * 60);
  EXPECT_TRUE(becomes("4024007176265022", "200 capture"));
  EXPECT_EQ(ledger().size(), 2u);
}

TEST_F(SlowMidtrans, changes_what_has_not_settled_and_nothing_else) {
  pay_by_card("ORD-1");
  EXPECT_EQ(change("ORD-1", "refund", part("rf-1", 1)), "412 ");
  EXPECT_EQ(change("ORD-1", "cancel"), "200 cancel");
  choose("bca_va", "ORD-2");
  EXPECT_EQ(change("ORD-2", "expire"), "407 expire");
  pay_by_card("ORD-3");
  pass(9 * 5);
  EXPECT_TRUE(becomes("ORD-3", "200 settlement"));
  for (const char* id : {"ORD-1", "ORD-2", "ORD-3"}) EXPECT_EQ(change(id, "cancel"), "412 ") << id;
  EXPECT_EQ(operations(), "charge 10000 IDR ORD-1;cancel 10000 IDR ORD-1;charge 10000 IDR ORD-3;");
}

TEST_F(SlowMidtrans, holds_a_card_and_captures_a_part_once_or_lets_it_go) {
  const Json held = {{"credit_card", {{"type", "authorize"}}}};
  pay_by_card("ORD-1", held);
  EXPECT_EQ(status_in(read("ORD-1")), "200 authorize");
  EXPECT_EQ(capture("ORD-1"), "200 capture");
  EXPECT_EQ(capture("ORD-1"), "412 ");
  pay_by_card("ORD-2", held);
  EXPECT_EQ(change("ORD-2", "cancel"), "200 cancel");
  EXPECT_EQ(capture("ORD-2"), "412 ");
  EXPECT_EQ(operations(),
            "authorize 10000 IDR ORD-1;capture 6000 IDR ORD-1;"
            "authorize 10000 IDR ORD-2;cancel 10000 IDR ORD-2;");
}

TEST_F(SlowMidtrans, takes_no_challenged_card_until_it_is_approved) {
  set("fraud_status", "challenge");
  for (const char* id : {"ORD-1", "ORD-2", "ORD-3"}) pay_by_card(id);
  EXPECT_EQ(status_in(read("ORD-1")), "200 capture");
  EXPECT_EQ(text_of("ORD-1", "fraud_status"), "challenge");
  EXPECT_EQ(operations(), "");
  EXPECT_EQ(change("ORD-1", "approve"), "200 capture");
  EXPECT_EQ(change("ORD-2", "deny"), "202 deny");
  EXPECT_EQ(change("ORD-3", "cancel"), "200 cancel");
  EXPECT_EQ(change("ORD-3", "approve"), "412 ");
  EXPECT_EQ(operations(), "charge 10000 IDR ORD-1;cancel 10000 IDR ORD-3;");
}

}  // namespace
}  // namespace switchyard::sandbox
