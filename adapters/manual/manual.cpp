// A bank transfer made by hand: the payer is told where to send the money (the core writes the
// instructions from these settings), and a person confirms when it has come. Nobody is called.
#include "adapters/adapter.h"

namespace switchyard {

extern const Adapter manual;
const Adapter manual = {
    .name = "manual",
    .title = "Manual transfer",
    .settings =
        {
            {.name = "bank_name",
             .sentence = "The bank, as the payer is told it.",
             .is_required = true},
            {.name = "account_name",
             .sentence = "Whose account it is, as the payer's bank will check it.",
             .is_required = true},
            {.name = "account_number",
             .sentence = "The account's number or IBAN; payers are shown it.",
             .is_required = true},
        },
    .offers = {{.rail = Rail::manual_transfer}},
    .by_hand = true,
};

}  // namespace switchyard
