// How payments are answered: the object as its asker may see it, with the status that says how sure
// we are.
#pragma once

#include "api/once.h"
#include "domain/record.h"

namespace switchyard {

// not_found for another merchant's or mode's as for one that does not exist.
Result<PaymentRecord> find_own_payment(Api& api, const ApiCall& call, const std::string& id);

// Who asks, for flow; a claim that it carries is about `object_id`.
Caller caller_of(Api& api, const ApiCall& call, const std::optional<KeyClaim>& claim,
                 const std::string& object_id);

// With its client_secret for a secret key; without what is the merchant's alone for a publishable
// one.
Json payment_view(Api& api, const ApiCall& call, const PaymentRecord& record);
Reply payment_reply(Api& api, const ApiCall& call, const PaymentRecord& record, int status,
                    Fields headers = {});
// 402 payment_declined with the payment inside, for a payment or capture that was refused.
Reply declined_reply(Api& api, const ApiCall& call, const PaymentRecord& record,
                     Fields headers = {});
// After a confirmation: 202 while nobody knows, 402 when every account has refused, else `done`.
Reply outcome_reply(Api& api, const ApiCall& call, const PaymentRecord& record, int done,
                    Fields headers = {});

// An error about a payment holds the payment as it stands.
Result<Reply> with_payment(Api& api, const ApiCall& call, Result<Reply> result);

}  // namespace switchyard
