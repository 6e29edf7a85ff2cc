#include <gtest/gtest.h>

#include "postgres.h"
#include "store/database.h"
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

}  // namespace
}  // namespace switchyard
