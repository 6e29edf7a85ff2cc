// The payments that `switchyard dev` makes: every rail, and every provider of the sandbox.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "http/message.h"

namespace switchyard {

// What the payer does on one page of the provider, and how we tell it.
struct PageStep {
  std::string told;
  std::string button;  // its value or label; "" is the first of a form with these fields
  Headers fields = {};
};

struct DemoPayment {
  std::string title;
  Json method;
  std::int64_t amount;
  std::string currency;
  std::vector<PageStep> pages = {};  // after the redirect, in this order
  std::string provider = {};         // asked for by name; "" leaves it to the rules
  bool is_given_back = true;         // false where the provider has no call for it
};

const std::vector<DemoPayment>& demo_payments();

}  // namespace switchyard
