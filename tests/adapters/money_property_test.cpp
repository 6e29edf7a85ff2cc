// No amount changes on its way to a provider and back, in any currency; what a provider cannot
// express is objected to. What a provider writes was taken from its documents once more, apart
// from the adapter: adapters/NAME/amounts.json.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <set>

#include "kit/check_exchange.h"
#include "kit/form.h"

namespace switchyard {
namespace {

// adapters/NAME/amounts.json.
struct Wire {
  std::string name;
  bool has_decimals = false;            // written as 49.99; else 4999
  std::vector<std::string> whole = {};  // currencies without decimals there
  std::vector<std::string> three = {};  // with three; all others have two
};

std::optional<Wire> find_wire(const Adapter& adapter) {
  const std::string name(adapter.name);
  std::ifstream file(SOURCE_DIR "/adapters/" + name + "/amounts.json");
  if (!file) return std::nullopt;
  const Json json = Json::parse(file);
  return Wire{.name = name,
              .has_decimals = json.at("written") == "decimals",
              .whole = json.at("whole"),
              .three = json.at("three_decimals")};
}

bool holds(const std::vector<std::string>& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

// "4999" or "49.99", as that provider writes it; nullopt for what it cannot express.
std::optional<std::string> written_at(const Wire& wire, const Money& money) {
  const std::string_view code = money.currency.code();
  const int exponent = holds(wire.whole, code) ? 0 : holds(wire.three, code) ? 3 : 2;
  const auto units = with_exponent(money, exponent);
  if (!units) return std::nullopt;
  if (!wire.has_decimals || exponent == 0) return std::to_string(*units);
  std::string text = std::to_string(*units);
  const auto decimals = static_cast<std::size_t>(exponent);
  if (text.size() <= decimals) text.insert(0, decimals + 1 - text.size(), '0');
  return text.insert(text.size() - decimals, ".");
}

std::string shown(const Wire& wire, const Money& money) {
  return written_at(wire, money).value_or("(cannot be written)");
}

bool is_same_number(const std::string& one, const std::string& other) {
  const auto a = amount_from_decimal(one, 3);
  return a && a == amount_from_decimal(other, 3);
}

// Calls `each` with every value of a member that is named after money.
template <class Node, class Each>
void for_each_amount(Node& node, const std::string& name, const Each& each) {
  if (node.is_structured()) {
    for (auto item = node.begin(); item != node.end(); ++item)
      for_each_amount(*item, node.is_object() ? item.key() : name, each);
    return;
  }
  for (const char* word : {"mount", "alue", "rice", "aptured"})
    if (name.find(word) != std::string::npos) return each(node);
}

std::string number_text(const Json& json) {
  return json.is_string() ? json.get<std::string>() : json.dump();
}

bool sends_amount(const HttpRequest& request, const std::string& expected) {
  bool is_there = false;
  Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_structured()) {
    body = Json::object();
    for (const auto& [name, value] : decode_form(request.body)) body[name] = value;
  }
  for_each_amount(
      body, "", [&](const Json& leaf) { is_there |= is_same_number(number_text(leaf), expected); });
  return is_there;
}

// The answer with another amount wherever the exchange's own stands; nullopt where it does not.
std::optional<HttpResponse> with_amount(const HttpResponse& answer, const std::string& before,
                                        const std::string& after) {
  Json body = Json::parse(answer.body, nullptr, false);
  bool is_there = false;
  for_each_amount(body, "", [&](Json& leaf) {
    if (!is_same_number(number_text(leaf), before)) return;
    leaf = leaf.is_string() ? Json(after) : Json::parse(after);
    is_there = true;
  });
  if (!is_there) return std::nullopt;
  HttpResponse changed = answer;
  changed.body = body.dump();
  return changed;
}

std::vector<Exchange> exchanges_of(const Adapter& adapter) {
  std::vector<Exchange> found;
  for (const ExchangePlace& place : find_exchanges(SOURCE_DIR "/adapters")) {
    if (place.adapter != adapter.name) continue;
    Exchange exchange = read_exchange(place);
    if (exchange.mistakes.empty()) found.push_back(std::move(exchange));
  }
  return found;
}

// The first exchange for each way of asking: the same offer, step and settings. Steps that send no
// amount, and accounts that have the provider write it otherwise, are left to their exchanges.
std::vector<Exchange> first_requests(const Adapter& adapter, const Wire& wire) {
  std::set<std::string> known;
  std::vector<Exchange> found;
  for (Exchange& exchange : exchanges_of(adapter)) {
    const Offer* offer = find_offer(adapter, exchange.charge.method);
    if (!exchange.sends || !offer || !exchange.call.starts_with("charge.")) continue;
    const Call call = find_call(adapter, exchange.charge.method, exchange.call);
    const HttpRequest request = call.build(exchange.account, exchange.charge);
    if (!sends_amount(request, shown(wire, exchange.charge.money))) continue;
    std::string key = exchange.call + std::to_string(offer - adapter.offers.data());
    for (const auto& [name, value] : exchange.account.settings) key += " " + name + value.reveal();
    if (known.insert(key).second) found.push_back(std::move(exchange));
  }
  return found;
}

Money any_amount(const Currency& currency) {
  const std::int64_t most = *rc::gen::element<std::int64_t>(10'000, 10'000'000, 80'000'000);
  // Many a round amount, for those who take whole units only.
  const std::int64_t unit = *rc::gen::element<std::int64_t>(1, 10, 100, 1000);
  return {*rc::gen::inRange<std::int64_t>(1, most) * unit, currency};
}

void check_request(const Adapter& adapter, const Wire& wire, const Exchange& exchange,
                   const Currency& currency, std::set<std::string_view>& sent) {
  EXPECT_TRUE(rc::check(std::string(adapter.name) + " is asked for " + std::string(currency.code()),
                        [&] {
                          Charge charge = exchange.charge;
                          charge.money = any_amount(currency);
                          const bool is_taken = !adapter.objection ||
                                                adapter.objection(exchange.account, charge).empty();
                          const auto expected = written_at(wire, charge.money);
                          if (!is_taken) return;
                          RC_ASSERT(expected.has_value());
                          sent.insert(currency.code());
                          const Call call = find_call(adapter, charge.method, exchange.call);
                          RC_LOG() << charge.money.display() << " as " << *expected;
                          RC_ASSERT(sends_amount(call.build(exchange.account, charge), *expected));
                        }))
      << exchange.name;
}

// An offer without a list takes what the account names.
std::vector<std::string> currencies_of(const Offer& offer) {
  return offer.currencies.empty() ? std::vector<std::string>{"USD", "JPY", "KWD", "IDR"}
                                  : offer.currencies;
}

class MoneyOnTheWire : public testing::TestWithParam<const Adapter*> {};

TEST_P(MoneyOnTheWire, is_asked_for_exactly_or_objected_to) {
  const Adapter& adapter = *GetParam();
  const Wire wire = *find_wire(adapter);
  std::set<std::string_view> sent;
  for (const Exchange& exchange : first_requests(adapter, wire))
    for (const std::string& code : currencies_of(*find_offer(adapter, exchange.charge.method)))
      check_request(adapter, wire, exchange, *find_currency(code), sent);
  EXPECT_FALSE(sent.empty());
}

TEST_P(MoneyOnTheWire, of_refunds_and_captures_is_asked_for_exactly) {
  const Adapter& adapter = *GetParam();
  const Wire wire = *find_wire(adapter);
  for (const Exchange& exchange : exchanges_of(adapter)) {
    if (exchange.call != "refund" && exchange.call != "capture") continue;
    const Call call = find_call(adapter, exchange.charge.method, exchange.call);
    const std::string before = shown(wire, exchange.charge.operation.money);
    // Some say nothing where all of it is given back or taken.
    if (!exchange.sends || !sends_amount(call.build(exchange.account, exchange.charge), before))
      continue;
    EXPECT_TRUE(rc::check(exchange.name, [&] {
      Charge charge = exchange.charge;
      charge.operation.money = any_amount(charge.money.currency);
      charge.money.amount = charge.operation.money.amount + *rc::gen::inRange(1, 1'000'000);
      const auto expected = written_at(wire, charge.operation.money);
      if (!expected) return;
      RC_ASSERT(sends_amount(call.build(exchange.account, charge), *expected));
    }));
  }
}

// Whatever an answer says of money, in any exchange.
std::optional<Money> money_said(const Update& update) {
  return update.received ? update.received : update.money;
}

// Some compare what they read with what was asked for.
Charge asked_for(Charge charge, const Money& before, const Money& after) {
  if (charge.money == before) charge.money = after;
  if (charge.operation.money == before) charge.operation.money = after;
  return charge;
}

TEST_P(MoneyOnTheWire, comes_back_exactly) {
  const Adapter& adapter = *GetParam();
  const Wire wire = *find_wire(adapter);
  int seen = 0;
  for (const Exchange& exchange : exchanges_of(adapter)) {
    if (!exchange.answers || !exchange.means || !money_said(*exchange.means)) continue;
    const Money before = *money_said(*exchange.means);
    const Call call = find_call(adapter, exchange.charge.method, exchange.call);
    const auto other = with_amount(*exchange.answers, shown(wire, before), "1");
    if (!call || !other) continue;
    // What has the same number need not be what is read.
    if (money_said(call.read(exchange.account, exchange.charge, *other)) == before) continue;
    ++seen;
    EXPECT_TRUE(rc::check(exchange.name, [&] {
      const Money money = any_amount(before.currency);
      const auto written = written_at(wire, money);
      if (!written) return;
      const auto answer = with_amount(*exchange.answers, shown(wire, before), *written);
      const Charge asked = asked_for(exchange.charge, before, money);
      const auto said = money_said(call.read(exchange.account, asked, *answer));
      RC_LOG() << money.display() << " in " << answer->body;
      RC_ASSERT(said.has_value());
      RC_ASSERT(*said == money);
    }));
  }
  EXPECT_EQ(seen > 0, adapter.repeats_amounts)
      << "answers of this provider that name an amount: " << seen;
}

std::vector<const Adapter*> adapters_with_wires() {
  std::vector<const Adapter*> found;
  for (const Adapter* adapter : all_adapters())
    if (find_wire(*adapter)) found.push_back(adapter);
  return found;
}
std::string name_of(const testing::TestParamInfo<const Adapter*>& adapter) {
  return std::string(adapter.param->name);
}
INSTANTIATE_TEST_SUITE_P(Adapters, MoneyOnTheWire, testing::ValuesIn(adapters_with_wires()),
                         name_of);

TEST(MoneyOnTheWireTable, knows_every_provider) {
  for (const Adapter* adapter : all_adapters())
    EXPECT_TRUE(adapter->by_hand || adapter->name.starts_with("example") || find_wire(*adapter))
        << adapter->name << ": write amounts.json, how it writes amounts";
}

}  // namespace
}  // namespace switchyard
