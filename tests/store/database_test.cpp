#include "store/database.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "postgres.h"
#include "store/query.h"

namespace switchyard {
namespace {

class DatabaseTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& sql, Connection& connection) {
    std::string answer;
    EXPECT_TRUE(connection.look([&](Transaction& transaction) -> Result<void> {
      answer = transaction.exec(sql)[0][0].c_str();
      return {};
    }));
    return answer;
  }

  Result<void> write(const std::string& sql, Connection& connection) {
    return connection.write([&](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      return {};
    });
  }

  void cut(const std::string& backend) {
    Connection other(url);
    ASSERT_EQ(ask("SELECT pg_terminate_backend(" + backend + ")", other), "t");
    while (ask("SELECT count(*) FROM pg_stat_activity WHERE pid = " + backend, other) != "0")
      continue;
  }

  Secret url = testing::fresh_database();
  Connection connection{url};
};

TEST_F(DatabaseTest, H10_no_statement_runs_for_ever) {
  EXPECT_EQ(ask("SHOW statement_timeout", connection), "20s");
  EXPECT_EQ(ask("SHOW lock_timeout", connection), "15s");
}

// Found by chaos: plans that were made while the tables were empty read all of them, again and
// again, for a minute of full load.
TEST_F(DatabaseTest, plans_for_full_tables_while_they_are_empty) {
  for (const std::string sql :
       {"SELECT s.id FROM steps s JOIN attempts a ON a.id = s.attempt_id "
        "WHERE a.payment_id = ANY('{pay_1,pay_2}')",
        "SELECT c.id FROM customers c WHERE c.id IN (SELECT p.customer_id FROM payments p "
        "WHERE p.id = ANY('{pay_1,pay_2}'))",
        "SELECT r.id FROM refunds r WHERE r.payment_id = 'pay_1'"}) {
    const std::string plan = ask("EXPLAIN (FORMAT JSON) " + sql, connection);
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Hash"), std::string::npos) << plan;
  }
}

TEST_F(DatabaseTest, opens_a_cut_connection_again_with_its_settings) {
  ASSERT_EQ(ask("SHOW statement_timeout", connection), "20s");
  const std::string backend = ask("SELECT pg_backend_pid()", connection);
  cut(backend);
  EXPECT_EQ(ask("SHOW statement_timeout", connection), "20s");
  EXPECT_NE(ask("SELECT pg_backend_pid()", connection), backend);
}

TEST_F(DatabaseTest, runs_a_change_again_when_its_session_was_over) {
  const std::string backend = ask("SELECT pg_backend_pid()", connection);
  cut(backend);
  EXPECT_TRUE(write("INSERT INTO merchants (id, name) VALUES ('mer_a', 'A')", connection));
  EXPECT_EQ(ask("SELECT count(*) FROM merchants", connection), "1");
}

TEST_F(DatabaseTest, goes_on_after_a_statement_was_refused) {
  EXPECT_EQ(write("SELECT 1 / 0", connection).error().code, ErrorCode::internal);
  EXPECT_EQ(connection
                .read([](Transaction& transaction) -> Result<void> {
                  transaction.exec("INSERT INTO merchants (id, name) VALUES ('mer_r', 'R')");
                  return {};
                })
                .error()
                .code,
            ErrorCode::internal);
  EXPECT_EQ(ask("SELECT count(*) FROM merchants", connection), "0");
}

TEST_F(DatabaseTest, asks_for_another_try_when_the_disk_is_full) {
  const char* full = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$";
  EXPECT_EQ(write(full, connection).error().code, ErrorCode::starting);
  EXPECT_TRUE(write("SELECT 1", connection));
}

TEST_F(DatabaseTest, keeps_nothing_of_a_change_that_ends_in_an_error) {
  const auto done = connection.write([](Transaction& transaction) -> Result<void> {
    transaction.exec("INSERT INTO merchants (id, name) VALUES ('mer_a', 'A')");
    return fail(ErrorCode::not_found, "no");
  });
  EXPECT_EQ(done.error().code, ErrorCode::not_found);
  EXPECT_EQ(ask("SELECT count(*) FROM merchants", connection), "0");
}

// Found by chaos: under load whoever came and found a connection free overtook who waited for one.
TEST_F(DatabaseTest, whoever_waits_for_a_connection_is_not_overtaken) {
  Database database{url, 1};
  std::string order;  // written by who has the only connection
  const auto come = [&](char name) {
    EXPECT_TRUE(database.read([&order, name](Transaction&) -> Result<void> {
      order += name;
      return {};
    }));
  };
  std::vector<std::thread> others;
  EXPECT_TRUE(database.read([&](Transaction&) -> Result<void> {
    for (const char name : {'a', 'b', 'c'}) {
      others.emplace_back(come, name);
      while (database.waiting() < others.size()) std::this_thread::yield();
    }
    return {};
  }));
  come('d');
  for (std::thread& other : others) other.join();
  EXPECT_EQ(order, "abcd");
}

TEST_F(DatabaseTest, that_has_answered_says_so_for_a_while) {
  Database database{url, 1};
  EXPECT_FALSE(database.has_answered_within(std::chrono::hours(1)));
  EXPECT_FALSE(database.read([](Transaction& transaction) -> Result<void> {
    transaction.exec("SELECT 1 / 0");
    return {};
  }));
  EXPECT_FALSE(database.has_answered_within(std::chrono::hours(1)));
  EXPECT_TRUE(database.read([](Transaction&) -> Result<void> { return {}; }));
  EXPECT_TRUE(database.has_answered_within(std::chrono::hours(1)));
  EXPECT_FALSE(database.has_answered_within(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace switchyard
