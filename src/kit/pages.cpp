#include "kit/pages.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "domain/decline.h"

namespace switchyard {
namespace {

using Texts = std::vector<std::string>;

std::string joined(const Texts& texts, const std::string& between = ", ") {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : between) + text;
  return all;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

void add_once(Texts& texts, const std::string& text) {
  if (std::ranges::find(texts, text) == texts.end()) texts.push_back(text);
}

std::string call_text(const OfferedCall& call) {
  const bool is_charge = call.name.starts_with("charge.");
  return is_charge ? std::string(word_of(call.rail)) + " " + call.name : call.name;
}

std::string duration_text(std::chrono::seconds time) {
  const auto count = time.count();
  constexpr auto year = std::chrono::seconds(std::chrono::years(1)).count();
  if (count % year == 0) return std::to_string(count / year) + " years";
  if (count % 86400 == 0) return std::to_string(count / 86400) + " d";
  if (count % 3600 == 0) return std::to_string(count / 3600) + " h";
  if (count % 60 == 0) return std::to_string(count / 60) + " min";
  return std::to_string(count) + " s";
}

// ---- one provider's facts

std::string rails_of(const Adapter& adapter) {
  std::map<Rail, Texts> kinds;
  std::vector<Rail> rails;
  for (const Offer& offer : adapter.offers) {
    if (!kinds.contains(offer.rail)) rails.push_back(offer.rail);
    for (const std::string& kind : offer.kinds) add_once(kinds[offer.rail], kind);
    kinds[offer.rail];
  }
  Texts texts;
  for (const Rail rail : rails)
    texts.push_back(std::string(word_of(rail)) +
                    (kinds[rail].empty() ? "" : " (" + joined(kinds[rail]) + ")"));
  return joined(texts, "; ");
}

std::string currencies_of(const Adapter& adapter) {
  Texts currencies;
  for (const Offer& offer : adapter.offers)
    for (const std::string& each : offer.currencies) add_once(currencies, each);
  return currencies.empty() ? "any" : joined(currencies);
}

// The table of all has no room for more.
std::string short_currencies_of(const Adapter& adapter) {
  constexpr std::size_t most = 12;
  Texts currencies;
  for (const Offer& offer : adapter.offers)
    for (const std::string& each : offer.currencies) add_once(currencies, each);
  return currencies.size() <= most ? currencies_of(adapter)
                                   : std::to_string(currencies.size()) + " of them";
}

std::string word_of_refunds(Refunds refunds) {
  switch (refunds) {
    case Refunds::any_part:
      return "any part";
    case Refunds::only_whole:
      return "only whole";
    case Refunds::none:
      return "none";
  }
  return "";
}

// In one word for the table of all.
std::string short_refunds_of(const Adapter& adapter) {
  if (!adapter.refund) return adapter.by_hand ? "by hand" : "no";
  Texts words;
  for (const Offer& offer : adapter.offers) add_once(words, word_of_refunds(offer.refunds));
  return words.size() == 1 ? words.front() : "by kind: see below";
}

std::string refunds_of(const Adapter& adapter) {
  if (!adapter.refund) return adapter.by_hand ? "by hand" : "no";
  std::map<std::string, Texts> whose;
  Texts words;
  for (const Offer& offer : adapter.offers) {
    std::string what = word_of_refunds(offer.refunds);
    if (offer.refunds != Refunds::none && offer.refund_window.count() > 0)
      what += " within " + duration_text(offer.refund_window);
    add_once(words, what);
    const Texts kinds = offer.kinds.empty() ? Texts{std::string(word_of(offer.rail))} : offer.kinds;
    for (const std::string& kind : kinds) add_once(whose[what], kind);
  }
  Texts texts;
  for (const std::string& each : words)
    texts.push_back(words.size() == 1 ? each : joined(whose[each]) + ": " + each);
  return joined(texts, "; ") + (adapter.one_refund_at_a_time ? "; one at a time" : "");
}

std::string word_of_way(FindsOutBy by, const Adapter& adapter) {
  switch (by) {
    case FindsOutBy::our_reference:
      return "looked up by our reference";
    case FindsOutBy::id:
      return "looked up by its id";
    case FindsOutBy::same_key_resend:
      return "the same bytes under the same key, then by its id";
    case FindsOutBy::nobody:
      return adapter.by_hand ? "a person says so" : "only a webhook tells";
  }
  return "";
}

std::string ways_of(const Adapter& adapter) {
  Texts ways;
  for (const Offer& offer : adapter.offers)
    add_once(ways, word_of_way(offer.finds_out_by.value_or(adapter.finds_out_by), adapter));
  std::string text = joined(ways, " or ");
  if (adapter.dedup_window.count() > 0)
    text += "; keys hold for " + duration_text(adapter.dedup_window);
  return text;
}

std::string proof_of(const Adapter& adapter) {
  if (!adapter.webhook.verify) return "none come";
  if (adapter.webhook.inquiry.build)
    return std::string("signed, judged by a certificate or the provider's word") +
           (adapter.webhooks_prove_themselves ? "" : "; of charges only a look-up is believed");
  if (adapter.webhook.comes_to_attempts) return "nothing: a secret address, then a look-up";
  return adapter.webhooks_prove_themselves ? "signed" : "a token or nothing: then a look-up";
}

std::string limits_of(const Adapter& adapter) {
  Texts limits;
  for (const Offer& offer : adapter.offers)
    for (const AmountRange& range : offer.amounts) {
      const auto currency = find_currency(range.currency);
      if (!currency || (range.minimum == 0 && range.maximum == 0)) continue;
      const std::string kinds =
          offer.kinds.empty() ? std::string(word_of(offer.rail)) : joined(offer.kinds);
      limits.push_back(
          kinds + " " + Money{range.minimum, *currency}.display() +
          (range.maximum > 0 ? " to " + Money{range.maximum, *currency}.display() : " and more"));
    }
  return limits.empty() ? "none that it states" : joined(limits, "; ");
}

Texts needs_of(const Adapter& adapter) {
  Texts needs;
  for (const Offer& offer : adapter.offers)
    for (const std::string& need : offer.needs) add_once(needs, need);
  return needs;
}

Texts phone_prefixes_of(const Adapter& adapter) {
  Texts prefixes;
  for (const Offer& offer : adapter.offers)
    for (const std::string& each : offer.phone_prefixes) add_once(prefixes, each);
  return prefixes;
}

std::string yes(bool is) { return is ? "yes" : "no"; }

std::string row(const std::string& what, const std::string& how) {
  return "| " + what + " | " + how + " |\n";
}

std::string settings_table(const Adapter& adapter) {
  if (adapter.settings.empty()) return "";
  std::string text = "\n| setting | default | |\n|---|---|---|\n";
  for (const Setting& setting : adapter.settings) {
    std::string otherwise = setting.is_required ? "required"
                            : setting.otherwise.empty()
                                ? ""
                                : "`" + std::string(setting.otherwise) + "`";
    if (setting.is_secret) otherwise += otherwise.empty() ? "secret" : ", secret";
    text += "| `" + std::string(setting.name) + "` | " + otherwise + " | " +
            std::string(setting.sentence) + " |\n";
  }
  return text;
}

std::string doubts_list(const Adapter& adapter) {
  std::string text;
  for (const Setting& setting : adapter.settings)
    if (!setting.uncertain.empty())
      text += "- `" + std::string(setting.name) + "`: " + std::string(setting.uncertain) + "\n";
  std::map<std::string_view, std::set<std::string>> limits;
  for (const Offer& offer : adapter.offers)
    for (const AmountRange& range : offer.amounts)
      if (!range.uncertain.empty())
        limits[range.uncertain].insert("`limits." + std::string(range.currency) + "`");
  for (const auto& [why, names] : limits)
    text += "- " + joined({names.begin(), names.end()}) + ": " + std::string(why) + "\n";
  return text.empty() ? "" : "\nNot certain in its documents, and therefore a setting:\n\n" + text;
}

std::string matrix(const AdapterReport& report) {
  std::string text =
      "\n| call | exchanges | as the provider shows them | faults met | result "
      "|\n|---|---|---|---|---|\n";
  for (const CallReport& call : report.calls)
    text += "| " + call_text(call.call) + " | " + std::to_string(call.exchanges) + " | " +
            std::to_string(call.documented) + " | " + std::to_string(call.faults) + " | " +
            (call.findings.empty() ? "sound" : "**not sound**") + " |\n";
  if (report.adapter->webhook.verify)
    text += "| webhook | | | " + std::to_string(report.webhook_attacks) + " | " +
            (report.findings.empty() ? "sound" : "**not sound**") + " |\n";
  return text;
}

std::string provider_chapter(const AdapterReport& report) {
  const Adapter& adapter = *report.adapter;
  std::string text = "\n## " + std::string(adapter.title) + "\n\n[`adapters/" +
                     std::string(adapter.name) + "`](../adapters/" + std::string(adapter.name) +
                     "/README.md)\n\n| | |\n|---|---|\n";
  text += row("rails", rails_of(adapter));
  text += row("currencies", currencies_of(adapter));
  text += row("amounts", limits_of(adapter));
  if (const Texts needs = needs_of(adapter); !needs.empty()) text += row("needs", joined(needs));
  if (const Texts prefixes = phone_prefixes_of(adapter); !prefixes.empty())
    text += row("phone numbers", joined(prefixes));
  text +=
      row("capture later", std::any_of(adapter.offers.begin(), adapter.offers.end(),
                                       [](const Offer& offer) { return offer.manual_capture; })
                               ? (adapter.partial_capture ? "yes, a part too" : "yes, the whole")
                               : "no");
  text += row("can be closed", yes(static_cast<bool>(adapter.cancel)));
  text += row("refunds", refunds_of(adapter));
  text += row("an unknown outcome", ways_of(adapter));
  if (adapter.visibility_delay.count() > 0)
    text += row("a look-up may miss it for", duration_text(adapter.visibility_delay));
  if (adapter.prompt_lasts.count() > 0)
    text += row("a prompt or page lasts", duration_text(adapter.prompt_lasts));
  if (adapter.is_payable_after_refusal)
    text += row("after a refusal", "can still be paid: it is closed before anybody else is asked");
  text += row("its webhooks prove themselves", proof_of(adapter));
  return text + settings_table(adapter) + doubts_list(adapter) +
         (adapter.by_hand ? "" : matrix(report));
}

}  // namespace

std::string report_text(const AdapterReport& report) {
  std::string text = std::string(report.adapter->title) + "\n";
  const auto add = [&](const Findings& findings) {
    for (const Finding& finding : findings)
      text += "    " + finding.what + "\n      → " + finding.to_do + "\n";
  };
  for (const CallReport& call : report.calls) {
    text += "  " + padded(call_text(call.call), 32) + padded(std::to_string(call.exchanges), 4) +
            "exchanges " + padded(std::to_string(call.faults), 6) + "faults  " +
            (call.findings.empty() ? "sound" : "NOT SOUND") + "\n";
    add(call.findings);
  }
  text += "  " + padded("declarations, exchanges", 32) +
          padded(std::to_string(report.exchanges), 4) + "exchanges " +
          padded(std::to_string(report.webhook_attacks), 6) + "forged  " +
          (report.findings.empty() ? "sound" : "NOT SOUND") + "\n";
  add(report.findings);
  return text;
}

std::string providers_page(std::span<const AdapterReport> reports) {
  std::string text =
      "# Providers\n\nGenerated by `switchyard adapters page`; the tests compare. The adapters "
      "were written from the providers' published\ncontracts and run against the simulators in "
      "this repository; none has been tried against the live service yet.\n\nThe tables of each "
      "provider end with what the conformance kit found: how many exchanges show a call, how many "
      "of them\nare the provider's own examples, and how many faults of a hostile provider the "
      "call was put through. Example Pay is the\nreference that a new adapter starts from; its "
      "variants, for tests only, are left out.\n\n| provider | rails | "
      "currencies | capture later | refunds | an unknown outcome | its webhooks prove themselves "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const AdapterReport& report : reports) {
    const Adapter& adapter = *report.adapter;
    if (!adapter.variant_of.empty()) continue;
    text += "| [" + std::string(adapter.title) + "](../adapters/" + std::string(adapter.name) +
            "/README.md) | " + rails_of(adapter) + " | " + short_currencies_of(adapter) + " | " +
            yes(static_cast<bool>(adapter.capture)) + " | " + short_refunds_of(adapter) + " | " +
            ways_of(adapter) + " | " + proof_of(adapter) + " |\n";
  }
  for (const AdapterReport& report : reports)
    if (report.adapter->variant_of.empty()) text += provider_chapter(report);
  return text;
}

namespace {

// Some codes decide nothing, and others only in the answer to some calls.
std::string certainty_of(const Adapter& adapter, std::string_view code,
                         std::span<const Exchange> exchanges) {
  bool is_refused = false, is_unknown = false;
  for (const Exchange& exchange : exchanges) {
    if (exchange.adapter != adapter.name || !exchange.means) continue;
    if (in_lower_case(exchange.means->provider_code) != code) continue;
    const Verdict verdict = exchange.means->verdict;
    is_unknown |= verdict == Verdict::unknown || verdict == Verdict::pending;
    is_refused |= verdict == Verdict::refused;
  }
  if (!is_unknown) return "refused";
  return is_refused ? "refused, or unknown: by call" : "unknown: looked up";
}

}  // namespace

std::string errors_table(std::span<const Adapter* const> adapters,
                         std::span<const Exchange> exchanges) {
  static constexpr std::string_view cascades[] = {"never", "once more", "yes"};
  std::string text;
  for (const Adapter* adapter : adapters) {
    if (adapter->declines.empty()) continue;
    text += std::string(adapter->title) + "\n  " + padded("code", 44) + padded("reason", 26) +
            padded("advice", 22) + padded("another account", 18) +
            (exchanges.empty() ? "" : "certainty") + "\n";
    for (const DeclineRow& row : adapter->declines) {
      const DeclineInfo& info = info_of(row.decline);
      text += "  " + padded(std::string(row.provider_code), 44) +
              padded(std::string(info.name), 26) + padded(std::string(info.advice), 22) +
              padded(std::string(cascades[static_cast<int>(info.cascade)]), 18) +
              (exchanges.empty() ? "" : certainty_of(*adapter, row.provider_code, exchanges)) +
              "\n";
    }
  }
  return text;
}

}  // namespace switchyard
