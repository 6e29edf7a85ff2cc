#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "postgres.h"
#include "store/database.h"
#include "store/migrate.h"
#include "store/query.h"

namespace switchyard {
namespace {

std::string shown(Connection& connection, const std::string& setting) {
  std::string value;
  EXPECT_TRUE(connection.write([&](Transaction& transaction) -> Result<void> {
    value = transaction.exec1("SHOW " + setting)[0].c_str();
    return {};
  }));
  return value;
}

// The limits and the durability that each session asks for must hold after the server has closed
// it: libpqxx opens it again by itself.
TEST(Session, keeps_its_settings_when_its_connection_was_cut) {
  const Secret url = testing::fresh_database();
  Connection connection(url);
  const std::string before = shown(connection, "statement_timeout");
  ASSERT_TRUE(Connection(url).write([](Transaction& transaction) -> Result<void> {
    transaction.exec(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
        "current_database() AND pid <> pg_backend_pid()");
    return {};
  }));
  EXPECT_EQ(shown(connection, "statement_timeout"), before);
  EXPECT_EQ(shown(connection, "timezone"), "UTC");
}

// What a start asks of the database may be asked again: nothing of it is the schema's fault.
TEST(Session, that_is_ended_in_the_middle_of_a_start_says_so) {
  const Secret url = testing::fresh_database();
  std::atomic<bool> is_over{false};
  std::thread killer([&] {
    Connection connection(url);
    while (!is_over)
      EXPECT_TRUE(connection.look([](Transaction& session) -> Result<void> {
        session.exec(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid()");
        return {};
      }));
  });
  int ended = 0;
  for (int i = 0; i < 200 || ended == 0; ++i) {
    const auto pending = pending_migrations(url);
    const auto problems = durability_problems(url);
    EXPECT_TRUE(pending || pending.error().code == ErrorCode::starting) << pending.error().message;
    EXPECT_TRUE(problems || problems.error().code == ErrorCode::starting)
        << problems.error().message;
    EXPECT_TRUE(!pending || pending->empty());
    ended += !pending + !problems;
  }
  is_over = true;
  killer.join();
}

// Found by chaos: a frozen router kept the rows that give events their places, and nobody else
// could write for as long. Who stands still is put out before those who wait give up.
TEST(Session, that_stands_still_in_a_transaction_does_not_keep_its_rows) {
  const Secret url = testing::fresh_database();
  const auto run = [](const char* sql) {
    return [sql](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      return {};
    };
  };
  ASSERT_TRUE(Connection(url).write(run("CREATE TABLE places (last int)")));
  ASSERT_TRUE(Connection(url).write(run("INSERT INTO places VALUES (1)")));
  std::promise<void> held;
  std::promise<void> over;
  std::thread still([&] {
    EXPECT_FALSE(Connection(url).write([&](Transaction& transaction) -> Result<void> {
      transaction.exec("UPDATE places SET last = 2");
      held.set_value();
      over.get_future().wait();
      return {};
    }));
  });
  held.get_future().wait();
  EXPECT_TRUE(Connection(url).write(run("UPDATE places SET last = last + 2")));
  over.set_value();
  still.join();
  int last = 0;
  ASSERT_TRUE(Connection(url).read([&](Transaction& transaction) -> Result<void> {
    last = transaction.exec1("SELECT last FROM places")[0].as<int>();
    return {};
  }));
  EXPECT_EQ(last, 3);
}

}  // namespace
}  // namespace switchyard
