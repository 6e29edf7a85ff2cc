#include "api/payment_fields.h"

#include <algorithm>

#include "api/phone_number.h"
#include "api/return_url.h"
#include "base/id.h"
#include "store/customers.h"

namespace switchyard {
namespace {

constexpr std::size_t longest_external_id = 128;
constexpr std::size_t longest_description = 1000;
constexpr std::size_t longest_token = 512;
constexpr std::chrono::days latest_expiry{90};

std::string read_phone(BodyReader& body, std::string_view name, bool is_required) {
  std::string phone = body.text(name, 32, is_required);
  if (phone.empty()) return phone;
  if (!is_phone_number(phone))
    body.note(name, "must be a phone number in E.164, as in \"+231770000000\"");
  else if (std::string problem = phone_problem(phone); !problem.empty())
    body.note(name, std::move(problem));
  return phone;
}

// Names of networks, wallets and accounts: as rules and adapters spell them.
std::string read_word(BodyReader& body, std::string_view name, bool is_required) {
  std::string word = body.text(name, 64, is_required);
  const bool is_plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  if (!is_plain) body.note(name, "must be made of small letters, digits and _");
  return word;
}

// Whose number it is says the number, where the merchant does not.
std::string read_network(BodyReader& body, const std::string& phone_number) {
  if (body.has("network")) return read_word(body, "network", true);
  std::string network(network_of_phone(phone_number));
  if (network.empty())
    body.note("network",
              is_phone_number(phone_number)
                  ? "is required: the number's first digits do not tell the network"
                  : "is required, unless the phone number tells it",
              ErrorCode::missing_field);
  return network;
}

std::optional<Rail> read_rail(BodyReader& method) {
  std::vector<std::string_view> words;
  for (const auto& [rail, word] : rail_words) words.push_back(word);
  return from_word(rail_words, method.choice("type", words, true));
}

void read_details(BodyReader& body, PaymentMethod& method) {
  switch (method.rail) {
    case Rail::card:
      method.token = body.text("token", longest_token, true);
      method.token_account = read_word(body, "token_account", false);
      break;
    case Rail::mobile_money:
      method.phone_number = read_phone(body, "phone_number", true);
      method.network = read_network(body, method.phone_number);
      break;
    case Rail::wallet:
      method.kind = read_word(body, "kind", true);
      method.phone_number = read_phone(body, "phone_number", false);
      break;
    case Rail::hosted_page:
    case Rail::manual_transfer:
      break;
  }
}

std::optional<NamedCustomer> read_customer(BodyReader& body) {
  const Json* json = body.object("customer");
  if (!json) return std::nullopt;
  BodyReader inner(*json, "customer.");
  NamedCustomer named{.id = inner.text("id", 64),
                      .external_id = inner.text("external_id", longest_external_id)};
  named.email = inner.text("email", 254);
  named.name = inner.text("name", 200);
  named.phone = read_phone(inner, "phone", false);
  if (!named.email.empty() && named.email.find('@') == std::string::npos)
    inner.note("email", "must be an e-mail address as in jane@example.com");
  const bool says_more = !named.external_id.empty() || !named.email.empty() ||
                         !named.name.empty() || !named.phone.empty();
  if (!named.id.empty() && says_more)
    inner.note("id", "names a customer by itself: leave the other fields out");
  body.absorb(inner);
  if (named.id.empty() && !says_more) return std::nullopt;
  return named;
}

std::optional<Time> read_expiry(BodyReader& body, Time now) {
  const auto at = body.time("expires_at");
  if (at && (*at <= now || *at > now + latest_expiry))
    body.note("expires_at", "must be in the future, within 90 days");
  return at;
}

void check_amount(BodyReader& body, const std::optional<std::int64_t>& amount,
                  std::int64_t largest) {
  if (amount && largest > 0 && *amount > largest)
    body.note("amount", "must be no more than " + std::to_string(largest) + " here",
              ErrorCode::limit_exceeded);
}

}  // namespace

std::optional<PaymentMethod> read_method(BodyReader& body) {
  const Json* json = body.object("payment_method");
  if (!json) return std::nullopt;
  BodyReader inner(*json, "payment_method.");
  PaymentMethod method;
  if (const auto rail = read_rail(inner)) {
    method.rail = *rail;
    read_details(inner, method);
    body.absorb(inner);
  } else {
    // Without its type nobody knows which other fields belong to it.
    body.note("payment_method.type",
              "must be card, hosted_page, mobile_money, wallet or manual_transfer",
              inner.has("type") ? ErrorCode::invalid_field : ErrorCode::missing_field);
  }
  return method;
}

std::string read_return_url(BodyReader& body, const Asker& asker) {
  std::string url = body.text("return_url", 2048);
  if (url.empty()) return url;
  if (std::string problem = return_url_problem(url, asker.mode, asker.return_hosts);
      !problem.empty())
    body.note("return_url", std::move(problem));
  return url;
}

std::string read_country(BodyReader& body, const std::optional<PaymentMethod>& method) {
  std::string country = body.text("country", 2);
  const bool is_code = country.size() == 2 &&
                       std::ranges::all_of(country, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!country.empty() && !is_code)
    body.note("country", "must be two capital letters of ISO 3166, as in \"LR\"");
  if (!method || method->rail != Rail::mobile_money) return country;
  const std::string dialled = country_of_phone(method->phone_number);
  if (dialled.empty()) return country;
  if (is_code && country != dialled)
    body.note("country", "must be " + dialled + ", as the phone number says, or be left out");
  return dialled;
}

Result<PaymentFields> read_new_payment(const ApiCall& call, const Policies& policies, Time now) {
  BodyReader body(call.body);
  PaymentFields fields;
  NewPayment& payment = fields.payment;
  const auto amount = body.amount("amount", true);
  const auto currency = body.currency("currency", true);
  check_amount(body, amount, policies.largest_amount);
  payment.money = {amount.value_or(0), currency.value_or(Currency())};
  payment.external_id = body.text("external_id", longest_external_id);
  payment.description = body.text("description", longest_description);
  fields.customer = read_customer(body);
  payment.method = read_method(body);
  payment.country = read_country(body, payment.method);
  payment.capture_method = body.choice("capture_method", {"automatic", "manual"}) == "manual"
                               ? CaptureMethod::manual
                               : CaptureMethod::automatic;
  payment.return_url = read_return_url(body, call.asker);
  payment.metadata = body.metadata("metadata");
  payment.expires_at = read_expiry(body, now);
  payment.confirm = body.boolean("confirm").value_or(false);
  if (payment.confirm && !body.has("payment_method"))
    body.note("payment_method", "is required with confirm", ErrorCode::missing_field);
  TRY(body.finish());
  return fields;
}

Result<ConfirmationFields> read_confirmation(const ApiCall& call) {
  BodyReader body(call.body);
  ConfirmationFields fields;
  fields.client_secret = body.text("client_secret", 128);
  fields.confirmation.method = read_method(body);
  fields.confirmation.country = read_country(body, fields.confirmation.method);
  fields.confirmation.return_url = read_return_url(body, call.asker);
  TRY(body.finish());
  return fields;
}

Result<void> place_customer(Api& api, const ApiCall& call, const NamedCustomer& named,
                            NewPayment& payment) {
  Database& database = api.services.database;
  const std::string& merchant = call.asker.merchant_id;
  payment.customer_is_new = payment.customer_is_changed = false;
  if (!named.id.empty()) {
    payment.customer = TRY(find_customer(database, merchant, call.asker.mode, named.id));
    if (!payment.customer)
      return fail(ErrorCode::not_found, "There is no such customer.", "customer.id");
    return {};
  }
  std::optional<Customer> found;
  if (!named.external_id.empty())
    found =
        TRY(find_customer_by_external_id(database, merchant, call.asker.mode, named.external_id));
  const Time now = api.services.clock.now();
  payment.customer_is_new = !found;
  Customer customer =
      found.value_or(Customer{.id = new_id("cus"), .merchant_id = merchant, .created_at = now});
  customer.mode = call.asker.mode;
  customer.external_id = named.external_id;
  if (!named.email.empty()) customer.email = named.email;
  if (!named.name.empty()) customer.name = named.name;
  if (!named.phone.empty()) customer.phone = named.phone;
  payment.customer_is_changed = !found || !(*found == customer);
  if (payment.customer_is_changed) customer.updated_at = now;
  payment.customer = std::move(customer);
  return {};
}

}  // namespace switchyard
