#include "adapters/stripe/wire.h"

#include <utility>

#include "adapters/stripe/amounts.h"

namespace switchyard::stripe_api {

void add_references(Form& form, std::string_view prefix, const Charge& charge) {
  const auto key = [&](std::string_view name) {
    return std::string(prefix) + "[" + std::string(name) + "]";
  };
  // Fifty keys at most, four of them ours, and no brackets in a key.
  int room = 46;
  for (const auto& [name, value] : charge.metadata)
    if (name.find_first_of("[]") == std::string::npos && !value.empty() && room-- > 0)
      form.add(key(name), value);
  form.add(key("switchyard_payment"), charge.payment_id);
  form.add(key("switchyard_attempt"), charge.attempt_id);
  if (charge.method.rail != Rail::hosted_page) return;
  // A session makes its payment intent later, under an id that is not our reference there. These
  // words tell a webhook whose it is.
  form.add(key("switchyard_rail"), word_of(charge.method.rail));
  if (charge.manual_capture) form.add(key("switchyard_capture"), "manual");
}

HttpRequest get(const Account& account, const std::string& path, const Form& query) {
  return {
      .method = "GET",
      .url = account.base_url + path + (query.text().empty() ? "" : "?" + query.text()),
      .headers = {{"Authorization", bearer_authorization(account.setting("secret_key"))},
                  {"Stripe-Version", std::string(version)}},
  };
}

HttpRequest post(const Account& account, const Charge& charge, const std::string& path,
                 const Form& form) {
  HttpRequest request = get(account, path);
  request.method = "POST";
  request.headers.emplace_back("Idempotency-Key", charge.provider_key);
  return with_form(std::move(request), form);
}

std::string amount_text(const Money& money) {
  return std::to_string(stripe_amount(money).value_or(0));
}

std::string intent_path(std::string_view id) {
  return "/v1/payment_intents/" + percent_encoded(id);
}
std::string session_path(std::string_view id) {
  return "/v1/checkout/sessions/" + percent_encoded(id);
}

}  // namespace switchyard::stripe_api
