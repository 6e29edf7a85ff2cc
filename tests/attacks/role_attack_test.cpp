// What somebody could do to the database who has taken the router over: no more than its role may.
#include <pqxx/pqxx>

#include "tests/attacks/target.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {
namespace {

// Whether the role itself lacks the right: what a trigger or a constraint refuses says otherwise.
bool lacks_the_right(const Secret& url, const std::string& sql) {
  pqxx::connection connection(url.reveal());
  try {
    pqxx::work work(connection);
    work.exec(sql);
    return false;
  } catch (const pqxx::insufficient_privilege&) {
    return true;
  } catch (const std::exception& problem) {
    ADD_FAILURE() << sql << ": " << problem.what();
    return false;
  }
}

class RoleAttack : public ::testing::Test {
 protected:
  // As an operator does it: an owner that is no superuser migrates, and another role serves.
  static Secret migrated() {
    const Secret owner = empty_database_of("shop_owner");
    const auto done =
        run_to_end({.command = {own_folder() + "/../switchyard", "migrate", "--database",
                                owner.reveal(), "--grant-to", serving_role}},
                   std::chrono::seconds(60));
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    return owner;
  }

  Stack stack_{{.database_url = migrated()}};
};

TEST_F(RoleAttack, K10_the_router_does_its_work_as_a_role_that_owns_nothing) {
  ASSERT_EQ(stack_.value("SELECT count(*) FROM pg_class WHERE relowner = '" +
                         std::string(serving_role) + "'::regrole"),
            "0");
  const std::string paid = id_of(stack_.pay(stripe_card()));
  EXPECT_EQ(stack_.post("/v1/refunds", {{"payment", paid}, {"amount", 1000}}).status, 201);
  const std::string held = id_of(stack_.pay(stripe_card(), {{"capture_method", "manual"}}));
  EXPECT_EQ(stack_.post("/v1/payments/" + held + "/capture", {{"amount", 3000}}).status, 200);
  const std::string given_up = id_of(stack_.pay(stripe_card(), {{"capture_method", "manual"}}));
  EXPECT_EQ(stack_.post("/v1/payments/" + given_up + "/cancel", Json::object()).status, 200);
  stack_.wait_for_status(paid, "succeeded");
  stack_.wait_for_status(held, "succeeded");
  stack_.wait_for_status(given_up, "canceled");
  EXPECT_TRUE(wait_until(
      [&] { return integer_at(stack_.payment(paid), "amount_refunded") == std::int64_t{1000}; }));
  for (const std::string& id : {paid, held, given_up}) stack_.expect_sound(id);
  // Days of kept answers are made by a right that is lent for nothing else.
  EXPECT_EQ(stack_.value("SELECT count(*) FROM pg_inherits WHERE inhparent ="
                         " 'idempotency_answers'::regclass"),
            "4");
  EXPECT_TRUE(wait_until([&] {
    return stack_.value("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL") == "1";
  }));
  EXPECT_EQ(stack_.log().find("permission denied"), std::string::npos);
}

TEST_F(RoleAttack, K10_the_routers_role_changes_no_journal_no_schema_and_no_key) {
  const std::string paid = id_of(stack_.pay(stripe_card()));
  stack_.expect_sound(paid);
  const auto said = [&] {
    return stack_.rows(
        "SELECT j::text FROM journal_lines j UNION ALL SELECT e::text FROM events e");
  };
  const auto before = said();
  ASSERT_NE(stack_.value("SELECT count(*) FROM journal_lines"), "0");
  const Secret router = as_role(stack_.database_url(), serving_role);
  for (const std::string sql : {
           "UPDATE journal_lines SET amount = 1",
           "DELETE FROM journal_lines",
           "TRUNCATE journal_lines",
           "DROP TABLE journal_lines",
           "ALTER TABLE journal_lines ADD COLUMN a int",
           "ALTER TABLE journal_lines DISABLE TRIGGER ALL",
           "ALTER TABLE journal_lines NO FORCE ROW LEVEL SECURITY",
           "DROP TRIGGER journal_is_append_only ON journal_lines",
           "DROP POLICY of_its_merchant ON journal_lines",
           "CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql"
           " AS $$ BEGIN RETURN NEW; END $$",
           "SET session_replication_role = replica",  // would switch the triggers off
           "SET ROLE shop_owner",
           "CREATE TABLE a (b int)",
           "CREATE TRIGGER a BEFORE INSERT ON payments EXECUTE FUNCTION refuse_journal_change()",
           "ALTER ROLE CURRENT_USER SUPERUSER",
           "UPDATE events SET body = ''",
           "DELETE FROM events",
           "UPDATE anomalies SET what = ''",
           "DELETE FROM bank_references",
           "DELETE FROM payments",
           "UPDATE api_keys SET revoked_at = NULL",
           "UPDATE api_keys SET hash = ''",
           "INSERT INTO api_keys (id, merchant_id, mode, kind, hash, hint)"
           " SELECT 'a', id, 'live', 'secret', 'b', 'c' FROM merchants",
           "UPDATE merchants SET return_hosts = '{}'",
           "DELETE FROM schema_migrations",
           "SELECT * FROM idempotency_answers_other",
           "COPY payments TO PROGRAM 'true'",
       })
    EXPECT_TRUE(lacks_the_right(router, sql)) << sql;
  // The deed that is lent to it takes no names of the caller's choice.
  pqxx::connection connection(router.reveal());
  pqxx::work work(connection);
  work.exec("CREATE TEMP TABLE idempotency_answers_other (created_on date)");
  work.exec("INSERT INTO idempotency_answers_other VALUES ('2000-01-01')");
  work.exec("SELECT turn_answer_partitions()");
  EXPECT_EQ(work.exec1("SELECT count(*) FROM pg_temp.idempotency_answers_other")[0].as<int>(), 1);
  work.abort();
  EXPECT_EQ(said(), before);
}

}  // namespace
}  // namespace switchyard::testing
