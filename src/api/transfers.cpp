#include "api/transfers.h"

#include "api/body_reader.h"
#include "api/payment_answers.h"
#include "flow/decide_by_hand.h"

namespace switchyard {
namespace {

using Claim = std::optional<KeyClaim>;

constexpr std::size_t longest_reference = 128;

std::string id_of(const ApiCall& call) { return std::string(call.request.param("id")); }

Result<TransferReceipt> read_receipt(const ApiCall& call, Time now) {
  BodyReader body(call.body);
  TransferReceipt receipt;
  receipt.amount = body.amount("amount", true).value_or(0);
  receipt.bank_reference = body.text("bank_reference", longest_reference, true);
  receipt.received_at = body.time("received_at").value_or(now);
  if (receipt.received_at > now + std::chrono::days(1))
    body.note("received_at", "must not be in the future");
  TRY(body.finish());
  return receipt;
}

// `decide` says what the person decided; a resumed call answers with the payment as it stands.
Result<Reply> decide_once(Api& api, const ApiCall& call, const std::string& operation,
                          const std::function<Result<PaymentRecord>(const Caller&)>& decide) {
  TRY(find_own_payment(api, call, id_of(call)));
  Once what{.operation = operation + " " + id_of(call), .typed = call.body, .can_move_money = true};
  what.run = [&](const Claim& claim) -> Result<Reply> {
    Caller caller = caller_of(api, call, claim, id_of(call));
    const PaymentRecord decided = TRY(decide(caller));
    return payment_reply(api, call, decided, 200);
  };
  what.resume = [&](const std::string& id) -> Result<Reply> {
    const PaymentRecord now = TRY(find_own_payment(api, call, id));
    return payment_reply(api, call, now, 200);
  };
  return with_payment(api, call, once(api, call, what));
}

}  // namespace

Result<Reply> confirm_transfer_call(Api& api, const ApiCall& call) {
  const TransferReceipt receipt = TRY(read_receipt(call, api.services.clock.now()));
  return decide_once(api, call, "transfers.confirm", [&](const Caller& caller) {
    return confirm_transfer(api.services, id_of(call), receipt, caller);
  });
}

Result<Reply> reject_transfer_call(Api& api, const ApiCall& call) {
  BodyReader body(call.body);
  const std::string reason = body.text("reason", 500, true);
  TRY(body.finish());
  return decide_once(api, call, "transfers.reject", [&](const Caller& caller) {
    return reject_transfer(api.services, id_of(call), reason, caller);
  });
}

}  // namespace switchyard
