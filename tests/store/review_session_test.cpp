#include <gtest/gtest.h>

#include <atomic>
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

}  // namespace
}  // namespace switchyard
