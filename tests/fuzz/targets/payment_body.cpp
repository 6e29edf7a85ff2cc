// What merchants write in the body of a payment and of a confirmation.
#include <set>

#include "../fuzz.h"
#include "api/pan_guard.h"
#include "api/payment_fields.h"
#include "api/phone_number.h"
#include "api/return_url.h"

namespace switchyard {
namespace {

const Time noon = *parse_rfc3339("2026-11-20T07:00:00.000Z");
constexpr std::int64_t largest = 500'000;

std::size_t characters_in(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void check_refusal(const Error& error) {
  require(!error.message.empty() && !error.details.empty(), "a refusal says what was wrong");
  require(error.message == error.details.front().message && error.details.size() <= 101,
          "a refusal begins with the first of its problems");
  for (const Problem& problem : error.details)
    for (const char c : problem.param + problem.message)
      require(c >= 0x20 && c < 0x7f, "a refusal repeats nothing odd");
}

void check_text(const std::string& text, std::size_t longest) {
  require(characters_in(text) <= longest, "a text is within its limit");
  for (const char c : text)
    require(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t', "no controls");
}

void check_method(const PaymentMethod& method) {
  const bool needs_phone = method.rail == Rail::mobile_money;
  require(!needs_phone || is_phone_number(method.phone_number), "a phone is a phone");
  require(method.phone_number.empty() || is_phone_number(method.phone_number),
          "a phone is a phone");
  require(method.rail != Rail::card || !method.token.empty(), "a card has its token");
  require(method.rail == Rail::card || method.token.empty(), "only a card has a token");
  check_text(method.token, 512);
}

void check_metadata(const Metadata& metadata) {
  require(metadata.size() <= 50, "no more than fifty pairs");
  for (const auto& [key, value] : metadata) {
    require(!key.empty() && !key.starts_with("switchyard_"), "our own keys stay ours");
    check_text(key, 40);
    check_text(value, 500);
  }
}

void check_payment(const PaymentFields& fields, const Asker& asker) {
  const NewPayment& payment = fields.payment;
  require(payment.money.amount >= 1 && payment.money.amount <= largest,
          "an amount is in its limits");
  require(find_currency(payment.money.currency.code()).has_value(), "a currency is known");
  check_text(payment.external_id, 128);
  check_text(payment.description, 1000);
  require(payment.country.empty() || payment.country.size() == 2, "a country has two letters");
  require(payment.return_url.empty() ||
              return_url_problem(payment.return_url, asker.mode, asker.return_hosts).empty(),
          "a payer is sent only where they may be");
  check_metadata(payment.metadata);
  if (payment.method) check_method(*payment.method);
  require(!payment.confirm || payment.method, "what is confirmed has its method");
  if (payment.expires_at) require(*payment.expires_at > noon, "nothing ends before it begins");
  if (fields.customer) {
    check_text(fields.customer->email, 254);
    check_text(fields.customer->name, 200);
    const bool says_more = !fields.customer->email.empty() || !fields.customer->name.empty();
    require(fields.customer->id.empty() || !says_more, "a customer is named in one way");
  }
}

// The members that the caller wrote and the ones that were read: none is overlooked.
void check_nothing_is_ignored(const Json& body) {
  static const std::set<std::string> known = {
      "amount",         "currency",   "external_id", "description", "customer", "payment_method",
      "capture_method", "return_url", "metadata",    "expires_at",  "confirm",  "country"};
  for (const auto& [key, value] : body.items())
    require(known.contains(key), "an unknown field is refused");
}

}  // namespace

void fuzz_payment_body(std::string_view input) {
  auto body = parse_strict_json(input);
  if (!body || !body->is_object()) return;
  if (const auto clean = refuse_card_numbers(*body); !clean) {
    require(!clean.error().message.empty(), "a refusal has a sentence");
    return;
  }
  const Request request{.method = "POST", .path = "/v1/payments"};
  ApiCall call{.request = request, .body = *std::move(body)};
  for (const Mode mode : {Mode::test, Mode::live}) {
    call.asker = {.merchant_id = "mer_1", .mode = mode, .return_hosts = {"*.shop.example"}};
    const auto fields = read_new_payment(call, {.largest_amount = largest}, noon);
    if (fields) {
      check_payment(*fields, call.asker);
      check_nothing_is_ignored(call.body);
    } else {
      check_refusal(fields.error());
    }
  }
  const auto confirmation = read_confirmation(call);
  if (!confirmation) return check_refusal(confirmation.error());
  if (confirmation->confirmation.method) check_method(*confirmation->confirmation.method);
}

}  // namespace switchyard
