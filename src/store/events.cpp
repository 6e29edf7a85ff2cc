#include "store/events.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/id.h"
#include "store/row_parts.h"

namespace switchyard {
namespace {

constexpr const char* api_version = "2026-11-20";

constexpr Query make_counters_query{"make_event_counters", R"(
  INSERT INTO event_counters (merchant_id, mode)
  SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING)"};

// Locked in the order of their keys, so that two routers never wait for each other in a circle.
constexpr Query take_positions_query{"take_event_positions", R"(
  WITH wanted AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS n (merchant_id, mode, count)),
  locked AS (
    SELECT c.merchant_id, c.mode FROM event_counters c JOIN wanted USING (merchant_id, mode)
    ORDER BY c.merchant_id, c.mode FOR UPDATE OF c)
  UPDATE event_counters c SET position = c.position + wanted.count
  FROM wanted JOIN locked USING (merchant_id, mode)
  WHERE c.merchant_id = wanted.merchant_id AND c.mode = wanted.mode
  RETURNING c.merchant_id, c.mode, c.position - wanted.count AS before)"};

constexpr Query insert_events_query{"insert_events", R"(
  INSERT INTO events (id, merchant_id, mode, position, type, payment_id, sequence, body, created_at)
  SELECT id, merchant_id, mode, position, type, payment_id, nullif(sequence, 0), body, created_at
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::int[],
    $8::text[], $9::timestamptz[])
    AS n (id, merchant_id, mode, position, type, payment_id, sequence, body, created_at))"};

constexpr Query endpoints_query{"event_endpoints", R"(
  SELECT id, merchant_id, mode, to_json(enabled_events) AS enabled_events FROM endpoints
  WHERE merchant_id = ANY($1::text[]) AND status = 'enabled' AND NOT is_deleted)"};

constexpr Query insert_deliveries_query{"insert_deliveries", R"(
  INSERT INTO deliveries (id, event_id, endpoint_id, merchant_id, mode, payment_id, sequence)
  SELECT id, event_id, endpoint_id, merchant_id, mode, payment_id, nullif(sequence, 0)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
    AS n (id, event_id, endpoint_id, merchant_id, mode, payment_id, sequence))"};

std::string padded(std::int64_t position) {
  std::string digits = std::to_string(position);
  return std::string(16 - std::min<std::size_t>(16, digits.size()), '0') + digits;
}

std::string body_of(const PlacedEvent& placed, std::int64_t position, Time now) {
  const NewEvent& event = *placed.event;
  const Json head = {{"id", event.id},
                     {"type", event.type},
                     {"timestamp", to_rfc3339(now)},
                     {"api_version", api_version},
                     {"environment", word_of(event.mode)},
                     {"merchant", event.merchant_id},
                     {"sequence", placed.sequence > 0 ? Json(placed.sequence) : Json(nullptr)},
                     {"position", padded(position)},
                     {"previous", placed.previous.empty() ? Json(nullptr) : Json(placed.previous)}};
  // Its last member is written beside it: inside, the whole object would be copied twice.
  std::string text = write_json(head);
  text.pop_back();
  text.append(R"(,"data":{"object":)").append(write_json(event.object));
  text.append(R"(,"cause":)").append(write_json(event.cause));
  return text.append("}}");
}

Trip::Stop ask_positions(Trip& trip, const std::map<EventOwner, std::int64_t>& counts) {
  Rows<3> wanted;
  for (const auto& [owner, count] : counts) wanted.add(owner.first, word_of(owner.second), count);
  return trip.add_rows(take_positions_query, wanted);
}

void read_positions(const Rowset& rows, std::map<EventOwner, std::int64_t>& before) {
  for (const Row& row : rows)
    before[{text_of(row, "merchant_id"), mode_of(row)}] = integer_of(row, "before");
}

// For merchants that have no counter yet.
void take_first_positions(Transaction& transaction, std::map<EventOwner, std::int64_t> counts,
                          std::map<EventOwner, std::int64_t>& before) {
  std::erase_if(counts, [&](const auto& each) { return before.contains(each.first); });
  if (counts.empty()) return;
  Rows<2> first_time;
  for (const auto& [owner, count] : counts) first_time.add(owner.first, word_of(owner.second));
  Trip trip(transaction);
  trip.add_rows(make_counters_query, first_time);
  const Trip::Stop stop = ask_positions(trip, counts);
  read_positions(trip.answer(stop), before);
}

int insert_deliveries(Trip& trip, const Rowset& endpoints, const std::vector<PlacedEvent>& events) {
  Rows<7> rows;
  for (const Row& endpoint : endpoints) {
    const std::string id = text_of(endpoint, "id");
    const EventOwner owner{text_of(endpoint, "merchant_id"), mode_of(endpoint)};
    const Json globs = json_of(endpoint, "enabled_events");
    for (const PlacedEvent& e : events) {
      if (owner != EventOwner{e.event->merchant_id, e.event->mode}) continue;
      const bool wanted = std::any_of(globs.begin(), globs.end(), [&](const Json& glob) {
        return fits_filter(e.event->type, glob.get_ref<const std::string&>());
      });
      if (wanted)
        rows.add(new_id("dlv"), e.event->id, id, e.event->merchant_id, word_of(e.event->mode),
                 NullableText{e.event->payment_id}, e.sequence);
    }
  }
  trip.add_rows(insert_deliveries_query, rows);
  return static_cast<int>(rows.count());
}

}  // namespace

Pending<EventPlaces> take_event_places(Transaction& transaction, Trip& trip,
                                       const std::vector<PlacedEvent>& events) {
  std::map<EventOwner, std::int64_t> counts;
  for (const PlacedEvent& e : events) ++counts[{e.event->merchant_id, e.event->mode}];
  std::set<std::string> merchants;
  for (const auto& [owner, count] : counts) merchants.insert(owner.first);
  const Trip::Stop positions = ask_positions(trip, counts);
  const Trip::Stop endpoints =
      events.empty() ? Trip::Stop::none
                     : trip.add(endpoints_query, text_array({merchants.begin(), merchants.end()}));
  return [&transaction, &trip, positions, endpoints, counts] {
    EventPlaces places;
    read_positions(trip.answer(positions), places.before);
    take_first_positions(transaction, counts, places.before);
    places.endpoints = std::make_shared<Rowset>(trip.answer(endpoints));
    return places;
  };
}

int insert_events(Trip& trip, EventPlaces places, const std::vector<PlacedEvent>& events,
                  Time now) {
  Rows<9> rows;
  for (const PlacedEvent& e : events) {
    const std::int64_t mine = ++places.before[{e.event->merchant_id, e.event->mode}];
    rows.add(e.event->id, e.event->merchant_id, word_of(e.event->mode), mine, e.event->type,
             NullableText{e.event->payment_id}, e.sequence, body_of(e, mine, now), now);
  }
  trip.add_rows(insert_events_query, rows);
  return insert_deliveries(trip, *places.endpoints, events);
}

namespace {

constexpr const char* select_events =
    "SELECT e.id, e.type, e.body FROM events e WHERE e.merchant_id = $1 AND e.mode = $2";

// "after" and "before" are an event's id or a position; either is turned into a position.
constexpr Query position_query{"event_position", R"(
  SELECT position FROM events WHERE merchant_id = $1 AND mode = $2 AND id = $3)"};
const std::string ascending_sql =
    std::string(select_events) +
    " AND ($3 = '' OR e.payment_id = $3) AND ($4 = '' OR e.type LIKE $4) AND e.position > $5"
    " ORDER BY e.position LIMIT $6";
const std::string descending_sql =
    std::string(select_events) +
    " AND ($3 = '' OR e.payment_id = $3) AND ($4 = '' OR e.type LIKE $4) AND e.position < $5"
    " ORDER BY e.position DESC LIMIT $6";
const std::string find_sql = std::string(select_events) + " AND e.id = $3";

std::string like_pattern(const std::string& glob) {
  std::string pattern;
  for (const char c : glob) {
    if (c == '_' || c == '%' || c == '\\') pattern += '\\';
    pattern += c == '*' ? '%' : c;
  }
  return pattern;
}

Result<std::int64_t> position_of(Transaction& transaction, const EventFilter& filter,
                                 const std::string& cursor) {
  const std::string mode(word_of(filter.mode));
  if (cursor.find_first_not_of("0123456789") == std::string::npos && cursor.size() <= 18)
    return std::stoll(cursor);
  const Rowset rows = run(transaction, position_query, filter.merchant_id, mode, cursor);
  if (rows.empty())
    return fail(ErrorCode::invalid_query,
                "The cursor names no event of yours: pass the id or the position of an event.",
                "after");
  return integer_of(rows[0], "position");
}

}  // namespace

Result<EventPage> list_events(Database& database, const EventFilter& filter) {
  EventPage page;
  const std::string mode(word_of(filter.mode));
  TRY(database.read_for(filter.merchant_id, [&](Transaction& transaction) -> Result<void> {
    page = {};
    const bool ascending = filter.ascending;
    const std::string& cursor = ascending ? filter.after : filter.before;
    std::int64_t edge = ascending ? 0 : std::numeric_limits<std::int64_t>::max();
    if (!cursor.empty()) edge = TRY(position_of(transaction, filter, cursor));
    const Query query{ascending ? "list_events_up" : "list_events_down",
                      ascending ? ascending_sql.c_str() : descending_sql.c_str()};
    for (const Row& row : run(transaction, query, filter.merchant_id, mode, filter.payment_id,
                              like_pattern(filter.type), edge, filter.limit + 1)) {
      if (static_cast<int>(page.bodies.size()) == filter.limit) {
        page.has_more = true;
        break;
      }
      page.bodies.push_back(text_of(row, "body"));
    }
    return {};
  }));
  return page;
}

Result<std::optional<std::string>> find_event_body(Database& database,
                                                   const std::string& merchant_id, Mode mode,
                                                   const std::string& id) {
  std::optional<std::string> found;
  TRY(database.read_for(merchant_id, [&](Transaction& transaction) -> Result<void> {
    const Query query{"find_event", find_sql.c_str()};
    for (const Row& row : run(transaction, query, merchant_id, std::string(word_of(mode)), id))
      found = text_of(row, "body");
    return {};
  }));
  return found;
}

}  // namespace switchyard
