#include "api/payment_methods.h"

#include <algorithm>

#include "api/query_reader.h"
#include "api/replies.h"
#include "api/visible_accounts.h"
#include "flow/choose_route.h"

namespace switchyard {
namespace {

// Each rail, network and wallet once, in the order in which the accounts are named.
std::vector<PaymentMethod> distinct_methods(const std::vector<const Account*>& accounts) {
  std::vector<PaymentMethod> methods;
  const auto add = [&](Rail rail, const std::string& kind) {
    PaymentMethod method{.rail = rail};
    (rail == Rail::mobile_money ? method.network : method.kind) = kind;
    if (std::ranges::find(methods, method) == methods.end()) methods.push_back(std::move(method));
  };
  for (const Account* account : accounts) {
    const Adapter* adapter = find_adapter(account->adapter);
    if (!adapter) continue;
    for (const Offer& offer : adapter->offers) {
      if (offer.kinds.empty()) add(offer.rail, "");
      for (const std::string& kind : offer.kinds) add(offer.rail, kind);
    }
  }
  return methods;
}

std::vector<std::string> needs_of(const Setup& setup, const RouteStop& stop,
                                  const PaymentMethod& method) {
  const Account* account = setup.find_account(stop.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  const Offer* offer = adapter ? find_offer(*adapter, method) : nullptr;
  return offer ? offer->needs : std::vector<std::string>();
}

Json method_json(const OfferedMethod& offered) {
  const PaymentMethod& method = offered.method;
  return {{"type", word_of(method.rail)},
          {"network", method.network.empty() ? Json(nullptr) : Json(method.network)},
          {"kind", method.kind.empty() ? Json(nullptr) : Json(method.kind)},
          {"needs", offered.needs}};
}

}  // namespace

std::vector<OfferedMethod> offered_methods(Services& services, const Setup& setup,
                                           RouteQuestion question) {
  const Asker asker{.merchant_id = question.merchant_id, .mode = question.mode};
  std::vector<OfferedMethod> offered;
  for (PaymentMethod& method : distinct_methods(visible_accounts(setup, asker))) {
    question.method = method;
    const RouteAnswer route = preview_route(services, setup, question);
    if (route.stops.empty()) continue;
    offered.push_back({method, needs_of(setup, route.stops.front(), method)});
  }
  return offered;
}

Result<Reply> list_payment_methods(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {"amount", "currency", "country"}));
  const std::int64_t amount = TRY(read_amount(call.request));
  const Currency currency = TRY(read_currency(call.request));
  const std::string country = TRY(read_country(call.request));
  const auto setup = api.services.setup.get();
  const auto offered = offered_methods(api.services, *setup,
                                       {.payment_id = "pay",
                                        .merchant_id = call.asker.merchant_id,
                                        .mode = call.asker.mode,
                                        .money = {amount, currency},
                                        .country = country});
  std::vector<std::string> items;
  for (const OfferedMethod& each : offered) items.push_back(write_json(method_json(each)));
  return list_reply(items, false, "");
}

}  // namespace switchyard
