// What the core asks of its surroundings beside the writer and the HTTP client, answered by the
// simulation: reads of the database, ids that a seed repeats, and a log that nobody reads.
#include "base/id.h"
#include "base/log.h"
#include "router.h"
#include "store/payments.h"
#include "world.h"

namespace switchyard {

using sim::Router;
using sim::World;

std::string new_id(std::string_view prefix) {
  std::string number = std::to_string(World::current().next_number());
  std::string id(prefix);
  id.append("_").append(26 - number.size(), '0').append(number);
  return id;
}

std::string new_uuid() { return new_id("key"); }

bool is_id(std::string_view text, std::string_view prefix) {
  return text.size() == prefix.size() + 27 && text.starts_with(prefix);
}

void log_fact(LogLevel, std::string_view, LogFields) {}

struct Connection::Inside {};
Connection::Connection(Secret, Plans) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;

Database::Database(Secret url, int) : url_(std::move(url)) {}

Result<void> without_throwing(const std::function<Result<void>()>& work) { return work(); }

namespace {

Failure gone() { return fail(ErrorCode::starting, "This router is gone."); }

bool can_read(const Database& database) {
  World& world = World::current();
  return Router::of(&database).is_alive() && !world.chance.is(world.faults().refusal);
}

std::optional<AttemptPlace> place_of(const Attempt* attempt) {
  if (!attempt) return std::nullopt;
  return AttemptPlace{attempt->id, attempt->payment_id, attempt->account};
}

}  // namespace

Result<std::optional<PaymentRecord>> find_payment(Database& database, const Sealer&,
                                                  const std::string& id) {
  if (!can_read(database)) return gone();
  const sim::Row* row = World::current().store.find(id);
  if (!row) return std::nullopt;
  PaymentRecord record = row->record;
  record.steps.clear();  // as the real one: only the writer reads them
  return record;
}

Result<std::optional<AttemptPlace>> find_attempt_place(Database& database,
                                                       const std::string& attempt_id) {
  if (!can_read(database)) return gone();
  return place_of(World::current().store.find_attempt(attempt_id));
}

Result<std::optional<AttemptPlace>> find_attempt_place(Database& database,
                                                       const std::string& account,
                                                       const std::string& reference) {
  if (!can_read(database)) return gone();
  for (const auto& [id, row] : World::current().store.rows())
    for (const Attempt& attempt : row.record.attempts)
      if (attempt.account == account && attempt.provider_reference == reference)
        return place_of(&attempt);
  return std::nullopt;
}

Result<std::optional<BankReference>> find_bank_reference(Database&, const std::string&, Mode,
                                                         const std::string&) {
  return std::nullopt;
}

}  // namespace switchyard
