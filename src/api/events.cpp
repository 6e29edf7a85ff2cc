#include "api/events.h"

#include "api/query_reader.h"
#include "api/replies.h"
#include "domain/event.h"
#include "store/events.h"

namespace switchyard {
namespace {

Result<EventFilter> read_filter(const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {"type", "payment", "after", "before", "limit"}));
  const Cursor cursor = TRY(read_cursor(call.request));
  const std::string type(call.request.query_value("type"));
  if (!type.empty() && !is_event_filter(type))
    return fail(ErrorCode::invalid_query,
                "type must be an event's type or fit one, as in payment.* or refund.succeeded.",
                "type");
  return EventFilter{.merchant_id = call.asker.merchant_id,
                     .mode = call.asker.mode,
                     .type = type,
                     .payment_id = std::string(call.request.query_value("payment")),
                     .after = cursor.after,
                     .before = cursor.before,
                     .limit = cursor.limit,
                     .ascending = !cursor.after.empty()};
}

}  // namespace

Result<Reply> list_all_events(Api& api, const ApiCall& call) {
  const EventFilter filter = TRY(read_filter(call));
  const EventPage page = TRY(list_events(api.services.database, filter));
  const std::string last = page.bodies.empty() ? "" : text_at(parse_json(page.bodies.back()), "id");
  // Who follows the stream keeps its place even where nothing new has come.
  if (filter.ascending)
    return list_reply(page.bodies, page.has_more, last.empty() ? filter.after : last, "");
  return list_reply(page.bodies, page.has_more, "", page.has_more ? last : "");
}

Result<Reply> retrieve_event(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  auto body = TRY(find_event_body(api.services.database, call.asker.merchant_id, call.asker.mode,
                                  std::string(call.request.param("id"))));
  if (!body) return fail(ErrorCode::not_found, "There is no such event.");
  return Reply{.body = *std::move(body)};
}

}  // namespace switchyard
