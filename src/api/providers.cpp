#include "api/providers.h"

#include <algorithm>

#include "api/query_reader.h"
#include "api/replies.h"
#include "api/visible_accounts.h"
#include "domain/words.h"
#include "store/payments.h"

namespace switchyard {
namespace {

constexpr Words<FindsOutBy, 4> finds_out_words{{
    {FindsOutBy::id, "id"},
    {FindsOutBy::our_reference, "our_reference"},
    {FindsOutBy::same_key_resend, "same_key_resend"},
    {FindsOutBy::nobody, "nobody"},
}};

constexpr Words<Refunds, 3> refund_words{{
    {Refunds::any_part, "any_part"},
    {Refunds::only_whole, "only_whole"},
    {Refunds::none, "none"},
}};

// What the account is narrowed to, of what its adapter offers; an empty list is any.
Json narrowed(const std::vector<std::string>& offered, const std::vector<std::string>& configured) {
  if (configured.empty()) return offered;
  if (offered.empty()) return configured;
  Json both = Json::array();
  for (const std::string& each : configured)
    if (std::ranges::find(offered, each) != offered.end()) both.push_back(each);
  return both;
}

Json methods_json(const Account& account, const Adapter& adapter) {
  Json methods = Json::array();
  for (const Offer& offer : adapter.offers)
    methods.push_back(
        {{"type", word_of(offer.rail)},
         {"kinds", offer.kinds},
         {"currencies", narrowed(offer.currencies, account.currencies)},
         {"countries", account.countries.empty() ? offer.countries : account.countries},
         {"manual_capture", offer.manual_capture},
         {"refunds", word_of(refund_words, offer.refunds)},
         {"needs", offer.needs}});
  return methods;
}

Json abilities_json(const Adapter& adapter) {
  return {{"capture", static_cast<bool>(adapter.capture)},
          {"partial_capture", adapter.capture && adapter.partial_capture},
          {"cancel", static_cast<bool>(adapter.cancel)},
          {"refund", static_cast<bool>(adapter.refund)},
          {"partial_refund", adapter.refund && std::ranges::any_of(adapter.offers,
                                                                   [](const Offer& offer) {
                                                                     return offer.refunds ==
                                                                            Refunds::any_part;
                                                                   })},
          {"lookup", static_cast<bool>(adapter.lookup)},
          {"finds_out_by", word_of(finds_out_words, adapter.finds_out_by)},
          {"webhooks", adapter.webhook.read != nullptr}};
}

Json limits_json(const Account& account) {
  Json limits = Json::object();
  for (const auto& [currency, limit] : account.limits)
    limits[currency] = {{"minimum", limit.minimum},
                        {"maximum", limit.maximum > 0 ? Json(limit.maximum) : Json(nullptr)}};
  return limits;
}

Json health_json(const Health& health, Time now) {
  using std::chrono::duration_cast, std::chrono::milliseconds;
  return {{"state", health.state(now)},
          {"successes", health.successes()},
          {"failures", health.failures()},
          {"typical_ms", health.successes() == 0
                             ? Json(nullptr)
                             : Json(duration_cast<milliseconds>(health.typical_time()).count())}};
}

Json waiting_json(const std::vector<WaitingCount>& counts, const std::string& account) {
  const auto found = std::ranges::find(counts, account, &WaitingCount::account);
  if (found == counts.end()) return {{"count", 0}, {"oldest_sec", 0}};
  return {{"count", found->count}, {"oldest_sec", static_cast<std::int64_t>(found->oldest_sec)}};
}

Json codes_json(const std::vector<std::pair<std::string, std::int64_t>>& codes) {
  Json json = Json::array();
  for (const auto& [code, count] : codes) json.push_back({{"code", code}, {"count", count}});
  return json;
}

Json account_json(const Account& account, const Adapter& adapter) {
  return {{"id", account.id},
          {"object", "provider"},
          {"livemode", account.mode == Mode::live},
          {"environment", word_of(account.mode)},
          {"adapter", adapter.name},
          {"title", adapter.title},
          {"methods", methods_json(account, adapter)},
          {"limits", limits_json(account)},
          {"can", abilities_json(adapter)}};
}

}  // namespace

Result<Reply> list_providers(Api& api, const ApiCall& call) {
  TRY(refuse_unknown_query(call.request, {}));
  Database& database = api.services.database;
  const auto setup = api.services.setup.get();
  const auto waiting = TRY(count_waiting_attempts(database));
  std::vector<std::string> items;
  for (const Account* account : visible_accounts(*setup, call.asker)) {
    const Adapter* adapter = find_adapter(account->adapter);
    if (!adapter) continue;
    Json json = account_json(*account, *adapter);
    json["health"] = health_json(api.services.health.of(account->id), api.services.clock.now());
    json["waiting_attempts"] = waiting_json(waiting, account->id);
    json["unmapped_codes"] = codes_json(TRY(unmapped_codes(database, account->id)));
    items.push_back(write_json(json));
  }
  return list_reply(items, false, "");
}

}  // namespace switchyard
