// What a provider said happened, in our words. A response, a webhook, a lookup and an operator's
// click all become one of these, and only flow/record_update turns it into a change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "domain/decline.h"
#include "domain/money.h"

namespace switchyard {

enum class Verdict {
  unknown,          // a word we do not know, or no answer: looked up until known
  not_sent,         // transport only: no byte left us
  not_found,        // a lookup found nothing: decides nothing
  next_step,        // this call worked, the next one of the list follows
  pending,          // the provider has it and is working on it
  requires_action,  // the payer must act
  authorized,
  captured,  // money taken; for refunds: given back; for a cancel: see canceled
  refused,   // a final no to this charge or operation
  canceled,  // closed at the provider before money moved; the answer to a tombstone
  expired,
};

struct Update {
  Verdict verdict = Verdict::unknown;
  std::string provider_reference = {};  // the provider's id of the charge (or refund)
  std::string our_reference = {};       // the attempt id that the provider echoed; "" if none
  std::string account_echo = {};        // the provider's name of the account, where it says it
  bool is_foreign_account = false;      // set by flow: account_echo is not the one configured
  std::optional<Money> money = {};      // what the provider says it is about; must be ours
  std::optional<Money> received = {};   // where it differs from `money`: partial captures
  bool is_still_payable = false;        // refused, but the object at the provider stays open
  std::optional<Decline> decline = {};
  std::string provider_code = {};  // raw, for the operator and the unmapped counter
  std::string provider_message = {};
  Json next_action = nullptr;  // as in the API, when the payer must act
  Json memory = nullptr;       // merged into the attempt's memory when an object
  std::optional<std::int64_t> refunded_total = {};  // where a provider reports totals only

  bool operator==(const Update&) const = default;
};

// One thing that a verified webhook says.
struct News {
  enum class About { charge, refund, ping, other };
  About about = About::other;
  std::string provider_event_id = {};   // dedupe key; "" where the provider has none
  std::string provider_reference = {};  // of the charge
  std::string our_reference = {};       // our attempt id, where the provider carries it
  std::string refund_reference = {};    // about a refund: the provider's id of it
  std::string type = {};                // the provider's word, for the log and the timeline
  std::optional<bool> is_live = {};     // the mode that the message claims
  Update update = {};

  bool operator==(const News&) const = default;
};

}  // namespace switchyard
