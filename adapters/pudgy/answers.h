// What Pudgy's objects and errors say, wherever they are written: answers, look-ups and webhooks.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/account.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::pudgy_words {

// Pudgy counts in ISO 4217's minor units, also where nobody pays in them.
int minor_digits(Currency currency);

// "" for an id that could not stand in a URL.
std::string id_at(const Json& body, std::string_view path);

// The attempt that a description ends in: "Order 1042 [att_…]"; "" if none.
std::string reference_in(const std::string& description);

// Nothing at all where the object is none.
Update charge_said(const Account& account, const Json& charge);
// Refunds do not say their currency: `ours` is taken where they do not. No currency: no money then.
Update refund_said(const Json& refund, Currency ours);

// A refusal, or nothing at all where the error does not say that nothing happened.
Update error_said(const HttpResponse& response, const Json& body);

}  // namespace switchyard::pudgy_words
