#include "api/events.h"

#include "api/customers.h"
#include "api/payments.h"
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

class Events : public ::testing::Test {
 protected:
  Reply list(const Fields& query, const std::string& asker = "") {
    return ask_documented(api, "/v1/events", list_all_events,
                          {.method = "GET", .query = query, .api_key = asker});
  }
  Reply retrieve(const std::string& id, const std::string& asker = "") {
    return ask_documented(api, "/v1/events/{id}", retrieve_event,
                          {.method = "GET", .id = id, .api_key = asker});
  }
  // Oldest first.
  Ids make(int count) {
    Ids ids;
    for (int i = 0; i < count; ++i) EXPECT_EQ(api.ask(create_customer, {}).status, 201);
    for (int i = 1; i <= count; ++i)
      ids.push_back(api.value("SELECT id FROM events WHERE position = " + std::to_string(i)));
    return ids;
  }

  RunningApi api;
};

TEST_F(Events, are_the_stored_bytes_one_by_one_and_in_lists) {
  const Ids ids = make(2);
  const std::string first = api.value("SELECT body FROM events WHERE position = 1");
  const std::string second = api.value("SELECT body FROM events WHERE position = 2");
  EXPECT_EQ(retrieve(ids[0]).body, first);
  EXPECT_EQ(list({}).body, R"({"object":"list","data":[)" + second + "," + first +
                               R"(],"has_more":false,"next_after":null,"next_before":null})");
}

TEST_F(Events, are_followed_oldest_first_without_missing_any) {
  const Ids ids = make(5);
  const Reply first = list({{"after", "0"}, {"limit", "2"}});
  EXPECT_EQ(ids_of(first), Ids({ids[0], ids[1]}));
  EXPECT_EQ(text_at(api.json(first), "next_after"), ids[1]);
  EXPECT_EQ(api.json(first)["has_more"], true);
  const Reply rest = list({{"after", ids[1]}});
  EXPECT_EQ(ids_of(rest), Ids({ids[2], ids[3], ids[4]}));
  const Reply nothing_new = list({{"after", ids[4]}});
  EXPECT_EQ(ids_of(nothing_new), Ids());
  EXPECT_EQ(text_at(api.json(nothing_new), "next_after"), ids[4]);
}

TEST_F(Events, are_read_backwards_with_before) {
  const Ids ids = make(4);
  const Reply newest = list({{"limit", "3"}});
  EXPECT_EQ(ids_of(newest), Ids({ids[3], ids[2], ids[1]}));
  EXPECT_EQ(text_at(api.json(newest), "next_before"), ids[1]);
  const Reply older = list({{"before", ids[1]}});
  EXPECT_EQ(ids_of(older), Ids({ids[0]}));
  EXPECT_EQ(api.json(older)["next_before"], nullptr);
  EXPECT_EQ(ids_of(list({{"before", "0000000000000002"}})), Ids({ids[0]}));
}

TEST_F(Events, are_filtered_by_type_and_payment) {
  make(1);
  const Reply payment = api.ask(create_payment_call, {.body = card_payment("tok_paid")});
  const auto types = [&](const Fields& query) {
    std::string text;
    const Json json = api.json(list(query));
    for (const Json& each : json["data"]) text += text_at(each, "type") + " ";
    return text;
  };
  EXPECT_EQ(types({{"type", "customer.*"}}), "customer.created ");
  EXPECT_EQ(types({{"type", "payment.succeeded"}}), "payment.succeeded ");
  EXPECT_EQ(types({{"payment", id_of(payment)}, {"type", "*.created"}}), "payment.created ");
  EXPECT_EQ(types({{"payment", "pay_none"}}), "");
}

TEST_F(Events, are_not_listed_by_what_nobody_knows) {
  make(1);
  EXPECT_EQ(code_of(list({{"type", "cat.*"}})), "invalid_query");
  EXPECT_EQ(code_of(list({{"after", "evt_none"}})), "invalid_query");
  EXPECT_EQ(code_of(list({{"kind", "x"}})), "invalid_query");
}

TEST_F(Events, C5_of_others_do_not_exist) {
  const Ids ids = make(1);
  const std::string live_key = api.new_key(Mode::live, false, api.merchant);
  const std::string other_key = api.new_key(Mode::test, false, api.new_merchant());
  for (const std::string& key : {live_key, other_key}) {
    EXPECT_EQ(retrieve(ids[0], key).status, 404);
    EXPECT_EQ(ids_of(list({}, key)), Ids());
    EXPECT_EQ(code_of(list({{"after", ids[0]}}, key)), "invalid_query");
  }
}

TEST_F(Events, O14_hold_no_client_secret) {
  api.ask(create_payment_call, {.body = card_payment("tok_paid")});
  EXPECT_EQ(list({}).body.find("client_secret"), std::string::npos);
}

}  // namespace
}  // namespace switchyard
