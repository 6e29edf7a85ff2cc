// The payments that `switchyard dev` makes to show itself: on each rail and at each provider, told
// as they happen.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "app/dev_client.h"
#include "app/dev_sandbox.h"

namespace switchyard {

struct DemoPlace {
  const JsonClient& api;  // with the secret key
  const SandboxProcess& sandbox;
  HttpClient& http;
  std::ostream& out;
  std::function<bool()> is_interrupted;
};

struct DemoResult {
  std::string title;
  Json payment;              // as it is at the end
  Json refund;               // of all of it; null where the account gives nothing back by a call
  Json given_back;           // what the provider's ledger says of it
  Json received;             // their events as the receiver keeps them, in order of arrival
  std::string problem = {};  // what kept it from being made
};

// In order; fewer when interrupted.
std::vector<DemoResult> make_demo_payments(const DemoPlace& place);

// The receiver's events that are about this payment.
Json events_about(const Json& received, const std::string& payment_id);

}  // namespace switchyard
