#include "store/idempotency_keys.h"

#include "base/seeded_bug.h"
#include "store/trip.h"

namespace switchyard {
namespace {

// An answer is about a key of one merchant and mode, and cannot be opened as another's.
std::string about(const std::string& merchant_id, Mode mode, const std::string& key_hash) {
  return merchant_id + "/" + std::string(word_of(mode)) + "/" + key_hash;
}

constexpr Query find_query{"find_key", R"(
  SELECT k.fingerprint, k.object_id, k.request_id, k.state, k.lease_until < now() AS lease_is_over,
    k.lease_token, a.status, a.content_type, a.headers, a.sealed_body
  FROM idempotency_keys k LEFT JOIN idempotency_answers a
    ON a.merchant_id = k.merchant_id AND a.mode = k.mode AND a.key_hash = k.key_hash
    AND a.created_on > (now() - interval '31 days')::date
    AND k.finished_at > now() - interval '30 days'
  WHERE k.merchant_id = $1 AND k.mode = $2 AND k.key_hash = $3)"};

constexpr Query claim_query{"claim_keys", R"(
  INSERT INTO idempotency_keys (merchant_id, mode, key_hash, fingerprint, object_id, state,
    lease_until, request_id, created_at, finished_at)
  SELECT merchant_id, mode, key_hash, fingerprint, object_id,
    CASE WHEN is_finished THEN 'finished' ELSE 'running' END,
    now() + interval '15 seconds', request_id, $8::timestamptz,
    CASE WHEN is_finished THEN $8::timestamptz END
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[])
    AS n (merchant_id, mode, key_hash, fingerprint, object_id, request_id, is_finished)
  ORDER BY merchant_id, mode, key_hash
  ON CONFLICT DO NOTHING
  RETURNING key_hash)"};

constexpr Query take_over_query{"take_over_keys", R"(
  UPDATE idempotency_keys k SET lease_until = now() + interval '15 seconds',
    lease_token = k.lease_token + 1, request_id = n.request_id
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS n (merchant_id, mode, key_hash, lease_token, request_id)
  WHERE k.merchant_id = n.merchant_id AND k.mode = n.mode AND k.key_hash = n.key_hash
    AND k.lease_token = n.lease_token AND k.state = 'running' AND k.lease_until < now()
  RETURNING k.key_hash)"};

constexpr Query take_over_any_query{"take_over_keys", R"(
  UPDATE idempotency_keys k SET lease_until = now() + interval '15 seconds', state = 'running',
    lease_token = k.lease_token + 1, request_id = n.request_id, finished_at = NULL
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[])
    AS n (merchant_id, mode, key_hash, lease_token, request_id)
  WHERE k.merchant_id = n.merchant_id AND k.mode = n.mode AND k.key_hash = n.key_hash
    AND k.lease_token = n.lease_token AND k.lease_until < now()
  RETURNING k.key_hash)"};

// An owner that was taken over from finds nothing to finish: the new owner's answer stands.
constexpr Query finish_query{"finish_keys", R"(
  WITH finished AS (
    UPDATE idempotency_keys k SET state = 'finished', finished_at = $9::timestamptz,
      object_id = coalesce(nullif(n.object_id, ''), k.object_id)
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $10::text[])
      AS n (merchant_id, mode, key_hash, object_id, request_id)
    WHERE k.merchant_id = n.merchant_id AND k.mode = n.mode AND k.key_hash = n.key_hash
      AND k.state = 'running' AND k.request_id = n.request_id
    RETURNING k.merchant_id, k.mode, k.key_hash, k.request_id), answered AS (
  INSERT INTO idempotency_answers (merchant_id, mode, key_hash, created_on, status, content_type,
    headers, sealed_body)
  SELECT f.merchant_id, f.mode, f.key_hash, ($9::timestamptz)::date, n.status, n.content_type, n.headers,
    n.sealed_body
  FROM unnest($1::text[], $2::text[], $3::text[], $5::int[], $6::text[], $7::jsonb[], $8::text[])
    AS n (merchant_id, mode, key_hash, status, content_type, headers, sealed_body)
  JOIN finished f USING (merchant_id, mode, key_hash))
  SELECT request_id FROM finished)"};

constexpr Query keep_query{"keep_answers", R"(
  INSERT INTO idempotency_answers (merchant_id, mode, key_hash, created_on, status, content_type,
    headers, sealed_body)
  SELECT merchant_id, mode, key_hash, ($8::timestamptz)::date, status, content_type, headers,
    sealed_body
  FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::jsonb[], $7::text[])
    AS n (merchant_id, mode, key_hash, status, content_type, headers, sealed_body))"};

constexpr Query reopen_query{"reopen_keys", R"(
  UPDATE idempotency_keys k SET state = 'running', finished_at = NULL, object_id = n.object_id
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
    AS n (merchant_id, mode, key_hash, object_id)
  WHERE k.merchant_id = n.merchant_id AND k.mode = n.mode AND k.key_hash = n.key_hash)"};

// A row that is locked is being finished by the writer, and two that lock many in different orders
// would wait for each other.
constexpr Query extend_query{"extend_keys", R"(
  WITH mine AS (
    SELECT k.merchant_id, k.mode, k.key_hash FROM idempotency_keys k
    JOIN unnest($1::text[], $2::text[], $3::text[], $4::text[])
      AS n (merchant_id, mode, key_hash, request_id) USING (merchant_id, mode, key_hash)
    WHERE k.state = 'running' AND k.request_id = n.request_id
    FOR UPDATE OF k SKIP LOCKED)
  UPDATE idempotency_keys k SET lease_until = now() + interval '15 seconds'
  FROM mine WHERE k.merchant_id = mine.merchant_id AND k.mode = mine.mode
    AND k.key_hash = mine.key_hash)"};

constexpr Query release_query{"release_key", R"(
  UPDATE idempotency_keys SET lease_until = now()
  WHERE merchant_id = $1 AND mode = $2 AND key_hash = $3 AND state = 'running' AND request_id = $4)"};

constexpr Query drop_query{"drop_key", R"(
  DELETE FROM idempotency_keys
  WHERE merchant_id = $1 AND mode = $2 AND key_hash = $3 AND state = 'running' AND request_id = $4)"};

const std::string& object_of(const KeyClaim& claim, const KeyAnswer& answer) {
  return answer.object_id.empty() ? claim.object_id : answer.object_id;
}

Json headers_json(const std::vector<std::pair<std::string, std::string>>& headers) {
  Json json = Json::array();
  for (const auto& [name, value] : headers) json.push_back(Json::array({name, value}));
  return json;
}

KeyAnswer answer_of(const Row& row, const Sealer& sealer, const std::string& subject) {
  KeyAnswer answer{.status = static_cast<int>(integer_of(row, "status")),
                   .content_type = text_of(row, "content_type")};
  for (const Json& pair : json_of(row, "headers"))
    answer.headers.emplace_back(text_at(pair, "0"), text_at(pair, "1"));
  const auto bytes = from_base64(text_of(row, "sealed_body"));
  const auto body = bytes ? sealer.open(*bytes, subject) : std::nullopt;
  assert(body && "the master key opens what it sealed");
  answer.body = *body;
  return answer;
}

}  // namespace

Result<std::optional<StoredKey>> find_key(Database& database, const Sealer& sealer,
                                          const std::string& merchant_id, Mode mode,
                                          const std::string& key_hash) {
  std::optional<StoredKey> found;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    const Rowset rows =
        run(transaction, find_query, merchant_id, std::string(word_of(mode)), key_hash);
    if (rows.empty()) return {};
    const Row& row = rows[0];
    found = StoredKey{.fingerprint = text_of(row, "fingerprint"),
                      .object_id = text_of(row, "object_id"),
                      .request_id = text_of(row, "request_id"),
                      .is_finished = text_of(row, "state") == "finished",
                      .lease_is_over = bool_of(row, "lease_is_over"),
                      .lease_token = integer_of(row, "lease_token")};
    if (!row["status"].is_null())
      found->answer = answer_of(row, sealer, about(merchant_id, mode, key_hash));
    return {};
  }));
  return found;
}

Result<void> extend_keys(Database& database, const std::vector<KeyClaim>& claims) {
  Rows<4> rows;
  for (const KeyClaim& c : claims)
    rows.add(c.merchant_id, word_of(c.mode), c.key_hash, c.request_id);
  const auto& p = rows.parameters();
  return database.note([&](Transaction& transaction) -> Result<void> {
    run(transaction, extend_query, p[0], p[1], p[2], p[3]);
    return {};
  });
}

Result<void> release_key(Database& database, const KeyClaim& claim) {
  return database.write([&](Transaction& transaction) -> Result<void> {
    run(transaction, release_query, claim.merchant_id, std::string(word_of(claim.mode)),
        claim.key_hash, claim.request_id);
    return {};
  });
}

Result<void> drop_key(Database& database, const KeyClaim& claim) {
  return database.write([&](Transaction& transaction) -> Result<void> {
    run(transaction, drop_query, claim.merchant_id, std::string(word_of(claim.mode)),
        claim.key_hash, claim.request_id);
    return {};
  });
}

Result<void> turn_answer_partitions(Database& database) {
  // As their owner, which we need not be: see the migration that made it.
  return database.write([](Transaction& transaction) -> Result<void> {
    transaction.exec("SELECT turn_answer_partitions()");
    return {};
  });
}

Pending<std::vector<std::string>> claim_keys(Trip& trip, const std::vector<NewClaim>& claims,
                                             Time now) {
  Rows<7> fresh;
  Rows<5> taken_over;
  for (const NewClaim& claim : claims) {
    const KeyClaim* c = claim.claim;
    if (c->takes_over > 0)
      taken_over.add(c->merchant_id, word_of(c->mode), c->key_hash, c->takes_over, c->request_id);
    else
      fresh.add(c->merchant_id, word_of(c->mode), c->key_hash, c->fingerprint,
                claim.answer ? object_of(*c, *claim.answer) : c->object_id, c->request_id,
                claim.answer != nullptr);
  }
  Trip::Stop first = Trip::Stop::none;
  if (!fresh.is_empty()) {
    const auto& p = fresh.parameters();
    first = trip.add(claim_query, p[0], p[1], p[2], p[3], p[4], p[5], p[6], sql_time(now));
  }
  const Trip::Stop again =
      trip.add_rows(SEEDED_BUG("X9") ? take_over_any_query : take_over_query, taken_over);
  return [&trip, first, again] {
    std::vector<std::string> won = texts_of(trip.answer(first), "key_hash");
    for (std::string& key : texts_of(trip.answer(again), "key_hash")) won.push_back(std::move(key));
    return won;
  };
}

void keep_answers(Trip& trip,
                  const std::vector<std::pair<const KeyClaim*, const KeyAnswer*>>& answers,
                  const Sealer& sealer, Time now) {
  if (answers.empty()) return;
  Rows<7> rows;
  for (const auto& [claim, answer] : answers) {
    const std::string subject = about(claim->merchant_id, claim->mode, claim->key_hash);
    rows.add(claim->merchant_id, word_of(claim->mode), claim->key_hash, answer->status,
             answer->content_type, write_json(headers_json(answer->headers)),
             to_base64(sealer.seal(answer->body, subject)));
  }
  const auto& p = rows.parameters();
  trip.add(keep_query, p[0], p[1], p[2], p[3], p[4], p[5], p[6], sql_time(now));
}

void reopen_keys(Trip& trip, const std::vector<const KeyClaim*>& claims) {
  Rows<4> rows;
  for (const KeyClaim* c : claims)
    rows.add(c->merchant_id, word_of(c->mode), c->key_hash, c->object_id);
  trip.add_rows(reopen_query, rows);
}

Pending<std::vector<std::string>> finish_keys(
    Trip& trip, const std::vector<std::pair<const KeyClaim*, const KeyAnswer*>>& answers,
    const Sealer& sealer, Time now) {
  Rows<9> rows;
  for (const auto& [claim, answer] : answers) {
    const std::string subject = about(claim->merchant_id, claim->mode, claim->key_hash);
    rows.add(claim->merchant_id, word_of(claim->mode), claim->key_hash, object_of(*claim, *answer),
             answer->status, answer->content_type, write_json(headers_json(answer->headers)),
             to_base64(sealer.seal(answer->body, subject)), claim->request_id);
  }
  Trip::Stop stop = Trip::Stop::none;
  if (!rows.is_empty()) {
    const auto& p = rows.parameters();
    stop =
        trip.add(finish_query, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], sql_time(now), p[8]);
  }
  return [&trip, stop] { return texts_of(trip.answer(stop), "request_id"); };
}

}  // namespace switchyard
