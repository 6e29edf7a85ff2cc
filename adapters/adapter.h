// The contract between the router and a provider's folder. An adapter is pure: it builds requests,
// reads answers and webhooks, and declares what the provider can do; it opens no socket, reads no
// clock and keeps no state. What it leaves out is not supported, is refused locally with a clear
// error, and is considered by routing.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "domain/account.h"
#include "domain/decline.h"
#include "domain/money.h"
#include "domain/payment.h"
#include "domain/update.h"
#include "http/message.h"

namespace switchyard {

struct Payer {
  std::string id = {};  // our customer id, "" when the payment names none
  std::string external_id = {};
  std::string email = {};
  std::string name = {};
  std::string phone = {};

  bool operator==(const Payer&) const = default;
};

// Everything a call may need to know. For a capture, cancel or refund the first part still
// describes the charge, and `operation` the call itself.
struct Charge {
  std::string attempt_id;  // our reference at the provider, ≤ 30 characters [A-Za-z0-9_]
  std::string payment_id;
  Money money;  // of the charge
  PaymentMethod method;
  Payer payer = {};
  std::string description = {};
  std::string country = {};     // the payer's, ISO 3166, "" when not known
  std::string return_url = {};  // ours: the browser passes through the router on its way back
  Metadata metadata = {};       // only what the account forwards
  bool manual_capture = false;
  std::string provider_reference = {};  // once known
  Json memory = Json::object();   // what earlier answers of this attempt left (Update::memory)
  std::string provider_key = {};  // the idempotency key of this very step: random UUID
  Time now{};

  struct Part {
    std::string attempt_id = {};  // our reference for this capture, cancel or refund
    Money money = {};             // how much of the charge
    std::string reason = {};      // refunds: requested_by_customer | duplicate | fraudulent | other
    std::string provider_reference = {};  // of the refund, once known
    Json memory = Json::object();
  };
  Part operation = {};
};

using Build = HttpRequest (*)(const Account&, const Charge&);
// Reads answers only: a transport failure never reaches an adapter. A word it does not know, and
// every 5xx whatever its body claims, is Verdict::unknown.
using Read = Update (*)(const Account&, const Charge&, const HttpResponse&);

struct Call {
  Build build = nullptr;
  Read read = nullptr;
  explicit operator bool() const { return build != nullptr; }
};

// One call of a charge. A charge is a list of them, each a committed intent with a key of its own.
struct ChargeStep {
  std::string_view name;  // "create", "confirm"
  Call call;
  // False: until its result is shown to the payer it can be abandoned and another account tried.
  bool moves_money = true;
};

// A rail this adapter can take, and within what limits.
struct Offer {
  Rail rail = Rail::card;
  std::vector<std::string> kinds = {};  // networks or wallets; empty: does not apply
  std::vector<std::string> currencies = {};
  std::vector<std::string> countries = {};  // of the payer; empty: any
  bool manual_capture = false;
  std::vector<ChargeStep> steps = {};
  // Searches for a charge by our reference, for when its id never reached us and nothing may be
  // sent again. Says what the id is (Verdict::unknown with a provider_reference): the charge is
  // then looked up by it. What a search does not find, or shows, decides nothing: it may lag
  // behind.
  Call find = {};
  std::vector<std::string> needs = {};  // "token", "phone_number", "customer.email", "return_url"
};

enum class FindsOutBy { id, our_reference, same_key_resend, nobody };

struct Setting {
  std::string_view name;
  std::string_view sentence;        // for docs/providers.md and configuration errors
  std::string_view otherwise = {};  // default; none and is_required: must be configured
  bool is_required = false;
  bool is_secret = false;
};
constexpr Setting secret(std::string_view name, std::string_view sentence) {
  return {.name = name, .sentence = sentence, .is_required = true, .is_secret = true};
}

// A provider's webhook as it came: the raw bytes decide.
struct Incoming {
  std::string method;
  std::string path;  // after /webhooks/{account}, "" or "/anything"
  Headers headers;   // names in lower case
  std::string body;
  Time received_at{};
};

enum class Proof {
  verified,  // signed with our secret within the window
  unproven,  // this provider signs nothing: the message only triggers a lookup
  rejected,  // does not prove itself: kept in quarantine, answered 401
};

struct Webhook {
  Proof (*verify)(const Account&, const Incoming&) = nullptr;
  std::vector<News> (*read)(const Account&, const Incoming&) = nullptr;
};

struct Adapter {
  std::string_view name;           // the folder: "stripe"
  std::string_view title;          // "Stripe"
  std::string_view base_url_test;  // the provider's own hosts, the defaults of an account
  std::string_view base_url_live;
  std::vector<Setting> settings = {};
  std::vector<Offer> offers = {};

  // What else speaks against taking this charge, in a sentence for `routing explain`; "" if
  // nothing.
  std::string (*objection)(const Account&, const Charge&) = nullptr;
  // Whether a card token looks like one made by this provider's script. Absent: any may be.
  bool (*recognizes_token)(std::string_view token) = nullptr;

  FindsOutBy finds_out_by = FindsOutBy::nobody;
  Call lookup = {};  // by provider_reference, or by our reference where finds_out_by says so
  // Closes the object so that it can never be paid: void, cancel or expire. Answered `canceled`
  // when acknowledged, `captured` when money was faster.
  Call cancel = {};
  Call capture = {};
  bool partial_capture = false;
  Call refund = {};
  Call lookup_refund = {};
  bool partial_refund = true;
  bool one_refund_at_a_time = false;
  Webhook webhook = {};
  bool webhooks_prove_themselves = true;
  // Asked when the payer's browser comes back; absent: `lookup`.
  Call on_return = {};

  // How long the provider honours one of our keys. 0: it has no keys, and nothing is ever re-sent.
  std::chrono::seconds dedup_window{0};
  std::chrono::seconds visibility_delay{0};  // a lookup sooner than this may miss what exists
  std::chrono::seconds prompt_lasts{
      0};  // how long a phone prompt or page stays payable; 0: not stated
  bool is_payable_after_refusal = false;      // a refused object must be closed before we go on
  bool by_hand = false;                       // manual_transfer: no provider is called at all
  std::chrono::milliseconds timeout{30'000};  // of one call
  std::vector<DeclineRow> declines = {};      // every documented code
};

// The list, one line per adapter: adapters/all.cpp.
std::span<const Adapter* const> all_adapters();
const Adapter* find_adapter(std::string_view name);  // null when there is none

}  // namespace switchyard
