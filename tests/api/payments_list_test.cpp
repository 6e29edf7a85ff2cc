#include <set>

#include "api/payments.h"
#include "running_api.h"

namespace switchyard::testing {
namespace {

class PaymentsListTest : public ::testing::Test {
 protected:
  Reply create(const std::string& body) { return running.ask(create_payment_call, {.body = body}); }
  std::string id_of(const std::string& body) { return text_at(running.json(create(body)), "id"); }

  RunningApi running;
};

TEST_F(PaymentsListTest, C3_is_newest_first_by_stable_pages_and_filters) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i)
    ids.push_back(id_of(R"({"amount":4999,"currency":"USD","external_id":"order_)" +
                        std::to_string(i) + R"(","metadata":{"n":")" + std::to_string(i % 2) +
                        "\"}}"));
  const auto list = [&](Fields query) {
    return running.json(
        running.ask(list_payments_call, {.method = "GET", .query = std::move(query)}));
  };
  const Json first = list({{"limit", "2"}});
  EXPECT_EQ(text_at(first, "data.0.id"), ids[4]);
  EXPECT_EQ(text_at(first, "data.1.id"), ids[3]);
  EXPECT_EQ(bool_at(first, "has_more"), true);
  create(R"({"amount":1,"currency":"USD"})");  // what comes meanwhile moves no page
  const Json second = list({{"limit", "2"}, {"after", text_at(first, "next_after")}});
  EXPECT_EQ(text_at(second, "data.0.id"), ids[2]);
  EXPECT_EQ(text_at(second, "data.1.id"), ids[1]);
  const Json last = list({{"limit", "2"}, {"after", text_at(second, "next_after")}});
  EXPECT_EQ(member_at(last, "data").size(), 1u);
  EXPECT_EQ(bool_at(last, "has_more"), false);
  EXPECT_TRUE(member_at(last, "next_after").is_null());
  EXPECT_EQ(text_at(list({{"external_id", "order_3"}}), "data.0.id"), ids[3]);
  EXPECT_EQ(member_at(list({{"metadata[n]", "1"}}), "data").size(), 2u);
  EXPECT_EQ(member_at(list({{"status", "canceled"}}), "data").size(), 0u);
  EXPECT_EQ(member_at(list({{"created_after", "2999-01-01T00:00:00Z"}}), "data").size(), 0u);
  const std::string foreign = running.new_key(Mode::test, false, running.new_merchant());
  const Reply theirs = running.ask(
      list_payments_call, {.method = "GET", .query = {{"after", ids[4]}}, .api_key = foreign});
  EXPECT_EQ(member_at(running.json(theirs), "data").size(), 0u);
}

TEST_F(PaymentsListTest, D20_refuses_queries_that_mean_nothing) {
  for (const Fields& query : std::vector<Fields>{{{"limit", "-1"}},
                                                 {{"limit", "1000000000"}},
                                                 {{"after", "garbage"}},
                                                 {{"state", "x"}},
                                                 {{"status", "paid"}},
                                                 {{"method", "cash"}},
                                                 {{"created_after", "yesterday"}},
                                                 {{"created_after", "0000-01-01T00:00:00Z"}}})
    EXPECT_EQ(code_of(running.ask(list_payments_call, {.method = "GET", .query = query})),
              "invalid_query")
        << query[0].first;
}

TEST_F(PaymentsListTest, has_a_timeline_for_each) {
  const std::string id = id_of(card_payment("tok_paid"));
  const Json story = running.json(running.ask(payment_timeline_call, {.method = "GET", .id = id}));
  std::set<std::string> kinds;
  for (const Json& entry : member_at(story, "data")) kinds.insert(text_at(entry, "kind"));
  EXPECT_TRUE(kinds.contains("attempt") && kinds.contains("call") && kinds.contains("event"))
      << write_json(story);
}

}  // namespace
}  // namespace switchyard::testing
