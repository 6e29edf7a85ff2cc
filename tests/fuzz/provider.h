// An account and a charge at every provider, and what must be true of whatever it says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"

namespace switchyard {

// A test account with every setting; the secrets are `provider_secret`.
inline constexpr std::string_view provider_secret = "whsec_c2VjcmV0IG9mIGEgdGVzdA==";
const Account& account_at(const Adapter& adapter);

struct NamedCall {
  std::string name;  // "charge.create", "lookup", as in the exchanges
  Rail rail = Rail::card;
  Call call = {};
};
const std::vector<NamedCall>& calls_of(const Adapter& adapter);

// USD 49.99 where the provider takes it, paid in the first way that it offers on this rail.
Charge charge_at(const Adapter& adapter, Rail rail);

// "Name: value" lines up to an empty one; what is no header is left out. Takes them off.
Headers take_headers(std::string_view& input);

// What any word of a provider must be, wherever it stood.
// `names_money`: money that was taken is named, as it is in everything but webhooks about refunds.
void check_update(const Adapter& adapter, const Update& update, bool names_money = true);
// The requests that follow upon it lead to the provider's own host and to the place they mean,
// whatever the reference and the memory hold.
void check_next_requests(const Adapter& adapter, Rail rail, const Update& update,
                         const std::string& refund_reference);

}  // namespace switchyard
