#include "flow/choose_route.h"

#include <algorithm>
#include <functional>

#include "flow/calls.h"

namespace switchyard {
namespace {

template <class Items>
bool holds(const Items& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i)
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  return text;
}

std::string method_text(const PaymentMethod& method) {
  const std::string& kind = method.rail == Rail::mobile_money ? method.network : method.kind;
  return std::string(word_of(method.rail)) + (kind.empty() ? "" : " " + kind);
}

// The account's own limits stand above what the provider states.
AmountLimits limits_for(const Account& account, const Offer& offer, const Currency& currency) {
  const auto found = account.limits.find(std::string(currency.code()));
  if (found != account.limits.end()) return found->second;
  for (const AmountRange& range : offer.amounts)
    if (range.currency == currency.code()) return {range.minimum, range.maximum};
  return {};
}

std::string limit_objection(const AmountLimits& limits, const Money& money) {
  if (money.amount < limits.minimum)
    return "takes no less than " + Money{limits.minimum, money.currency}.display();
  if (limits.maximum > 0 && money.amount > limits.maximum)
    return "takes no more than " + Money{limits.maximum, money.currency}.display();
  return "";
}

std::string phone_objection(const Offer& offer, const PaymentMethod& method) {
  if (offer.phone_prefixes.empty() || method.phone_number.empty()) return "";
  for (const std::string& prefix : offer.phone_prefixes)
    if (method.phone_number.starts_with(prefix)) return "";
  return "takes phone numbers that begin with " + listed(offer.phone_prefixes);
}

std::string token_objection(const Account& account, const Adapter& adapter,
                            const PaymentMethod& method) {
  if (method.rail != Rail::card || method.token.empty()) return "";
  if (!method.token_account.empty())
    return method.token_account == account.id ? ""
                                              : "the token was made for " + method.token_account;
  if (adapter.recognizes_token && !adapter.recognizes_token(method.token))
    return "the token was not made by " + std::string(adapter.title);
  return "";
}

std::string offer_objection(const Account& account, const Adapter& adapter, const Offer& offer,
                            const RouteQuestion& question) {
  const std::string currency(question.money.currency.code());
  const auto& currencies = account.currencies.empty() ? offer.currencies : account.currencies;
  if (!currencies.empty() && !holds(currencies, currency))
    return "takes " + listed(currencies) + ", not " + currency;
  if (!account.currencies.empty() && !offer.currencies.empty() &&
      !holds(offer.currencies, currency))
    return "takes " + listed(offer.currencies) + " for " + method_text(question.method);
  const auto& countries = account.countries.empty() ? offer.countries : account.countries;
  if (!countries.empty() && !question.country.empty() && !holds(countries, question.country))
    return "takes payers of " + listed(countries) + ", not " + question.country;
  if (question.capture_method == CaptureMethod::manual && !offer.manual_capture)
    return std::string(adapter.title) + " cannot capture " + method_text(question.method) +
           " later";
  for (const std::string& need : offer.needs)
    if (holds(question.lacks, need)) return "needs " + need + ", which this payment has not";
  return "";
}

}  // namespace

std::string objection_of(const Account& account, const RouteQuestion& question) {
  const Adapter* adapter = find_adapter(account.adapter);
  if (!adapter) return "has no adapter";
  if (account.mode != question.mode)
    return "is a " + std::string(word_of(account.mode)) + " account";
  if (!holds(account.merchants, "*") && !holds(account.merchants, question.merchant_id))
    return "is not for this merchant";
  const Offer* offer = find_offer(*adapter, question.method);
  if (!offer) return std::string(adapter->title) + " does not take " + method_text(question.method);
  std::string reason = offer_objection(account, *adapter, *offer, question);
  if (reason.empty())
    reason = limit_objection(limits_for(account, *offer, question.money.currency), question.money);
  if (reason.empty()) reason = phone_objection(*offer, question.method);
  if (reason.empty()) reason = token_objection(account, *adapter, question.method);
  if (reason.empty() && adapter->objection) {
    Charge charge{.attempt_id = "att", .payment_id = question.payment_id, .money = question.money};
    charge.method = question.method;
    charge.country = question.country;
    charge.manual_capture = question.capture_method == CaptureMethod::manual;
    reason = adapter->objection(account, charge);
  }
  return reason;
}

namespace {

RouteAnswer route_for(const Setup& setup, const RouteQuestion& question,
                      const std::function<bool(const std::string& account)>& takes_payments) {
  return find_route(setup.rules, question,
                    [&](const std::string& id, const RouteQuestion& asked) -> std::string {
                      const Account* account = setup.find_account(id);
                      if (!account) return "is not configured";
                      const std::string reason = objection_of(*account, asked);
                      if (!reason.empty()) return reason;
                      if (!takes_payments(id))
                        return "has been failing and is resting for a moment";
                      return "";
                    });
}

}  // namespace

RouteAnswer choose_route(Services& services, const Setup& setup, const RouteQuestion& question) {
  return route_for(setup, question, [&](const std::string& account) {
    return services.health.takes_payments(account, services.clock.now());
  });
}

RouteAnswer preview_route(Services& services, const Setup& setup, const RouteQuestion& question) {
  return route_for(setup, question, [&](const std::string& account) {
    return services.health.of(account).state(services.clock.now()) != "resting";
  });
}

}  // namespace switchyard
