#include "api/customers.h"

#include "api/body_reader.h"
#include "api/once.h"
#include "api/phone_number.h"
#include "api/query_reader.h"
#include "api/replies.h"
#include "base/id.h"
#include "domain/describe.h"
#include "store/customers.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;

constexpr std::size_t most_metadata = 50;

// What a body says about a customer; what it leaves out is left as it is.
struct Asked {
  std::optional<std::string> external_id = {}, email = {}, name = {}, phone = {};
  std::optional<Metadata> metadata = {};

  Json typed() const {
    Json json = Json::object();
    if (external_id) json["external_id"] = *external_id;
    if (email) json["email"] = *email;
    if (name) json["name"] = *name;
    if (phone) json["phone"] = *phone;
    if (metadata) json["metadata"] = *metadata;
    return json;
  }
};

Result<Asked> read_asked(const ApiCall& call) {
  BodyReader body(call.body);
  Asked asked;
  const auto text = [&](std::string_view name, std::size_t longest) {
    std::string value = body.text(name, longest);
    return body.has(name) ? std::optional(std::move(value)) : std::nullopt;
  };
  asked.external_id = text("external_id", 128);
  asked.email = text("email", 254);
  asked.name = text("name", 200);
  asked.phone = text("phone", 32);
  Metadata metadata = body.metadata("metadata");
  if (body.has("metadata")) asked.metadata = std::move(metadata);
  if (asked.email && !asked.email->empty() && asked.email->find('@') == std::string::npos)
    body.note("email", "must be an e-mail address as in jane@example.com");
  if (asked.phone && !asked.phone->empty() && !is_phone_number(*asked.phone))
    body.note("phone", "must be a number in E.164, as in +231770000000");
  TRY(body.finish());
  return asked;
}

Customer changed(Customer customer, const Asked& asked) {
  if (asked.external_id) customer.external_id = *asked.external_id;
  if (asked.email) customer.email = *asked.email;
  if (asked.name) customer.name = *asked.name;
  if (asked.phone) customer.phone = *asked.phone;
  if (asked.metadata)
    for (const auto& [key, value] : *asked.metadata) {
      if (value.empty())
        customer.metadata.erase(key);
      else
        customer.metadata[key] = value;
    }
  return customer;
}

Result<Customer> find_own(Api& api, const ApiCall& call) {
  const std::string id(call.request.param("id"));
  auto found =
      TRY(find_customer(api.services.database, call.asker.merchant_id, call.asker.mode, id));
  if (!found) return fail(ErrorCode::not_found, "There is no such customer.");
  return *std::move(found);
}

Result<std::optional<Customer>> find_named(Api& api, const ApiCall& call, const std::string& name) {
  if (name.empty()) return std::optional<Customer>();
  return find_customer_by_external_id(api.services.database, call.asker.merchant_id,
                                      call.asker.mode, name);
}

std::function<void(Draft&)> save(const ApiCall& call, const Customer& customer,
                                 std::string_view event_type) {
  return [&call, customer, event_type](Draft& draft) {
    (event_type == "customer.created" ? draft.new_customers : draft.customers).push_back(customer);
    if (event_type.empty()) return;
    draft.changes.events.push_back({.id = new_id("evt"),
                                    .type = std::string(event_type),
                                    .merchant_id = customer.merchant_id,
                                    .mode = customer.mode,
                                    .object = customer_json(customer),
                                    .cause = call.cause()});
  };
}

Result<Reply> answer_existing(Api& api, const Claim& claim, const Customer& customer) {
  const Reply reply = json_reply(customer_json(customer), 200, {{"Switchyard-Existing", "true"}});
  if (!claim) return reply;
  return commit_reply(api, claim, customer.id, reply, [](Draft&) {});
}

Result<Reply> create(Api& api, const ApiCall& call, const Asked& asked, const Claim& claim) {
  const std::string external_id = asked.external_id.value_or("");
  if (const auto existing = TRY(find_named(api, call, external_id)))
    return answer_existing(api, claim, *existing);
  const Time now = api.services.clock.now();
  Customer customer = changed({.id = new_id("cus"),
                               .merchant_id = call.asker.merchant_id,
                               .mode = call.asker.mode,
                               .created_at = now,
                               .updated_at = now},
                              asked);
  customer.metadata = asked.metadata.value_or(Metadata());
  const Reply reply =
      json_reply(customer_json(customer), 201, {{"Location", "/v1/customers/" + customer.id}});
  auto made =
      commit_reply(api, claim, customer.id, reply, save(call, customer, "customer.created"));
  if (made || made.error().code != ErrorCode::external_id_conflict) return made;
  // Two calls with one external_id: the database let one in, and the other answers with it.
  if (const auto existing = TRY(find_named(api, call, external_id)))
    return answer_existing(api, claim, *existing);
  return made;
}

Result<void> refuse_taken(Api& api, const ApiCall& call, const Customer& customer) {
  const auto holder = TRY(find_named(api, call, customer.external_id));
  if (!holder || holder->id == customer.id) return {};
  return fail(ErrorCode::external_id_conflict, "Another customer has this external_id.",
              "external_id");
}

Result<Reply> update(Api& api, const ApiCall& call, const Asked& asked, const Claim& claim) {
  const Customer before = TRY(find_own(api, call));
  Customer after = changed(before, asked);
  if (after.metadata.size() > most_metadata)
    return fail(ErrorCode::invalid_field, "A customer may have no more than 50 pairs of metadata.",
                "metadata");
  TRY(refuse_taken(api, call, after));
  if (after == before)
    return commit_reply(api, claim, after.id, json_reply(customer_json(after)), [](Draft&) {});
  after.updated_at = api.services.clock.now();
  auto done = commit_reply(api, claim, after.id, json_reply(customer_json(after)),
                           save(call, after, "customer.updated"));
  if (!done && done.error().code == ErrorCode::internal) TRY(refuse_taken(api, call, after));
  return done;
}

Result<Reply> erase(Api& api, const ApiCall& call, const Claim& claim) {
  Customer customer = TRY(find_own(api, call));
  customer.email = customer.name = customer.phone = "";
  customer.metadata.clear();
  customer.is_deleted = true;
  customer.updated_at = api.services.clock.now();
  const Json json = {{"id", customer.id}, {"object", "customer"}, {"deleted", true}};
  return commit_reply(api, claim, customer.id, json_reply(json), save(call, customer, ""));
}

}  // namespace

Result<Reply> create_customer(Api& api, const ApiCall& call) {
  const Asked asked = TRY(read_asked(call));
  return once(api, call,
              {.operation = "customers.create", .typed = asked.typed(), .run = [&](Claim claim) {
                 return create(api, call, asked, claim);
               }});
}

Result<Reply> retrieve_customer(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  return json_reply(customer_json(TRY(find_own(api, call))));
}

Result<Reply> list_all_customers(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {"external_id", "after", "before", "limit"}));
  const Cursor cursor = TRY(read_cursor(call.request));
  TRY(check_cursor(cursor, "cus"));
  const CustomerPage page = TRY(list_customers(
      api.services.database, {.merchant_id = call.asker.merchant_id,
                              .mode = call.asker.mode,
                              .external_id = std::string(call.request.query_value("external_id")),
                              .after = cursor.after,
                              .before = cursor.before,
                              .limit = cursor.limit}));
  std::vector<std::string> items;
  for (const Customer& customer : page.customers)
    items.push_back(write_json(customer_json(customer)));
  const bool goes_on = !items.empty() && (page.has_more || !cursor.before.empty());
  return list_reply(items, page.has_more, goes_on ? page.customers.back().id : "");
}

Result<Reply> update_customer(Api& api, const ApiCall& call) {
  const Asked asked = TRY(read_asked(call));
  return once(api, call,
              {.operation = "customers.update " + std::string(call.request.param("id")),
               .typed = asked.typed(),
               .run = [&](Claim claim) { return update(api, call, asked, claim); }});
}

Result<Reply> delete_customer(Api& api, const ApiCall& call) {
  BodyReader body(call.body);
  TRY(body.finish());
  return once(api, call,
              {.operation = "customers.delete " + std::string(call.request.param("id")),
               .typed = Json::object(),
               .run = [&](Claim claim) { return erase(api, call, claim); }});
}

}  // namespace switchyard
