// A drill: the database of a router that serves is dumped as docs/operations.md says, then its
// machine is lost, and another PostgreSQL gets what was dumped.
#include <algorithm>
#include <atomic>
#include <thread>

#include "app/dev_postgres.h"
#include "store/grants.h"
#include "store/migrate.h"
#include "tests/journeys/story.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* owner = "shop_owner";

Secret migrated() {
  const Secret url = empty_database_of(owner);
  EXPECT_TRUE(migrate(url));
  EXPECT_TRUE(grant_serving(url, serving_role));
  return url;
}

void run_program(const std::string& name, std::vector<std::string> words) {
  words.insert(words.begin(), "/usr/lib/postgresql/15/bin/" + name);
  const auto done = run_to_end({.command = words}, 60s);
  EXPECT_TRUE(done) << (done ? "" : done.error().message);
}

// Another machine: a PostgreSQL that has never heard of us, but for the two roles.
class Elsewhere {
 public:
  Elsewhere() : folder_(*make_temporary_folder("switchyard-restore")) {
    auto started = PrivatePostgres::start(folder_);
    assert(started);
    postgres_ = std::make_unique<PrivatePostgres>(std::move(*started));
    const Secret admin = postgres_->url("postgres");
    for (const std::string& role : {std::string(owner), std::string(serving_role)})
      run_program("psql", {"--quiet", "--command", "CREATE ROLE " + role + " LOGIN",
                           "--dbname=" + admin.reveal()});
    run_program("psql", {"--quiet", "--command", std::string("CREATE DATABASE shop OWNER ") + owner,
                         "--dbname=" + admin.reveal()});
  }
  ~Elsewhere() {
    postgres_.reset();
    remove_folder(folder_);
  }
  Secret url() const { return as_role(postgres_->url("shop"), owner); }
  std::string file(const std::string& name) const { return folder_ + "/" + name; }

 private:
  std::string folder_;
  std::unique_ptr<PrivatePostgres> postgres_;
};

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

// All that is kept of payments which have come to rest, a line a row.
std::vector<std::string> kept_of(Stack& stack, const std::vector<std::string>& payments) {
  std::string ids;
  for (const std::string& id : payments) ids += (ids.empty() ? "'" : ", '") + id + "'";
  std::vector<std::string> lines;
  const auto add = [&](const std::string& table, const std::string& where) {
    const auto rows = stack.rows("SELECT t::text FROM " + table + " t WHERE " + where);
    EXPECT_FALSE(rows.empty()) << table;
    for (const auto& row : rows) lines.push_back(table + " " + row[0]);
  };
  add("payments", "id IN (" + ids + ")");
  for (const char* table :
       {"attempts", "steps", "refunds", "journal_lines", "events", "deliveries"})
    add(table, "payment_id IN (" + ids + ")");
  add("delivery_tries",
      "delivery_id IN (SELECT id FROM deliveries WHERE payment_id IN (" + ids + "))");
  const std::string keys =
      "IN (SELECT key_hash FROM idempotency_keys WHERE object_id IN (" + ids + "))";
  add("idempotency_keys", "key_hash " + keys);
  add("idempotency_answers", "key_hash " + keys);
  add("customers", "id IN (SELECT customer_id FROM payments WHERE id IN (" + ids + "))");
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(RestoreJourney, K15_a_dump_of_a_live_database_goes_on_in_another_one) {
  Stack stack({.server_keys = "answer_within = \"1s\"\n", .database_url = migrated()});
  const JsonAnswer first = stack.pay(stripe_card(), Json::object(), key("order-1"));
  ASSERT_EQ(first.status, 201) << first.text;
  const std::string paid = id_of(first);
  const JsonAnswer back =
      stack.post("/v1/refunds", {{"payment", paid}, {"amount", 1000}}, key("back-1"));
  ASSERT_EQ(back.status, 201) << back.text;
  const std::string held = id_of(stack.pay(stripe_card(), {{"capture_method", "manual"}}));
  stack.wait_for_status(held, "requires_capture");
  // Executed, and nobody says so: neither this call's answer, nor that of any other, nor a webhook.
  stack.order_fault(all_webhooks_lost("example"));
  stack.order_fault({{"provider", "example"},
                     {"method", "POST"},
                     {"path", "/charges"},
                     {"when", "after"},
                     {"action", "status:500"},
                     {"times", 0}});
  stack.order_fault(
      {{"provider", "example"}, {"method", "GET"}, {"action", "status:500"}, {"times", 0}});
  const std::string in_doubt = id_of(stack.pay(example_card(), at_example));
  ASSERT_EQ(text_at(stack.payment(in_doubt), "status"), "processing");
  const std::vector<std::string> settled = {paid, held};
  for (const std::string& id : settled) stack.expect_sound(id);
  const auto kept = kept_of(stack, settled);

  const Elsewhere elsewhere;
  std::atomic<bool> is_dumped = false;
  std::thread merchant([&] {
    while (!is_dumped) EXPECT_EQ(stack.pay(stripe_card()).status, 201);
  });
  run_program("pg_dump", {"--format=custom", "--enable-row-security", "--file",
                          elsewhere.file("dump"), "--dbname=" + stack.database_url().reveal()});
  is_dumped = true;
  merchant.join();
  const JsonAnswer too_late = stack.pay(stripe_card());
  ASSERT_EQ(status_of(too_late), "succeeded");
  stack.kill_router();

  run_program("pg_restore",
              {"--exit-on-error", "--dbname=" + elsewhere.url().reveal(), elsewhere.file("dump")});
  stack.move_to(elsewhere.url());
  EXPECT_EQ(kept_of(stack, settled), kept);
  const auto looks = [&] {
    return std::stoi(
        stack.value("SELECT lookups FROM attempts WHERE payment_id = '" + in_doubt + "'"));
  };
  const int looks_before = looks();
  stack.end_leases();
  stack.start_router();

  // The same request as before the loss: the same bytes, and no second charge.
  const JsonAnswer again = stack.pay(stripe_card(), Json::object(), key("order-1"));
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(header_of(again.headers, "Idempotent-Replayed"), "true");
  EXPECT_EQ(stack.post("/v1/refunds", {{"payment", paid}, {"amount", 1000}}, key("back-1")).text,
            back.text);
  EXPECT_EQ(stack.ledger_of(paid, "charge").size(), 1u);
  EXPECT_EQ(stack.ledger_of(paid, "refund").size(), 1u);
  // What was in doubt is still asked about, and at once when the provider answers somebody again;
  // nothing is charged a second time.
  EXPECT_TRUE(wait_until([&] { return looks() > looks_before; }, 60));
  EXPECT_EQ(text_at(stack.payment(in_doubt), "status"), "processing");
  stack.sandbox().control().send("DELETE", "/faults");
  const std::string fresh = id_of(stack.pay(example_card(), at_example));
  stack.wait_for_status(in_doubt, "succeeded");
  EXPECT_EQ(stack.ledger_of(in_doubt, "charge").size(), 1u);
  // Work goes on: what was held is taken, and whoever was new has paid.
  EXPECT_EQ(stack.post("/v1/payments/" + held + "/capture").status, 200);
  stack.wait_for_status(held, "succeeded");
  for (const std::string& id : {paid, held, in_doubt, fresh}) stack.expect_sound(id);
  // A dump is as old as its beginning: docs/operations.md says what that asks of an operator.
  EXPECT_EQ(stack.get("/v1/payments/" + id_of(too_late)).status, 404);
}

}  // namespace
}  // namespace switchyard::testing
