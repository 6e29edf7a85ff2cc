#include "api/providers.h"

#include <future>

#include "api/operations.h"
#include "api/payment_methods.h"
#include "api/payments.h"
#include "api/routing_preview.h"
#include "documented.h"

namespace switchyard {
namespace {

using testing::ask_documented;
using testing::card_payment;
using testing::code_of;
using testing::id_of;
using testing::ids_of;
using testing::RunningApi;
using Ids = std::vector<std::string>;
using std::chrono::milliseconds;
using InForce = Setup;  // a test of GoogleTest has a Setup of its own

class Providers : public ::testing::Test {
 protected:
  // Puts the accounts of the fixture in force, changed.
  void change_setup(const std::function<void(InForce&)>& change) {
    InForce setup = *api.setup.get();
    change(setup);
    api.setup.put(std::make_shared<const InForce>(std::move(setup)));
  }
  void break_down(const std::string& account) {
    for (int i = 0; i < Health::failures_to_open; ++i)
      api.health.record(account, CallOutcome::failed, milliseconds(1), api.services.clock.now());
  }
  Json providers() {
    Json by_id = Json::object();
    const Reply reply = ask_documented(api, "/v1/providers", list_providers, {.method = "GET"});
    const Json json = api.json(reply);
    for (const Json& each : json["data"]) by_id[text_at(each, "id")] = each;
    return by_id;
  }
  Reply methods(const Fields& query, const std::string& asker = "") {
    return ask_documented(api, "/v1/payment_methods", list_payment_methods,
                          {.method = "GET", .query = query, .api_key = asker}, Access::publishable);
  }
  // "card mobile_money:mtn"
  std::string offered(const Fields& query) {
    std::string text;
    const Json json = api.json(methods(query));
    for (const Json& each : json["data"])
      text += (text.empty() ? "" : " ") + text_at(each, "type") + ":" + text_at(each, "network") +
              text_at(each, "kind");
    return text;
  }
  Reply preview(const std::string& body) {
    return ask_documented(api, "/v1/routing/preview", preview_routing, {.body = body});
  }

  RunningApi api;
};

const Fields usd = {{"amount", "4999"}, {"currency", "USD"}};
constexpr const char* card = R"({"amount":4999,"currency":"USD","payment_method":{"type":"card"}})";

TEST_F(Providers, say_what_they_can_do) {
  const Json all = providers();
  EXPECT_EQ(all.size(), 2u);
  const Json& example = all["example_main"];
  EXPECT_EQ(text_at(example, "adapter"), "example");
  EXPECT_EQ(example["can"]["refund"], true);
  EXPECT_EQ(all["bank"]["can"]["refund"], false);
  EXPECT_EQ(all["bank"]["can"]["partial_refund"], false);
  EXPECT_EQ(text_at(all["bank"], "can.finds_out_by"), "nobody");
  EXPECT_EQ(text_at(all["bank"], "methods.0.type"), "manual_transfer");
}

TEST_F(Providers, are_narrowed_to_what_the_account_takes) {
  change_setup([](InForce& setup) {
    Account& account = setup.accounts["example_main"];
    account.currencies = {"KES", "XXX"};
    account.limits["KES"] = {.minimum = 100, .maximum = 0};
  });
  const Json example = providers()["example_main"];
  EXPECT_EQ(example["methods"][0]["currencies"], Json({"KES"}));
  EXPECT_EQ(example["limits"], Json({{"KES", {{"minimum", 100}, {"maximum", nullptr}}}}));
}

TEST_F(Providers, say_how_they_are_doing) {
  EXPECT_EQ(text_at(providers()["example_main"], "health.state"), "healthy");
  break_down("example_main");
  const Json health = providers()["example_main"]["health"];
  EXPECT_EQ(health["state"], "resting");
  EXPECT_EQ(health["failures"], Health::failures_to_open);
  EXPECT_EQ(health["typical_ms"], nullptr);
}

TEST_F(Providers, say_what_waits_there_and_what_nobody_understood) {
  EXPECT_EQ(providers()["example_main"]["waiting_attempts"]["count"], 0);
  EXPECT_EQ(api.ask(create_payment_call, {.body = card_payment("tok_broken")}).status, 202);
  api.execute(
      "INSERT INTO unmapped_codes (account, code, count) VALUES ('example_main', 'odd', 3)");
  const Json all = providers();
  EXPECT_EQ(all["example_main"]["waiting_attempts"]["count"], 1);
  EXPECT_EQ(all["bank"]["waiting_attempts"]["count"], 0);
  EXPECT_EQ(all["example_main"]["unmapped_codes"], Json({{{"code", "odd"}, {"count", 3}}}));
  EXPECT_EQ(all["bank"]["unmapped_codes"], Json::array());
}

TEST_F(Providers, of_other_modes_and_merchants_are_not_shown) {
  change_setup([](InForce& setup) {
    setup.accounts["example_main"].mode = Mode::live;
    setup.accounts["bank"].merchants = {"mer_other"};
  });
  EXPECT_EQ(providers().size(), 0u);
}

TEST_F(Providers, offer_the_methods_that_routing_can_take_now) {
  const std::string all = offered(usd);
  EXPECT_NE(all.find("card:"), std::string::npos) << all;
  EXPECT_NE(all.find("mobile_money:mtn"), std::string::npos) << all;
  EXPECT_NE(all.find("manual_transfer:"), std::string::npos) << all;
  break_down("example_main");
  EXPECT_EQ(offered(usd), "manual_transfer:");
}

TEST_F(Providers, offer_each_method_once_with_what_it_needs) {
  change_setup([](InForce& setup) {
    setup.accounts["example_two"] = setup.accounts["example_main"];
    setup.accounts["example_two"].id = "example_two";
  });
  const Json json = api.json(methods(usd));
  int cards = 0;
  for (const Json& each : json["data"])
    if (each["type"] == "card") {
      ++cards;
      EXPECT_EQ(each["needs"], Json({"token"}));
    }
  EXPECT_EQ(cards, 1);
}

TEST_F(Providers, offer_only_what_takes_the_amount_currency_and_country) {
  change_setup([](InForce& setup) {
    Account& account = setup.accounts["example_main"];
    account.currencies = {"USD"};
    account.countries = {"LR"};
    account.limits["USD"] = {.minimum = 100, .maximum = 5000};
  });
  const auto takes_cards = [&](const std::string& amount, const std::string& currency,
                               const std::string& country) {
    Fields query = {{"amount", amount}, {"currency", currency}};
    if (!country.empty()) query.emplace_back("country", country);
    return offered(query).find("card:") != std::string::npos;
  };
  EXPECT_TRUE(takes_cards("5000", "USD", "LR"));
  EXPECT_TRUE(takes_cards("5000", "USD", ""));
  EXPECT_FALSE(takes_cards("5001", "USD", "LR"));
  EXPECT_FALSE(takes_cards("99", "USD", "LR"));
  EXPECT_FALSE(takes_cards("5000", "EUR", "LR"));
  EXPECT_FALSE(takes_cards("5000", "USD", "GH"));
}

TEST_F(Providers, tell_browsers_their_methods_and_nothing_else) {
  EXPECT_EQ(methods(usd, api.publishable_key).status, 200);
  EXPECT_EQ(api.ask(list_providers, {.method = "GET", .api_key = api.publishable_key}).status, 403);
}

TEST_F(Providers, refuse_questions_that_cannot_be_understood) {
  for (const Fields& query :
       std::vector<Fields>{{{"currency", "USD"}},
                           {{"amount", "0"}, {"currency", "USD"}},
                           {{"amount", "1.5"}, {"currency", "USD"}},
                           {{"amount", "1"}},
                           {{"amount", "1"}, {"currency", "usd"}},
                           {{"amount", "1"}, {"currency", "USD"}, {"country", "lr"}},
                           {{"amount", "1"}, {"currency", "USD"}, {"x", "y"}}})
    EXPECT_EQ(code_of(methods(query)), "invalid_query");
  EXPECT_EQ(code_of(preview("{}")), "missing_field");
  EXPECT_EQ(code_of(preview(R"({"amount":1,"currency":"USD","payment_method":{"type":"cash"}})")),
            "invalid_field");
}

TEST_F(Providers, preview_a_route_with_the_reason_for_every_account) {
  const Json json = api.json(preview(card));
  EXPECT_EQ(text_at(json, "rule"), "all");
  EXPECT_EQ(text_at(json, "rules_version"), "test");
  EXPECT_EQ(json["accounts"],
            Json({{{"account", "example_main"}, {"rank", 1}, {"reason", "first of use"}}}));
  EXPECT_EQ(json["passed_over"],
            Json({{{"account", "bank"}, {"reason", "is not named by the rule all"}}}));
  EXPECT_EQ(api.provider.charges(), 0);
  EXPECT_EQ(api.value("SELECT count(*) FROM payments"), "0");
}

TEST_F(Providers, preview_says_why_an_account_is_passed_over) {
  change_setup([](InForce& setup) { setup.accounts["example_main"].currencies = {"KES"}; });
  const Json json = api.json(preview(card));
  EXPECT_EQ(json["accounts"], Json::array());
  EXPECT_EQ(text_at(json, "passed_over.0.account"), "example_main");
  EXPECT_EQ(text_at(json, "passed_over.0.reason"), "takes KES, not USD");
}

TEST_F(Providers, preview_says_when_no_rule_fits) {
  change_setup([](InForce& setup) { setup.rules.rules.clear(); });
  const Json json = api.json(preview(card));
  EXPECT_EQ(json["rule"], nullptr);
  EXPECT_EQ(text_at(json, "passed_over.0.reason"), "no rule fits this payment");
}

TEST_F(Providers, preview_knows_the_country_of_a_phone_number) {
  change_setup([](InForce& setup) {
    setup.rules.rules = {{.name = "liberia", .when = {.country = {"LR"}}, .use = {"example_main"}}};
  });
  const auto rule_for = [&](const std::string& number) {
    return text_at(
        api.json(preview(
            R"({"amount":1500,"currency":"USD","payment_method":{"type":"mobile_money","network":"mtn","phone_number":")" +
            number + "\"}}")),
        "rule");
  };
  EXPECT_EQ(rule_for("+231770000000"), "liberia");
  EXPECT_EQ(rule_for("+254700000000"), "");
}

TEST_F(Providers, preview_does_not_name_accounts_of_other_merchants) {
  change_setup([](InForce& setup) { setup.accounts["example_main"].merchants = {"mer_other"}; });
  EXPECT_EQ(preview(card).body.find("example_main"), std::string::npos);
}

TEST_F(Providers, preview_does_not_use_up_the_one_payment_a_resting_account_is_tried_with) {
  StoppedClock later(api.services.clock.now());
  break_down("example_main");
  later.advance(Health::stays_open + std::chrono::hours(1));
  RouteQuestion question{.payment_id = "pay_1", .merchant_id = api.merchant};
  question.money = {4999, *find_currency("USD")};
  Services then{later,       api.database, api.writer, api.http, api.sealer,
                api.metrics, api.setup,    api.health, api.pool, api.in_flight};
  const auto offers_cards = [&] {
    const auto offers = offered_methods(then, *api.setup.get(), question);
    return std::ranges::any_of(
        offers, [](const OfferedMethod& each) { return each.method.rail == Rail::card; });
  };
  EXPECT_TRUE(offers_cards());
  EXPECT_TRUE(offers_cards());
  EXPECT_TRUE(api.health.takes_payments("example_main", later.now()));
}

TEST(Operations, the_process_lives_whatever_is_broken) {
  const Request request{.method = "GET", .path = "/healthz"};
  EXPECT_EQ(healthz()(request)->body, R"({"status":"ok"})");
}

TEST(Operations, is_ready_while_it_has_its_database_and_is_not_stopping) {
  const Request request{.method = "GET", .path = "/readyz"};
  Database database{testing::fresh_database(), 1};
  bool is_draining = false;
  const Handler ready = readyz(database, [&] { return is_draining; });
  EXPECT_EQ(ready(request)->body, R"({"status":"ok"})");
  is_draining = true;
  EXPECT_EQ(ready(request).error().code, ErrorCode::starting);
  Database nowhere{Secret("host=127.0.0.1 port=1 connect_timeout=1"), 1};
  const Handler not_ready = readyz(nowhere, [] { return false; });
  EXPECT_EQ(not_ready(request).error().code, ErrorCode::starting);
}

TEST(Operations, is_ready_at_once_while_every_connection_is_busy_and_the_database_answers) {
  Database database{testing::fresh_database(), 1};
  const Handler ready = readyz(database, [] { return false; });
  bool is_answered = false;
  // More than once, because a machine may stand still for the second in which an answer counts.
  for (int tries = 0; tries < 5 && !is_answered; ++tries) {
    std::future<Result<Reply>> answer;
    EXPECT_TRUE(database.read([](Transaction&) -> Result<void> { return {}; }));
    EXPECT_TRUE(database.read([&](Transaction&) -> Result<void> {
      answer = std::async(std::launch::async, [&] { return ready(Request{}); });
      is_answered = answer.wait_for(std::chrono::seconds(2)) == std::future_status::ready;
      return {};
    }));
    EXPECT_TRUE(answer.get());
  }
  EXPECT_TRUE(is_answered);
}

TEST(Operations, shows_its_numbers_as_text) {
  Metrics metrics;
  metrics.counter("things").add(3);
  const auto page = metrics_page(metrics)({.method = "GET", .path = "/metrics"});
  EXPECT_TRUE(page->content_type.starts_with("text/plain"));
  EXPECT_NE(page->body.find("things 3"), std::string::npos) << page->body;
}

}  // namespace
}  // namespace switchyard
