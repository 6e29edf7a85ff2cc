#include "provider.h"

#include <map>

#include "domain/payment.h"
#include "fuzz.h"
#include "http/request_problem.h"

namespace switchyard {
namespace {

const Offer& offer_on(const Adapter& adapter, Rail rail) {
  for (const Offer& offer : adapter.offers)
    if (offer.rail == rail) return offer;
  return adapter.offers.front();
}

Money money_at(const Offer& offer) {
  const auto& codes = offer.currencies;
  const bool has_dollars =
      codes.empty() || std::find(codes.begin(), codes.end(), "USD") != codes.end();
  return {4999, find_currency(has_dollars ? "USD" : codes.front()).value()};
}

// What a URL is made of besides names: a name that is not encoded well would change it.
std::string shape_of(const std::string& url) {
  std::string shape;
  for (const char c : url)
    if (std::string_view("/?#&;\\").find(c) != std::string_view::npos) shape += c;
  return shape;
}

// "https://api.example.com/"
std::string origin_of(const std::string& url) {
  const std::size_t host = url.find("://");
  return host == std::string::npos ? "" : url.substr(0, url.find('/', host + 3) + 1);
}

void check_url(const std::string& url, const std::string& like) {
  require(!origin_of(url).empty() && origin_of(url) == origin_of(like),
          "a request goes to the provider's own host");
  for (const char c : url) require(c > 0x20 && c < 0x7f, "a URL is printable");
  require(shape_of(url) == shape_of(like), "a URL leads to the place that was meant");
  const std::string path = url.substr(0, url.find('?')) + "/";
  require(path.find("/../") == std::string::npos && path.find("/./") == std::string::npos,
          "a URL has no dot segments");
}

bool holds_nul(const Json& json) {
  if (json.is_string()) return json.get_ref<const std::string&>().find('\0') != std::string::npos;
  if (!json.is_structured()) return false;
  return std::any_of(json.begin(), json.end(), holds_nul);
}

void check_json(const Json& json) {
  require(json.is_null() || json.is_object(), "what is kept is an object");
  // Other bytes than UTF-8, out of a header perhaps, are replaced when it is written.
  require(!holds_nul(json), "what is kept holds no NUL");
}

// The members that come with each way to act (docs/openapi.yaml, NextAction).
void check_next_action(const Json& action) {
  require(action.is_object(), "a payer who must act is told how");
  const std::string type = text_at(action, "type");
  require(is_one_of(type, {"redirect", "approve_on_phone", "approve_in_app",
                           "transfer_instructions", "use_browser_sdk"}),
          "a payer is told to do what the API documents");
  require(member_at(action, type).is_object(), "the way to act has its particulars");
}

Account make_account(const Adapter& adapter) {
  Account account{.id = std::string(adapter.name) + "_test",
                  .adapter = std::string(adapter.name),
                  .base_url = std::string(adapter.base_url_test),
                  .webhook_url = "https://pay.example.com/webhooks/" + std::string(adapter.name)};
  for (const Setting& setting : adapter.settings)
    account.settings[std::string(setting.name)] =
        Secret(std::string(setting.is_required ? provider_secret : setting.otherwise));
  return account;
}

std::vector<NamedCall> list_calls(const Adapter& adapter) {
  std::vector<NamedCall> calls;
  for (const Offer& offer : adapter.offers)
    for (const ChargeStep& step : offer.steps)
      calls.push_back({"charge." + std::string(step.name), offer.rail, step.call});
  for (const Offer& offer : adapter.offers)
    for (const auto& [name, call] : {std::pair("lookup", adapter.lookup),
                                     {"cancel", adapter.cancel},
                                     {"capture", adapter.capture},
                                     {"refund", adapter.refund},
                                     {"lookup_refund", adapter.lookup_refund},
                                     {"on_return", adapter.on_return}})
      if (call) calls.push_back({name, offer.rail, call});
  return calls;
}

// What is said in plain words may choose another call, and stays; nothing odd does.
std::string plainly(const std::string& text) {
  static constexpr std::string_view plain_letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return text.find_first_not_of(plain_letters) == std::string::npos ? text : "plain";
}

Json plainly(Json memory) {
  for (auto& [key, value] : memory.items())
    if (value.is_string()) value = plainly(value.get<std::string>());
  return memory;
}

// The same call where the provider has said nothing odd.
HttpRequest plain_request(const Account& account, const NamedCall& named, const Charge& odd,
                          const Charge& ordinary) {
  Charge charge = ordinary;
  charge.provider_reference = plainly(odd.provider_reference);
  charge.operation.provider_reference = plainly(odd.operation.provider_reference);
  charge.memory = plainly(odd.memory);
  return named.call.build(account, charge);
}

// A fuzzer asks for the same thing a thousand times a second.
template <class Key, class Make>
const auto& made_once(const Key& key, Make make) {
  static std::map<Key, decltype(make())> made;
  const auto found = made.find(key);
  return found != made.end() ? found->second : made.emplace(key, make()).first->second;
}

}  // namespace

const Account& account_at(const Adapter& adapter) {
  return made_once(&adapter, [&] { return make_account(adapter); });
}

const std::vector<NamedCall>& calls_of(const Adapter& adapter) {
  return made_once(&adapter, [&] { return list_calls(adapter); });
}

Charge charge_at(const Adapter& adapter, Rail rail) {
  const Offer& offer = offer_on(adapter, rail);
  const std::string kind = offer.kinds.empty() ? "" : offer.kinds.front();
  Charge charge{.attempt_id = "att_01KA00000000000000000000A1",
                .payment_id = "pay_01KA00000000000000000000P1",
                .money = money_at(offer)};
  charge.method = {.rail = rail, .token = "tok_visa"};
  charge.method.phone_number = rail == Rail::card ? "" : "+231770000000";
  (rail == Rail::mobile_money ? charge.method.network : charge.method.kind) = kind;
  charge.payer = {.id = "cus_1", .email = "jane@example.com", .name = "Jane"};
  charge.return_url = "https://pay.example.com/return/1";
  charge.provider_key = "5e0f3c1e-8f4e-4a53-9d0e-1a2b3c4d5e6f";
  charge.provider_reference = "plain";
  charge.now = *parse_rfc3339("2026-11-20T07:00:00.000Z");
  charge.memory = {{"client_secret", "cs_1"}, {"payment_intent", "pi_1"}, {"wallet_session", "ws"}};
  charge.operation = {.attempt_id = "att_01KA00000000000000000000A2",
                      .money = charge.money,
                      .reason = "requested_by_customer",
                      .provider_reference = "plain"};
  return charge;
}

Headers take_headers(std::string_view& input) {
  Headers headers;
  while (!input.empty()) {
    const std::string_view line = take_line(input);
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    // libcurl takes no answer with a NUL in its head.
    const bool is_odd = line.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos;
    if (colon == std::string_view::npos || is_odd) continue;
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return headers;
}

void check_update(const Adapter& adapter, const Update& update, bool names_money) {
  for (const std::string& text :
       {update.provider_reference, update.our_reference, update.account_echo, update.provider_code,
        update.provider_message})
    require(is_storable(text), "each text is UTF-8 without NUL");
  check_json(update.memory);
  check_json(update.next_action);
  require(update.verdict != Verdict::not_sent, "only bytes say that nothing was sent");
  const bool is_money =
      update.verdict == Verdict::captured || update.verdict == Verdict::authorized;
  const bool is_named = update.money || update.received || !names_money || !adapter.repeats_amounts;
  require(!is_money || is_named, "money that was taken can be compared with ours");
  require(!update.is_still_payable || update.verdict == Verdict::refused,
          "only what was refused is still payable");
  require(update.refunded_total.value_or(0) >= 0, "no less than nothing was given back");
  if (!update.next_action.is_null()) check_next_action(update.next_action);
}

void check_next_requests(const Adapter& adapter, Rail rail, const Update& update,
                         const std::string& refund_reference) {
  const Account& account = account_at(adapter);
  const Charge ordinary = charge_at(adapter, rail);
  Charge charge = ordinary;
  if (!update.provider_reference.empty()) charge.provider_reference = update.provider_reference;
  if (update.memory.is_object())
    for (const auto& [key, value] : update.memory.items()) charge.memory[key] = value;
  if (!refund_reference.empty()) charge.operation.provider_reference = refund_reference;
  for (const NamedCall& named : calls_of(adapter)) {
    if (named.rail != rail) continue;
    const HttpRequest request = named.call.build(account, charge);
    const HttpRequest plain = plain_request(account, named, charge, ordinary);
    require(request_problem(request).empty(), "a request can be written as one request");
    check_url(request.url, plain.url);
    require(request.headers.size() == plain.headers.size(), "a request has its headers");
  }
}

}  // namespace switchyard
