// Example Pay's relatives: the same API at providers that make it harder to find out what happened.
// They exist so that the core is tried against every way in which providers are difficult; a new
// adapter is copied from example.cpp without them.
#include "adapters/adapter.h"
#include "adapters/example/declines.h"

namespace switchyard {
namespace example_pay {  // in example.cpp

HttpRequest build_charge(const Account& account, const Charge& charge);
Update read_charge(const Account& account, const Charge& charge, const HttpResponse& response);
HttpRequest build_lookup(const Account& account, const Charge& charge);
Update read_lookup(const Account& account, const Charge& charge, const HttpResponse& response);
HttpRequest build_cancel(const Account& account, const Charge& charge);
Update read_operation(const Account& account, const Charge& charge, const HttpResponse& response);
HttpRequest build_capture(const Account& account, const Charge& charge);
HttpRequest build_refund(const Account& account, const Charge& charge);
Update read_refund(const Account& account, const Charge& charge, const HttpResponse& response);
HttpRequest build_lookup_refund(const Account& account, const Charge& charge);
Update read_lookup_refund(const Account& account, const Charge& charge,
                          const HttpResponse& response);
Proof verify_webhook(const Account& account, const Incoming& incoming);
std::vector<News> read_webhook(const Account& account, const Incoming& incoming);
bool recognizes_token(std::string_view token);
std::vector<std::string> currencies();

}  // namespace example_pay

namespace {

using namespace example_pay;
using namespace std::chrono_literals;

HttpRequest without_key(HttpRequest request) {
  std::erase_if(request.headers,
                [](const auto& header) { return header.first == "Idempotency-Key"; });
  return request;
}

HttpRequest build_charge_without_key(const Account& account, const Charge& charge) {
  return without_key(build_charge(account, charge));
}
HttpRequest build_cancel_without_key(const Account& account, const Charge& charge) {
  return without_key(build_cancel(account, charge));
}
HttpRequest build_capture_without_key(const Account& account, const Charge& charge) {
  return without_key(build_capture(account, charge));
}
HttpRequest build_refund_without_key(const Account& account, const Charge& charge) {
  return without_key(build_refund(account, charge));
}

// Nothing in such a message says who sent it: whatever it claims is only a reason to look.
Proof believe_nobody(const Account&, const Incoming&) { return Proof::unproven; }

// What all of them share: found by our reference, closed by our reference.
Adapter relative(std::string_view name, std::string_view title) {
  return {
      .name = name,
      .title = title,
      .base_url_test = "https://api.test.example-pay.invalid",
      .base_url_live = "https://api.example-pay.invalid",
      .variant_of = "example",
      .settings =
          {
              secret("api_key",
                     "The secret key of the provider's dashboard, sk_test_… or sk_live_…."),
              {"account_name", "The account's name there, which answers repeat."},
          },
      .recognizes_token = recognizes_token,
      .finds_out_by = FindsOutBy::our_reference,
      .lookup = {build_lookup, read_lookup},
      .cancel = {build_cancel_without_key, read_operation},
      .refund = {build_refund_without_key, read_refund},
      .lookup_refund = {build_lookup_refund, read_lookup_refund},
      .webhook = {verify_webhook, read_webhook},
      .prompt_lasts = 120s,
      .declines = {std::begin(example_declines), std::end(example_declines)},
  };
}

std::vector<Offer> offers_by(const Call& charge, bool manual_capture) {
  const std::vector<ChargeStep> steps = {{"create", charge}};
  return {
      {.rail = Rail::card,
       .currencies = currencies(),
       .manual_capture = manual_capture,
       .steps = steps,
       .needs = {"token"}},
      {.rail = Rail::hosted_page,
       .currencies = currencies(),
       .manual_capture = manual_capture,
       .steps = steps,
       .needs = {"return_url"}},
      {.rail = Rail::mobile_money,
       .kinds = {"mtn", "orange", "prompt"},
       .currencies = currencies(),
       .steps = steps,
       .needs = {"phone_number"}},
  };
}

void add_webhook_key(Adapter& adapter) {
  adapter.settings.push_back(secret("webhook_key", "The key that signs the provider's webhooks."));
}

// Honours a key for a moment only. What is not known by then is looked up or closed, because the
// same bytes would be a second charge.
Adapter make_short() {
  Adapter adapter = relative("example_short", "Example Pay, short memory");
  add_webhook_key(adapter);
  adapter.offers = offers_by({build_charge, read_charge}, true);
  adapter.cancel = {build_cancel, read_operation};
  adapter.capture = {build_capture, read_charge};
  adapter.partial_capture = true;
  adapter.refund = {build_refund, read_refund};
  adapter.dedup_window = 20s;
  return adapter;
}

// Our reference is the key, for ever. A repetition is told that it exists and nothing of what
// became of it; nor does the first answer say more than that it was accepted.
Adapter make_reference() {
  Adapter adapter = relative("example_reference", "Example Pay, keyed by reference");
  add_webhook_key(adapter);
  adapter.offers = offers_by({build_charge_without_key, read_charge}, false);
  std::erase_if(adapter.offers, [](const Offer& each) { return each.rail == Rail::hosted_page; });
  adapter.dedup_window = std::chrono::years(10);
  return adapter;
}

// No keys at all, so that nothing is ever sent twice; and nobody signs its webhooks.
Adapter make_keyless() {
  Adapter adapter = relative("example_keyless", "Example Pay, without keys");
  adapter.offers = offers_by({build_charge_without_key, read_charge}, true);
  adapter.capture = {build_capture_without_key, read_charge};
  adapter.partial_capture = true;
  adapter.webhook = {believe_nobody, read_webhook};
  adapter.webhooks_prove_themselves = false;
  return adapter;
}

}  // namespace

extern const Adapter example_short;
const Adapter example_short = make_short();
extern const Adapter example_reference;
const Adapter example_reference = make_reference();
extern const Adapter example_keyless;
const Adapter example_keyless = make_keyless();

}  // namespace switchyard
