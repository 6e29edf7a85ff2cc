#include "domain/attempt.h"

#include <cassert>

#include "domain/transitions.h"

namespace switchyard {
namespace {

using enum AttemptStatus;

// From, to. Nothing leads back to a lower rank but late money and a payer who has acted, after
// which our next call follows; and nothing from `unknown` to `not_sent`: once a byte may have left
// us, no absence of news takes it back.
// clang-format off
constexpr AttemptTransition table[] = {
    {sending,         unknown        },
    {sending,         requires_action},
    {sending,         authorized     },
    {sending,         captured       },
    {sending,         closing        },
    {sending,         not_sent       },
    {sending,         refused        },
    {sending,         canceled       },
    {sending,         expired        },

    {unknown,         requires_action},
    {unknown,         authorized     },
    {unknown,         captured       },
    {unknown,         closing        },
    {unknown,         refused        },
    {unknown,         canceled       },
    {unknown,         expired        },

    {requires_action, sending        },  // the payer has acted, and our next call follows
    {requires_action, authorized     },
    {requires_action, captured       },
    {requires_action, closing        },
    {requires_action, refused        },
    {requires_action, canceled       },
    {requires_action, expired        },

    {authorized,      captured       },
    {authorized,      closing        },
    {authorized,      canceled       },
    {authorized,      expired        },

    {closing,         captured       },  // money was faster than our cancel
    {closing,         refused        },
    {closing,         canceled       },
    {closing,         expired        },

    // Late money, and a late authorization, which is then voided through `closing`.
    {not_sent,        authorized     },
    {not_sent,        captured       },
    {refused,         authorized     },
    {refused,         captured       },
    {canceled,        authorized     },
    {canceled,        captured       },
    {expired,         authorized     },
    {expired,         captured       },
};
// clang-format on
static_assert(each_pair_appears_once(table));

}  // namespace

std::span<const AttemptTransition> attempt_transitions() { return table; }

bool may_become(AttemptStatus from, AttemptStatus to) {
  for (const AttemptTransition& row : table)
    if (row.from == from && row.to == to) return true;
  return false;
}

Certainty certainty_of(AttemptStatus status) {
  if (is_in_doubt(status)) return Certainty::unknown;
  if (status == not_sent) return Certainty::not_sent;
  if (status == refused) return Certainty::refused;
  return Certainty::accepted;
}

std::string_view word_of(Certainty certainty) {
  switch (certainty) {
    case Certainty::not_sent:
      return "not_sent";
    case Certainty::refused:
      return "refused";
    case Certainty::unknown:
      return "unknown";
    case Certainty::accepted:
      return "accepted";
  }
  assert(false);
  return "?";
}

int rank_of(AttemptStatus status) {
  switch (status) {
    case sending:
      return 0;
    case unknown:
      return 1;
    case requires_action:
      return 2;
    case authorized:
      return 3;
    case closing:
      return 4;
    case not_sent:
    case refused:
    case canceled:
    case expired:
      return 5;
    case captured:
      return 6;
  }
  assert(false);
  return 0;
}

}  // namespace switchyard
