#include "api/customers.h"

#include "documented.h"

namespace switchyard {
namespace {

using testing::Ask;
using testing::ask_documented;
using testing::code_of;
using testing::header_of;
using testing::id_of;
using testing::ids_of;
using testing::RunningApi;
using Ids = std::vector<std::string>;

constexpr const char* many = "/v1/customers";
constexpr const char* one = "/v1/customers/{id}";

constexpr const char* jane =
    R"({"external_id":"cust_42","email":"jane@example.com","name":"Jane","metadata":{"tier":"pro","empty":""}})";

class Customers : public ::testing::Test {
 protected:
  Reply create(const std::string& body, const std::string& key = "",
               const std::string& asker = "") {
    return ask_documented(api, many, create_customer, {.body = body, .key = key, .api_key = asker});
  }
  Reply retrieve(const std::string& id, const std::string& asker = "") {
    return ask_documented(api, one, retrieve_customer,
                          {.method = "GET", .id = id, .api_key = asker});
  }
  Reply update(const std::string& id, const std::string& body, const std::string& key = "") {
    return ask_documented(api, one, update_customer,
                          {.method = "PATCH", .id = id, .body = body, .key = key});
  }
  Reply remove(const std::string& id, const std::string& key = "") {
    return ask_documented(api, one, delete_customer, {.method = "DELETE", .id = id, .key = key});
  }
  Reply list(const Fields& query) {
    return ask_documented(api, many, list_all_customers, {.method = "GET", .query = query});
  }
  std::string events() {
    return api.value("SELECT string_agg(type, ' ' ORDER BY position) FROM events");
  }

  RunningApi api;
};

TEST_F(Customers, are_created_and_read_as_they_were_given) {
  const Reply made = create(jane);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(header_of(made, "Location"), "/v1/customers/" + id_of(made));
  const Json json = api.json(made);
  EXPECT_EQ(text_at(json, "email"), "jane@example.com");
  EXPECT_EQ(json["metadata"], Json({{"empty", ""}, {"tier", "pro"}}));
  EXPECT_EQ(retrieve(id_of(made)).body, made.body);
  EXPECT_EQ(events(), "customer.created");
  const Json event = parse_json(api.value("SELECT body FROM events"));
  EXPECT_EQ(event["data"]["object"], json);
  EXPECT_EQ(text_at(event, "data.cause.kind"), "api");
}

TEST_F(Customers, may_be_created_without_saying_anything) { EXPECT_EQ(create("").status, 201); }

TEST_F(Customers, with_a_known_external_id_are_answered_as_they_are) {
  const Reply made = create(jane);
  const Reply again = create(R"({"external_id":"cust_42","name":"Somebody else"})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(header_of(again, "Switchyard-Existing"), "true");
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(events(), "customer.created");
}

TEST_F(Customers, created_twice_at_once_with_one_external_id_are_one) {
  std::vector<Reply> replies(8);
  std::vector<std::thread> threads;
  for (Reply& reply : replies) threads.emplace_back([&] { reply = create(jane); });
  for (std::thread& thread : threads) thread.join();
  for (const Reply& reply : replies) EXPECT_EQ(id_of(reply), id_of(replies[0]));
  EXPECT_EQ(std::ranges::count(replies, 201, &Reply::status), 1);
  EXPECT_EQ(events(), "customer.created");
}

TEST_F(Customers, are_created_once_for_one_idempotency_key) {
  const Reply made = create(R"({"name":"Jane"})", "key-1");
  const Reply again = create(R"({"name":"Jane"})", "key-1");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(code_of(create(R"({"name":"John"})", "key-1")), "idempotency_key_reused");
  EXPECT_EQ(api.value("SELECT count(*) FROM customers"), "1");
}

TEST_F(Customers, are_refused_with_every_problem_named) {
  const Reply reply = create(R"({"email":"jane","phone":"0770","colour":"red"})");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(api.json(reply)["error"]["details"].size(), 3u);
  EXPECT_EQ(api.value("SELECT count(*) FROM customers"), "0");
}

TEST_F(Customers, change_only_where_something_is_given) {
  const std::string id = id_of(create(jane));
  const Json json =
      api.json(update(id, R"({"name":"","phone":"+231770000000","metadata":{"tier":"","x":"1"}})"));
  EXPECT_EQ(text_at(json, "email"), "jane@example.com");
  EXPECT_EQ(json["name"], nullptr);
  EXPECT_EQ(text_at(json, "phone"), "+231770000000");
  EXPECT_EQ(json["metadata"], Json({{"empty", ""}, {"x", "1"}}));
  EXPECT_EQ(api.json(retrieve(id)), json);
  EXPECT_EQ(events(), "customer.created customer.updated");
}

TEST_F(Customers, that_do_not_change_send_no_event) {
  const Reply made = create(jane);
  EXPECT_EQ(update(id_of(made), R"({"name":"Jane"})").body, made.body);
  EXPECT_EQ(events(), "customer.created");
}

TEST_F(Customers, cannot_take_the_external_id_of_another) {
  create(jane);
  const Reply other = create(R"({"external_id":"cust_43"})");
  EXPECT_EQ(code_of(update(id_of(other), R"({"external_id":"cust_42"})")), "external_id_conflict");
  EXPECT_EQ(retrieve(id_of(other)).body, other.body);
}

TEST_F(Customers, hold_no_more_than_fifty_pairs_however_they_came) {
  const auto pairs = [](const std::string& prefix, int count) {
    Json metadata = Json::object();
    for (int i = 0; i < count; ++i) metadata[prefix + std::to_string(i)] = "x";
    return write_json({{"metadata", metadata}});
  };
  const std::string id = id_of(create(pairs("a", 30)));
  EXPECT_EQ(update(id, pairs("b", 20)).status, 200);
  EXPECT_EQ(code_of(update(id, pairs("c", 1))), "invalid_field");
}

TEST_F(Customers, are_erased_when_deleted_and_leave_their_external_id) {
  const std::string id = id_of(create(jane));
  const Reply gone = remove(id);
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(retrieve(id).status, 404);
  EXPECT_EQ(ids_of(list({})), Ids());
  EXPECT_EQ(api.value("SELECT count(*) FROM customers WHERE email <> '' OR name <> '' OR phone <> "
                      "'' OR metadata <> '{}'"),
            "0");
  EXPECT_EQ(remove(id).status, 404);
  EXPECT_EQ(create(jane).status, 201);
}

TEST_F(Customers, deleted_with_a_key_are_answered_alike_again) {
  const std::string id = id_of(create(jane));
  const Reply gone = remove(id, "key-1");
  EXPECT_EQ(remove(id, "key-1").body, gone.body);
}

TEST_F(Customers, C1_of_others_do_not_exist) {
  const std::string id = id_of(create(jane));
  const std::string live_key = api.new_key(Mode::live, false, api.merchant);
  const std::string other_key = api.new_key(Mode::test, false, api.new_merchant());
  EXPECT_EQ(retrieve(id, live_key).status, 404);
  EXPECT_EQ(retrieve(id, other_key).status, 404);
  EXPECT_EQ(create(jane, "", other_key).status, 201);  // the name is free there
  EXPECT_EQ(api.ask(retrieve_customer, {.method = "GET", .id = id, .api_key = api.publishable_key})
                .status,
            403);
}

TEST_F(Customers, are_listed_newest_first_page_by_page) {
  Ids ids;
  for (int i = 0; i < 5; ++i) ids.insert(ids.begin(), id_of(create("{}")));
  EXPECT_EQ(ids_of(list({})), ids);
  const Reply first = list({{"limit", "2"}});
  EXPECT_EQ(ids_of(first), Ids({ids[0], ids[1]}));
  EXPECT_EQ(text_at(api.json(first), "next_after"), ids[1]);
  const Reply last = list({{"limit", "3"}, {"after", ids[1]}});
  EXPECT_EQ(ids_of(last), Ids({ids[2], ids[3], ids[4]}));
  EXPECT_EQ(api.json(last)["has_more"], false);
  EXPECT_EQ(api.json(last)["next_after"], nullptr);
  const Reply back = list({{"limit", "2"}, {"before", ids[3]}});
  EXPECT_EQ(ids_of(back), Ids({ids[1], ids[2]}));
  EXPECT_EQ(api.json(back)["has_more"], true);
}

TEST_F(Customers, are_found_by_their_external_id) {
  create("{}");
  const std::string id = id_of(create(jane));
  EXPECT_EQ(ids_of(list({{"external_id", "cust_42"}})), Ids({id}));
  EXPECT_EQ(ids_of(list({{"external_id", "cust_43"}})), Ids());
}

TEST_F(Customers, are_not_listed_by_what_nobody_knows) {
  for (const Fields& query : std::vector<Fields>{{{"colour", "red"}},
                                                 {{"limit", "0"}},
                                                 {{"limit", "101"}},
                                                 {{"limit", "2x"}},
                                                 {{"after", "cus_1"}},
                                                 {{"after", "a"}, {"before", "b"}}})
    EXPECT_EQ(code_of(list(query)), "invalid_query") << query[0].first << query[0].second;
}

}  // namespace
}  // namespace switchyard
