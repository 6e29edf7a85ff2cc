#include "api/payments.h"

#include "api/client_secret.h"
#include "api/payment_answers.h"
#include "api/payment_fields.h"
#include "api/query_reader.h"
#include "api/replies.h"
#include "domain/describe.h"
#include "store/customers.h"
#include "store/payments.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;

constexpr std::size_t most_metadata = 50;

std::string id_of(const ApiCall& call) { return std::string(call.request.param("id")); }

Fields location_of(const std::string& payment_id) {
  return {{"Location", "/v1/payments/" + payment_id}};
}

// The payment that has this external_id already, as it is; nothing is executed.
Result<Reply> existing_reply(Api& api, const ApiCall& call, const PaymentRecord& record,
                             const NewPayment& asked) {
  const Payment& payment = record.payment;
  const auto refuse = [&](ErrorCode code, std::string message) -> Result<Reply> {
    return fail(Error{.code = code,
                      .message = std::move(message),
                      .param = "external_id",
                      .payment_id = payment.id});
  };
  if (!(payment.money == asked.money))
    return refuse(ErrorCode::external_id_conflict, "A payment with this external_id exists, over " +
                                                       payment.money.display() +
                                                       ": use another external_id.");
  if (payment.status == PaymentStatus::canceled || payment.status == PaymentStatus::expired)
    return refuse(ErrorCode::external_id_finished, "The payment with this external_id is " +
                                                       std::string(word_of(payment.status)) +
                                                       ": use another external_id to begin again.");
  return payment_reply(api, call, record, 200, {{"Switchyard-Existing", "true"}});
}

Result<std::optional<PaymentRecord>> find_named(Api& api, const ApiCall& call,
                                                const std::string& external_id) {
  if (external_id.empty()) return std::optional<PaymentRecord>();
  return find_payment_by_external_id(api.services.database, api.services.sealer,
                                     call.asker.merchant_id, call.asker.mode, external_id);
}

Reply created_reply(Api& api, const ApiCall& call, const PaymentRecord& record) {
  return outcome_reply(api, call, record, 201, location_of(record.payment.id));
}

constexpr int most_turns = 3;

Result<PaymentRecord> create_with_customer(Api& api, const ApiCall& call,
                                           const PaymentFields& fields, const Claim& claim) {
  NewPayment asked = fields.payment;
  Caller caller = caller_of(api, call, claim, "");
  caller.answer = [&](const PaymentRecord& record) {
    return to_answer(created_reply(api, call, record), record.payment.id);
  };
  for (int turn = 1;; ++turn) {
    if (fields.customer) TRY(place_customer(api, call, *fields.customer, asked));
    auto made = create_payment(api.services, asked, caller);
    // Two payments at once that both name a new customer: one of them made it.
    const bool has_lost = !made && made.error().param == customer_is_taken;
    if (!has_lost || turn == most_turns) return made;
  }
}

Result<Reply> create(Api& api, const ApiCall& call, const PaymentFields& fields,
                     const Claim& claim) {
  const auto made = create_with_customer(api, call, fields, claim);
  if (made) return created_reply(api, call, *made);
  const ErrorCode why = made.error().code;
  // Whatever else speaks against it: a payment that exists already is the answer.
  if (why != ErrorCode::idempotency_key_in_use && info_of(why).http_status < 500)
    if (const auto existing = TRY(find_named(api, call, fields.payment.external_id)))
      return existing_reply(api, call, *existing, fields.payment);
  return fail(made.error());
}

// The payment may be missing: the claim was committed, but another one had its external_id.
Result<Reply> resume_creation(Api& api, const ApiCall& call, const PaymentFields& fields,
                              const std::string& id) {
  const auto record = find_own_payment(api, call, id);
  if (record) return created_reply(api, call, *record);
  if (record.error().code != ErrorCode::not_found) return fail(record.error());
  return create(api, call, fields, std::nullopt);
}

}  // namespace

Result<Reply> create_payment_call(Api& api, const ApiCall& call) {
  const PaymentFields fields =
      TRY(read_new_payment(call, api.services.policies, api.services.clock.now()));
  Once what{.operation = "payments.create",
            .typed = call.body,
            .claims_first = true,
            .can_move_money = true};
  what.run = [&](const Claim& claim) { return create(api, call, fields, claim); };
  // Without a confirmation the answer is committed with the payment, and nothing is left to resume.
  if (fields.payment.confirm)
    what.resume = [&](const std::string& id) { return resume_creation(api, call, fields, id); };
  return with_payment(api, call, once(api, call, what));
}

Result<Reply> retrieve_payment_call(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  TRY(check_client_secret(api, call, id_of(call)));
  const PaymentRecord record = TRY(find_own_payment(api, call, id_of(call)));
  return payment_reply(api, call, record, 200);
}

namespace {

Result<std::optional<Time>> read_time(const Request& request, const std::string& name) {
  const std::string_view text = request.query_value(name);
  if (text.empty()) return std::optional<Time>();
  const auto time = parse_rfc3339(text);
  if (!time)
    return fail(ErrorCode::invalid_query, name + " must be a time as in 2026-11-20T07:00:00Z.",
                name);
  return time;
}

template <class E, std::size_t N>
Result<std::string> read_choice(const Request& request, const std::string& name,
                                const Words<E, N>& words) {
  const std::string_view text = request.query_value(name);
  if (text.empty() || from_word(words, text)) return std::string(text);
  return fail(ErrorCode::invalid_query, name + " has a value that no payment can have.", name);
}

// metadata[key]=value, any number of them.
std::optional<std::string> metadata_key(std::string_view name) {
  constexpr std::string_view start = "metadata[";
  if (!name.starts_with(start) || !name.ends_with(']') || name.size() < start.size() + 2)
    return std::nullopt;
  return std::string(name.substr(start.size(), name.size() - start.size() - 1));
}

Result<void> refuse_unknown_filters(const Request& request) {
  Request others = request;
  std::erase_if(others.query,
                [](const auto& field) { return metadata_key(field.first).has_value(); });
  return refuse_unknown_query(
      others, {"external_id", "customer", "status", "provider", "method", "created_after",
               "created_before", "limit", "after", "before"});
}

Result<PaymentFilter> read_filter(const ApiCall& call) {
  const Request& request = call.request;
  TRY(refuse_unknown_filters(request));
  const Cursor cursor = TRY(read_cursor(request));
  TRY(check_cursor(cursor, "pay"));
  PaymentFilter filter{.merchant_id = call.asker.merchant_id, .mode = call.asker.mode};
  filter.external_id = request.query_value("external_id");
  filter.customer_id = request.query_value("customer");
  filter.provider = request.query_value("provider");
  filter.status = TRY(read_choice(request, "status", payment_status_words));
  filter.method = TRY(read_choice(request, "method", rail_words));
  filter.created_after = TRY(read_time(request, "created_after"));
  filter.created_before = TRY(read_time(request, "created_before"));
  for (const auto& [name, value] : request.query)
    if (const auto key = metadata_key(name)) filter.metadata[*key] = value;
  filter.after = cursor.after;
  filter.before = cursor.before;
  filter.limit = cursor.limit;
  return filter;
}

}  // namespace

Result<Reply> list_payments_call(Api& api, const ApiCall& call) {
  const PaymentFilter filter = TRY(read_filter(call));
  const PaymentPage page = TRY(list_payments(api.services.database, api.services.sealer, filter));
  std::vector<std::string> items;
  for (const PaymentRecord& record : page.payments)
    items.push_back(write_json(payment_json(record.payment, record.attempts)));
  const bool goes_on = !items.empty() && (page.has_more || !filter.before.empty());
  return list_reply(items, page.has_more, goes_on ? page.payments.back().payment.id : "");
}

Result<Reply> payment_timeline_call(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  TRY(find_own_payment(api, call, id_of(call)));
  std::vector<std::string> items;
  for (const TimelineEntry& entry : TRY(payment_timeline(api.services.database, id_of(call))))
    items.push_back(write_json(
        {{"at", to_rfc3339(entry.at)}, {"kind", entry.kind}, {"details", entry.details}}));
  return list_reply(items, false, "");
}

namespace {

struct PaymentChanges {
  std::optional<std::string> description = {};
  std::optional<Metadata> metadata = {};
};

Result<PaymentChanges> read_changes(const ApiCall& call) {
  BodyReader body(call.body);
  PaymentChanges changes;
  std::string description = body.text("description", 1000);
  Metadata metadata = body.metadata("metadata");
  TRY(body.finish());
  if (body.has("description")) changes.description = std::move(description);
  if (body.has("metadata")) changes.metadata = std::move(metadata);
  return changes;
}

Result<void> change(Payment& payment, const PaymentChanges& changes, Time now) {
  if (payment.status != PaymentStatus::requires_payment_method || payment.confirmation > 0 ||
      payment.cancel_requested)
    return fail(
        Error{.code = ErrorCode::payment_state,
              .message = "A payment can be changed only before it is confirmed; this one is " +
                         std::string(word_of(payment.status)) + ".",
              .payment_id = payment.id});
  if (changes.description) payment.description = *changes.description;
  for (const auto& [key, value] : changes.metadata.value_or(Metadata())) {
    if (value.empty())
      payment.metadata.erase(key);
    else
      payment.metadata[key] = value;
  }
  if (payment.metadata.size() > most_metadata)
    return fail(ErrorCode::invalid_field, "A payment may have no more than 50 pairs of metadata.",
                "metadata");
  payment.updated_at = now;
  return {};
}

Result<Reply> update(Api& api, const ApiCall& call, const PaymentChanges& changes,
                     const Claim& claim) {
  Reply reply;
  Command command{.payment_id = id_of(call), .claim = claim};
  if (command.claim) command.claim->object_id = command.payment_id;
  command.decide = [&](Draft& draft) -> Result<void> {
    TRY(change(draft.record.payment, changes, api.services.clock.now()));
    reply = payment_reply(api, call, draft.record, 200);
    if (claim) draft.answer = to_answer(reply, draft.record.payment.id);
    return {};
  };
  TRY(api.services.writer.write(std::move(command)));
  return reply;
}

}  // namespace

Result<Reply> update_payment_call(Api& api, const ApiCall& call) {
  const PaymentChanges changes = TRY(read_changes(call));
  TRY(find_own_payment(api, call, id_of(call)));
  Once what{.operation = "payments.update " + id_of(call), .typed = call.body};
  what.run = [&](const Claim& claim) { return update(api, call, changes, claim); };
  return with_payment(api, call, once(api, call, what));
}

}  // namespace switchyard
