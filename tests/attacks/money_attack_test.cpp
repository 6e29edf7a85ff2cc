// Money asked for in the wrong order, twice, too often or more than there is: the M cases, and D6,
// on a running router. What the provider did is read from the sandbox's own ledger.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/attacks/target.h"

namespace switchyard::testing {
namespace {

class MoneyAttack : public ::testing::Test {
 protected:
  JsonAnswer paid() {
    JsonAnswer answer = target().pay(example_card(), at_example);
    EXPECT_EQ(status_of(answer), "succeeded") << answer.text;
    return answer;
  }
  JsonAnswer held() {
    JsonAnswer answer = target().pay(
        example_card(), {{"capture_method", "manual"}, {"metadata", {{"provider", "example"}}}});
    EXPECT_EQ(status_of(answer), "requires_capture") << answer.text;
    return answer;
  }
  static std::string path(const JsonAnswer& payment, const std::string& verb = "") {
    return "/v1/payments/" + id_of(payment) + verb;
  }
  // How many requests were ever prepared for a provider.
  int steps() { return std::stoi(count_of("steps")); }
  void expect_refused_without_a_call(const JsonAnswer& payment, const std::string& verb,
                                     const Json& body, int status = 409) {
    const int before = steps();
    const JsonAnswer answer = target().post(path(payment, verb), body);
    EXPECT_EQ(answer.status, status) << verb << ": " << answer.text;
    EXPECT_EQ(steps(), before) << verb << " called the provider";
  }
};

TEST_F(MoneyAttack, M1_the_browser_says_how_and_never_how_much) {
  const JsonAnswer made = target().post(
      "/v1/payments", small_payment({{"metadata", {{"provider", "example"}}}, {"amount", 4999}}));
  const std::string secret = text_at(made.body, "client_secret");
  const auto confirm = [&](const Json& more) {
    Json body = {{"payment_method", example_card()}, {"client_secret", secret}};
    for (const auto& [name, value] : more.items()) body[name] = value;
    return target().call("POST", path(made, "/confirm"), body, {}, target().keys().publishable);
  };
  for (const Json& more :
       {Json({{"amount", 1}}), Json({{"currency", "KES"}}), Json({{"capture_method", "manual"}}),
        Json({{"metadata", {{"a", "b"}}}}), Json({{"status", "succeeded"}}),
        Json({{"customer", {{"name", "x"}}}})}) {
    const JsonAnswer answer = confirm(more);
    EXPECT_EQ(answer.status, 400) << answer.text;
    EXPECT_EQ(code_of(answer), "unknown_field");
  }
  EXPECT_EQ(confirm(Json::object()).status, 200);
  const Json ledger = target().ledger_of(id_of(made), "charge");
  ASSERT_EQ(ledger.size(), 1u);
  EXPECT_EQ(integer_at(ledger, "0.amount"), 4999);
}

TEST_F(MoneyAttack, M2_verbs_in_the_wrong_order_reach_no_provider) {
  const JsonAnswer open = target().post("/v1/payments", small_payment());
  expect_refused_without_a_call(open, "/capture", {{"amount", 1}});
  expect_refused_without_a_call(open, "/refunds", {{"amount", 1}});
  expect_refused_without_a_call(open, "/review", {{"decision", "accept"}});
  EXPECT_EQ(target().post(path(open, "/cancel")).status, 200);
  const Json card = {{"payment_method", example_card()}};
  expect_refused_without_a_call(open, "/confirm", card);
  expect_refused_without_a_call(open, "/capture", Json::object());
  expect_refused_without_a_call(open, "/refunds", Json::object());

  const JsonAnswer done = paid();
  expect_refused_without_a_call(done, "/confirm", card);
  expect_refused_without_a_call(done, "/capture", Json::object());
  expect_refused_without_a_call(done, "/cancel", Json::object());
  EXPECT_EQ(target().call("PATCH", path(done), {{"description", "other"}}).status, 409);

  const JsonAnswer hold = held();
  expect_refused_without_a_call(hold, "/confirm", card);
  expect_refused_without_a_call(hold, "/refunds", {{"amount", 1}});
  EXPECT_EQ(target().post(path(hold, "/cancel")).status, 200);
  expect_refused_without_a_call(hold, "/capture", Json::object());
  EXPECT_EQ(target().ledger_of(id_of(hold), "capture").size(), 0u);
}

TEST_F(MoneyAttack, M2_an_expired_payment_takes_nothing_more) {
  const JsonAnswer made = target().post("/v1/payments", small_payment());
  execute("UPDATE payments SET expires_at = now() - interval '1 minute' WHERE id = '" +
          id_of(made) + "'");
  target().wait_for_status(id_of(made), "expired");
  expect_refused_without_a_call(made, "/confirm", {{"payment_method", example_card()}});
  expect_refused_without_a_call(made, "/capture", Json::object());
}

TEST_F(MoneyAttack, M3_a_payment_is_tried_ten_times_and_no_more) {
  const JsonAnswer made =
      target().post("/v1/payments", small_payment({{"metadata", {{"provider", "example"}}}}));
  const std::string secret = text_at(made.body, "client_secret");
  const auto test_a_card = [&](int number) {
    return target().call(
        "POST", path(made, "/confirm"),
        {{"payment_method", example_card("tok_declined")}, {"client_secret", secret}},
        {{"Idempotency-Key", "card-" + std::to_string(number)}}, target().keys().publishable);
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(test_a_card(i).status, 402) << i;
  const int before = steps();
  const JsonAnswer eleventh = test_a_card(10);
  EXPECT_EQ(eleventh.status, 422) << eleventh.text;
  EXPECT_EQ(code_of(eleventh), "attempt_limit");
  EXPECT_EQ(steps(), before);
}

TEST_F(MoneyAttack, M4_a_way_back_that_a_browser_could_misread_is_refused) {
  for (const std::string url :
       {"javascript:alert(1)", "data:text/html,x", "//evil.example", "https://good@evil.example",
        "\\\\evil.example", "https://good.example\\@evil.example", "https:/evil.example",
        "http://evil.example/", "https://g\u043e\u043ed.example/", "file:///x", "/x",
        "https://good.example#@evil.example", " https://good.example", "https://a b/"}) {
    const JsonAnswer answer = target().post("/v1/payments", small_payment({{"return_url", url}}));
    EXPECT_EQ(answer.status, 400) << url << answer.text;
    EXPECT_EQ(text_at(answer.body, "error.param"), "return_url") << url;
  }
}

TEST_F(MoneyAttack, M6_a_refund_goes_where_the_money_came_from) {
  const JsonAnswer done = paid();
  for (const std::string field : {"destination", "payment_method", "customer", "account", "card",
                                  "provider", "phone_number", "currency", "attempt"}) {
    const JsonAnswer answer =
        target().post(path(done, "/refunds"), {{"amount", 1}, {field, "elsewhere"}});
    EXPECT_EQ(answer.status, 400) << field;
    EXPECT_EQ(code_of(answer), "unknown_field") << field;
  }
  EXPECT_EQ(target().ledger_of(id_of(done), "refund").size(), 0u);
}

TEST_F(MoneyAttack, M7_each_currency_reaches_the_provider_in_its_own_decimals) {
  const std::map<std::string, std::int64_t> amounts = {
      {"USD", 4999}, {"JPY", 4999}, {"TND", 4999}, {"UGX", 4999}, {"XOF", 4999}};
  for (const auto& [currency, amount] : amounts) {
    Json more = at_example;
    more["currency"] = currency;
    more["amount"] = amount;
    const JsonAnswer answer = target().pay(example_card(), more);
    ASSERT_EQ(status_of(answer), "succeeded") << currency << answer.text;
    const Json ledger = target().ledger_of(id_of(answer), "charge");
    ASSERT_EQ(ledger.size(), 1u) << currency;
    EXPECT_EQ(integer_at(ledger, "0.amount"), amount) << currency;
    EXPECT_EQ(text_at(ledger, "0.currency"), currency);
  }
}

TEST_F(MoneyAttack, M9_no_part_is_nothing_negative_or_more_than_the_whole) {
  const JsonAnswer done = paid(), hold = held();
  for (const Json& amount : {Json(0), Json(-1), Json(1.5), Json("1"), Json(9007199254740992)}) {
    expect_refused_without_a_call(done, "/refunds", {{"amount", amount}}, 400);
    expect_refused_without_a_call(hold, "/capture", {{"amount", amount}}, 400);
  }
  for (const std::string field : {"fee", "application_fee", "split", "transfers"})
    EXPECT_EQ(target().post("/v1/payments", small_payment({{field, -1}})).status, 400) << field;
}

TEST_F(MoneyAttack, D6_more_than_was_held_is_not_captured_nor_more_than_was_taken_given_back) {
  const JsonAnswer hold = held();
  expect_refused_without_a_call(hold, "/capture", {{"amount", 5000}}, 422);
  EXPECT_EQ(target().post(path(hold, "/capture"), {{"amount", 3000}}).status, 200);
  expect_refused_without_a_call(hold, "/refunds", {{"amount", 3001}}, 422);
  EXPECT_EQ(target().post(path(hold, "/refunds"), {{"amount", 3000}}).status, 201);
  expect_refused_without_a_call(hold, "/refunds", {{"amount", 1}}, 422);
}

TEST_F(MoneyAttack, D6_of_a_hundred_refunds_of_a_tenth_ten_succeed) {
  Json more = at_example;
  more["amount"] = 1000;
  const JsonAnswer done = target().pay(example_card(), more);
  ASSERT_EQ(status_of(done), "succeeded") << done.text;
  std::atomic<int> made{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 10; ++t)
    threads.emplace_back([&] {
      const JsonClient client(target().http(), target().url(), target().keys().secret);
      for (int i = 0; i < 10; ++i) {
        const JsonAnswer answer = client.post(path(done, "/refunds"), {{"amount", 100}});
        if (answer.status == 201 || answer.status == 202) ++made;
        if (answer.status == 422 || answer.status == 409) ++refused;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 10);
  EXPECT_EQ(refused, 90);
  EXPECT_TRUE(wait_until(
      [&] { return integer_at(target().payment(id_of(done)), "amount_refunded") == 1000; }));
  EXPECT_EQ(target().ledger_of(id_of(done), "refund").size(), 10u);
  target().expect_sound(id_of(done));
}

}  // namespace
}  // namespace switchyard::testing
