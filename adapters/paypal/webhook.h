// PayPal's webhooks: proven by its certificate or by its own word, and what they tell.
#pragma once

#include <vector>

#include "adapters/adapter.h"

namespace switchyard::paypal_words {

Proof verify_webhook(const Account& account, const Incoming& incoming);
HttpRequest build_inquiry(const Account& account, const Incoming& incoming);
Proof read_inquiry(const Account& account, const Incoming& incoming, const HttpResponse& response);
std::vector<News> read_webhook(const Account& account, const Incoming& incoming);

}  // namespace switchyard::paypal_words
