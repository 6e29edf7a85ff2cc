// What Midtrans' transactions and errors say, wherever they are written: in answers, look-ups and
// notifications.
#pragma once

#include <string>

#include "adapters/adapter.h"

namespace switchyard::midtrans_words {

// The body's own status_code, which decides; the HTTP status says little. "" when it has none.
std::string code_of(const Json& body);

// Midtrans says nothing when a page has come to its end, so we count ourselves, generously: a card
// may be within its 3-D Secure for ten minutes more.
bool is_page_over(const Charge& charge);

// A transaction, as it is.
Update charge_said(const Account& account, const Charge& charge, const Json& transaction);

// The answer to a refund, and one of the transaction's `refunds`.
Update refund_answered(const Account& account, const Charge& charge, const Json& answer);
Update refund_listed(const Account& account, const Charge& charge, const Json& transaction,
                     const Json& refund);

// A code and a sentence of theirs that say no; one that decides nothing is kept for the operator.
Update no_said(bool decides, const std::string& code, const std::string& message);

// The sentence of an error: Snap's error_messages, Core's validation_messages or status_message.
std::string message_of(const Json& body);

}  // namespace switchyard::midtrans_words
