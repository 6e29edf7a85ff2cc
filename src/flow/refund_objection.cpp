#include "flow/refund_objection.h"

namespace switchyard {

std::string objection_to_refund(const PaymentRecord& record, const Attempt& charge,
                                std::int64_t amount, const std::string& reason,
                                const Surroundings& around, Time now) {
  const Account* account = around.setup->find_account(charge.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  assert(adapter && "the caller has looked both up");
  const std::string title(adapter->title);
  const Offer* offer =
      record.payment.method ? find_offer(*adapter, *record.payment.method) : nullptr;
  if (offer && offer->refunds == Refunds::none)
    return title + " cannot give back what was paid this way; give the money back by hand.";
  if (offer && offer->refunds == Refunds::only_whole && amount != charge.amount_received)
    return title + " refunds only the whole amount.";
  if (offer && offer->refund_window.count() > 0 && now > charge.created_at + offer->refund_window)
    return title + " gives money back only within " +
           std::to_string(offer->refund_window / std::chrono::hours(24)) + " days.";
  if (!adapter->refund_objection) return "";
  Charge described = describe_charge(record, charge, nullptr, *account, around, now);
  described.operation.money = {amount, charge.money.currency};
  described.operation.reason = reason;
  return adapter->refund_objection(*account, described);
}

}  // namespace switchyard
