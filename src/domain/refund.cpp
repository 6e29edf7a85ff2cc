#include "domain/refund.h"

#include "domain/transitions.h"

namespace switchyard {
namespace {

using enum RefundStatus;

// clang-format off
constexpr RefundTransition table[] = {
    {pending,   succeeded},
    {pending,   failed   },
    {pending,   canceled },
    {succeeded, failed   },  // some providers take it back days later
};
// clang-format on
static_assert(each_pair_appears_once(table));

}  // namespace

std::span<const RefundTransition> refund_transitions() { return table; }

bool may_become(RefundStatus from, RefundStatus to) {
  for (const RefundTransition& row : table)
    if (row.from == from && row.to == to) return true;
  return false;
}

}  // namespace switchyard
