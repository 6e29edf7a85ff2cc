#include "adapters/adapter.h"

#include <algorithm>

namespace switchyard {

const Offer* find_offer(const Adapter& adapter, const PaymentMethod& method) {
  const std::string& kind = method.rail == Rail::mobile_money ? method.network : method.kind;
  for (const Offer& offer : adapter.offers)
    if (offer.rail == method.rail &&
        (offer.kinds.empty() || std::ranges::find(offer.kinds, kind) != offer.kinds.end()))
      return &offer;
  return nullptr;
}

}  // namespace switchyard
