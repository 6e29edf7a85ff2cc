// How requests to Stripe are written. Bodies are forms with nested names, answers are JSON.
#pragma once

#include <string>
#include <string_view>

#include "adapters/adapter.h"
#include "adapters/wire.h"

namespace switchyard::stripe_api {

// All that is read and sent here is as in this version. Accounts have defaults of their own, so
// every request names it. The next name, endive, takes other parameters.
constexpr std::string_view version = "2026-08-26.dahlia";

// What identifies us in an object: metadata[switchyard_attempt] and the like, below `prefix`, and
// before it what the merchant forwards, as far as Stripe has room for it.
void add_references(Form& form, std::string_view prefix, const Charge& charge);

HttpRequest get(const Account& account, const std::string& path, const Form& query = {});
HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Form& form);

// In Stripe's unit. "0", which Stripe refuses, where there is no such amount.
std::string amount_text(const Money& money);

std::string intent_path(std::string_view id);
std::string session_path(std::string_view id);

}  // namespace switchyard::stripe_api
