#include "store/payments.h"

#include <algorithm>

#include "store/record_rows.h"

namespace switchyard {
namespace {

std::string mode_text(Mode mode) { return std::string(word_of(mode)); }

constexpr Query external_query{
    "payment_by_external_id",
    "SELECT id FROM payments WHERE merchant_id = $1 AND mode = $2 AND external_id = $3"};

// One statement for every filter: an empty one fits everything, and the planner of each execution
// sees the values.
constexpr const char* list_sql = R"(
  SELECT p.id FROM payments p
  WHERE p.merchant_id = $1 AND p.mode = $2
    AND ($3 = '' OR p.external_id = $3) AND ($4 = '' OR p.customer_id = $4)
    AND ($5 = '' OR p.status = $5) AND ($6 = '' OR p.method = $6)
    AND ($7 = '' OR EXISTS (SELECT FROM attempts a WHERE a.payment_id = p.id AND a.account = $7))
    AND ($8::timestamptz IS NULL OR p.created_at > $8::timestamptz)
    AND ($9::timestamptz IS NULL OR p.created_at < $9::timestamptz)
    AND p.metadata @> $10::jsonb
    AND ($11 = '' OR p.id < $11) AND ($12 = '' OR p.id > $12))";
const std::string newest_first = std::string(list_sql) + " ORDER BY p.id DESC LIMIT $13";
const std::string oldest_first = std::string(list_sql) + " ORDER BY p.id LIMIT $13";

Result<std::optional<PaymentRecord>> find_record(
    Database& database, const Sealer& sealer, const std::string& merchant_id,
    const std::function<std::string(Transaction&)>& id_of) {
  std::optional<PaymentRecord> found;
  const Work work = [&](Transaction& transaction) -> Result<void> {
    found.reset();
    const std::string id = id_of(transaction);
    if (id.empty()) return {};
    for (PaymentRecord& record : load_records(transaction, {id}, sealer)) found = std::move(record);
    return {};
  };
  TRY(merchant_id.empty() ? database.read(work) : database.read_for(merchant_id, work));
  return found;
}

std::string only_id(const Rowset& rows) { return rows.empty() ? "" : text_of(rows[0], "id"); }

}  // namespace

Result<std::optional<PaymentRecord>> find_payment(Database& database, const Sealer& sealer,
                                                  const std::string& id) {
  return find_record(database, sealer, "", [&](Transaction&) { return id; });
}

Result<std::optional<PaymentRecord>> find_payment(Database& database, const Sealer& sealer,
                                                  const std::string& merchant_id, Mode mode,
                                                  const std::string& id) {
  auto found = TRY(find_record(database, sealer, merchant_id, [&](Transaction&) { return id; }));
  const bool is_theirs =
      found && found->payment.merchant_id == merchant_id && found->payment.mode == mode;
  return is_theirs ? std::move(found) : std::nullopt;
}

Result<std::optional<PaymentRecord>> find_payment_by_external_id(Database& database,
                                                                 const Sealer& sealer,
                                                                 const std::string& merchant_id,
                                                                 Mode mode,
                                                                 const std::string& external_id) {
  return find_record(database, sealer, merchant_id, [&](Transaction& transaction) {
    return only_id(run(transaction, external_query, merchant_id, mode_text(mode), external_id));
  });
}

Result<PaymentPage> list_payments(Database& database, const Sealer& sealer,
                                  const PaymentFilter& f) {
  PaymentPage page;
  Json metadata = Json::object();
  for (const auto& [key, value] : f.metadata) metadata[key] = value;
  const auto time_or_null = [](const std::optional<Time>& time) {
    return time ? std::optional<std::string>(sql_time(*time)) : std::nullopt;
  };
  TRY(database.read_for(f.merchant_id, [&](Transaction& transaction) -> Result<void> {
    page = {};
    const bool backwards = !f.before.empty();
    const auto after = time_or_null(f.created_after);
    const auto before = time_or_null(f.created_before);
    const Rowset rows = transaction.exec_params(
        backwards ? oldest_first : newest_first, f.merchant_id, mode_text(f.mode), f.external_id,
        f.customer_id, f.status, f.method, f.provider, after ? after->c_str() : nullptr,
        before ? before->c_str() : nullptr, write_json(metadata), f.after, f.before, f.limit + 1);
    std::vector<std::string> ids;
    for (const Row& row : rows) ids.push_back(text_of(row, "id"));
    page.has_more = static_cast<int>(ids.size()) > f.limit;
    if (page.has_more) ids.pop_back();
    page.payments = load_records(transaction, ids, sealer);
    std::reverse(page.payments.begin(), page.payments.end());
    return {};
  }));
  return page;
}

namespace {

constexpr Query place_by_id_query{"attempt_place",
                                  "SELECT id, payment_id, account FROM attempts WHERE id = $1"};
constexpr Query place_by_reference_query{"attempt_place_by_reference", R"(
  SELECT id, payment_id, account FROM attempts
  WHERE account = $1 AND provider_reference = $2 AND provider_reference <> ''
  ORDER BY operation = 'charge' DESC, id LIMIT 1)"};

std::optional<AttemptPlace> place_of(const Rowset& rows) {
  if (rows.empty()) return std::nullopt;
  return AttemptPlace{text_of(rows[0], "id"), text_of(rows[0], "payment_id"),
                      text_of(rows[0], "account")};
}

}  // namespace

Result<std::optional<AttemptPlace>> find_attempt_place(Database& database,
                                                       const std::string& attempt_id) {
  std::optional<AttemptPlace> found;
  TRY(database.look([&](Transaction& transaction) -> Result<void> {
    found = place_of(run(transaction, place_by_id_query, attempt_id));
    return {};
  }));
  return found;
}

Result<std::optional<AttemptPlace>> find_attempt_place(Database& database,
                                                       const std::string& account,
                                                       const std::string& provider_reference) {
  std::optional<AttemptPlace> found;
  TRY(database.look([&](Transaction& transaction) -> Result<void> {
    found = place_of(run(transaction, place_by_reference_query, account, provider_reference));
    return {};
  }));
  return found;
}

namespace {

constexpr Query timeline_query{"payment_timeline", R"(
  SELECT micros(created_at) AS at, 'attempt' AS kind, jsonb_build_object('attempt', id, 'number',
      number, 'operation', operation, 'account', account, 'status', status, 'rule', rule,
      'reason', reason, 'decline_code', nullif(decline_code, ''), 'provider_code',
      nullif(provider_code, ''), 'provider_reference', nullif(provider_reference, '')) AS details
    FROM attempts WHERE payment_id = $1
  UNION ALL SELECT micros(s.created_at), 'call', jsonb_build_object('attempt', s.attempt_id, 'step',
      s.number, 'name', s.name, 'sends', s.sends, 'http_status', nullif(s.http_status, 0))
    FROM attempts a JOIN steps s ON s.attempt_id = a.id WHERE a.payment_id = $1
  UNION ALL SELECT micros(created_at), 'event', jsonb_build_object('event', id, 'type', type,
      'sequence', sequence) FROM events WHERE payment_id = $1
  UNION ALL SELECT micros(t.created_at), 'delivery', jsonb_build_object('delivery', t.delivery_id,
      'endpoint', d.endpoint_id, 'event', d.event_id, 'try', t.number, 'status', nullif(t.status, 0),
      'problem', nullif(t.problem, ''))
    FROM deliveries d JOIN delivery_tries t ON t.delivery_id = d.id WHERE d.payment_id = $1
  UNION ALL SELECT micros(created_at), 'anomaly', jsonb_build_object('account', account, 'what', what,
      'details', details) FROM anomalies WHERE payment_id = $1
  ORDER BY 1)"};

constexpr Query expiry_query{"due_for_expiry", R"(
  SELECT id FROM payments WHERE expires_at <= now() AND NOT expiry_requested
    AND NOT cancel_requested AND review IS NULL
    AND status IN ('requires_payment_method', 'requires_action', 'failed')
  ORDER BY expires_at LIMIT $1)"};

constexpr Query claim_due_query{"claim_due_attempts", R"(
  WITH due AS (
    SELECT attempt_id FROM leases WHERE due_at <= now() AND lease_until <= now()
      AND NOT account = ANY($2::text[])
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  UPDATE leases l SET lease_until = now() + interval '15 seconds', lease_token = l.lease_token + 1
  FROM due WHERE l.attempt_id = due.attempt_id
  RETURNING l.attempt_id, l.payment_id, l.account, l.lease_token)"};

// A row that is locked is being settled by the writer, and two that lock many in different orders
// would wait for each other: those are left for the next heartbeat.
constexpr Query extend_query{"extend_leases", R"(
  WITH mine AS (
    SELECT attempt_id FROM leases WHERE attempt_id = ANY($1::text[]) AND lease_until > now()
    FOR UPDATE SKIP LOCKED)
  UPDATE leases l SET lease_until = now() + interval '15 seconds'
  FROM mine WHERE l.attempt_id = mine.attempt_id)"};

constexpr Query hurry_query{"hurry_attempts", R"(
  WITH wanted AS (
    SELECT l.attempt_id FROM leases l JOIN attempts a ON a.id = l.attempt_id
    WHERE l.account = $1 AND l.due_at > now() AND l.lease_until <= now()
      AND a.status IN ('sending', 'unknown', 'closing')
    ORDER BY l.due_at LIMIT $2 FOR UPDATE OF l SKIP LOCKED)
  UPDATE leases l SET due_at = now() FROM wanted WHERE l.attempt_id = wanted.attempt_id)"};

constexpr Query waiting_query{"waiting_attempts", R"(
  SELECT l.account, count(*) AS count,
    coalesce(extract(epoch FROM now() - min(a.unknown_since)), 0)::float8 AS oldest
  FROM leases l JOIN attempts a ON a.id = l.attempt_id WHERE a.status IN ('sending', 'unknown', 'closing')
  GROUP BY l.account)"};

constexpr Query codes_query{"unmapped_codes", R"(
  SELECT code, count FROM unmapped_codes WHERE account = $1 ORDER BY count DESC, code LIMIT 50)"};

constexpr Query bank_reference_query{"bank_reference", R"(
  SELECT payment_id, amount, micros(received_at) AS received_at, micros(created_at) AS created_at
  FROM bank_references WHERE account = $1 AND mode = $2 AND reference = $3)"};

}  // namespace

Result<std::vector<TimelineEntry>> payment_timeline(Database& database,
                                                    const std::string& payment_id) {
  std::vector<TimelineEntry> entries;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, timeline_query, payment_id))
      entries.push_back({time_of(row, "at"), text_of(row, "kind"), json_of(row, "details")});
    return {};
  }));
  return entries;
}

Result<std::vector<std::string>> due_for_expiry(Database& database, int most) {
  std::vector<std::string> ids;
  TRY(database.look([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, expiry_query, most)) ids.push_back(text_of(row, "id"));
    return {};
  }));
  return ids;
}

Result<std::vector<DueAttempt>> claim_due_attempts(Database& database, int most,
                                                   const std::vector<std::string>& but_of) {
  std::vector<DueAttempt> due;
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    due.clear();
    for (const Row& row : run(transaction, claim_due_query, most, text_array(but_of)))
      due.push_back({text_of(row, "attempt_id"), text_of(row, "payment_id"),
                     text_of(row, "account"), integer_of(row, "lease_token")});
    return {};
  }));
  return due;
}

Result<void> extend_leases(Database& database, const std::vector<std::string>& attempt_ids) {
  return database.note([&](Transaction& transaction) -> Result<void> {
    run(transaction, extend_query, text_array(attempt_ids));
    return {};
  });
}

Result<int> hurry_attempts(Database& database, const std::string& account, int most) {
  int hurried = 0;
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    hurried = static_cast<int>(run(transaction, hurry_query, account, most).affected_rows());
    return {};
  }));
  return hurried;
}

Result<std::vector<WaitingCount>> count_waiting_attempts(Database& database) {
  std::vector<WaitingCount> counts;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, waiting_query))
      counts.push_back(
          {text_of(row, "account"), integer_of(row, "count"), row["oldest"].as<double>()});
    return {};
  }));
  return counts;
}

Result<std::vector<std::pair<std::string, std::int64_t>>> unmapped_codes(
    Database& database, const std::string& account) {
  std::vector<std::pair<std::string, std::int64_t>> codes;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    for (const Row& row : run(transaction, codes_query, account))
      codes.emplace_back(text_of(row, "code"), integer_of(row, "count"));
    return {};
  }));
  return codes;
}

Result<std::optional<BankReference>> find_bank_reference(Database& database,
                                                         const std::string& account, Mode mode,
                                                         const std::string& reference) {
  std::optional<BankReference> found;
  TRY(database.look([&](Transaction& transaction) -> Result<void> {
    for (const Row& row :
         run(transaction, bank_reference_query, account, mode_text(mode), reference))
      found = BankReference{.account = account,
                            .mode = mode,
                            .reference = reference,
                            .payment_id = text_of(row, "payment_id"),
                            .amount = integer_of(row, "amount"),
                            .received_at = time_of(row, "received_at"),
                            .created_at = time_of(row, "created_at")};
    return {};
  }));
  return found;
}

}  // namespace switchyard
