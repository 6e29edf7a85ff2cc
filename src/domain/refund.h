// Money given back, its statuses and its table of changes.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "domain/payment.h"

namespace switchyard {

enum class RefundStatus { pending, succeeded, failed, canceled };
inline constexpr Words<RefundStatus, 4> refund_status_words{{
    {RefundStatus::pending, "pending"},
    {RefundStatus::succeeded, "succeeded"},
    {RefundStatus::failed, "failed"},
    {RefundStatus::canceled, "canceled"},
}};
inline std::string_view word_of(RefundStatus s) { return word_of(refund_status_words, s); }

struct RefundTransition {
  RefundStatus from;
  RefundStatus to;
};
// pending → succeeded | failed | canceled; succeeded → failed, where a provider takes it back.
std::span<const RefundTransition> refund_transitions();
bool may_become(RefundStatus from, RefundStatus to);

struct Refund {
  std::string id;
  std::string payment_id;
  std::string merchant_id;
  Mode mode = Mode::test;
  std::string charge_attempt_id;  // whose money is given back
  RefundStatus status = RefundStatus::pending;
  Money money;
  std::string reason;  // requested_by_customer | duplicate | fraudulent | other | late_money ...
  std::string description = {};
  std::string external_id = {};
  Metadata metadata = {};
  std::string account = {};
  std::string provider_reference = {};
  std::string decline_code = {};
  bool is_automatic = false;    // late money or overpayment, given back by configuration
  bool made_elsewhere = false;  // in the provider's own dashboard
  bool is_queued = false;       // waits for another refund of the same charge
  Time created_at{};
  Time updated_at{};
  std::optional<Time> finished_at = {};

  bool operator==(const Refund&) const = default;
};

}  // namespace switchyard
