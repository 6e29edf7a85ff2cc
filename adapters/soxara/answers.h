// What Soxara's objects and errors say, wherever they are written: answers, lookups and webhooks.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "domain/account.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard::soxara_words {

constexpr int decimals = 2;  // of both currencies: L$100.00 is 10000

// "" for an id that could not stand in a URL.
std::string id_at(const Json& body, std::string_view path);

// `status` is the object's; what a payment or a refund says of itself.
Update object_said(const Account& account, const Json& object);
Update payment_said(const Account& account, const Json& payment);

// True when `data` holds an answer: `success` decides, not the HTTP status alone.
bool is_success(const HttpResponse& response, const Json& body);

// A refusal, or nothing at all where the error does not say that nothing happened.
Update error_said(const HttpResponse& response, const Json& body);

// Remembers X-Trace-Id, which support asks for.
Update traced(Update update, const HttpResponse& response);

}  // namespace switchyard::soxara_words
