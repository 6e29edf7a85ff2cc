#include "store/grants.h"

#include <gtest/gtest.h>

#include "postgres.h"
#include "store/migrate.h"
#include "store/query.h"

namespace switchyard {
namespace {

class Grants : public ::testing::Test {
 protected:
  // Rows as "a b" of the first two columns.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> found;
    EXPECT_TRUE(Connection(url_).read([&](Transaction& transaction) -> Result<void> {
      found.clear();
      for (const Row& row : transaction.exec(sql)) found.emplace_back(row[0].c_str());
      return {};
    }));
    return found;
  }
  void execute(const std::string& sql) {
    EXPECT_TRUE(Connection(url_).write([&](Transaction& transaction) -> Result<void> {
      transaction.exec(sql);
      return {};
    }));
  }
  // Tables on which the role has this right.
  std::vector<std::string> tables_with(const std::string& right, const std::string& more = "") {
    return rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace" + more +
                " AND relkind IN ('r', 'p') AND has_table_privilege('" + role_ + "', oid, '" +
                right + "') ORDER BY relname");
  }

  const Secret url_ = testing::fresh_database();
  const std::string role_ = testing::serving_role;
};

using Names = std::vector<std::string>;

// A new table needs its line, or the router that serves could not reach it.
TEST_F(Grants, K10_name_every_table_and_no_partition) {
  EXPECT_EQ(tables_with("SELECT"),
            rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                 " AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname"));
  EXPECT_EQ(tables_with("SELECT", " AND relispartition"), Names{});
}

TEST_F(Grants, K10_let_nobody_change_what_was_said_or_the_schema) {
  for (const char* right : {"TRUNCATE", "REFERENCES", "TRIGGER"})
    EXPECT_EQ(tables_with(right), Names{}) << right;
  for (const char* right : {"UPDATE", "DELETE"})
    for (const std::string& table : tables_with(right))
      for (const char* kept : {"journal_lines", "events", "anomalies", "bank_references",
                               "delivery_tries", "merchants", "api_keys", "idempotency_answers"})
        EXPECT_NE(table, kept) << right;
  EXPECT_EQ(rows("SELECT has_schema_privilege('" + role_ + "', 'public', 'CREATE')"), Names{"f"});
  EXPECT_EQ(rows("SELECT count(*) FROM pg_class WHERE relowner = '" + role_ + "'::regrole"),
            Names{"0"});
}

TEST_F(Grants, K10_take_back_what_was_given_beside_them) {
  execute("GRANT ALL ON journal_lines TO " + role_);
  ASSERT_FALSE(tables_with("TRUNCATE").empty());
  ASSERT_TRUE(grant_serving(url_, role_));
  EXPECT_EQ(tables_with("TRUNCATE"), Names{});
  EXPECT_FALSE(tables_with("INSERT").empty());
}

// Nothing that is granted or not would bind these.
TEST_F(Grants, K10_are_refused_to_roles_that_may_do_more_anyway) {
  execute(
      "DO $$ BEGIN CREATE ROLE sees_all BYPASSRLS; CREATE ROLE is_like_the_owner;"
      " EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  execute("GRANT switchyard TO is_like_the_owner");
  for (const std::string role : {"nobody_of_that_name", "switchyard", "sees_all",
                                 "is_like_the_owner", "x; DROP TABLE payments"}) {
    const auto granted = grant_serving(url_, role);
    ASSERT_FALSE(granted) << role;
    EXPECT_NE(granted.error().message.find(role), std::string::npos) << granted.error().message;
  }
  execute("GRANT CREATE ON SCHEMA public TO " + role_);
  EXPECT_FALSE(grant_serving(url_, role_));
}

}  // namespace
}  // namespace switchyard
