// Whatever stands in a provider's webhook, were it signed by the provider itself. The first line of
// an input says "ADAPTER METHOD", then come headers, an empty line and the body.
#include "../fuzz.h"
#include "../provider.h"

namespace switchyard {
namespace {

void check_news(const Adapter& adapter, const News& news) {
  for (const std::string& text : {news.provider_event_id, news.provider_reference,
                                  news.our_reference, news.refund_reference, news.type})
    require(is_storable(text), "each text is UTF-8 without NUL");
  check_update(adapter, news.update, news.about != News::About::refund);
  require(news.update.next_action.is_null(), "a webhook does not tell the payer how to act");
  require(news.update.verdict != Verdict::not_found, "a webhook answers no call");
  const bool is_about_money =
      news.about == News::About::charge || news.about == News::About::refund;
  require(is_about_money || news.update.verdict == Verdict::unknown,
          "what is about nothing decides nothing");
}

}  // namespace

void fuzz_provider_webhooks(std::string_view input) {
  std::string_view line = take_line(input);
  const auto adapters = all_adapters();
  const Adapter& adapter =
      *pick(adapters, take_word(line), [](const Adapter* each) { return each->name; });
  if (!adapter.webhook.read) return;
  const Account& account = account_at(adapter);
  const Incoming incoming{.method = std::string(take_word(line)),
                          .path = std::string(line),
                          .headers = take_headers(input),
                          .body = std::string(input),
                          .received_at = *parse_rfc3339("2026-11-20T07:00:00.000Z")};
  const bool is_readable = parse_json(incoming.body).is_object();
  for (const News& news : adapter.webhook.read(account, incoming)) {
    check_news(adapter, news);
    // A message to an attempt's own address is about that one, whatever it says.
    const bool only_asks =
        adapter.webhook.comes_to_attempts && news.update.verdict == Verdict::unknown;
    require(is_readable || only_asks || news.about == News::About::other,
            "what cannot be read says nothing");
    Update about_charge = news.update;
    if (!news.provider_reference.empty()) about_charge.provider_reference = news.provider_reference;
    if (news.about == News::About::refund)
      about_charge.provider_reference = news.provider_reference;
    for (const Offer& offer : adapter.offers)
      check_next_requests(adapter, offer.rail, about_charge, news.refund_reference);
  }
}

}  // namespace switchyard
