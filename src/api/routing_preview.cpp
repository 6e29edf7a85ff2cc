#include "api/routing_preview.h"

#include <algorithm>

#include "api/body_reader.h"
#include "api/phone_number.h"
#include "api/replies.h"
#include "api/visible_accounts.h"
#include "flow/choose_route.h"

namespace switchyard {
namespace {

PaymentMethod read_method(BodyReader& body) {
  const Json* json = body.object("payment_method", true);
  if (!json) return {};
  BodyReader inner(*json, "payment_method.");
  const std::string type = inner.choice(
      "type", {"card", "hosted_page", "mobile_money", "wallet", "manual_transfer"}, true);
  PaymentMethod method{.rail = from_word(rail_words, type).value_or(Rail::card),
                       .token = inner.text("token", 500),
                       .token_account = inner.text("token_account", 100),
                       .network = inner.text("network", 50),
                       .phone_number = inner.text("phone_number", 20),
                       .kind = inner.text("kind", 50)};
  if (method.rail == Rail::mobile_money && method.network.empty())
    method.network = network_of_phone(method.phone_number);
  body.absorb(inner);
  return method;
}

bool is_country(const std::string& text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<RouteQuestion> read_question(const ApiCall& call) {
  BodyReader body(call.body);
  // Splits are sticky by the payment's id: a fixed one gives the same answer every time.
  RouteQuestion question{
      .payment_id = "pay_preview", .merchant_id = call.asker.merchant_id, .mode = call.asker.mode};
  question.money.amount = body.amount("amount", true).value_or(0);
  question.money.currency = body.currency("currency", true).value_or(Currency());
  question.method = read_method(body);
  question.country = body.text("country", 2);
  if (!question.country.empty() && !is_country(question.country))
    body.note("country", "must be two upper-case letters as in LR");
  if (question.country.empty()) question.country = country_of_phone(question.method.phone_number);
  if (body.choice("capture_method", {"automatic", "manual"}) == "manual")
    question.capture_method = CaptureMethod::manual;
  question.metadata = body.metadata("metadata");
  TRY(body.finish());
  return question;
}

// Routing speaks only of the accounts of the rule that fits; a reader wonders about the others too.
std::vector<PassedOver> passed_over(const Setup& setup, const Asker& asker,
                                    const RouteAnswer& route) {
  std::vector<PassedOver> list;
  for (const PassedOver& each : route.passed_over) {
    const Account* account = setup.find_account(each.account);
    if (account && is_for_merchant(*account, asker.merchant_id)) list.push_back(each);
  }
  for (const Account* account : visible_accounts(setup, asker)) {
    const bool is_told =
        std::ranges::find(route.stops, account->id, &RouteStop::account) != route.stops.end() ||
        std::ranges::find(list, account->id, &PassedOver::account) != list.end();
    if (!is_told)
      list.push_back({account->id, route.rule.empty() ? "no rule fits this payment"
                                                      : "is not named by the rule " + route.rule});
  }
  return list;
}

Json stop_json(const RouteStop& stop) {
  return {{"account", stop.account}, {"rank", stop.rank}, {"reason", stop.reason}};
}

}  // namespace

Result<Reply> preview_routing(Api& api, const ApiCall& call) {
  const RouteQuestion question = TRY(read_question(call));
  const auto setup = api.services.setup.get();
  const RouteAnswer route = preview_route(api.services, *setup, question);
  Json json = {{"object", "routing_preview"},
               {"rule", route.rule.empty() ? Json(nullptr) : Json(route.rule)},
               {"rules_version", route.rules_version},
               {"accounts", Json::array()},
               {"passed_over", Json::array()}};
  for (const RouteStop& stop : route.stops) json["accounts"].push_back(stop_json(stop));
  for (const auto& [account, reason] : passed_over(*setup, call.asker, route))
    json["passed_over"].push_back({{"account", account}, {"reason", reason}});
  return json_reply(json);
}

}  // namespace switchyard
