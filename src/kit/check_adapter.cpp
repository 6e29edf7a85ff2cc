#include "kit/check_adapter.h"

#include <algorithm>
#include <map>

namespace switchyard {
namespace {

void check_exchanges(const Adapter& adapter, std::span<const Exchange> exchanges,
                     AdapterReport& report) {
  for (const Exchange& exchange : exchanges) {
    ++report.exchanges;
    if (exchange.why.starts_with("to be written"))
      report.findings.push_back(
          {"exchange " + exchange.name + " is the reference's",
           "Replace it by one from the provider's documents, and its `why`."});
    for (const std::string& complaint : check_exchange(adapter, exchange))
      report.findings.push_back(
          {"exchange " + exchange.name + " (" + exchange.call + "): " + complaint,
           "Correct the adapter, or the exchange if the provider's documents say otherwise."});
  }
}

bool is_same(const Call& one, const Call& other) {
  return one.build == other.build && one.read == other.read;
}

// An exchange of another adapter, which makes this very call.
bool is_of_same_call(const Exchange& exchange, const OfferedCall& call) {
  const Adapter* theirs = find_adapter(exchange.adapter);
  return theirs && exchange.call == call.name &&
         is_same(find_call(*theirs, exchange.charge.method, exchange.call), call.call);
}

bool is_of_same_webhook(const Adapter& adapter, const Exchange& exchange) {
  const Adapter* theirs = find_adapter(exchange.adapter);
  return theirs && theirs->webhook.verify == adapter.webhook.verify &&
         theirs->webhook.read == adapter.webhook.read;
}

CallReport check_call(const Adapter& adapter, std::span<const Exchange> exchanges,
                      std::span<const Exchange> of_others, const OfferedCall& call) {
  CallReport report{.call = call};
  const auto take = [&](const Exchange& exchange) {
    ++report.exchanges;
    constexpr std::string_view none = "none: ";
    if (exchange.source.starts_with(none))
      report.undocumented = exchange.source.substr(none.size());
    else
      report.documented += !exchange.source.empty();
    if (exchange.answers) report.faults += meet_faults(adapter, exchange, call, report.findings);
  };
  for (const Exchange& exchange : exchanges)
    if (exchange.mistakes.empty() && shows(adapter, exchange, call)) take(exchange);
  for (const Exchange& exchange : of_others)
    if (exchange.mistakes.empty() && is_of_same_call(exchange, call)) take(exchange);
  if (report.exchanges == 0)
    report.findings.push_back({"no exchange shows the call " + call.name,
                               "Write exchanges/*.json for it: a success, a refusal, an unknown "
                               "word, an unreadable body."});
  else if (report.faults == 0)
    report.findings.push_back({"no exchange shows an answer to the call " + call.name,
                               "Give an exchange of it `answers` and `means`."});
  return report;
}

void check_webhooks(const Adapter& adapter, std::span<const Exchange> exchanges,
                    std::span<const Exchange> of_others, AdapterReport& report) {
  if (!adapter.webhook.verify) return;
  const auto attack = [&](const Exchange& exchange) {
    if (exchange.call == "webhook" && exchange.mistakes.empty())
      report.webhook_attacks += meet_forgers(adapter, exchange, report.findings);
  };
  std::ranges::for_each(exchanges, attack);
  for (const Exchange& exchange : of_others)
    if (is_of_same_webhook(adapter, exchange)) attack(exchange);
  if (report.webhook_attacks == 0)
    report.findings.push_back(
        {"no exchange shows a webhook that is believed", "Write one with `proof` and `news`."});
}

// One mistake shows in many ways: a few of them are enough to find it.
void shorten(Findings& findings) {
  constexpr std::size_t most = 12;
  if (findings.size() <= most) return;
  const std::size_t more = findings.size() - most;
  findings.resize(most);
  findings.push_back({"and " + std::to_string(more) + " more like these", "Mend these first."});
}

}  // namespace

bool AdapterReport::is_sound() const {
  return findings.empty() &&
         std::ranges::all_of(calls, [](const CallReport& call) { return call.findings.empty(); });
}

AdapterReport check_adapter(const Adapter& adapter, std::span<const Exchange> exchanges,
                            std::span<const Exchange> of_others) {
  AdapterReport report{.adapter = &adapter};
  check_declarations(adapter, report.findings);
  check_exchanges(adapter, exchanges, report);
  check_requests(adapter, exchanges, report.findings);
  for (const OfferedCall& call : offered_calls(adapter))
    report.calls.push_back(check_call(adapter, exchanges, of_others, call));
  check_webhooks(adapter, exchanges, of_others, report);
  shorten(report.findings);
  for (CallReport& call : report.calls) shorten(call.findings);
  return report;
}

std::vector<AdapterReport> check_adapters(std::span<const Adapter* const> adapters,
                                          const std::string& folder) {
  std::map<std::string, std::vector<Exchange>> exchanges;
  for (const ExchangePlace& place : find_exchanges(folder))
    exchanges[place.adapter].push_back(read_exchange(place));
  std::vector<AdapterReport> reports;
  for (const Adapter* adapter : adapters) {
    std::vector<Exchange> of_others;
    for (const auto& [name, theirs] : exchanges)
      if (name != adapter->name) of_others.insert(of_others.end(), theirs.begin(), theirs.end());
    reports.push_back(check_adapter(*adapter, exchanges[std::string(adapter->name)], of_others));
  }
  return reports;
}

}  // namespace switchyard
