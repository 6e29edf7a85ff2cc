#include "api/payment_answers.h"

#include "api/client_secret.h"
#include "api/replies.h"
#include "domain/decline.h"
#include "domain/describe.h"
#include "store/payments.h"
#include "web/problem.h"

namespace switchyard {
namespace {

// What a browser that pays has no business knowing.
constexpr std::string_view for_the_merchant_only[] = {
    "metadata", "attempts", "provider", "provider_reference", "customer", "external_id"};

// A refused capture leaves the payment as it was; why is said by its attempt.
std::string decline_code_of(const PaymentRecord& record) {
  if (record.payment.last_error) return record.payment.last_error->decline_code;
  for (auto attempt = record.attempts.rbegin(); attempt != record.attempts.rend(); ++attempt)
    if (!attempt->decline_code.empty()) return attempt->decline_code;
  return std::string(info_of(Decline::unmapped).name);
}

}  // namespace

Result<PaymentRecord> find_own_payment(Api& api, const ApiCall& call, const std::string& id) {
  auto record = TRY(find_payment(api.services.database, api.services.sealer, call.asker.merchant_id,
                                 call.asker.mode, id));
  if (!record) return fail(ErrorCode::not_found, "There is no such payment.");
  return *std::move(record);
}

Caller caller_of(Api& api, const ApiCall& call, const std::optional<KeyClaim>& claim,
                 const std::string& object_id) {
  Caller caller{
      .merchant_id = call.asker.merchant_id, .mode = call.asker.mode, .cause = call.cause()};
  caller.claim = claim;
  if (caller.claim) caller.claim->object_id = object_id;
  caller.answer_by = std::chrono::steady_clock::now() + api.services.policies.answer_within;
  return caller;
}

Json payment_view(Api& api, const ApiCall& call, const PaymentRecord& record) {
  Json json = payment_json(record.payment, record.attempts, Reader::payer);
  if (call.asker.is_publishable) {
    for (const std::string_view name : for_the_merchant_only) json.erase(std::string(name));
    if (json["last_error"].is_object())
      json["last_error"]["account"] = json["last_error"]["provider_code"] = nullptr;
  } else
    json["client_secret"] = client_secret_of(api.services.sealer, record.payment.id);
  return json;
}

Reply payment_reply(Api& api, const ApiCall& call, const PaymentRecord& record, int status,
                    Fields headers) {
  return json_reply(payment_view(api, call, record), status, std::move(headers));
}

Reply declined_reply(Api& api, const ApiCall& call, const PaymentRecord& record, Fields headers) {
  const std::string code = decline_code_of(record);
  const DeclineInfo& info = info_of(find_decline(code).value_or(Decline::unmapped));
  Reply reply =
      to_reply({.code = ErrorCode::payment_declined, .message = std::string(info.sentence)},
               call.request.request_id,
               {{"decline_code", code},
                {"advice", info.advice},
                {"payment", payment_view(api, call, record)}});
  reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
  return reply;
}

Reply outcome_reply(Api& api, const ApiCall& call, const PaymentRecord& record, int done,
                    Fields headers) {
  if (record.payment.status == PaymentStatus::failed)
    return declined_reply(api, call, record, std::move(headers));
  const bool is_known = record.payment.status != PaymentStatus::processing;
  return payment_reply(api, call, record, is_known ? done : 202, std::move(headers));
}

Result<Reply> with_payment(Api& api, const ApiCall& call, Result<Reply> result) {
  if (result || result.error().payment_id.empty()) return result;
  const auto record = find_own_payment(api, call, result.error().payment_id);
  if (!record) return result;
  return to_reply(result.error(), call.request.request_id,
                  {{"payment", payment_view(api, call, *record)}});
}

}  // namespace switchyard
