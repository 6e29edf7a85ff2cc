// Two routers on one database. One is killed -9 with all kinds of work in its hands, and nobody
// helps: the other waits until each lease is over, and then takes the work.
#include <thread>

#include "tests/journeys/example_webhook.h"

namespace switchyard::testing {
namespace {

constexpr const char* all_at_example = R"(
[[rule]]
name = "all"
use = ["example"]
)";

constexpr double longer_than_any_lease = 60;

int leased(Stack& stack, const std::string& table) {
  return std::stoi(stack.value("SELECT count(*) FROM " + table + " WHERE lease_until > now()"));
}

void slow_down(Stack& stack, const std::string& path) {
  stack.order_fault(
      {{"provider", "example"}, {"method", "POST"}, {"path", path}, {"action", "slow:30000"}});
}

class Takeover : public ::testing::Test {
 protected:
  Takeover() : stack_({.config = all_at_example, .routers = 2}) {
    stack_.order_fault(all_webhooks_lost("example"));
  }

  // The second router waits outside while the first one takes all the work there is.
  void give_all_to_the_first(const std::string& failpoints) {
    stack_.kill_router(1);
    stack_.restart_router(0, failpoints);
  }
  void let_the_second_in_and_kill_the_first() {
    stack_.start_router(1);
    stack_.kill_router(0);
  }
  JsonAnswer ask_second(const std::string& method, const std::string& path,
                        const Json& body = nullptr, const Headers& headers = {}) {
    return stack_.call(method, path, body, headers, {}, 1);
  }
  bool is_soon(const std::string& id, const std::string& status) {
    return wait_until(
        [&] { return text_at(ask_second("GET", "/v1/payments/" + id).body, "status") == status; },
        longer_than_any_lease);
  }

  Stack stack_;
};

TEST_F(Takeover, what_was_sent_received_and_told_comes_to_its_end_at_the_other_router) {
  const std::string refunded = id_of(stack_.pay(example_card(), at_example));
  stack_.expect_sound(refunded);
  const Json page = stack_.pay(hosted_page).body;
  const std::string paid = text_at(page, "id");
  give_all_to_the_first("wh.before_apply=delay:60000;deliver.before_mark=delay:60000");
  pay_and_leave(stack_, text_at(page, "next_action.redirect.url"));
  EXPECT_EQ(send_webhook(stack_, "example", says_paid(page, "shop", "49.99"), "whk_example").status,
            200);
  slow_down(stack_, "/charges");
  slow_down(stack_, "/refunds");
  const Headers order_key = {{"Idempotency-Key", "order-1"}};
  const Json order = {{"amount", 4999},
                      {"currency", "USD"},
                      {"confirm", true},
                      {"metadata", {{"provider", "example"}}},
                      {"payment_method", example_card()}};
  const Json refund = {{"payment", refunded}, {"amount", 2000}, {"reason", "duplicate"}};
  std::thread buyer([&] { stack_.post("/v1/payments", order, order_key); });
  std::thread clerk([&] { stack_.post("/v1/refunds", refund); });
  EXPECT_TRUE(wait_until([&] {
    return stack_.sandbox().ledger().size() == 4 && leased(stack_, "deliveries") > 0 &&
           leased(stack_, "provider_webhooks") == 1;
  }));
  EXPECT_EQ(leased(stack_, "leases"), 2);
  let_the_second_in_and_kill_the_first();
  buyer.join();
  clerk.join();

  const std::string bought =
      stack_.value("SELECT id FROM payments ORDER BY created_at DESC LIMIT 1");
  EXPECT_TRUE(is_soon(bought, "succeeded"));
  EXPECT_TRUE(is_soon(paid, "succeeded"));
  EXPECT_TRUE(wait_until([&] { return stack_.value("SELECT status FROM refunds") == "succeeded"; },
                         longer_than_any_lease));
  JsonAnswer again;
  EXPECT_TRUE(wait_until(
      [&] {
        again = ask_second("POST", "/v1/payments", order, order_key);
        return again.is_success();
      },
      longer_than_any_lease));
  EXPECT_EQ(id_of(again), bought);
  EXPECT_EQ(stack_.value("SELECT count(*) FROM payments"), "3");
  EXPECT_EQ(stack_.value("SELECT count(*) FROM refunds"), "1");
  EXPECT_EQ(stack_.sandbox().ledger().size(), 4u);
  stack_.start_router(0);
  for (const std::string& id : {refunded, paid, bought}) stack_.expect_sound(id);
}

}  // namespace
}  // namespace switchyard::testing
