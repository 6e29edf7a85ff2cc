// PostgreSQL is killed under load and started again: what was acknowledged is there, and what was
// not is asked for again and done once.
#include <future>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "store/database.h"
#include "tests/journeys/story.h"
#include "tests/support/postgres.h"

namespace switchyard::testing {
namespace {

constexpr int payments = 20;
constexpr int clients = 5;

// Each client pays one after the other and asks again, under the same key, until there is an
// answer that lasts.
class Load {
 public:
  explicit Load(Stack& stack) : stack_(stack) {
    for (int client = 0; client < clients; ++client)
      threads_.emplace_back([this, client] {
        for (int i = client; i < payments; i += clients) pay(i);
      });
  }
  ~Load() { wait(); }

  void wait() {
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::size_t acknowledged() {
    const std::lock_guard lock(mutex_);
    return ids_.size();
  }
  const std::set<std::string>& ids() const { return ids_; }

 private:
  void pay(int number) {
    JsonAnswer answer;
    const auto ask = [&] {
      const int router = number % 2;
      answer = stack_.call("POST", "/v1/payments",
                           {{"amount", 1000 + number},
                            {"currency", "USD"},
                            {"confirm", true},
                            {"metadata", {{"provider", "example"}}},
                            {"payment_method", example_card()}},
                           {{"Idempotency-Key", "order-" + std::to_string(number)}}, {}, router);
      return answer.is_success();
    };
    EXPECT_TRUE(wait_until(ask, 90)) << answer.status << " " << answer.text;
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(ids_.insert(id_of(answer)).second) << "two orders, one payment";
  }

  Stack& stack_;
  std::mutex mutex_;
  std::set<std::string> ids_;
  std::vector<std::thread> threads_;
};

void expect_all_done(Stack& stack, const std::set<std::string>& ids) {
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(payments));
  for (const std::string& id : ids) {
    stack.wait_for_status(id, "succeeded");
    EXPECT_EQ(stack.ledger_of(id, "charge").size(), 1u) << id;
    stack.expect_sound(id);
  }
  EXPECT_EQ(stack.sandbox().ledger().size(), static_cast<std::size_t>(payments));
  EXPECT_EQ(stack.value("SELECT count(*) FROM payments"), std::to_string(payments));
  EXPECT_EQ(stack.value("SELECT count(*) FROM events"),
            stack.value("SELECT max(position) FROM events"));
}

class DatabaseCrash : public ::testing::TestWithParam<std::size_t> {};

TEST_P(DatabaseCrash, loses_no_payment_and_repeats_none) {
  Stack stack({.routers = 2});
  Load load(stack);
  ASSERT_TRUE(wait_until([&] { return load.acknowledged() >= GetParam(); }));
  crash_postgres();
  restart_postgres();
  load.wait();
  expect_all_done(stack, load.ids());
}

INSTANTIATE_TEST_SUITE_P(After, DatabaseCrash, ::testing::Values(3, 12));

TEST(DatabaseAway, is_waited_for_by_a_router_that_starts_before_it) {
  Stack stack;
  stack.kill_router();
  crash_postgres();
  // A child ends with the thread that started it, and this database serves other tests too.
  std::promise<void> is_over;
  std::thread starter([&] {
    stack.start_router();
    is_over.get_future().wait();
  });
  EXPECT_TRUE(wait_until([&] {
    return stack.log().find("The database cannot be reached; waiting") != std::string::npos;
  }));
  restart_postgres();
  EXPECT_TRUE(wait_until([&] { return stack.get("/v1/payments").is_success(); }));
  is_over.set_value();
  starter.join();
}

// The numbers of transactions that were not flushed are given again after a crash. Whoever asks by
// such a number what became of theirs hears of somebody else's.
TEST(DatabaseInDoubt, a_transaction_is_not_taken_for_another_that_got_its_number) {
  const Secret url = fresh_database();
  Connection connection(url);
  const auto sql = [](const char* text) {
    return [text](Transaction& transaction) -> Result<void> {
      transaction.exec(text);
      return {};
    };
  };
  ASSERT_TRUE(connection.write(sql("CREATE TABLE notes (note text)")));
  int times = 0;
  const Result<void> written = connection.write([&](Transaction& transaction) -> Result<void> {
    transaction.exec("INSERT INTO notes VALUES ('ours')");
    if (++times > 1) return {};
    crash_postgres();
    restart_postgres();
    Connection others(url);
    for (int i = 0; i < 10; ++i)
      if (!others.write(sql("INSERT INTO notes VALUES ('theirs')")))
        return fail(ErrorCode::internal, "");
    return {};
  });
  std::string ours;
  ASSERT_TRUE(Connection(url).read([&](Transaction& transaction) -> Result<void> {
    ours = transaction.exec("SELECT count(*) FROM notes WHERE note = 'ours'")[0][0].c_str();
    return {};
  }));
  EXPECT_EQ(ours, written ? "1" : "0");
}

}  // namespace
}  // namespace switchyard::testing
