#include "store/database.h"

#include <pqxx/pqxx>
#include <thread>

#include "base/id.h"
#include "base/log.h"
#include "base/seeded_bug.h"
#include "store/rows.h"

namespace switchyard {
namespace {

constexpr int most_tries = 5;
// Whoever is in doubt asks at once and for minutes; what they ask about is kept for hours.
constexpr std::chrono::minutes doubt_lasts{5};
constexpr const char* forget_commits =
    "DELETE FROM commits WHERE id IN (SELECT id FROM commits"
    " WHERE made_at < now() - interval '2 hours' ORDER BY made_at LIMIT 20000)";

constexpr const char* tell_time = "SELECT micros(clock_timestamp())";
constexpr const char* begin_and_tell = "BEGIN; SELECT micros(clock_timestamp())";

// What a merchant may read; the log has the rest.
constexpr const char* unreachable = "The database cannot be reached right now; try again.";
constexpr const char* refused = "Something went wrong on our side; try again.";

// Statements that run away, sessions that are forgotten in a transaction and durability that is
// switched off would each break a promise, so every session says what it needs.
constexpr const char* session_settings =
    "SET statement_timeout = '20s'; SET lock_timeout = '15s';"
    // A router that stands still in the middle of a batch (its machine is paused) holds what every
    // other one needs; it is put out long before those give up.
    "SET idle_in_transaction_session_timeout = '5s'; SET synchronous_commit = on;"
    "SET timezone = 'UTC'; SET client_min_messages = warning; SET jit = off;"
    // A plan that is kept may have been made while a table was empty, or before statistics that
    // come a minute late, when reading all of it looked cheapest: one read of a payment then took
    // ten milliseconds and a whole table. What we ask for has an index for each step.
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";

// The same plan for every batch, whatever its size.
constexpr const char* key_plan_settings = "SET plan_cache_mode = force_generic_plan";

// Of one snapshot; for a merchant, of its rows alone. Local to the transaction: the next borrower
// of this connection starts without it.
std::string begin_to_read(Transaction& session, std::string_view merchant_id) {
  const std::string begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  if (merchant_id.empty()) return begin;
  return begin + "; SELECT set_config('switchyard.merchant_id', " +
         session.quote(std::string(merchant_id)) + ", true)";
}

// A server that does not answer is tried again, not waited for.
std::string in_time(const std::string& url) {
  if (url.find("connect_timeout") != std::string::npos) return url;
  if (url.find("://") == std::string::npos) return url + " connect_timeout=5";
  return url + (url.find('?') == std::string::npos ? "?" : "&") + "connect_timeout=5";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Ended by somebody, by a shutdown or by a limit: the statement is not to blame.
bool ends_the_session(const pqxx::sql_error& problem) {
  const std::string& state = problem.sqlstate();
  return state.starts_with("57P") || state.starts_with("08") || state == "25P03";
}

// libpqxx would open it again by itself, without our settings, and in the middle of our work. It
// calls this deprecated because its next version never does that.
void stay_closed_once_lost(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

}  // namespace

std::string sql_time(Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d.%06d+00", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

std::string text_array(const std::vector<std::string>& items) {
  Rows<1> rows;
  for (const std::string& item : items) rows.add(item);
  return rows.parameters()[0];
}

struct Connection::Inside {
  Secret url;
  Plans plans;
  std::unique_ptr<pqxx::connection> connection;
  std::function<void(Time)> hear;
};

Connection::Connection(Secret url, Plans plans)
    : inside_(std::make_unique<Inside>(Inside{std::move(url), plans, {}, {}})) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

void Connection::on_time(std::function<void(Time)> hear) { inside_->hear = std::move(hear); }

Result<void> Connection::write(const Work& work) { return run({work, Kind::write}); }
Result<void> Connection::write(const Work& work, const std::string& last) {
  return run({work, Kind::write, {}, &last});
}
Result<void> Connection::write_if_any(const Work& work) { return run({work, Kind::write_if_any}); }
Result<void> Connection::write_schema(const Work& work) { return run({work, Kind::write_schema}); }
Result<void> Connection::note(const Work& work) { return run({work, Kind::note}); }
Result<void> Connection::look(const Work& work) { return run({work, Kind::look}); }
Result<void> Connection::read(const Work& work, const std::string& merchant_id) {
  return run({work, Kind::read, merchant_id});
}

Result<void> Connection::ensure_open() {
  if (inside_->connection) return {};
  try {
    auto connection = std::make_unique<pqxx::connection>(in_time(inside_->url.reveal()));
    pqxx::nontransaction session(*connection);
    session.exec(session_settings);
    if (inside_->plans == Plans::by_keys) session.exec(key_plan_settings);
    session.commit();
    stay_closed_once_lost(*connection);
    inside_->connection = std::move(connection);
    return {};
  } catch (const std::exception& problem) {
    log_warning("database.unreachable", {{"problem", first_line(problem.what())}});
    return fail(ErrorCode::starting, unreachable);
  }
}

// True and false are both certain; an Error means that nobody can be asked, or that it is too late:
// a process that slept for hours finds its row dropped. Waits for a session that is still
// committing.
Result<bool> Connection::was_committed(const std::string& marker, Time sent_at) {
  const SystemClock clock;
  while (clock.now() - sent_at < doubt_lasts) {
    if (ensure_open()) {
      try {
        pqxx::nontransaction question(*inside_->connection);
        question.exec_params(
            "INSERT INTO commits (id, is_void) VALUES ($1, true) ON CONFLICT DO NOTHING", marker);
        return !question.exec_params1("SELECT is_void FROM commits WHERE id = $1", marker)[0]
                    .as<bool>();
      } catch (const std::exception&) {
        inside_->connection.reset();
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return fail(ErrorCode::starting, unreachable);
}

Result<void> Connection::run_in_session(const Task& task, std::string& marker) {
  pqxx::nontransaction session(*inside_->connection);
  if (task.kind == Kind::look) return task.work(session);
  if (task.kind == Kind::read)
    session.exec(begin_to_read(session, task.merchant_id));
  else if (task.kind == Kind::write && inside_->hear)
    inside_->hear(Time(Duration(session.exec(begin_and_tell)[0][0].as<std::int64_t>())));
  else
    session.exec(task.kind == Kind::note ? "BEGIN; SET LOCAL synchronous_commit = off" : "BEGIN");
  if (const Result<void> done = task.work(session); !done) {
    session.exec("ROLLBACK");
    return done;
  }
  const bool is_marked = task.kind == Kind::write ||
                         (task.kind == Kind::write_if_any &&
                          !session.exec("SELECT pg_current_xact_id_if_assigned()")[0][0].is_null());
  std::string last = task.last ? *task.last : "";
  if (is_marked) {
    marker = new_id("cmt");
    last += "INSERT INTO commits (id) VALUES (" + session.quote(marker) + ");";
  }
  session.exec(last + "COMMIT");
  return {};
}

// After the database refused something. When that was because the session is over, whatever was
// begun in it may be begun again.
Result<void> Connection::roll_back(bool& may_retry) {
  try {
    pqxx::nontransaction session(*inside_->connection);
    session.exec("ROLLBACK");
    return fail(ErrorCode::internal, refused);
  } catch (const std::exception&) {
    inside_->connection.reset();
    may_retry = true;
    return fail(ErrorCode::starting, unreachable);
  }
}

// Before COMMIT was tried it is certain that nothing was done, afterwards it is in doubt.
Result<void> Connection::lose(const std::exception& problem, bool& may_retry) {
  inside_->connection.reset();
  may_retry = true;
  log_warning("database.lost", {{"problem", first_line(problem.what())}});
  return fail(ErrorCode::starting, unreachable);
}

Result<void> Connection::run_once(const Task& task, std::string& marker, bool& may_retry) {
  may_retry = false;
  try {
    return run_in_session(task, marker);
  } catch (const pqxx::transaction_rollback& problem) {
    may_retry = true;
    log_warning("database.again", {{"problem", first_line(problem.what())}});
    return roll_back(may_retry);
  } catch (const pqxx::insufficient_resources& problem) {
    // A full disk or memory: no statement is guilty, and later it may do again.
    log_error("database.has_no_room", {{"problem", first_line(problem.what())}});
    const Result<void> rolled_back = roll_back(may_retry);
    if (may_retry) return rolled_back;
    return fail(ErrorCode::starting, unreachable);
  } catch (const pqxx::sql_error& problem) {
    if (ends_the_session(problem)) return lose(problem, may_retry);
    log_error("database.refused", {{"problem", first_line(problem.what())}});
    return roll_back(may_retry);
  } catch (const pqxx::failure& problem) {
    return lose(problem, may_retry);
  } catch (const std::exception& problem) {
    log_error("database.could_not_read", {{"problem", first_line(problem.what())}});
    return roll_back(may_retry);
  }
}

Result<void> Connection::run(const Task& task) {
  Error last;
  for (int tries = 0; tries < most_tries; ++tries) {
    if (const auto open = ensure_open(); !open) return fail(open.error());
    std::string marker;
    bool may_retry = false;
    const Time sent_at = SystemClock().now();
    const Result<void> done = run_once(task, marker, may_retry);
    if (done) return {};
    if (!may_retry) return done;
    last = done.error();
    if (last.code == ErrorCode::starting && !marker.empty()) {
      if (SEEDED_BUG("X13")) return {};
      if (SEEDED_BUG("X12")) continue;
      if (TRY(was_committed(marker, sent_at))) return {};
    }
  }
  return fail(last);
}

Result<void> without_throwing(const std::function<Result<void>()>& work) {
  try {
    return work();
  } catch (const std::exception& problem) {
    log_error("store.something_threw", {{"problem", first_line(problem.what())}});
    return fail(ErrorCode::internal, refused);
  }
}

Database::Database(Secret url, int connections) : url_(std::move(url)) {
  for (int i = 0; i < connections; ++i) free_.push_back(std::make_unique<Connection>(url_));
}

struct Database::Waiting {
  std::condition_variable came;
  std::unique_ptr<Connection> connection;
};

std::unique_ptr<Connection> Database::borrow() {
  std::unique_lock lock(mutex_);
  if (!free_.empty()) {
    std::unique_ptr<Connection> connection = std::move(free_.back());
    free_.pop_back();
    return connection;
  }
  Waiting waiting;
  waiting_.push_back(&waiting);
  waiting.came.wait(lock, [&] { return waiting.connection != nullptr; });
  return std::move(waiting.connection);
}

// Handed over and not put down: under load somebody new would be quicker to take it than who waits,
// again and again, and a question of a millisecond waited for ten seconds.
void Database::give_back(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return free_.push_back(std::move(connection));
  Waiting& first = *waiting_.front();
  waiting_.pop_front();
  first.connection = std::move(connection);
  first.came.notify_one();  // still locked: once it has gone on, `first` is no more
}

Result<void> Database::with_connection(const std::function<Result<void>(Connection&)>& use) {
  std::unique_ptr<Connection> connection = borrow();
  const Result<void> done = use(*connection);
  give_back(std::move(connection));
  if (done) answered_at_ = std::chrono::steady_clock::now();
  return done;
}

bool Database::has_answered_within(std::chrono::milliseconds recently) const {
  const std::chrono::steady_clock::time_point answered_at = answered_at_;
  return answered_at != std::chrono::steady_clock::time_point{} &&
         std::chrono::steady_clock::now() - answered_at < recently;
}

std::size_t Database::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

Result<Time> Database::time() {
  Time now;
  TRY(look([&](Transaction& session) -> Result<void> {
    now = Time(Duration(session.exec(tell_time)[0][0].as<std::int64_t>()));
    return {};
  }));
  return now;
}

Result<void> Database::read(const Work& work) {
  return with_connection([&](Connection& connection) { return connection.read(work); });
}

Result<void> Database::look(const Work& work) {
  return with_connection([&](Connection& connection) { return connection.look(work); });
}

Result<void> Database::read_for(const std::string& merchant_id, const Work& work) {
  assert(!merchant_id.empty());
  return with_connection(
      [&](Connection& connection) { return connection.read(work, merchant_id); });
}

Result<void> Database::note(const Work& work) {
  return with_connection([&](Connection& connection) { return connection.note(work); });
}

Result<void> Database::forget_old_commits() {
  return note([](Transaction& transaction) -> Result<void> {
    transaction.exec(forget_commits);
    return {};
  });
}

Result<void> Database::write(const Work& work) {
  return with_connection([&](Connection& connection) { return connection.write_if_any(work); });
}

}  // namespace switchyard
