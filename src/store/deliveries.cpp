#include "store/deliveries.h"

#include <algorithm>
#include <map>

#include "base/id.h"
#include "base/seeded_bug.h"
#include "store/query.h"

namespace switchyard {
namespace {

// The tables go from empty to millions of rows within one load, so the planner's statistics are
// often wrong here, and a scan of everything where it expected a handful stops all deliveries.
// Every statement below has an index for each of its steps, and is told to use them.
constexpr Query use_indexes_query{"use_indexes", R"(
  SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true))"};

// Hops from endpoint to endpoint along the index instead of reading every pending row.
const std::string endpoints_with_pending = R"(
  WITH RECURSIVE waiting AS (
    (SELECT endpoint_id FROM deliveries WHERE status = 'pending'
     ORDER BY endpoint_id, due_at LIMIT 1)
    UNION ALL
    SELECT (SELECT d.endpoint_id FROM deliveries d
            WHERE d.status = 'pending' AND d.endpoint_id > w.endpoint_id
            ORDER BY d.endpoint_id, d.due_at LIMIT 1)
    FROM waiting w WHERE w.endpoint_id IS NOT NULL))";

const std::string has_due_sql = endpoints_with_pending + R"(
  SELECT EXISTS (
    SELECT 1 FROM waiting w JOIN endpoints e ON e.id = w.endpoint_id
    WHERE e.status = 'enabled' AND NOT e.is_deleted AND e.resume_at <= now()
      AND EXISTS (SELECT 1 FROM deliveries d
                  WHERE d.endpoint_id = e.id AND d.status = 'pending'
                    AND d.due_at <= now() AND d.lease_until <= now())) AS found)";

const std::string order_of_lanes = SEEDED_BUG("X16")
                                       ? "(earlier.due_at, earlier.id) < (d.due_at, d.id)"
                                       : "(earlier.sequence, earlier.id) < (d.sequence, d.id)";

// The earlier delivery of a lane is pending until it is marked, whoever holds it: no lease that
// runs out and no second router can let a later one pass it. Its conditions are written so that
// only the payment's index fits them: naming status or comparing endpoints plainly would invite
// the index of the endpoint's whole backlog.
const std::string claim_sql = endpoints_with_pending + R"(,
  ready AS (
    SELECT e.id, e.ordering, least(coalesce(known.room, $2), $1) AS room
    FROM waiting w JOIN endpoints e ON e.id = w.endpoint_id
    LEFT JOIN unnest($3::text[], $4::int[]) AS known (id, room) ON known.id = e.id
    WHERE e.status = 'enabled' AND NOT e.is_deleted AND e.resume_at <= now()
      AND coalesce(known.room, $2) > 0),
  due AS (
    SELECT found.id FROM ready r CROSS JOIN LATERAL (
      SELECT d.id, d.due_at FROM deliveries d
      WHERE d.endpoint_id = r.id AND d.status = 'pending'
        AND d.due_at <= now() AND d.lease_until <= now()
        AND (d.tries > 0 OR d.created_at <= now() - $5 * interval '1 millisecond')
        AND (r.ordering = 'none' OR d.payment_id IS NULL OR NOT EXISTS (
          SELECT 1 FROM deliveries earlier
          WHERE earlier.payment_id = d.payment_id
            AND earlier.endpoint_id IS NOT DISTINCT FROM d.endpoint_id
            AND earlier.finished_at IS NULL AND earlier.id <> d.id
            AND )" + order_of_lanes +
                              R"())
      ORDER BY d.due_at LIMIT r.room FOR UPDATE OF d SKIP LOCKED) found
    ORDER BY found.due_at LIMIT $1)
  UPDATE deliveries d SET lease_until = now() + $6 * interval '1 millisecond',
    lease_token = d.lease_token + 1
  FROM due, events v, endpoints e
  WHERE d.id = due.id AND v.id = d.event_id AND e.id = d.endpoint_id
  RETURNING d.id, d.event_id, d.endpoint_id, d.merchant_id, d.mode, d.tries, d.lease_token,
    micros(d.created_at) AS created_at, v.body, e.url, e.sealed_secret)";

// Here too `status = 'pending'` would invite the index of the backlog, which grows while an
// endpoint is down: 64 rows were found by reading thousands, for each of them.
constexpr Query extend_query{"extend_delivery_leases", R"(
  UPDATE deliveries d SET lease_until = now() + $3 * interval '1 millisecond'
  FROM unnest($1::text[], $2::bigint[]) AS held (id, token)
  WHERE d.id = held.id AND d.lease_token = held.token AND d.finished_at IS NULL RETURNING d.id)"};

constexpr Query release_query{"release_delivery_leases", R"(
  UPDATE deliveries d SET lease_until = '-infinity'
  FROM unnest($1::text[], $2::bigint[]) AS held (id, token)
  WHERE d.id = held.id AND d.lease_token = held.token AND d.finished_at IS NULL)"};

// A try whose lease somebody else has taken over was made all the same, so it is kept; only the
// delivery's fate is not its to decide.
constexpr Query mark_query{"mark_deliveries", R"(
  WITH n AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::bigint[],
      $7::text[], $8::text[], $9::int[], $10::text[], $11::text[], $12::bigint[], $13::timestamptz[])
      AS n (id, delivery_id, token, number, status, again_in_ms, url, address, http_status, problem,
        answer, took_ms, at)),
  kept AS (
    INSERT INTO delivery_tries (id, delivery_id, number, url, address, status, problem, answer,
      took_ms, created_at)
    SELECT id, delivery_id, number, url, address, http_status, problem, answer, took_ms, at FROM n
    ON CONFLICT DO NOTHING)
  UPDATE deliveries d SET status = n.status, tries = n.number, lease_until = '-infinity',
    due_at = CASE WHEN n.status = 'pending' THEN now() + n.again_in_ms * interval '1 millisecond'
             ELSE d.due_at END,
    finished_at = CASE WHEN n.status <> 'pending' THEN now() END
  FROM n
  WHERE d.id = n.delivery_id AND d.lease_token = n.token AND d.finished_at IS NULL
  RETURNING d.id)"};

// Those in line behind a delivery that waits would be due, looked at and passed over at each claim:
// they wait with it.
constexpr Query hold_line_query{"hold_delivery_line", R"(
  WITH line AS (
    SELECT f.id, head.due_at FROM deliveries head
    JOIN endpoints e ON e.id = head.endpoint_id AND e.ordering = 'per_payment'
    JOIN deliveries f ON f.payment_id = head.payment_id
      AND f.endpoint_id IS NOT DISTINCT FROM head.endpoint_id
      AND f.finished_at IS NULL AND f.sequence >= head.sequence AND f.id <> head.id
      AND f.due_at < head.due_at
    WHERE head.id = ANY($1::text[]) AND head.finished_at IS NULL
    FOR UPDATE OF f SKIP LOCKED)
  UPDATE deliveries d SET due_at = line.due_at FROM line WHERE d.id = line.id)"};

// And go on when it is finished, which may be before that time when somebody asked for it.
constexpr Query free_line_query{"free_delivery_line", R"(
  WITH line AS (
    SELECT f.id FROM deliveries head
    JOIN deliveries f ON f.payment_id = head.payment_id
      AND f.endpoint_id IS NOT DISTINCT FROM head.endpoint_id
      AND f.finished_at IS NULL AND f.tries = 0 AND f.due_at > now()
    WHERE head.id = ANY($1::text[]) AND head.finished_at IS NOT NULL
    FOR UPDATE OF f SKIP LOCKED)
  UPDATE deliveries d SET due_at = now() FROM line WHERE d.id = line.id)"};

constexpr Query rest_query{"rest_endpoints", R"(
  UPDATE endpoints e SET resume_at = greatest(e.resume_at, now() + n.ms * interval '1 millisecond')
  FROM unnest($1::text[], $2::bigint[]) AS n (id, ms) WHERE e.id = n.id)"};

constexpr Query took_any_query{"endpoint_took_any", R"(
  SELECT EXISTS (SELECT 1 FROM deliveries
    WHERE endpoint_id = $1 AND status = 'succeeded' AND finished_at > $2::timestamptz) AS found)"};

constexpr Query undelivered_query{"count_undelivered", R"(
  SELECT coalesce(extract(epoch FROM now() - min(d.created_at)), 0)::float8 AS age,
    count(*) FILTER (WHERE d.status = 'pending') AS pending,
    count(*) FILTER (WHERE d.status = 'failed') AS given_up
  FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id
  WHERE (d.status = 'pending' OR d.status = 'failed') AND NOT e.is_deleted)"};

ClaimedDelivery claimed_of(const Row& row, const Sealer& sealer) {
  ClaimedDelivery d{.id = text_of(row, "id"),
                    .event_id = text_of(row, "event_id"),
                    .endpoint_id = text_of(row, "endpoint_id"),
                    .merchant_id = text_of(row, "merchant_id"),
                    .mode = text_of(row, "mode") == "live" ? Mode::live : Mode::test,
                    .url = text_of(row, "url")};
  const auto bytes = from_base64(text_of(row, "sealed_secret"));
  // Not an assert: one endpoint that cannot be served must not stop the others.
  if (const auto secret = bytes ? sealer.open(*bytes, d.endpoint_id) : std::nullopt)
    d.secret = Secret(*secret);
  d.body = text_of(row, "body");
  d.tries = static_cast<int>(integer_of(row, "tries"));
  d.lease_token = integer_of(row, "lease_token");
  d.created_at = time_of(row, "created_at");
  return d;
}

std::string_view status_after(const DeliveryTry& made) {
  switch (made.next) {
    case DeliveryTry::Next::succeeded:
      return "succeeded";
    case DeliveryTry::Next::try_again:
      return "pending";
    case DeliveryTry::Next::give_up:
      return "failed";
  }
  return "";
}

// In the order of the ids: two routers that mark the same row never wait for each other in a
// circle.
Rows<13> rows_of(const std::vector<DeliveryTry>& tries) {
  std::vector<const DeliveryTry*> sorted;
  for (const DeliveryTry& made : tries) sorted.push_back(&made);
  std::ranges::sort(sorted, {}, [](const DeliveryTry* made) { return made->lease.delivery_id; });
  Rows<13> rows;
  for (const DeliveryTry* t : sorted)
    rows.add(new_id("try"), t->lease.delivery_id, t->lease.token, t->number, status_after(*t),
             static_cast<std::int64_t>(t->again_in.count()), t->url, t->address, t->status,
             t->problem, t->answer, static_cast<std::int64_t>(t->took.count()), t->at);
  return rows;
}

void move_lines(Transaction& transaction, const std::vector<DeliveryTry>& tries) {
  std::vector<std::string> waiting, finished;
  for (const DeliveryTry& made : tries) {
    if (made.next == DeliveryTry::Next::try_again)
      waiting.push_back(made.lease.delivery_id);
    else if (made.number > 1)  // only behind a delivery that failed before does anybody wait
      finished.push_back(made.lease.delivery_id);
  }
  if (!waiting.empty()) run(transaction, hold_line_query, text_array(waiting));
  if (!finished.empty()) run(transaction, free_line_query, text_array(finished));
}

void rest_endpoints(Transaction& transaction, const std::vector<DeliveryTry>& tries) {
  std::map<std::string, std::int64_t> rests;
  for (const DeliveryTry& made : tries)
    if (made.endpoint_rests.count() > 0) {
      std::int64_t& rest = rests[made.endpoint_id];
      rest = std::max<std::int64_t>(rest, made.endpoint_rests.count());
    }
  Rows<2> rows;
  for (const auto& [id, rest] : rests) rows.add(id, rest);
  run_rows(transaction, rest_query, rows);
}

Rows<2> rows_of(const std::vector<HeldLease>& leases) {
  Rows<2> rows;
  for (const HeldLease& lease : leases) rows.add(lease.delivery_id, lease.token);
  return rows;
}

}  // namespace

Result<std::vector<ClaimedDelivery>> claim_deliveries(Database& database, const Sealer& sealer,
                                                      const ClaimRequest& request) {
  std::vector<ClaimedDelivery> claimed;
  Rows<2> room;
  for (const auto& [endpoint_id, count] : request.room) room.add(endpoint_id, count);
  const auto literals = room.parameters();
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    claimed.clear();
    run(transaction, use_indexes_query);
    const Query query{"claim_deliveries", claim_sql.c_str()};
    for (const Row& row :
         run(transaction, query, request.most, request.most_per_endpoint, literals[0], literals[1],
             static_cast<std::int64_t>(request.first_gap.count()),
             static_cast<std::int64_t>(request.lease.count())))
      claimed.push_back(claimed_of(row, sealer));
    return {};
  }));
  return claimed;
}

Result<bool> has_due_deliveries(Database& database) {
  bool found = false;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    run(transaction, use_indexes_query);
    found = bool_of(run(transaction, {"has_due_deliveries", has_due_sql.c_str()})[0], "found");
    return {};
  }));
  return found;
}

Result<std::vector<std::string>> extend_leases(Database& database,
                                               const std::vector<HeldLease>& leases,
                                               std::chrono::milliseconds lease) {
  std::vector<std::string> ours;
  if (leases.empty()) return ours;
  const auto literals = rows_of(leases).parameters();
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    ours.clear();
    run(transaction, use_indexes_query);
    for (const Row& row : run(transaction, extend_query, literals[0], literals[1],
                              static_cast<std::int64_t>(lease.count())))
      ours.push_back(text_of(row, "id"));
    return {};
  }));
  return ours;
}

Result<void> release_leases(Database& database, const std::vector<HeldLease>& leases) {
  if (leases.empty()) return {};
  const auto literals = rows_of(leases).parameters();
  return database.note([&](Transaction& transaction) -> Result<void> {
    run(transaction, use_indexes_query);
    run(transaction, release_query, literals[0], literals[1]);
    return {};
  });
}

Result<int> mark_deliveries(Database& database, const std::vector<DeliveryTry>& tries) {
  int marked = 0;
  if (tries.empty()) return marked;
  // Once, with its ids: when the database is lost, the same rows are written again.
  const auto p = rows_of(tries).parameters();
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    run(transaction, use_indexes_query);
    marked = static_cast<int>(run(transaction, mark_query, p[0], p[1], p[2], p[3], p[4], p[5], p[6],
                                  p[7], p[8], p[9], p[10], p[11], p[12])
                                  .size());
    move_lines(transaction, tries);
    rest_endpoints(transaction, tries);
    return {};
  }));
  return marked;
}

Result<bool> took_any_since(Database& database, const std::string& endpoint_id, Time since) {
  bool found = false;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    found = bool_of(run(transaction, took_any_query, endpoint_id, sql_time(since))[0], "found");
    return {};
  }));
  return found;
}

Result<UndeliveredEvents> count_undelivered(Database& database) {
  UndeliveredEvents counted;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    const Rowset rows = run(transaction, undelivered_query);
    counted = {.oldest_age_sec = rows[0]["age"].as<double>(),
               .pending = static_cast<double>(integer_of(rows[0], "pending")),
               .given_up = static_cast<double>(integer_of(rows[0], "given_up"))};
    return {};
  }));
  return counted;
}

}  // namespace switchyard
