#include "store/provider_webhooks.h"

#include "base/crypto.h"
#include "store/row_parts.h"

namespace switchyard {
namespace {

constexpr Query insert_query{"insert_webhooks", R"(
  INSERT INTO provider_webhooks (id, account, proof, provider_event_id, method, sealed_head, body,
    sha256, peer, state, received_at, lease_until, tries)
  SELECT id, account, proof, provider_event_id, method, sealed_head, body, sha256, peer,
    CASE WHEN proof = 'rejected' THEN 'quarantined' ELSE 'waiting' END, received_at,
    CASE WHEN is_ours THEN now() + interval '15 seconds' ELSE '-infinity' END, is_ours::int
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[],
    $8::text[], $9::text[], $10::timestamptz[], $11::bool[])
    AS n (id, account, proof, provider_event_id, method, sealed_head, body, sha256, peer, received_at,
      is_ours)
  ORDER BY account, provider_event_id
  ON CONFLICT (account, provider_event_id) WHERE proof = 'verified' AND provider_event_id <> ''
    DO NOTHING
  RETURNING id)"};

constexpr Query claim_query{"claim_webhooks", R"(
  WITH due AS (
    SELECT id FROM provider_webhooks
    WHERE state IN ('waiting', 'parked') AND due_at <= now() AND lease_until <= now()
    ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
  UPDATE provider_webhooks w SET lease_until = now() + interval '15 seconds', tries = w.tries + 1
  FROM due WHERE w.id = due.id
  RETURNING w.id, w.account, w.proof, w.provider_event_id, w.method, w.sealed_head,
    encode(w.body, 'hex') AS body, w.peer, w.tries, micros(w.received_at) AS received_at)"};

constexpr Query mark_query{"mark_webhooks", R"(
  UPDATE provider_webhooks w SET state = n.state, outcome = n.outcome, lease_until = '-infinity',
    due_at = now() + n.due_in_ms * interval '1 millisecond',
    done_at = CASE WHEN n.state = 'done' THEN now() END
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS n (id, state, outcome, due_in_ms)
  WHERE w.id = n.id)"};

constexpr Query quarantined_query{"count_quarantined", R"(
  SELECT count(*) AS count FROM provider_webhooks
  WHERE proof = 'rejected' AND peer = $1 AND received_at > now() - interval '1 hour')"};

constexpr Query lag_query{"webhook_lag", R"(
  SELECT coalesce(extract(epoch FROM now() - min(received_at)), 0)::float8 AS lag
  FROM provider_webhooks WHERE state = 'waiting')"};

// Path and headers, in which a provider's proof may lie.
std::string head_of(const ReceivedWebhook& webhook) {
  Json headers = Json::array();
  for (const auto& [name, value] : webhook.headers) headers.push_back(Json::array({name, value}));
  return write_json({{"path", webhook.path}, {"headers", headers}});
}

ReceivedWebhook webhook_of(const Row& row, const Sealer& sealer) {
  ReceivedWebhook w{.id = text_of(row, "id"),
                    .account = text_of(row, "account"),
                    .proof = text_of(row, "proof"),
                    .provider_event_id = text_of(row, "provider_event_id"),
                    .method = text_of(row, "method")};
  const std::string sealed_head = text_of(row, "sealed_head");
  const Json head =
      sealed_head.empty() ? Json::object() : parse_json(opened(sealer, sealed_head, w.id));
  w.path = text_at(head, "path");
  // None in what was stored before heads were sealed: it then proves nothing, and is looked up.
  for (const Json& pair : head.value("headers", Json::array()))
    w.headers.emplace_back(text_at(pair, "0"), text_at(pair, "1"));
  w.body = from_hex(text_of(row, "body")).value_or("");
  w.peer = text_of(row, "peer");
  w.tries = static_cast<int>(integer_of(row, "tries"));
  w.received_at = time_of(row, "received_at");
  return w;
}

}  // namespace

Result<std::vector<ReceivedWebhook>> claim_webhooks(Database& database, const Sealer& sealer,
                                                    int most) {
  std::vector<ReceivedWebhook> claimed;
  TRY(database.note([&](Transaction& transaction) -> Result<void> {
    claimed.clear();
    for (const Row& row : run(transaction, claim_query, most))
      claimed.push_back(webhook_of(row, sealer));
    return {};
  }));
  return claimed;
}

Result<void> finish_webhooks(Database& database, const std::vector<WebhookOutcome>& outcomes) {
  std::vector<const WebhookOutcome*> rows;
  for (const WebhookOutcome& outcome : outcomes) rows.push_back(&outcome);
  return database.write([&](Transaction& transaction) -> Result<void> {
    Trip trip(transaction);
    mark_webhooks(trip, rows);
    trip.go();
    return {};
  });
}

Result<std::int64_t> count_quarantined(Database& database, const std::string& peer) {
  std::int64_t count = 0;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    count = integer_of(run(transaction, quarantined_query, peer)[0], "count");
    return {};
  }));
  return count;
}

Result<double> webhook_lag(Database& database) {
  double lag = 0;
  TRY(database.read([&](Transaction& transaction) -> Result<void> {
    lag = run(transaction, lag_query)[0]["lag"].as<double>();
    return {};
  }));
  return lag;
}

Pending<std::vector<std::string>> insert_webhooks(
    Trip& trip, const std::vector<const ReceivedWebhook*>& webhooks, const Sealer& sealer) {
  Rows<11> rows;
  for (const ReceivedWebhook* w : webhooks)
    rows.add(w->id, w->account, w->proof, w->provider_event_id, w->method,
             sealed(sealer, head_of(*w), w->id), Bytes{w->body}, sha256_hex(w->body), w->peer,
             w->received_at, w->is_ours);
  const Trip::Stop stop = trip.add_rows(insert_query, rows);
  return [&trip, stop] { return texts_of(trip.answer(stop), "id"); };
}

void mark_webhooks(Trip& trip, const std::vector<const WebhookOutcome*>& outcomes) {
  Rows<4> rows;
  for (const WebhookOutcome* o : outcomes)
    rows.add(o->id, o->state, o->outcome, std::int64_t{o->due_in.count()});
  trip.add_rows(mark_query, rows);
}

}  // namespace switchyard
