#include <gtest/gtest.h>

#include "postgres.h"
#include "store/database.h"
#include "store/migrate.h"
#include "store/query.h"

namespace switchyard {
namespace {

// Row security binds ordinary roles, as a router's should be; the tests' usual one is a superuser.
TEST(RowSecurity, C9_shows_a_merchants_read_no_other_merchants_rows) {
  const Secret admin = testing::fresh_database();
  Database database(admin, 1);
  ASSERT_TRUE(database.write([](Transaction& transaction) -> Result<void> {
    transaction.exec(
        "CREATE ROLE plain_reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO "
        "plain_reader;"
        "INSERT INTO merchants (id, name) VALUES ('mer_a', 'A'), ('mer_b', 'B');"
        "INSERT INTO customers (id, merchant_id, mode, created_at, updated_at) VALUES"
        " ('cus_a', 'mer_a', 'test', now(), now()), ('cus_b', 'mer_b', 'test', now(), now())");
    return {};
  }));
  const std::string url = admin.reveal();
  Database reader(Secret(url.substr(0, url.find("user=")) + "user=plain_reader " +
                         url.substr(url.find("dbname="))),
                  1);
  const auto visible = [&](const std::string& merchant) {
    std::string ids;
    const Work look = [&](Transaction& transaction) -> Result<void> {
      for (const Row& row : transaction.exec("SELECT id FROM customers ORDER BY id"))
        ids += text_of(row, "id") + " ";
      return {};
    };
    EXPECT_TRUE(merchant.empty() ? reader.read(look) : reader.read_for(merchant, look));
    return ids;
  };
  EXPECT_EQ(visible("mer_a"), "cus_a ");
  EXPECT_EQ(visible("mer_b"), "cus_b ");
  EXPECT_EQ(visible("mer_c"), "");
  EXPECT_EQ(visible(""), "cus_a cus_b ");  // the connection was given back without a merchant
}

}  // namespace
}  // namespace switchyard
