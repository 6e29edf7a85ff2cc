#include "api/endpoints.h"

#include "api/customers.h"
#include "documented.h"

namespace switchyard {
namespace {

using testing::ask_documented;
using testing::code_of;
using testing::header_of;
using testing::id_of;
using testing::ids_of;
using testing::RunningApi;
using Ids = std::vector<std::string>;

constexpr const char* many = "/v1/webhook_endpoints";
constexpr const char* one = "/v1/webhook_endpoints/{id}";
constexpr const char* shop =
    R"({"url":"https://shop.example/hooks","enabled_events":["payment.*"]})";

class Endpoints : public ::testing::Test {
 protected:
  Reply create(const std::string& body, const std::string& key = "") {
    return ask_documented(api, many, create_endpoint, {.body = body, .key = key});
  }
  Reply retrieve(const std::string& id, const std::string& asker = "") {
    return ask_documented(api, one, retrieve_endpoint,
                          {.method = "GET", .id = id, .api_key = asker});
  }
  Reply update(const std::string& id, const std::string& body) {
    return ask_documented(api, one, update_endpoint, {.method = "PATCH", .id = id, .body = body});
  }
  Reply remove(const std::string& id) {
    return ask_documented(api, one, delete_endpoint, {.method = "DELETE", .id = id});
  }
  Reply enable(const std::string& id) {
    return ask_documented(api, "/v1/webhook_endpoints/{id}/enable", enable_endpoint, {.id = id});
  }
  Reply list(const Fields& query = {}) {
    return ask_documented(api, many, list_all_endpoints, {.method = "GET", .query = query});
  }
  Reply deliveries(const std::string& id, const Fields& query = {}, const std::string& asker = "") {
    return ask_documented(api, "/v1/webhook_endpoints/{id}/deliveries", list_endpoint_deliveries,
                          {.method = "GET", .id = id, .query = query, .api_key = asker});
  }

  RunningApi api;
};

TEST_F(Endpoints, show_their_secret_when_made_and_never_again) {
  const Reply made = create(shop);
  EXPECT_EQ(made.status, 201);
  Json json = api.json(made);
  const std::string secret = text_at(json, "secret");
  ASSERT_TRUE(secret.starts_with("whsec_"));
  EXPECT_EQ(from_base64(secret.substr(6)).value_or("").size(), 32u);
  json.erase("secret");
  EXPECT_EQ(api.json(retrieve(id_of(made))), json);
  EXPECT_EQ(list().body.find("whsec_"), std::string::npos);
  EXPECT_EQ(update(id_of(made), R"({"description":"x"})").body.find("whsec_"), std::string::npos);
  EXPECT_EQ(api.value("SELECT sealed_secret FROM endpoints").find("whsec_"), std::string::npos);
}

TEST_F(Endpoints, have_a_secret_each) {
  EXPECT_NE(api.json(create(shop))["secret"], api.json(create(shop))["secret"]);
}

TEST_F(Endpoints, are_made_once_for_one_idempotency_key_with_the_same_secret) {
  const Reply made = create(shop, "key-1");
  const Reply again = create(shop, "key-1");
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(ids_of(list()).size(), 1u);
}

TEST_F(Endpoints, are_told_everything_in_the_order_of_payments_unless_they_say_otherwise) {
  const Json json = api.json(create(R"({"url":"https://shop.example/"})"));
  EXPECT_EQ(json["enabled_events"], Json({"*"}));
  EXPECT_EQ(text_at(json, "ordering"), "per_payment");
  EXPECT_EQ(text_at(json, "status"), "enabled");
}

TEST_F(Endpoints, are_refused_with_every_problem_named) {
  const Reply reply = create(
      R"({"url":"http://shop.example/","enabled_events":["cat.*","payment.*"],"ordering":"any"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(api.json(reply)["error"]["details"].size(), 3u);
  EXPECT_EQ(code_of(create("{}")), "missing_field");
  EXPECT_EQ(code_of(create(R"({"url":""})")), "invalid_field");
  EXPECT_EQ(code_of(create(R"({"url":"https://shop.example/","enabled_events":[]})")),
            "invalid_field");
  EXPECT_EQ(ids_of(list()), Ids());
}

TEST_F(Endpoints, change_only_where_something_is_given) {
  const std::string id = id_of(create(shop));
  const Json json =
      api.json(update(id, R"({"enabled_events":["refund.succeeded"],"ordering":"none"})"));
  EXPECT_EQ(text_at(json, "url"), "https://shop.example/hooks");
  EXPECT_EQ(json["enabled_events"], Json({"refund.succeeded"}));
  EXPECT_EQ(text_at(json, "ordering"), "none");
  EXPECT_EQ(api.json(retrieve(id)), json);
  EXPECT_EQ(code_of(update(id, R"({"url":"https://127.0.0.1/"})")), "invalid_field");
  EXPECT_EQ(code_of(update(id, R"({"url":""})")), "invalid_field");
  EXPECT_EQ(api.json(retrieve(id)), json);
}

TEST_F(Endpoints, keep_their_secret_when_they_change) {
  const Reply made = create(shop, "key-1");
  update(id_of(made), R"({"description":"x"})");
  const auto stored =
      find_endpoint(api.database, api.sealer, api.merchant, Mode::test, id_of(made));
  ASSERT_TRUE(stored && *stored);
  EXPECT_EQ((*stored)->secret.reveal(), text_at(api.json(made), "secret"));
}

TEST_F(Endpoints, that_are_deleted_are_gone) {
  const std::string id = id_of(create(shop));
  EXPECT_EQ(remove(id).status, 200);
  EXPECT_EQ(retrieve(id).status, 404);
  EXPECT_EQ(remove(id).status, 404);
  EXPECT_EQ(ids_of(list()), Ids());
}

TEST_F(Endpoints, are_enabled_again) {
  const std::string id = id_of(create(shop));
  api.execute("UPDATE endpoints SET status = 'disabled', disabled_reason = 'answered 410'");
  EXPECT_EQ(text_at(api.json(retrieve(id)), "disabled_reason"), "answered 410");
  EXPECT_EQ(text_at(api.json(enable(id)), "status"), "enabled");
  EXPECT_EQ(api.json(retrieve(id))["disabled_reason"], nullptr);
}

TEST_F(Endpoints, C5_of_others_do_not_exist) {
  const std::string id = id_of(create(shop));
  const std::string live_key = api.new_key(Mode::live, false, api.merchant);
  const std::string other_key = api.new_key(Mode::test, false, api.new_merchant());
  for (const std::string& key : {live_key, other_key}) {
    EXPECT_EQ(retrieve(id, key).status, 404);
    EXPECT_EQ(deliveries(id, {}, key).status, 404);
  }
}

TEST_F(Endpoints, are_listed_newest_first_page_by_page) {
  Ids ids;
  for (int i = 0; i < 4; ++i) ids.insert(ids.begin(), id_of(create(shop)));
  EXPECT_EQ(ids_of(list()), ids);
  const Reply first = list({{"limit", "2"}});
  EXPECT_EQ(ids_of(first), Ids({ids[0], ids[1]}));
  EXPECT_EQ(text_at(api.json(first), "next_after"), ids[1]);
  EXPECT_EQ(ids_of(list({{"after", ids[1]}})), Ids({ids[2], ids[3]}));
  EXPECT_EQ(ids_of(list({{"before", ids[3]}, {"limit", "2"}})), Ids({ids[1], ids[2]}));
}

TEST_F(Endpoints, are_fifty_at_most) {
  for (int i = 0; i < 50; ++i) ASSERT_EQ(create(shop).status, 201);
  EXPECT_EQ(code_of(create(shop)), "limit_exceeded");
}

class Deliveries : public Endpoints {
 protected:
  // Three customers, so three events; each is delivered, and the first failed once before.
  void SetUp() override {
    endpoint = id_of(create(R"({"url":"https://shop.example/hooks"})"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(api.ask(create_customer, {}).status, 201);
    for (int i = 0; i < 3; ++i)
      ids.push_back(api.value("SELECT id FROM deliveries ORDER BY id OFFSET " + std::to_string(i)));
    api.execute("UPDATE deliveries SET status = 'succeeded', finished_at = now() WHERE id = '" +
                ids[0] + "'");
    log_try(1, 0, "no answer in time", "");
    log_try(2, 200, "", "thank you");
  }
  void log_try(int number, int status, const std::string& problem, const std::string& answer) {
    api.execute(
        "INSERT INTO delivery_tries (id, delivery_id, number, url, status, problem, answer, "
        "took_ms, created_at) VALUES ('try_" +
        std::to_string(number) + "', '" + ids[0] + "', " + std::to_string(number) +
        ", 'https://shop.example/hooks', " + std::to_string(status) + ", '" + problem + "', '" +
        answer + "', 12, now())");
  }
  std::string endpoint;
  Ids ids;
};

TEST_F(Deliveries, are_logged_with_their_tries_newest_first) {
  const Reply reply = deliveries(endpoint);
  EXPECT_EQ(ids_of(reply), Ids({ids[2], ids[1], ids[0]}));
  const Json data = api.json(reply)["data"];
  EXPECT_EQ(text_at(data[0], "status"), "pending");
  EXPECT_FALSE(text_at(data[0], "next_try_at").empty());
  EXPECT_EQ(text_at(data[2], "status"), "succeeded");
  EXPECT_EQ(data[2]["next_try_at"], nullptr);
  EXPECT_EQ(text_at(data[2], "event_type"), "customer.created");
  ASSERT_EQ(data[2]["tries"].size(), 2u);
  EXPECT_EQ(data[2]["tries"][0]["http_status"], nullptr);
  EXPECT_EQ(text_at(data[2]["tries"][0], "problem"), "no answer in time");
  EXPECT_EQ(data[2]["tries"][1]["http_status"], 200);
  EXPECT_EQ(text_at(data[2]["tries"][1], "answer"), "thank you");
}

TEST_F(Deliveries, are_read_page_by_page_and_by_status) {
  const Reply first = deliveries(endpoint, {{"limit", "2"}});
  EXPECT_EQ(ids_of(first), Ids({ids[2], ids[1]}));
  EXPECT_EQ(text_at(api.json(first), "next_after"), ids[1]);
  EXPECT_EQ(ids_of(deliveries(endpoint, {{"after", ids[1]}})), Ids({ids[0]}));
  EXPECT_EQ(ids_of(deliveries(endpoint, {{"before", ids[0]}, {"limit", "1"}})), Ids({ids[1]}));
  EXPECT_EQ(ids_of(deliveries(endpoint, {{"status", "succeeded"}})), Ids({ids[0]}));
  EXPECT_EQ(code_of(deliveries(endpoint, {{"status", "lost"}})), "invalid_query");
}

TEST_F(Deliveries, C5_of_another_endpoint_are_not_shown) {
  EXPECT_EQ(ids_of(deliveries(id_of(create(shop)))), Ids());
}

}  // namespace
}  // namespace switchyard
