// Plugipay's webhooks, in the words of both contracts.
#pragma once

#include <vector>

#include "adapters/adapter.h"

namespace switchyard::plugipay_words {

Proof verify_webhook(const Account& account, const Incoming& incoming);
std::vector<News> read_webhook(const Account& account, const Incoming& incoming);

}  // namespace switchyard::plugipay_words
