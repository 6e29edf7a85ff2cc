// Whatever a provider answers to whichever call of every adapter. The first line of an input says
// "ADAPTER CALL RAIL STATUS", then come headers, an empty line and the body.
#include <charconv>

#include "../fuzz.h"
#include "../provider.h"

namespace switchyard {
namespace {

int read_status(std::string_view word) {
  int status = 200;
  std::from_chars(word.data(), word.data() + word.size(), status);
  return status < 100 || status > 599 ? 200 : status;
}

const NamedCall& pick_call(const std::vector<NamedCall>& calls, std::string_view words) {
  return pick(calls, words, [](const NamedCall& each) {
    static std::string name;
    name = each.name + " " + std::string(word_of(each.rail));
    return std::string_view(name);
  });
}

// A verdict that ends an attempt, or says that money moved, needs words of the provider's own.
void check_verdict(const NamedCall& named, const HttpResponse& response, Verdict verdict) {
  const bool decides = verdict != Verdict::unknown && verdict != Verdict::not_found;
  if (response.status >= 500)
    require(!decides, named.name + ": a 5xx is unknown, whatever its body claims");
  // Some say by the status alone that they have heard us, or that they have not.
  const bool is_blank = response.body.find_first_not_of(" \t\r\n") == std::string::npos;
  const bool is_heard = verdict == Verdict::pending || verdict == Verdict::requires_action ||
                        verdict == Verdict::refused;
  if (!parse_json(response.body).is_structured())
    require(!decides || (is_blank && is_heard),
            named.name + ": what cannot be read decides nothing");
  const bool only_asks = is_one_of(named.name, {"lookup", "lookup_refund", "on_return"});
  if (only_asks && response.status != 200 && response.status != 201)
    require(!decides || (response.status == 404 && verdict == Verdict::expired),
            named.name + ": that we may not ask decides nothing");
  require(verdict != Verdict::not_found || !named.name.starts_with("charge."),
          named.name + ": not_found is the word of a lookup");
  require(verdict != Verdict::next_step || named.name.starts_with("charge.") ||
              named.name == "lookup" || named.name == "on_return",
          named.name + ": only a charge has a next step");
}

}  // namespace

void fuzz_provider_answers(std::string_view input) {
  std::string_view line = take_line(input);
  const auto adapters = all_adapters();
  const Adapter& adapter =
      *pick(adapters, take_word(line), [](const Adapter* each) { return each->name; });
  const auto& calls = calls_of(adapter);
  if (calls.empty()) return;
  const std::size_t end =
      std::min(line.find(' ', std::min(line.find(' ') + 1, line.size())), line.size());
  const NamedCall& named = pick_call(calls, line.substr(0, end));
  line.remove_prefix(std::min(end + 1, line.size()));
  const HttpResponse response{.status = read_status(take_word(line)),
                              .headers = take_headers(input),
                              .body = std::string(input)};

  const Account& account = account_at(adapter);
  const Charge charge = charge_at(adapter, named.rail);
  const Update update = named.call.read(account, charge, response);
  check_update(adapter, update);
  check_verdict(named, response, update.verdict);
  // A lookup may leave it as it was said before.
  require(update.verdict != Verdict::requires_action || !named.name.starts_with("charge.") ||
              !update.next_action.is_null(),
          named.name + ": a payer who must act is told how");
  require(update.verdict != Verdict::refused || update.decline,
          named.name + ": a refusal has a reason");
  const bool is_refund = named.name.ends_with("refund");
  Update about_charge = update;
  if (is_refund) about_charge.provider_reference.clear();
  check_next_requests(adapter, named.rail, about_charge,
                      is_refund ? update.provider_reference : "");
}

}  // namespace switchyard
