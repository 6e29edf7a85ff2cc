#include "store/endpoints.h"

#include "store/trip.h"

namespace switchyard {
namespace {

constexpr const char* list_sql = R"(
  SELECT id, merchant_id, mode, url, to_json(enabled_events) AS enabled_events, description,
    ordering, sealed_secret, status, disabled_reason, is_deleted,
    micros(created_at) AS created_at, micros(updated_at) AS updated_at
  FROM endpoints WHERE merchant_id = $1 AND mode = $2 AND NOT is_deleted)";
const std::string list_ordered = std::string(list_sql) + " ORDER BY id DESC";
const std::string find_sql = std::string(list_sql) + " AND id = $3";

constexpr Query upsert_query{"upsert_endpoints", R"(
  INSERT INTO endpoints (id, merchant_id, mode, url, enabled_events, description, ordering,
    sealed_secret, status, disabled_reason, is_deleted, created_at, updated_at)
  SELECT id, merchant_id, mode, url, enabled_events::text[], description, ordering, sealed_secret,
    status, disabled_reason, is_deleted, created_at, updated_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::bool[], $12::timestamptz[], $13::timestamptz[])
    AS n (id, merchant_id, mode, url, enabled_events, description, ordering, sealed_secret, status,
      disabled_reason, is_deleted, created_at, updated_at)
  ORDER BY id
  ON CONFLICT (id) DO UPDATE SET url = excluded.url, enabled_events = excluded.enabled_events,
    description = excluded.description, ordering = excluded.ordering,
    sealed_secret = excluded.sealed_secret, status = excluded.status,
    disabled_reason = excluded.disabled_reason, is_deleted = excluded.is_deleted,
    updated_at = excluded.updated_at)"};

Endpoint endpoint_of(const Row& row, const Sealer& sealer) {
  Endpoint e{.id = text_of(row, "id"), .merchant_id = text_of(row, "merchant_id")};
  e.mode = text_of(row, "mode") == "live" ? Mode::live : Mode::test;
  e.url = text_of(row, "url");
  for (const Json& glob : json_of(row, "enabled_events"))
    e.enabled_events.push_back(glob.get<std::string>());
  e.description = text_of(row, "description");
  e.ordering = text_of(row, "ordering");
  const auto bytes = from_base64(text_of(row, "sealed_secret"));
  const auto secret = bytes ? sealer.open(*bytes, e.id) : std::nullopt;
  assert(secret && "the master key opens what it sealed");
  e.secret = Secret(*secret);
  e.is_enabled = text_of(row, "status") == "enabled";
  e.disabled_reason = text_of(row, "disabled_reason");
  e.is_deleted = bool_of(row, "is_deleted");
  e.created_at = time_of(row, "created_at");
  e.updated_at = time_of(row, "updated_at");
  return e;
}

}  // namespace

Result<std::optional<Endpoint>> find_endpoint(Database& database, const Sealer& sealer,
                                              const std::string& merchant_id, Mode mode,
                                              const std::string& id) {
  std::optional<Endpoint> found;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    const Query query{"find_endpoint", find_sql.c_str()};
    for (const Row& row : run(transaction, query, merchant_id, std::string(word_of(mode)), id))
      found = endpoint_of(row, sealer);
    return {};
  }));
  return found;
}

Result<std::vector<Endpoint>> list_endpoints(Database& database, const Sealer& sealer,
                                             const std::string& merchant_id, Mode mode) {
  std::vector<Endpoint> list;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    const Query query{"list_endpoints", list_ordered.c_str()};
    for (const Row& row : run(transaction, query, merchant_id, std::string(word_of(mode))))
      list.push_back(endpoint_of(row, sealer));
    return {};
  }));
  return list;
}

void upsert_endpoints(Trip& trip, std::vector<const Endpoint*> endpoints, const Sealer& sealer) {
  Rows<13> rows;
  for (const Endpoint* e : endpoints)
    rows.add(e->id, e->merchant_id, word_of(e->mode), e->url, text_array(e->enabled_events),
             e->description, e->ordering, to_base64(sealer.seal(e->secret.reveal(), e->id)),
             e->is_enabled ? "enabled" : "disabled", e->disabled_reason, e->is_deleted,
             e->created_at, e->updated_at);
  trip.add_rows(upsert_query, rows);
}

}  // namespace switchyard
