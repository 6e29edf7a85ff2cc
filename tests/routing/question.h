// What routing tests ask: a card payment of USD 49.99, unless they say otherwise.
#pragma once

#include <string>
#include <vector>

#include "routing/route.h"

namespace switchyard {

inline Money usd(std::int64_t amount) { return {amount, *find_currency("USD")}; }

inline RouteQuestion card_question(const std::string& payment_id = "pay_1") {
  return {.payment_id = payment_id, .merchant_id = "mer_1", .money = usd(4999), .method = {}};
}

inline std::string no_objection(const std::string&, const RouteQuestion&) { return ""; }

inline std::vector<std::string> accounts_of(const RouteAnswer& answer) {
  std::vector<std::string> accounts;
  for (const RouteStop& stop : answer.stops) accounts.push_back(stop.account);
  return accounts;
}

}  // namespace switchyard
