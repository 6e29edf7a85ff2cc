// Which accounts take a payment, in which order, and why; and why each other one does not.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/payment.h"
#include "routing/rule.h"

namespace switchyard {

// What is asked. Nothing is sent; the same question under the same rules has the same answer.
struct RouteQuestion {
  std::string payment_id;  // splits are sticky by it
  std::string merchant_id;
  Mode mode = Mode::test;
  Money money;
  PaymentMethod method;
  std::string country = {};
  CaptureMethod capture_method = CaptureMethod::automatic;
  Metadata metadata = {};
  // What an account may need and this payment does not have: customer.email, customer.name,
  // customer.phone.
  std::vector<std::string> lacks = {};
};

struct PassedOver {
  std::string account;
  std::string reason;  // "takes USD and LRD, not EUR"

  bool operator==(const PassedOver&) const = default;
};

struct RouteAnswer {
  std::string rule;                   // the rule that fits first; "" when none does
  std::vector<RouteStop> stops = {};  // tried in this order
  std::vector<PassedOver> passed_over = {};
  std::string rules_version = {};
};

// Asked for each account of the rule that fits: why it cannot take this payment ("" if it can).
// It knows the adapters, the modes and merchants of accounts, and their health; routing does not.
using Objection = std::function<std::string(const std::string& account, const RouteQuestion&)>;

RouteAnswer find_route(const RuleBook& rules, const RouteQuestion& question,
                       const Objection& objection);

}  // namespace switchyard
