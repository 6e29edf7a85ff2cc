#include "domain/event.h"

#include <algorithm>
#include <iterator>

namespace switchyard {
namespace {

constexpr std::string_view types[] = {
    "payment.created",
    "payment.processing",
    "payment.requires_action",
    "payment.requires_capture",
    "payment.succeeded",
    "payment.attempt_failed",
    "payment.failed",
    "payment.canceled",
    "payment.expired",
    "payment.refunded",
    "payment.partially_refunded",
    "payment.overpaid",
    "payment.review_required",
    "refund.created",
    "refund.succeeded",
    "refund.failed",
    "refund.canceled",
    "checkout_session.completed",
    "checkout_session.expired",
    "checkout_session.canceled",
    "customer.created",
    "customer.updated",
    "dispute.opened",
    "dispute.closed",
    "endpoint.disabled",
};

}  // namespace

std::span<const std::string_view> all_event_types() { return types; }

bool is_event_filter(std::string_view glob) {
  return std::ranges::any_of(types, [&](auto type) { return fits_filter(type, glob); });
}

// A star stands for any run of characters. On a mismatch only the latest star takes one more, so
// a hostile glob costs no more than length times length.
bool fits_filter(std::string_view type, std::string_view glob) {
  std::size_t t = 0, g = 0;
  std::size_t star = std::string_view::npos, after_star = 0;
  while (t < type.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      after_star = t;
    } else if (g < glob.size() && glob[g] == type[t]) {
      ++g, ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++after_star;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == std::string_view::npos;
}

}  // namespace switchyard
