#include "api/endpoints.h"

#include <algorithm>

#include "api/body_reader.h"
#include "api/endpoint_url.h"
#include "api/once.h"
#include "api/query_reader.h"
#include "api/replies.h"
#include "base/id.h"
#include "domain/event.h"
#include "store/deliveries_read.h"
#include "store/describe_endpoint.h"
#include "store/endpoints.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;

constexpr std::size_t most_endpoints = 50;
constexpr std::size_t most_filters = 50;

Json with_secret(Json json, const Secret& secret) {
  json["secret"] = secret.reveal();
  return json;
}

// What a body says about an endpoint; what it leaves out is left as it is.
struct Asked {
  std::optional<std::string> url = {}, description = {}, ordering = {};
  std::optional<std::vector<std::string>> enabled_events = {};

  Json typed() const {
    Json json = Json::object();
    if (url) json["url"] = *url;
    if (description) json["description"] = *description;
    if (ordering) json["ordering"] = *ordering;
    if (enabled_events) json["enabled_events"] = *enabled_events;
    return json;
  }
};

void note_filters(BodyReader& body, const std::vector<std::string>& filters) {
  for (const std::string& filter : filters)
    if (!is_event_filter(filter))
      body.note("enabled_events", "holds " + filter +
                                      ", which fits no event: use a type as in payment.succeeded "
                                      "or a pattern as in payment.*");
}

Result<Asked> read_asked(const Api& api, const ApiCall& call, bool is_new) {
  BodyReader body(call.body);
  Asked asked;
  std::string url = body.text("url", 2000, is_new || body.has("url"));
  if (!url.empty()) {
    const auto objection = endpoint_objection(api.services.policies, call.asker.mode, url);
    if (!objection.empty()) body.note("url", objection);
  }
  if (body.has("url")) asked.url = std::move(url);
  auto filters = body.texts("enabled_events", most_filters, 64);
  if (body.has("enabled_events")) {
    if (member_at(call.body, "enabled_events").empty())
      body.note("enabled_events", "must name at least one event, or be left out");
    note_filters(body, filters);
    asked.enabled_events = std::move(filters);
  }
  std::string description = body.text("description", 500);
  if (body.has("description")) asked.description = std::move(description);
  std::string ordering = body.choice("ordering", {"per_payment", "none"});
  if (body.has("ordering")) asked.ordering = std::move(ordering);
  TRY(body.finish());
  return asked;
}

Endpoint changed(Endpoint endpoint, const Asked& asked) {
  if (asked.url) endpoint.url = *asked.url;
  if (asked.enabled_events) endpoint.enabled_events = *asked.enabled_events;
  if (asked.description) endpoint.description = *asked.description;
  if (asked.ordering) endpoint.ordering = *asked.ordering;
  return endpoint;
}

Result<Endpoint> find_own(Api& api, const ApiCall& call) {
  auto found = TRY(find_endpoint(api.services.database, api.services.sealer, call.asker.merchant_id,
                                 call.asker.mode, std::string(call.request.param("id"))));
  if (!found) return fail(ErrorCode::not_found, "There is no such webhook endpoint.");
  return *std::move(found);
}

Result<std::vector<Endpoint>> list_own(Api& api, const ApiCall& call) {
  return list_endpoints(api.services.database, api.services.sealer, call.asker.merchant_id,
                        call.asker.mode);
}

Result<Reply> save(Api& api, const Claim& claim, const Endpoint& endpoint, const Reply& reply) {
  return commit_reply(api, claim, endpoint.id, reply,
                      [&](Draft& draft) { draft.endpoints.push_back(endpoint); });
}

Result<Reply> create(Api& api, const ApiCall& call, const Asked& asked, const Claim& claim) {
  if (TRY(list_own(api, call)).size() >= most_endpoints)
    return fail(ErrorCode::limit_exceeded,
                "There are 50 webhook endpoints already; delete one that is not needed.");
  const Time now = api.services.clock.now();
  const Endpoint endpoint = changed({.id = new_id("we"),
                                     .merchant_id = call.asker.merchant_id,
                                     .mode = call.asker.mode,
                                     .enabled_events = {"*"},
                                     .secret = Secret("whsec_" + to_base64(random_bytes(32))),
                                     .created_at = now,
                                     .updated_at = now},
                                    asked);
  return save(api, claim, endpoint,
              json_reply(with_secret(describe_endpoint(endpoint), endpoint.secret), 201,
                         {{"Location", "/v1/webhook_endpoints/" + endpoint.id}}));
}

using Change = std::function<void(Endpoint&)>;

Result<Reply> change(Api& api, const ApiCall& call, const Claim& claim, const Change& apply) {
  Endpoint endpoint = TRY(find_own(api, call));
  apply(endpoint);
  endpoint.updated_at = api.services.clock.now();
  const Json json =
      endpoint.is_deleted
          ? Json{{"id", endpoint.id}, {"object", "webhook_endpoint"}, {"deleted", true}}
          : describe_endpoint(endpoint);
  return save(api, claim, endpoint, json_reply(json));
}

Result<Reply> change_once(Api& api, const ApiCall& call, std::string_view operation, Json typed,
                          const Change& apply) {
  return once(api, call,
              {.operation = std::string(operation) + " " + std::string(call.request.param("id")),
               .typed = std::move(typed),
               .run = [&](Claim claim) { return change(api, call, claim, apply); }});
}

Json try_json(const LoggedTry& logged) {
  return {{"number", logged.number},
          {"url", logged.url},
          {"http_status", logged.http_status > 0 ? Json(logged.http_status) : Json(nullptr)},
          {"problem", logged.problem.empty() ? Json(nullptr) : Json(logged.problem)},
          {"answer", logged.answer},
          {"took_ms", logged.took_ms},
          {"created_at", to_rfc3339(logged.created_at)}};
}

Json delivery_json(const LoggedDelivery& delivery) {
  const auto time = [](const std::optional<Time>& at) {
    return at ? Json(to_rfc3339(*at)) : Json(nullptr);
  };
  Json json = {{"id", delivery.id},
               {"object", "delivery"},
               {"event", delivery.event_id},
               {"event_type", delivery.event_type},
               {"payment", delivery.payment_id.empty() ? Json(nullptr) : Json(delivery.payment_id)},
               {"status", delivery.status},
               {"next_try_at", time(delivery.due_at)},
               {"tries", Json::array()},
               {"created_at", to_rfc3339(delivery.created_at)},
               {"finished_at", time(delivery.finished_at)}};
  for (const LoggedTry& logged : delivery.tries) json["tries"].push_back(try_json(logged));
  return json;
}

Result<DeliveryFilter> read_delivery_filter(const ApiCall& call, const std::string& endpoint_id) {
  TRY(refuse_unknown_query(call.request, {"status", "after", "before", "limit"}));
  const Cursor cursor = TRY(read_cursor(call.request));
  TRY(check_cursor(cursor, "dlv"));
  const std::string status(call.request.query_value("status"));
  if (!status.empty() && status != "pending" && status != "succeeded" && status != "failed")
    return fail(ErrorCode::invalid_query, "status must be pending, succeeded or failed.", "status");
  return DeliveryFilter{.merchant_id = call.asker.merchant_id,
                        .mode = call.asker.mode,
                        .endpoint_id = endpoint_id,
                        .status = status,
                        .after = cursor.after,
                        .before = cursor.before,
                        .limit = cursor.limit};
}

}  // namespace

Result<Reply> create_endpoint(Api& api, const ApiCall& call) {
  const Asked asked = TRY(read_asked(api, call, true));
  return once(api, call,
              {.operation = "webhook_endpoints.create",
               .typed = asked.typed(),
               .run = [&](Claim claim) { return create(api, call, asked, claim); }});
}

Result<Reply> retrieve_endpoint(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  return json_reply(describe_endpoint(TRY(find_own(api, call))));
}

// A merchant has few, so that a page is cut from all of them.
Result<Reply> list_all_endpoints(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {"after", "before", "limit"}));
  const Cursor cursor = TRY(read_cursor(call.request));
  TRY(check_cursor(cursor, "we"));
  std::vector<Endpoint> endpoints = TRY(list_own(api, call));
  std::erase_if(endpoints, [&](const Endpoint& each) {
    return (!cursor.after.empty() && each.id >= cursor.after) ||
           (!cursor.before.empty() && each.id <= cursor.before);
  });
  const std::size_t limit = static_cast<std::size_t>(cursor.limit);
  const bool has_more = endpoints.size() > limit;
  const bool is_backwards = !cursor.before.empty();
  if (has_more && is_backwards) endpoints.erase(endpoints.begin(), endpoints.end() - cursor.limit);
  if (has_more && !is_backwards) endpoints.resize(limit);
  std::vector<std::string> items;
  for (const Endpoint& endpoint : endpoints)
    items.push_back(write_json(describe_endpoint(endpoint)));
  const bool goes_on = !items.empty() && (has_more || is_backwards);
  return list_reply(items, has_more, goes_on ? endpoints.back().id : "");
}

Result<Reply> update_endpoint(Api& api, const ApiCall& call) {
  const Asked asked = TRY(read_asked(api, call, false));
  return change_once(api, call, "webhook_endpoints.update", asked.typed(),
                     [&](Endpoint& endpoint) { endpoint = changed(std::move(endpoint), asked); });
}

Result<Reply> delete_endpoint(Api& api, const ApiCall& call) {
  TRY(BodyReader(call.body).finish());
  return change_once(api, call, "webhook_endpoints.delete", Json::object(),
                     [](Endpoint& endpoint) { endpoint.is_deleted = true; });
}

Result<Reply> enable_endpoint(Api& api, const ApiCall& call) {
  TRY(BodyReader(call.body).finish());
  return change_once(api, call, "webhook_endpoints.enable", Json::object(), [](Endpoint& endpoint) {
    endpoint.is_enabled = true;
    endpoint.disabled_reason = "";
  });
}

Result<Reply> list_endpoint_deliveries(Api& api, const ApiCall& call) {
  const Endpoint endpoint = TRY(find_own(api, call));
  const DeliveryFilter filter = TRY(read_delivery_filter(call, endpoint.id));
  const DeliveryPage page = TRY(list_deliveries(api.services.database, filter));
  std::vector<std::string> items;
  for (const LoggedDelivery& delivery : page.deliveries)
    items.push_back(write_json(delivery_json(delivery)));
  const bool goes_on = !items.empty() && (page.has_more || !filter.before.empty());
  return list_reply(items, page.has_more, goes_on ? page.deliveries.back().id : "");
}

}  // namespace switchyard
