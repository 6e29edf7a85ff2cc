// What is built from the exchanges' own questions: the same each time, with our references where
// they have to be, without secrets where they must not be, and with every amount exactly.
#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "kit/check_adapter.h"
#include "kit/form.h"

namespace switchyard {
namespace {

constexpr std::size_t too_short_to_be_a_secret = 6;

std::string everything_of(const HttpRequest& request) {
  std::string all = request.url + "\n" + request.body;
  for (const auto& [name, value] : request.headers) all += "\n" + name + ": " + value;
  return all;
}

// The numbers in a body, by where they stand: digits with at most one dot.
using Numbers = std::map<std::string, std::string>;

bool is_decimal(std::string_view text) {
  return !text.empty() && text.size() < 18 &&
         text.find_first_not_of("0123456789.") == std::string_view::npos &&
         std::ranges::count(text, '.') <= 1 && text.front() != '.' && text.back() != '.';
}

void find_numbers(const Json& json, const std::string& path, Numbers& numbers) {
  if (json.is_structured()) {
    for (const auto& [key, value] : json.items()) find_numbers(value, path + "/" + key, numbers);
    return;
  }
  const std::string text = json.is_string() ? json.get<std::string>() : json.dump();
  if (is_decimal(text)) numbers[path] = text;
}

Numbers numbers_in(const HttpRequest& request) {
  Numbers numbers;
  const Json body = Json::parse(request.body, nullptr, false);
  if (body.is_structured()) {
    find_numbers(body, "", numbers);
    return numbers;
  }
  for (const auto& [name, value] : decode_form(request.body))
    if (is_decimal(value)) numbers[name] = value;
  return numbers;
}

// In thousandths; nullopt for more than three decimals.
std::optional<std::int64_t> thousandths(const std::string& text) {
  return amount_from_decimal(text, 3);
}

class Requests {
 public:
  Requests(const Adapter& adapter, Findings& findings) : adapter_(adapter), findings_(findings) {}

  void check(const Exchange& exchange) {
    const Call call = find_call(adapter_, exchange.charge.method, exchange.call);
    if (!call || !exchange.sends) return;
    const HttpRequest built = call.build(exchange.account, exchange.charge);
    require(built == call.build(exchange.account, exchange.charge), exchange,
            "is built differently each time", "Build from account and charge alone.");
    keep_secrets(exchange, built);
    name_ourselves(exchange, call, built);
  }

  // Not every step of a charge sends an amount, but one of them has to.
  void check_amounts(const Offer& offer, std::span<const Exchange* const> examples) {
    for (const std::string& code : offer.currencies) {
      const auto currency = find_currency(code);
      if (!currency) continue;
      Sent sent;
      for (const Exchange* each : examples) send_amounts(*each, *currency, sent);
      require(sent.requests == 0 || sent.has_amounts, *examples.front(),
              "sends no amount in " + code, "Send what was asked for.");
    }
  }

 private:
  struct Sent {
    int requests = 0;  // those that the adapter did not object to
    bool has_amounts = false;
  };

  void require(bool is_right, const Exchange& exchange, const std::string& what,
               const std::string& to_do) {
    if (!is_right)
      findings_.push_back({exchange.call + ", exchange " + exchange.name + ": " + what, to_do});
  }

  void keep_secrets(const Exchange& exchange, const HttpRequest& built) {
    for (const Setting& setting : adapter_.settings) {
      const std::string& secret = exchange.account.setting(setting.name);
      if (!setting.is_secret || secret.size() < too_short_to_be_a_secret) continue;
      require(built.url.find(secret) == std::string::npos, exchange,
              "its URL holds the secret " + std::string(setting.name),
              "URLs are logged everywhere: send secrets in headers or the body.");
    }
  }

  // A call that may be sent again, or asked about, has to name what it is about.
  void name_ourselves(const Exchange& exchange, const Call& call, const HttpRequest& built) {
    const std::string all = everything_of(built);
    const Charge& charge = exchange.charge;
    const auto holds = [&](const std::string& text) {
      return !text.empty() && all.find(text) != std::string::npos;
    };
    const bool names_us = holds(charge.provider_key) || holds(charge.attempt_id) ||
                          holds(charge.operation.attempt_id);
    const bool has_key = call.dedup_window.value_or(adapter_.dedup_window).count() > 0;
    const bool is_charge = exchange.call.starts_with("charge.");
    if (has_key && (is_charge || exchange.call == "refund"))
      require(names_us, exchange, "is kept apart by no key and no reference of ours",
              "Send provider_key as the idempotency key, or attempt_id as the reference.");
    if (exchange.call == "lookup" && !charge.provider_reference.empty())
      require(holds(charge.provider_reference) || names_us, exchange, "asks about nothing of ours",
              "Ask by provider_reference or attempt_id.");
  }

  // What stands in the body for an amount grows with it in one proportion: whoever rounds, or
  // takes another exponent above some amount, is found out.
  void send_amounts(const Exchange& exchange, Currency currency, Sent& sent) {
    static constexpr std::array<std::int64_t, 8> amounts = {100,    700,    1'300,   4'999,
                                                            12'345, 99'900, 250'000, 1'234'500};
    const Call call = find_call(adapter_, exchange.charge.method, exchange.call);
    std::map<std::string, std::pair<std::int64_t, std::int64_t>> first;  // place: amount, sent
    for (const std::int64_t amount : amounts) {
      Charge charge = exchange.charge;
      charge.money = {amount, currency};
      if (adapter_.objection && !adapter_.objection(exchange.account, charge).empty()) continue;
      ++sent.requests;
      for (const auto& [place, text] : numbers_in(call.build(exchange.account, charge)))
        compare(exchange, currency, amount, place, text, first);
    }
    sent.has_amounts |= !first.empty();
  }

  void compare(const Exchange& exchange, Currency currency, std::int64_t amount,
               const std::string& place, const std::string& text,
               std::map<std::string, std::pair<std::int64_t, std::int64_t>>& first) {
    if (place.find("mount") == std::string::npos && place.find("value") == std::string::npos &&
        place.find("rice") == std::string::npos)
      return;
    const auto now = thousandths(text);
    if (!now)
      return require(false, exchange, place + " is sent with more than three decimals",
                     "Send the decimals of the currency.");
    const auto [found, is_new] = first.try_emplace(place, amount, *now);
    const auto& [amount_before, before] = found->second;
    if (is_new) return;
    require(__int128{before} * amount == __int128{*now} * amount_before, exchange,
            place + " is not in proportion: " + Money{amount, currency}.display() + " is sent as " +
                text,
            "Convert exactly (with_exponent), and object to what cannot be converted.");
  }

  const Adapter& adapter_;
  Findings& findings_;
};

// An exchange for each of this offer's steps that one shows.
std::vector<const Exchange*> examples_of(const Adapter& adapter, const Offer& offer,
                                         std::span<const Exchange> exchanges) {
  std::vector<const Exchange*> examples;
  for (const ChargeStep& step : offer.steps) {
    const auto shown = std::ranges::find_if(exchanges, [&](const Exchange& exchange) {
      return exchange.mistakes.empty() && exchange.sends &&
             exchange.call == "charge." + std::string(step.name) &&
             find_offer(adapter, exchange.charge.method) == &offer;
    });
    if (shown != exchanges.end()) examples.push_back(&*shown);
  }
  return examples;
}

}  // namespace

void check_requests(const Adapter& adapter, std::span<const Exchange> exchanges,
                    Findings& findings) {
  Requests requests(adapter, findings);
  for (const Exchange& exchange : exchanges)
    if (exchange.mistakes.empty()) requests.check(exchange);
  for (const Offer& offer : adapter.offers)
    if (const auto examples = examples_of(adapter, offer, exchanges); !examples.empty())
      requests.check_amounts(offer, examples);
}

}  // namespace switchyard
