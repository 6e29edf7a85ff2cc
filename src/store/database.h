// Connections to PostgreSQL, the one retry and the one catch: what libpqxx throws ends here.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace pqxx {
class result;
class transaction_base;
}  // namespace pqxx

namespace switchyard {

using Transaction = pqxx::transaction_base;
using Work = std::function<Result<void>(Transaction&)>;
class Trip;  // several statements at once, for the files of store/
// What a statement says, for whoever waits for the trip it goes with.
template <class T>
using Pending = std::function<T()>;

// One connection, opened when first needed and again after it broke. For one thread at a time.
class Connection {
 public:
  // No session reads a whole table where there is an index. by_keys: for statements that are always
  // the same and find their rows by keys; they are planned once.
  enum class Plans { as_it_sees_fit, by_keys };
  explicit Connection(Secret url, Plans plans = Plans::as_it_sees_fit);
  ~Connection();
  Connection(Connection&&) noexcept;

  // Runs `work` inside one transaction and commits, or rolls back when it returns an Error.
  // What libpqxx throws becomes an Error: `starting` when the database cannot be reached, else
  // `internal`. When the connection is lost during COMMIT, a fresh one looks for the row that the
  // transaction was to leave in `commits` (ADR 5), so that the answer is never a guess. `work` runs
  // again when the database asked for it
  // (serialization failure, deadlock) or had not begun: it must have no effect but its statements.
  Result<void> write(const Work& work);
  // The same, with what `work` has left in `last`: it goes to the server together with COMMIT.
  Result<void> write(const Work& work, const std::string& last);
  // The same for work that may find nothing to change, which then costs no flush to disk; when it
  // does change something, one trip more than write().
  Result<void> write_if_any(const Work& work);
  // The same for what may be forgotten when the database itself crashes, because it is then merely
  // done again: leases, and marks of what is done at least once. It waits for no flush at all.
  Result<void> note(const Work& work);
  // Runs `work` in a read-only transaction of one snapshot; for a merchant, of its rows alone.
  Result<void> read(const Work& work, const std::string& merchant_id = {});
  // The same as write() for a database that has no table `commits` yet: a lost connection is an
  // error.
  Result<void> write_schema(const Work& work);
  // Whoever wants to know the database's time hears it as each write begins.
  void on_time(std::function<void(Time)> hear);
  // Runs a single statement that only reads, without a transaction around it: a third of the trips.
  Result<void> look(const Work& work);

 private:
  enum class Kind { look, read, note, write_schema, write_if_any, write };
  struct Task {
    const Work& work;
    Kind kind;
    std::string_view merchant_id = {};
    const std::string* last = nullptr;
  };
  Result<void> run(const Task& task);
  // `marker` names the row in `commits` once COMMIT is about to be sent.
  Result<void> run_once(const Task& task, std::string& marker, bool& may_retry);
  Result<void> run_in_session(const Task& task, std::string& marker);
  Result<void> roll_back(bool& may_retry);
  Result<void> lose(const std::exception& problem, bool& may_retry);
  Result<bool> was_committed(const std::string& marker, Time sent_at);
  Result<void> ensure_open();

  struct Inside;
  std::unique_ptr<Inside> inside_;
};

// A library that throws below one command must not take the others' commit, or the connection, with
// it: what is thrown becomes an Error `internal`, and the log has its words.
Result<void> without_throwing(const std::function<Result<void>()>& work);

// Connections for handlers: borrowed for a few statements, never while waiting for anyone.
class Database {
 public:
  Database(Secret url, int connections);

  // Safe from any thread. All wait for a free connection, whoever came first gets it first.
  Result<void> read(const Work& work);
  Result<void> look(const Work& work);  // one statement
  Result<Time> time();
  // As read() for a merchant: row-level security shows its rows alone, whatever the statements ask.
  Result<void> read_for(const std::string& merchant_id, const Work& work);
  // Small writes that change no payment: keys, merchants, marks.
  Result<void> write(const Work& work);
  Result<void> note(const Work& work);  // leases, and what is done at least once

  // Drops what tells of commits that nobody can be in doubt about any more.
  Result<void> forget_old_commits();

  // Whether something asked of it has succeeded in as recent a time. Asks nothing and never waits.
  bool has_answered_within(std::chrono::milliseconds recently) const;
  std::size_t waiting() const;  // threads that have no connection yet

  const Secret& url() const { return url_; }

 private:
  struct Waiting;  // on the stack of who waits
  std::unique_ptr<Connection> borrow();
  void give_back(std::unique_ptr<Connection> connection);
  Result<void> with_connection(const std::function<Result<void>(Connection&)>& use);

  Secret url_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> free_;  // none while somebody waits
  std::deque<Waiting*> waiting_;
  std::atomic<std::chrono::steady_clock::time_point> answered_at_{};
};

}  // namespace switchyard
