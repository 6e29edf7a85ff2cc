// What an adapter has read, before the door: marked where it names somebody else, and without words
// that must not reach a merchant, a payer's browser, a log line or a table.
#pragma once

#include "domain/account.h"
#include "domain/update.h"

namespace switchyard {

// An update that names another account than ours is marked as such: "account_name" is the setting
// an adapter offers where its provider echoes one. A code that is none, and whatever holds a card
// number, is replaced. A payer who would be sent to no web address is sent nowhere: the update
// becomes a refusal of what can still be paid, so that it is closed.
Update checked_against(const Account& account, Update update);

}  // namespace switchyard
