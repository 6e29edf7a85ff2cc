#include "api/refunds.h"

#include "api/body_reader.h"
#include "api/payment_answers.h"
#include "api/query_reader.h"
#include "api/replies.h"
#include "base/id.h"
#include "domain/describe.h"
#include "flow/refund_payment.h"
#include "store/refunds.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;

struct RefundFields {
  std::string payment_id;
  NewRefund refund;
};

Result<RefundFields> read_refund(const ApiCall& call, const std::string& payment_in_path) {
  BodyReader body(call.body);
  RefundFields fields;
  fields.payment_id = body.text("payment", 64, payment_in_path.empty());
  if (!payment_in_path.empty() && !fields.payment_id.empty() &&
      fields.payment_id != payment_in_path)
    body.note("payment", "must be the payment of the path, or be left out");
  if (!payment_in_path.empty()) fields.payment_id = payment_in_path;
  NewRefund& refund = fields.refund;
  refund.amount = body.amount("amount").value_or(0);
  const std::string reason =
      body.choice("reason", {"requested_by_customer", "duplicate", "fraudulent", "other"});
  if (!reason.empty()) refund.reason = reason;
  refund.description = body.text("description", 1000);
  if (reason == "other" && refund.description.empty())
    body.note("description", "is required with the reason other", ErrorCode::missing_field);
  refund.external_id = body.text("external_id", 128);
  refund.metadata = body.metadata("metadata");
  TRY(body.finish());
  return fields;
}

// 202 while the provider works on it or another refund goes first.
Reply refund_reply(const Refund& refund) {
  return json_reply(refund_json(refund), refund.status == RefundStatus::pending ? 202 : 201,
                    {{"Location", "/v1/refunds/" + refund.id}});
}

Result<std::optional<Refund>> find_named(Api& api, const ApiCall& call,
                                         const std::string& external_id) {
  if (external_id.empty()) return std::optional<Refund>();
  return find_refund_by_external_id(api.services.database, call.asker.merchant_id, call.asker.mode,
                                    external_id);
}

// The refund that has this external_id already, as it is.
Result<Reply> existing_reply(const Refund& refund, const RefundFields& asked) {
  const bool is_same = refund.payment_id == asked.payment_id &&
                       (asked.refund.amount == 0 || refund.money.amount == asked.refund.amount);
  if (is_same) return json_reply(refund_json(refund), 200, {{"Switchyard-Existing", "true"}});
  return fail(Error{.code = ErrorCode::external_id_conflict,
                    .message = "A refund with this external_id exists, over " +
                               refund.money.display() + " of " + refund.payment_id +
                               ": use another external_id.",
                    .param = "external_id"});
}

Result<Reply> create(Api& api, const ApiCall& call, const RefundFields& asked, const Claim& claim) {
  const std::string& external_id = asked.refund.external_id;
  if (const auto existing = TRY(find_named(api, call, external_id)))
    return existing_reply(*existing, asked);
  NewRefund refund = asked.refund;
  refund.id = new_id("ref");
  Caller caller = caller_of(api, call, claim, refund.id);
  caller.answer = [id = refund.id](const PaymentRecord& record) -> std::optional<KeyAnswer> {
    const auto made = std::ranges::find(record.refunds, id, &Refund::id);
    if (made == record.refunds.end()) return std::nullopt;
    return to_answer(refund_reply(*made), id);
  };
  const auto made = refund_payment(api.services, asked.payment_id, refund, caller);
  if (made) return refund_reply(made->refund);
  // Two refunds at once with one external_id: the database let one in, and the other answers with
  // it.
  if (made.error().code == ErrorCode::internal ||
      made.error().code == ErrorCode::external_id_conflict)
    if (const auto existing = TRY(find_named(api, call, external_id)))
      return existing_reply(*existing, asked);
  return fail(made.error());
}

Result<Refund> find_own_refund(Api& api, const ApiCall& call, const std::string& id) {
  auto refund =
      TRY(find_refund(api.services.database, call.asker.merchant_id, call.asker.mode, id));
  if (!refund) return fail(ErrorCode::not_found, "There is no such refund.");
  return *std::move(refund);
}

Result<Reply> create_once(Api& api, const ApiCall& call, const std::string& operation,
                          const RefundFields& asked) {
  const auto payment = find_own_payment(api, call, asked.payment_id);
  if (!payment && payment.error().code == ErrorCode::not_found)
    return fail(ErrorCode::not_found, "There is no such payment.", "payment");
  TRY(payment);
  Once what{.operation = operation, .typed = call.body, .can_move_money = true};
  what.run = [&](const Claim& claim) { return create(api, call, asked, claim); };
  what.resume = [&](const std::string& id) -> Result<Reply> {
    return refund_reply(TRY(find_own_refund(api, call, id)));
  };
  return with_payment(api, call, once(api, call, what));
}

}  // namespace

Result<Reply> create_refund_call(Api& api, const ApiCall& call) {
  const RefundFields asked = TRY(read_refund(call, ""));
  return create_once(api, call, "refunds.create", asked);
}

Result<Reply> create_payment_refund_call(Api& api, const ApiCall& call) {
  const std::string payment_id(call.request.param("id"));
  const RefundFields asked = TRY(read_refund(call, payment_id));
  return create_once(api, call, "payments.refund " + payment_id, asked);
}

Result<Reply> list_refunds_call(Api& api, const ApiCall& call) {
  const Request& request = call.request;
  TRY(refuse_unknown_query(request,
                           {"payment", "external_id", "status", "limit", "after", "before"}));
  const Cursor cursor = TRY(read_cursor(request));
  TRY(check_cursor(cursor, "ref"));
  const std::string status(request.query_value("status"));
  if (!status.empty() && !from_word(refund_status_words, status))
    return fail(ErrorCode::invalid_query, "status must be pending, succeeded, failed or canceled.",
                "status");
  const RefundPage page = TRY(list_refunds(
      api.services.database, {.merchant_id = call.asker.merchant_id,
                              .mode = call.asker.mode,
                              .payment_id = std::string(request.query_value("payment")),
                              .external_id = std::string(request.query_value("external_id")),
                              .status = status,
                              .after = cursor.after,
                              .before = cursor.before,
                              .limit = cursor.limit}));
  std::vector<std::string> items;
  for (const Refund& refund : page.refunds) items.push_back(write_json(refund_json(refund)));
  const bool goes_on = !items.empty() && (page.has_more || !cursor.before.empty());
  return list_reply(items, page.has_more, goes_on ? page.refunds.back().id : "");
}

Result<Reply> retrieve_refund_call(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  return json_reply(
      refund_json(TRY(find_own_refund(api, call, std::string(call.request.param("id"))))));
}

}  // namespace switchyard
