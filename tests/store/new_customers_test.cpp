// Payments that name a new customer at the same time.
#include <future>

#include "writer_fixture.h"

namespace switchyard {
namespace {

TEST_F(WriterTest, makes_one_customer_an_external_id_and_nothing_of_the_loser) {
  const auto creation_for = [&](const std::string& customer_id, Payment payment) {
    payment.customer_id = customer_id;
    Customer customer{.id = customer_id, .merchant_id = "mer_a", .external_id = "c1"};
    customer.created_at = customer.updated_at = clock.now();
    Command command = creation(payment);
    command.decide = [decide = command.decide, customer](Draft& draft) -> Result<void> {
      draft.new_customers.push_back(customer);
      return decide(draft);
    };
    return command;
  };
  const Payment taken = new_payment();
  ASSERT_TRUE(writer.write(creation_for("cus_1", taken)));
  const auto lost = writer.write(creation_for("cus_2", new_payment()));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::external_id_conflict);
  EXPECT_EQ(value("SELECT count(*) FROM customers"), "1");
  EXPECT_EQ(value("SELECT count(*) FROM events"), "1");
}

// A payment that turns out to exist makes no customer.
TEST_F(WriterTest, drops_the_customer_of_a_command_that_came_to_nothing) {
  Payment first = new_payment();
  first.external_id = "order_1";
  ASSERT_TRUE(writer.write(creation(first)));
  Payment again = new_payment();
  again.external_id = "order_1";
  again.customer_id = "cus_1";
  Command command = creation(again);
  command.decide = [&, decide = command.decide](Draft& draft) -> Result<void> {
    draft.new_customers.push_back(
        {.id = "cus_1", .merchant_id = "mer_a", .external_id = "c1", .created_at = clock.now()});
    return decide(draft);
  };
  EXPECT_FALSE(writer.write(std::move(command)));
  EXPECT_EQ(value("SELECT count(*) FROM customers"), "0");
}

TEST_F(WriterTest, changes_one_customer_twice_in_a_batch) {
  ASSERT_TRUE(writer.write({.decide = [&](Draft& draft) -> Result<void> {
    draft.new_customers.push_back(
        {.id = "cus_1", .merchant_id = "mer_a", .external_id = "c1", .created_at = clock.now()});
    return {};
  }}));
  std::vector<std::future<Result<void>>> done;
  for (int i = 0; i < 50; ++i)
    done.push_back(std::async(std::launch::async, [&, i] {
      return writer.write({.decide = [&, i](Draft& draft) -> Result<void> {
        draft.customers.push_back({.id = "cus_1",
                                   .merchant_id = "mer_a",
                                   .external_id = "c1",
                                   .name = std::to_string(i),
                                   .updated_at = clock.now()});
        return {};
      }});
    }));
  for (auto& each : done) EXPECT_TRUE(each.get());
  EXPECT_NE(value("SELECT name FROM customers"), "");
}

}  // namespace
}  // namespace switchyard
