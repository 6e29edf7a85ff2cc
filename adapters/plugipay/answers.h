// What Plugipay's objects and errors say, wherever they are written: answers, look-ups, webhooks.
// The words of both contracts are read, whichever of them we write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/account.h"
#include "domain/money.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::plugipay_words {

// How many decimals an amount has there. Most of Plugipay's pages count whole rupiah, some of its
// examples hundredths. Nullopt for a setting that is neither.
std::optional<int> exponent_of(const Account& account, Currency currency);

// "" for an id that could not stand in a URL.
std::string id_at(const Json& object, std::string_view path);

// What a session or a refund says of itself. How the payer acts is not in it.
Update session_said(const Account& account, const Json& session);
Update refund_said(const Account& account, const Json& refund);

// A payment, of which only webhooks tell, and only in one of the contracts. Its charge is the
// session that it names.
Update payment_said(const Account& account, const Json& payment);

// True when `data` holds an object and nothing is wrong: the HTTP status alone does not decide.
bool is_success(const HttpResponse& response, const Json& body);

// A refusal, or nothing at all where the error does not say that nothing was done.
Update error_said(const HttpResponse& response, const Json& body);

// What the failed question about an object says: at most that there is none.
Update nothing_said(const HttpResponse& response, const Json& body);

// Remembers the request's id, which the vendor's support asks for.
Update traced(Update update, const Json& body);

}  // namespace switchyard::plugipay_words
