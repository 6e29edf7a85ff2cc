// What Midtrans' transactions and errors say, wherever they are written: in answers, look-ups and
// notifications.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/adapter.h"

namespace switchyard::midtrans_words {

// "" for an id that could not stand in a URL.
std::string id_at(const Json& body, std::string_view path);

// The body's own status_code, which decides; the HTTP status says little. "" when it has none.
std::string code_of(const Json& body);

// "10000.00". A currency that is not named is the rupiah.
std::optional<Money> money_at(const Json& body, std::string_view path);

// Midtrans says nothing when a page has come to its end, so we count ourselves, generously: a card
// may be within its 3-D Secure for ten minutes more.
bool is_page_over(const Charge& charge);

// A transaction, as it is.
Update charge_said(const Account& account, const Charge& charge, const Json& transaction);

// The answer to a refund, and one of the transaction's `refunds`.
Update refund_answered(const Account& account, const Charge& charge, const Json& answer);
Update refund_listed(const Account& account, const Charge& charge, const Json& transaction,
                     const Json& refund);

// Puts a code of the table and a sentence of theirs into a refusal.
void add_refusal(Update& update, const std::string& code, const std::string& message);

// The sentence of an error: Snap's error_messages, Core's validation_messages or status_message.
std::string message_of(const Json& body);

}  // namespace switchyard::midtrans_words
