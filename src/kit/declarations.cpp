// What an adapter declares has to hang together: what the router does in doubt follows from it.
#include <algorithm>
#include <set>

#include "kit/check_adapter.h"

namespace switchyard {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

class Declarations {
 public:
  Declarations(const Adapter& adapter, Findings& findings)
      : adapter_(adapter), findings_(findings) {}

  void check() {
    check_name();
    check_settings();
    check_declines();
    for (const Offer& offer : adapter_.offers) check_offer(offer);
    check_finding_out();
    check_webhook();
    check_tokens();
  }

 private:
  void require(bool is_right, const std::string& what, const std::string& to_do) {
    if (!is_right) findings_.push_back({what, to_do});
  }

  void check_name() {
    require(is_word(adapter_.name), "its name is no word of a-z, 0-9 and _",
            "Call it as its folder is called.");
    require(!adapter_.title.empty(), "it has no title",
            "Give the provider's name as people know it.");
    if (adapter_.by_hand) return;
    require(!adapter_.base_url_live.starts_with("https://to-be-written"),
            "its hosts are to be written", "Give base_url_test and base_url_live.");
    for (const std::string_view url : {adapter_.base_url_test, adapter_.base_url_live})
      require(url.empty() || (url.starts_with("https://") && !url.ends_with('/')),
              "the base URL " + std::string(url) + " is not https, or ends with /",
              "Give https://HOST, without a slash at the end.");
  }

  void check_settings() {
    std::set<std::string_view> names;
    for (const Setting& setting : adapter_.settings) {
      const std::string name(setting.name);
      require(is_word(setting.name), "the setting " + name + " is no word", "Use a-z, 0-9 and _.");
      require(names.insert(setting.name).second, "the setting " + name + " stands twice",
              "Take one of them out.");
      require(setting.sentence.size() > 10, "the setting " + name + " says nothing about itself",
              "Give a sentence for those who configure it.");
      require(!setting.is_required || setting.otherwise.empty(),
              "the setting " + name + " is required and has a default", "Choose one.");
      require(!setting.is_secret || setting.otherwise.empty(),
              "the secret " + name + " has a default", "A secret that everybody knows is none.");
    }
  }

  void check_declines() {
    std::set<std::string_view> codes;
    for (const DeclineRow& row : adapter_.declines) {
      const std::string code(row.provider_code);
      require(codes.insert(row.provider_code).second, "the code " + code + " is mapped twice",
              "Take one of them out.");
      require(row.decline != Decline::unmapped, "the code " + code + " is mapped to unmapped",
              "Choose a reason of domain/decline.h.");
      require(std::ranges::none_of(code, [](char c) { return c >= 'A' && c <= 'Z'; }),
              "the code " + code + " has capitals", "Codes are compared in lower case.");
    }
    require(adapter_.by_hand || !adapter_.declines.empty(), "no code of a refusal is mapped",
            "Map every code that the provider documents, in declines.h.");
  }

  void check_offer(const Offer& offer) {
    const std::string rail(word_of(offer.rail));
    const bool has_kinds = offer.rail == Rail::mobile_money || offer.rail == Rail::wallet;
    require(has_kinds == !offer.kinds.empty(),
            "the offer of " + rail + " names " + (has_kinds ? "no kinds" : "kinds"),
            "Networks and wallets are named for mobile_money and wallet, and only there.");
    require(adapter_.by_hand || !offer.steps.empty(), "the offer of " + rail + " has no step",
            "Give the call that charges.");
    for (const std::string& code : offer.currencies)
      require(find_currency(code).has_value(), "the currency " + code + " is not known",
              "Add it to domain/money.cpp with its exponent.");
    for (const AmountRange& range : offer.amounts)
      require(std::ranges::find(offer.currencies, range.currency) != offer.currencies.end(),
              "limits in " + std::string(range.currency) + ", which " + rail + " does not take",
              "Take them out, or add the currency.");
    for (const std::string& prefix : offer.phone_prefixes)
      require(prefix.size() > 1 && prefix[0] == '+', "the phone prefix " + prefix + " has no +",
              "Prefixes are in E.164: +25677.");
    static constexpr std::string_view needs[] = {
        "token", "phone_number", "customer.email", "customer.name", "customer.phone", "return_url"};
    for (const std::string& need : offer.needs)
      require(std::ranges::find(needs, need) != std::end(needs),
              "the need " + need + " is not known", "Use one of adapter.h.");
    for (const ChargeStep& step : offer.steps)
      require(step.call.build && step.call.read, rail + " has a step without build or read",
              "Give both.");
    require(!offer.manual_capture || adapter_.capture, rail + " can be captured later, by no call",
            "Give `capture`, or do not offer it.");
    require(offer.steps.size() <= 2, rail + " has more than two steps",
            "What a look-up says of a third one could not be told from the second's.");
    check_way_out(offer, rail);
  }

  // What was sent and not answered must come to an end.
  void check_way_out(const Offer& offer, const std::string& rail) {
    const bool moves_money = std::ranges::any_of(
        offer.steps, [](const ChargeStep& step) { return step.moves == Moves::money; });
    if (!moves_money || adapter_.by_hand) return;
    const FindsOutBy by = offer.finds_out_by.value_or(adapter_.finds_out_by);
    const bool has_keys = std::ranges::any_of(offer.steps, [&](const ChargeStep& step) {
      return step.call.dedup_window.value_or(adapter_.dedup_window).count() > 0;
    });
    if (by == FindsOutBy::same_key_resend)
      require(has_keys, rail + " is found out by sending again, without keys that hold",
              "Declare dedup_window, or another way of finding out.");
    else if (by == FindsOutBy::nobody)
      require(adapter_.webhook.read != nullptr, rail + " is found out by nobody, nor told of",
              "Give `lookup`, or at least `webhook`.");
    else
      require(static_cast<bool>(adapter_.lookup), rail + " is looked up by no call",
              "Give `lookup`.");
  }

  void check_finding_out() {
    if (!adapter_.refund) return;
    const FindsOutBy by = adapter_.refund_finds_out_by.value_or(adapter_.finds_out_by);
    const bool has_keys = adapter_.refund.dedup_window.value_or(adapter_.dedup_window).count() > 0;
    require(adapter_.lookup_refund || has_keys || by == FindsOutBy::nobody,
            "a refund that was not answered cannot be found out about",
            "Give `lookup_refund`, keys that hold, or declare refund_finds_out_by = nobody.");
    require(by != FindsOutBy::our_reference || adapter_.lookup_refund,
            "refunds are found by our reference, by no call", "Give `lookup_refund`.");
  }

  void check_webhook() {
    const Webhook& webhook = adapter_.webhook;
    require((webhook.verify != nullptr) == (webhook.read != nullptr),
            "webhook has only one of verify and read", "Give both.");
    require((webhook.inquiry.build != nullptr) == (webhook.inquiry.read != nullptr),
            "the inquiry has only one of build and read", "Give both.");
    require(!webhook.comes_to_attempts || webhook.verify,
            "attempts have addresses, and nothing is read there", "Give `webhook`.");
  }

  void check_tokens() {
    for (const TokenKind& kind : adapter_.tokens)
      require(is_word(kind.name) && kind.build && kind.read,
              "the access token " + std::string(kind.name) + " lacks build or read", "Give both.");
    require(adapter_.tokens.empty() || adapter_.refuses_token || adapter_.dedup_window.count() > 0,
            "it has access tokens and no keys, and does not say what refuses a token",
            "Give `refuses_token`, as far as its documents say that nothing was executed then.");
  }

  const Adapter& adapter_;
  Findings& findings_;
};

}  // namespace

void check_declarations(const Adapter& adapter, Findings& findings) {
  Declarations(adapter, findings).check();
}

}  // namespace switchyard
