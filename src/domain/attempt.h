// One try at one account for one operation, its steps, and how certain its outcome is.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "domain/account.h"
#include "domain/money.h"
#include "domain/words.h"

namespace switchyard {

enum class Operation { charge, capture, cancel, refund };
inline constexpr Words<Operation, 4> operation_words{{
    {Operation::charge, "charge"},
    {Operation::capture, "capture"},
    {Operation::cancel, "cancel"},
    {Operation::refund, "refund"},
}};
inline std::string_view word_of(Operation o) { return word_of(operation_words, o); }

enum class AttemptStatus {
  sending,
  unknown,
  requires_action,
  authorized,
  closing,
  captured,
  not_sent,
  refused,
  canceled,
  expired,
};
inline constexpr Words<AttemptStatus, 10> attempt_status_words{{
    {AttemptStatus::sending, "sending"},
    {AttemptStatus::unknown, "unknown"},
    {AttemptStatus::requires_action, "requires_action"},
    {AttemptStatus::authorized, "authorized"},
    {AttemptStatus::closing, "closing"},
    {AttemptStatus::captured, "captured"},
    {AttemptStatus::not_sent, "not_sent"},
    {AttemptStatus::refused, "refused"},
    {AttemptStatus::canceled, "canceled"},
    {AttemptStatus::expired, "expired"},
}};
inline std::string_view word_of(AttemptStatus s) { return word_of(attempt_status_words, s); }

enum class Certainty { not_sent, refused, unknown, accepted };
Certainty certainty_of(AttemptStatus status);
std::string_view word_of(Certainty certainty);

// True while money may still move by it. A captured attempt counts unless its money came late.
constexpr bool is_live(AttemptStatus s) {
  return s != AttemptStatus::not_sent && s != AttemptStatus::refused &&
         s != AttemptStatus::canceled && s != AttemptStatus::expired;
}
// sending, unknown, closing: nobody can say yet what the provider did.
constexpr bool is_in_doubt(AttemptStatus s) {
  return s == AttemptStatus::sending || s == AttemptStatus::unknown || s == AttemptStatus::closing;
}
// sending < unknown < requires_action < authorized < captured; closed ones share the highest rank
// but captured.
int rank_of(AttemptStatus status);

struct AttemptTransition {
  AttemptStatus from;
  AttemptStatus to;
};
std::span<const AttemptTransition> attempt_transitions();
bool may_become(AttemptStatus from, AttemptStatus to);

struct Attempt {
  std::string id;  // our reference at the provider
  std::string payment_id;
  std::string merchant_id;
  Mode mode = Mode::test;
  int number = 1;  // of the payment's attempts, from 1
  Operation operation = Operation::charge;
  std::string account;
  AttemptStatus status = AttemptStatus::sending;
  Money money;                         // what this operation asked for
  std::string charge_attempt_id = {};  // capture, cancel, refund: the charge it is about
  std::string refund_id = {};          // refund: ours
  std::string provider_reference = {};
  Json memory = Json::object();  // the adapter's own, from one call to the next
  Json next_action = nullptr;
  std::string decline_code = {};
  std::string provider_code = {};
  std::string provider_message = {};  // for the operator; never shown to merchants unescaped
  AttemptStatus closing_to = AttemptStatus::refused;  // what `closing` ends in once acknowledged
  std::int64_t amount_received = 0;
  std::int64_t amount_refunding = 0;  // asked-for and succeeded refunds of ours
  std::int64_t amount_refunded_elsewhere = 0;
  bool late = false;  // its money came after we had closed
  std::string rule = {};
  std::string reason = {};
  int rank = 1;
  std::string rules_version = {};
  int confirmation = 1;
  int lookups = 0;  // looks since the outcome became unknown
  std::optional<Time> unknown_since = {};
  Time created_at{};
  Time updated_at{};

  bool operator==(const Attempt&) const = default;
};

// A committed intent to call a provider: everything needed to send the same bytes again.
struct Step {
  std::string id;
  std::string attempt_id;
  std::string payment_id;
  int number = 1;
  std::string name;                 // the adapter's name of the call: "create", "confirm", "close"
  std::string provider_key;         // random UUID, stored before the call, never derived again
  std::string sealed_request = {};  // method, URL, body, headers without the authorization
  bool moves_money = true;
  bool is_answered = false;
  int http_status = 0;  // of the latest answer
  Time created_at{};
  Time dedup_until{};  // no re-send after this minus a margin
  int sends = 1;

  bool operator==(const Step&) const = default;
};

}  // namespace switchyard
