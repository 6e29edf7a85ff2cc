#include "adapters/stripe/checkout.h"

#include <algorithm>

#include "adapters/stripe/answers.h"
#include "adapters/stripe/wire.h"
#include "adapters/wire.h"

namespace switchyard::stripe_api {
namespace {

// Stripe takes 30 minutes to 24 hours, counted from when it reads the request. The margins are for
// a request that is sent again later with the same bytes.
std::int64_t closes_at(const Account& account, Time now) {
  const std::int64_t minutes = number_in(account, "checkout_lasts_min", 60);
  return unix_seconds(now) + 60 * std::clamp<std::int64_t>(minutes, 40, 1430);
}

void add_line(Form& form, const Charge& charge) {
  const std::string price = "line_items[0][price_data]";
  form.add("line_items[0][quantity]", "1")
      .add(price + "[currency]", in_lower_case(charge.money.currency.code()))
      .add(price + "[unit_amount]", amount_text(charge.money))
      .add(price + "[product_data][name]",
           charge.description.empty() ? "Payment " + charge.payment_id : charge.description);
}

}  // namespace

HttpRequest build_session(const Account& account, const Charge& charge) {
  Form form;
  form.add("mode", "payment")
      .add("success_url", charge.return_url)
      // Leaving does not close the page, so we look there too.
      .add("cancel_url", charge.return_url)
      .add("client_reference_id", charge.attempt_id)
      .add("expires_at", std::to_string(closes_at(account, charge.now)))
      // Otherwise the payer may pay in another currency and another amount than were asked for.
      .add("adaptive_pricing[enabled]", "false")
      .add_unless_empty("customer_email", charge.payer.email);
  add_line(form, charge);
  const std::string intent = "payment_intent_data";
  form.add_unless_empty(intent + "[description]", charge.description)
      .add_unless_empty(intent + "[statement_descriptor_suffix]",
                        account.setting("statement_descriptor_suffix"));
  if (charge.manual_capture)
    // Only cards: some of the methods that the account offers on its page cannot be captured later.
    form.add(intent + "[capture_method]", "manual").add("payment_method_types[0]", "card");
  // A session's own metadata does not reach its payment intent.
  add_references(form, "metadata", charge);
  add_references(form, intent + "[metadata]", charge);
  return post(account, charge, "/v1/checkout/sessions", form);
}

Update read_session(const Account&, const Charge&, const HttpResponse& response) {
  const Json body = parse_json(response.body);
  return is_object(response, body, "checkout.session") ? session_said(body)
                                                       : refused_call(response);
}

}  // namespace switchyard::stripe_api
