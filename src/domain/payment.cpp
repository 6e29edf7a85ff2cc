#include "domain/payment.h"

#include <iterator>

#include "domain/transitions.h"

namespace switchyard {
namespace {

using enum PaymentStatus;
using enum PaymentChange;

// From, change, to. A pair that is absent changes nothing.
// clang-format off
constexpr PaymentTransition table[] = {
    {requires_payment_method, attempt_started,    processing      },
    {requires_payment_method, closed_canceled,    canceled        },
    {requires_payment_method, time_ran_out,       expired         },

    {processing,              attempt_started,    processing      },  // the next account's turn
    {processing,              action_required,    requires_action },
    {processing,              authorized,         requires_capture},
    {processing,              paid,               succeeded       },
    {processing,              capture_refused,    requires_capture},  // certainly not executed
    {processing,              refused_everywhere, failed          },

    {requires_action,         attempt_started,    processing      },  // another method; the old attempt is closed
    {requires_action,         payer_acted,        processing      },  // our next call follows
    {requires_action,         authorized,         requires_capture},
    {requires_action,         paid,               succeeded       },
    {requires_action,         refused_everywhere, failed          },
    {requires_action,         closed_canceled,    canceled        },
    {requires_action,         time_ran_out,       expired         },

    {requires_capture,        capture_sent,       processing      },
    {requires_capture,        paid,               succeeded       },
    {requires_capture,        voided,             canceled        },

    {succeeded,               paid,               succeeded       },  // twice: payment.overpaid

    {failed,                  attempt_started,    processing      },
    {failed,                  closed_canceled,    canceled        },
    {failed,                  time_ran_out,       expired         },
    {failed,                  paid,               succeeded       },  // late money is still money
    {canceled,                paid,               succeeded       },
    {expired,                 paid,               succeeded       },
};
// clang-format on
static_assert(each_pair_appears_once(table));

}  // namespace

std::span<const PaymentTransition> payment_transitions() { return table; }

std::optional<PaymentStatus> next(PaymentStatus from, PaymentChange change) {
  for (const PaymentTransition& row : table)
    if (row.from == from && row.change == change) return row.to;
  return {};
}

}  // namespace switchyard
