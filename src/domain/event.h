// What we tell the merchant.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/account.h"

namespace switchyard {

// The closed list of types; anything else is a mistake of ours.
std::span<const std::string_view> all_event_types();
// True when a glob ("payment.*", "*", "refund.succeeded") fits at least one type of the list.
bool is_event_filter(std::string_view glob);
bool fits_filter(std::string_view type, std::string_view glob);

// An event before the writer gives it its place: position, sequence and link to the one before.
struct NewEvent {
  std::string id;
  std::string type;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string payment_id = {};  // "" for customer.* and endpoint.*: no sequence
  Json object;                  // as the object stood at that moment; never with a client_secret
  Json cause = Json::object();
};

}  // namespace switchyard
