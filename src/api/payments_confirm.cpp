// What moves a payment that exists: confirm, capture, cancel, review.
#include "api/client_secret.h"
#include "api/payment_answers.h"
#include "api/payment_fields.h"
#include "api/payments.h"
#include "flow/cancel_payment.h"
#include "flow/capture_payment.h"
#include "flow/decide_by_hand.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;
using Verb = std::function<Result<PaymentRecord>(const Caller&)>;
using Answer = std::function<Result<Reply>(const PaymentRecord&)>;

std::string id_of(const ApiCall& call) { return std::string(call.request.param("id")); }

// The body without its client_secret, which may as well come in a header.
Json typed_of(const ApiCall& call) {
  Json typed = call.body;
  typed.erase("client_secret");
  return typed;
}

// Whether the owner of the claim finished or somebody resumes it, the payment as it stands is the
// answer: the verb's commit was the claim's, so it is never begun twice.
Once once_for(Api& api, const ApiCall& call, const std::string& name, const Verb& verb,
              const Answer& answer, bool is_202_stored = true) {
  Once what{.operation = name + " " + id_of(call),
            .typed = typed_of(call),
            .is_202_stored = is_202_stored};
  what.run = [&api, &call, &verb, &answer, is_202_stored](const Claim& claim) -> Result<Reply> {
    Caller caller = caller_of(api, call, claim, id_of(call));
    caller.answer = [&](const PaymentRecord& record) -> std::optional<KeyAnswer> {
      const Result<Reply> reply = answer(record);
      if (!reply || (reply->status == 202 && !is_202_stored)) return std::nullopt;
      return to_answer(*reply, record.payment.id);
    };
    return answer(TRY(verb(caller)));
  };
  what.resume = [&api, &call, &answer](const std::string& id) -> Result<Reply> {
    return answer(TRY(find_own_payment(api, call, id)));
  };
  return what;
}

}  // namespace

Result<Reply> confirm_payment_call(Api& api, const ApiCall& call) {
  const std::string in_body = text_at(call.body, "client_secret");
  TRY(check_client_secret(api, call, id_of(call), in_body));
  const ConfirmationFields fields = TRY(read_confirmation(call));
  TRY(find_own_payment(api, call, id_of(call)));
  const Verb verb = [&](const Caller& caller) {
    return confirm_payment(api.services, id_of(call), fields.confirmation, caller);
  };
  const Answer answer = [&](const PaymentRecord& record) {
    return outcome_reply(api, call, record, 200);
  };
  Once what = once_for(api, call, "payments.confirm", verb, answer);
  what.can_move_money = true;
  return with_payment(api, call, once(api, call, what));
}

Result<Reply> capture_payment_call(Api& api, const ApiCall& call) {
  BodyReader body(call.body);
  const auto amount = body.amount("amount");
  TRY(body.finish());
  TRY(find_own_payment(api, call, id_of(call)));
  const Verb verb = [&](const Caller& caller) {
    return capture_payment(api.services, id_of(call), amount.value_or(0), caller);
  };
  const Answer answer = [&](const PaymentRecord& record) {
    if (record.payment.status == PaymentStatus::requires_capture)
      return declined_reply(api, call, record);
    return outcome_reply(api, call, record, 200);
  };
  Once what = once_for(api, call, "payments.capture", verb, answer);
  what.can_move_money = true;
  return with_payment(api, call, once(api, call, what));
}

Result<Reply> cancel_payment_call(Api& api, const ApiCall& call) {
  BodyReader body(call.body);
  TRY(body.finish());
  TRY(find_own_payment(api, call, id_of(call)));
  const Verb verb = [&](const Caller& caller) {
    return cancel_payment(api.services, id_of(call), caller);
  };
  const Answer answer = [&](const PaymentRecord& record) -> Result<Reply> {
    if (record.payment.status == PaymentStatus::succeeded)
      return fail(
          Error{.code = ErrorCode::payment_state,
                .message = "The payer was faster: this payment has succeeded. Refund it instead.",
                .payment_id = record.payment.id});
    const bool is_over = record.payment.status == PaymentStatus::canceled;
    return payment_reply(api, call, record, is_over ? 200 : 202);
  };
  return with_payment(api, call,
                      once(api, call, once_for(api, call, "payments.cancel", verb, answer, false)));
}

Result<Reply> review_payment_call(Api& api, const ApiCall& call) {
  BodyReader body(call.body);
  const std::string decision = body.choice("decision", {"accept", "refund"}, true);
  TRY(body.finish());
  TRY(find_own_payment(api, call, id_of(call)));
  const Verb verb = [&](const Caller& caller) {
    return end_review(api.services, id_of(call), decision == "refund", caller);
  };
  const Answer answer = [&](const PaymentRecord& record) {
    return payment_reply(api, call, record, 200);
  };
  Once what = once_for(api, call, "payments.review", verb, answer);
  what.can_move_money = true;
  return with_payment(api, call, once(api, call, what));
}

}  // namespace switchyard
