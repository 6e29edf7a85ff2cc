// Runs every adapters/*/exchanges/*.json of every adapter. The format: adapters/README.md.
// In short: {"call": "charge.create", "given": {account, charge}, "sends": {request},
// "answers": {response}, "means": {update}}, or {"call": "webhook", "given": {account, incoming},
// "proof": "verified", "news": [...]}. Names are those of the C++ members.
#include <gtest/gtest.h>

#include <set>

#include "exchange_file.h"
#include "form.h"

namespace switchyard {
namespace {

std::string kind_of(const PaymentMethod& method) {
  return method.rail == Rail::mobile_money ? method.network : method.kind;
}

// The step's call in the first offer that takes this method and has such a step.
Call find_step(const Adapter& adapter, const PaymentMethod& method, std::string_view step) {
  for (const Offer& offer : adapter.offers) {
    const auto& kinds = offer.kinds;
    if (offer.rail != method.rail) continue;
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind_of(method)) == kinds.end())
      continue;
    for (const ChargeStep& each : offer.steps)
      if (each.name == step) return each.call;
  }
  return {};
}

Call find_search(const Adapter& adapter) {
  for (const Offer& offer : adapter.offers)
    if (offer.find) return offer.find;
  return {};
}

Call find_call(const Adapter& adapter, const PaymentMethod& method, std::string_view name) {
  if (name.starts_with("charge.")) return find_step(adapter, method, name.substr(7));
  if (name == "lookup") return adapter.lookup;
  if (name == "find") return find_search(adapter);
  if (name == "cancel") return adapter.cancel;
  if (name == "capture") return adapter.capture;
  if (name == "refund") return adapter.refund;
  if (name == "lookup_refund") return adapter.lookup_refund;
  if (name == "on_return") return adapter.on_return;
  return {};
}

void compare_headers(const HttpRequest& built, const ExpectedRequest& sends) {
  for (const auto& [name, value] : sends.headers) {
    std::optional<std::string> sent;
    for (const auto& header : built.headers)
      if (!header_of({header}, name).empty()) sent = header.second;
    EXPECT_EQ(sent.value_or("(absent)"), value.value_or("(absent)")) << "in header " << name;
  }
}

void compare_request(const HttpRequest& built, const ExpectedRequest& sends) {
  EXPECT_EQ(built.method, sends.method);
  EXPECT_EQ(built.url, sends.url);
  compare_headers(built, sends);
  if (sends.json) {
    const Json body = Json::parse(built.body, nullptr, false);
    ASSERT_FALSE(body.is_discarded()) << "the body is not JSON: " << built.body;
    EXPECT_EQ(pretty(body), pretty(*sends.json));
  } else if (sends.form) {
    auto ours = decode_form(built.body), theirs = *sends.form;
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    EXPECT_EQ(ours, theirs);
  } else {
    EXPECT_EQ(built.body, sends.text);
  }
}

void run_call(const Adapter& adapter, const Exchange& exchange) {
  const Call call = find_call(adapter, exchange.charge.method, exchange.call);
  ASSERT_TRUE(call) << adapter.name << " does not offer the call " << exchange.call;
  ASSERT_TRUE(exchange.sends || exchange.answers) << "sends or answers is needed";
  ASSERT_EQ(exchange.answers.has_value(), exchange.means.has_value()) << "answers goes with means";
  if (exchange.sends)
    compare_request(call.build(exchange.account, exchange.charge), *exchange.sends);
  if (!exchange.answers) return;
  const Update update = call.read(exchange.account, exchange.charge, *exchange.answers);
  EXPECT_EQ(pretty(to_json(update)), pretty(to_json(*exchange.means)));
}

void run_webhook(const Adapter& adapter, const Exchange& exchange) {
  ASSERT_TRUE(adapter.webhook.verify && adapter.webhook.read);
  ASSERT_TRUE(exchange.proof || exchange.news) << "proof or news is needed";
  if (exchange.proof) {
    EXPECT_EQ(word_of(adapter.webhook.verify(exchange.account, exchange.incoming)),
              word_of(*exchange.proof));
  }
  if (!exchange.news) return;
  Json read = Json::array(), expected = Json::array();
  for (const News& each : adapter.webhook.read(exchange.account, exchange.incoming))
    read.push_back(to_json(each));
  for (const News& each : *exchange.news) expected.push_back(to_json(each));
  EXPECT_EQ(pretty(read), pretty(expected));
}

void run_objection(const Adapter& adapter, const Exchange& exchange) {
  ASSERT_TRUE(adapter.objection);
  ASSERT_TRUE(exchange.says) << "says is needed";
  EXPECT_EQ(adapter.objection(exchange.account, exchange.charge), *exchange.says);
}

class Exchanges : public testing::TestWithParam<ExchangePlace> {};

TEST_P(Exchanges, is_sent_and_understood_as_written) {
  const Exchange exchange = read_exchange(GetParam());
  SCOPED_TRACE(GetParam().path);
  for (const std::string& mistake : exchange.mistakes) ADD_FAILURE() << mistake;
  if (!exchange.mistakes.empty()) return;
  const Adapter& adapter = *find_adapter(exchange.adapter);
  if (exchange.call == "webhook") return run_webhook(adapter, exchange);
  if (exchange.call == "objection") return run_objection(adapter, exchange);
  run_call(adapter, exchange);
}

std::string test_name(const testing::TestParamInfo<ExchangePlace>& place) {
  std::string name = place.param.adapter + "_" + place.param.name;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
}
INSTANTIATE_TEST_SUITE_P(Adapters, Exchanges, testing::ValuesIn(find_exchanges()), test_name);

// A call in the words of `call`, with the rail that a step's name may repeat, and the functions
// that make it: adapters that share them need not write it down twice.
struct Offered {
  std::string name;
  Build build;
  Read read;
  bool operator<(const Offered& other) const {
    return std::tie(name, build, read) < std::tie(other.name, other.build, other.read);
  }
};

Offered step_of(Rail rail, std::string_view name, const Call& call) {
  return {std::string(word_of(rail)) + " " + std::string(name), call.build, call.read};
}

std::set<Offered> calls_of(const Adapter& adapter) {
  std::set<Offered> calls;
  for (const Offer& offer : adapter.offers)
    for (const ChargeStep& step : offer.steps)
      calls.insert(step_of(offer.rail, "charge." + std::string(step.name), step.call));
  for (const char* name :
       {"lookup", "find", "cancel", "capture", "refund", "lookup_refund", "on_return"})
    if (const Call call = find_call(adapter, {}, name)) calls.insert({name, call.build, call.read});
  return calls;
}

TEST(Adapters, have_an_exchange_for_every_call_they_offer) {
  std::set<Offered> written;
  std::set<Proof (*)(const Account&, const Incoming&)> verified;
  for (const ExchangePlace& place : find_exchanges()) {
    const Exchange exchange = read_exchange(place);
    const Adapter& adapter = *find_adapter(exchange.adapter);
    const Call call = find_call(adapter, exchange.charge.method, exchange.call);
    if (exchange.call.starts_with("charge."))
      written.insert(step_of(exchange.charge.method.rail, exchange.call, call));
    else
      written.insert({exchange.call, call.build, call.read});
    if (exchange.call == "webhook") verified.insert(adapter.webhook.verify);
  }
  for (const Adapter* adapter : all_adapters()) {
    for (const Offered& call : calls_of(*adapter))
      EXPECT_TRUE(written.contains(call)) << adapter->name << " has no exchange for " << call.name;
    EXPECT_TRUE(!adapter->webhook.verify || verified.contains(adapter->webhook.verify))
        << adapter->name << " has no exchange for webhook";
  }
}

TEST(Adapters, map_no_code_twice) {
  for (const Adapter* adapter : all_adapters()) {
    std::set<std::string_view> codes;
    for (const DeclineRow& row : adapter->declines)
      EXPECT_TRUE(codes.insert(row.provider_code).second)
          << adapter->name << " " << row.provider_code;
  }
}

}  // namespace
}  // namespace switchyard
