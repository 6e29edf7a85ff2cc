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
  Money money;           // of the charge
  PaymentMethod method;  // its phone number, if any, in E.164: "+256772123456"
  Payer payer = {};
  std::string description = {};
  std::string country = {};     // the payer's, ISO 3166, "" when not known
  std::string return_url = {};  // ours: the browser passes through the router on its way back
  // Where this provider may tell us of this very attempt, a secret between the two of us. Only
  // where Webhook::comes_to_attempts; else "".
  std::string webhook_url = {};
  Metadata metadata = {};  // only what the account forwards
  bool manual_capture = false;
  // A step that moves money has left: what the provider no longer knows need not have failed.
  bool may_be_paid = false;
  std::string provider_reference = {};  // once known
  Json memory = Json::object();  // what earlier answers of this attempt left (Update::memory)
  // The idempotency key of this very step, a random UUID of version 4. In a look-up: that of the
  // latest step of what is looked up, for providers that find things by their key.
  std::string provider_key = {};
  Time now{};

  struct Part {
    std::string attempt_id = {};  // our reference for this capture, cancel or refund
    Money money = {};             // how much of the charge
    std::string reason = {};      // refunds: requested_by_customer | duplicate | fraudulent | other
    std::string provider_reference = {};  // of the refund, once known
    std::string webhook_url = {};         // as above, of the operation
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
  // Where this call's keys hold longer or shorter than the adapter's: 0 for a call without keys.
  std::optional<std::chrono::seconds> dedup_window = {};
  explicit operator bool() const { return build != nullptr; }
};

// Whether a step can move money.
enum class Moves {
  money,       // it can: what became of it must be found out
  once_shown,  // only after the payer has seen what it made: until then it can be abandoned
  nothing,     // never by itself, only by a later step of ours: closed by not taking that one
};

// One call of a charge. A charge is a list of them, each a committed intent with a key of its own.
// The next one follows when a step's answer, or later a look-up or a webhook, says
// Verdict::next_step.
struct ChargeStep {
  std::string_view name;  // "create", "confirm"
  Call call;
  Moves moves = Moves::money;
};

enum class FindsOutBy { id, our_reference, same_key_resend, nobody };

// Amounts that a provider takes, in the currency's smallest unit; 0: no limit that it states. An
// account's own limits for that currency replace them.
struct AmountRange {
  std::string_view currency;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  // As Setting::uncertain, of these two figures.
  std::string_view uncertain = {};
};

// What of a charge can be given back by a call, where the adapter has one at all.
enum class Refunds { any_part, only_whole, none };

// A rail this adapter can take, and within what limits.
struct Offer {
  Rail rail = Rail::card;
  std::vector<std::string> kinds = {};  // networks or wallets; empty: does not apply
  std::vector<std::string> currencies = {};
  std::vector<std::string> countries = {};  // of the payer; empty: any
  bool manual_capture = false;
  std::vector<AmountRange> amounts = {};
  // Beginnings of the phone numbers that it takes, in E.164: "+25677". Empty: any.
  std::vector<std::string> phone_prefixes = {};
  Refunds refunds = Refunds::any_part;
  std::chrono::seconds refund_window{0};  // after the charge; 0: not stated
  std::vector<ChargeStep> steps = {};
  std::optional<FindsOutBy> finds_out_by = {};  // where it differs from the adapter's
  // Searches for a charge by our reference, for when its id never reached us and nothing may be
  // sent again. Says what the id is (Verdict::unknown with a provider_reference): the charge is
  // then looked up by it. What a search does not find, or shows, decides nothing: it may lag
  // behind.
  Call find = {};
  std::vector<std::string> needs = {};  // "token", "phone_number", "customer.email", "return_url"
};

struct Setting {
  std::string_view name;
  std::string_view sentence;        // for docs/providers.md and configuration errors
  std::string_view otherwise = {};  // default; none and is_required: must be configured
  bool is_required = false;
  bool is_secret = false;
  // What the provider's documents leave open or contradict, which is why this is a setting:
  // "whether amounts in answers are in cents".
  std::string_view uncertain = {};
};
// Has to be configured, and never shows.
constexpr Setting secret(std::string_view name, std::string_view sentence) {
  return {.name = name, .sentence = sentence, .is_required = true, .is_secret = true};
}
// Has to be configured.
constexpr Setting required(std::string_view name, std::string_view sentence) {
  return {.name = name, .sentence = sentence, .is_required = true};
}
// Is a setting because of what the provider's documents leave open.
constexpr Setting uncertain(std::string_view name, std::string_view otherwise,
                            std::string_view sentence, std::string_view why) {
  return {.name = name, .sentence = sentence, .otherwise = otherwise, .uncertain = why};
}

// A provider's webhook as it came: the raw bytes decide.
struct Incoming {
  std::string method;
  std::string path;  // after /webhooks/{account}, "" or "/anything"
  Headers headers;   // names in lower case
  std::string body;
  Time received_at{};
  std::string attempt_id = {};  // of the attempt to whose own address it came, "" for the account's
};

enum class Proof {
  verified,  // signed with our secret within the window
  unproven,  // it says nothing that a forger could not say: the message only triggers a lookup
  rejected,  // does not prove itself: kept in quarantine, answered 401
  asks,      // cannot be judged without Webhook::inquiry
};

// What has to be fetched before a message can be judged: the provider's certificate, or its own
// word. Without an answer the message is not taken (503) and comes again.
struct Inquiry {
  HttpRequest (*build)(const Account&, const Incoming&) = nullptr;
  Proof (*read)(const Account&, const Incoming&, const HttpResponse&) = nullptr;
  // How long a successful answer to the same GET may serve again.
  std::chrono::seconds keeps_for{0};
};

struct Webhook {
  Proof (*verify)(const Account&, const Incoming&) = nullptr;
  std::vector<News> (*read)(const Account&, const Incoming&) = nullptr;
  // Each attempt has an address of its own, which only the provider is told (Charge::webhook_url);
  // what comes to any other is answered 404.
  bool comes_to_attempts = false;
  // What `verify` calls unproven does come from the provider (an address of the attempt's own, a
  // constant token): what it says decides nothing, but the names that it gives are remembered
  // (Update::provider_reference and memory), so that there is something to look up. All of it is
  // dropped where its money or references are not ours: an amount that a look-up shall judge goes
  // into memory.
  bool proves_sender = false;
  Inquiry inquiry = {};
};

// An access token that several requests may bear.
struct AccessToken {
  Secret text;
  std::chrono::seconds lasts{0};
};
struct TokenKind {
  std::string_view name;  // HttpRequest::token
  HttpRequest (*build)(const Account&) = nullptr;
  // Nullopt for an answer that is no token.
  std::optional<AccessToken> (*read)(const Account&, const HttpResponse&) = nullptr;
};

struct Adapter {
  std::string_view name;           // the folder: "stripe"
  std::string_view title;          // "Stripe"
  std::string_view base_url_test;  // the provider's own hosts, the defaults of an account
  std::string_view base_url_live;
  std::string_view variant_of = {};  // the adapter in whose folder it lives: for tests only
  std::vector<Setting> settings = {};
  std::vector<Offer> offers = {};

  // What else speaks against taking this charge, in a sentence without a full stop for `routing
  // explain`; "" if nothing. Asked while a route is chosen, before there is an attempt with
  // addresses (attempt_id, return_url and webhook_url are then not the real ones), and again before
  // the first step is built.
  std::string (*objection)(const Account&, const Charge&) = nullptr;
  // Whether a card token looks like one made by this provider's script. Absent: any may be.
  bool (*recognizes_token)(std::string_view token) = nullptr;

  // Fetched by the core once for all who wait, renewed before they end, kept in memory only. A
  // request whose token cannot be had is not sent.
  std::vector<TokenKind> tokens = {};
  // Whether an answer says that the token was not good and that therefore nothing was done: it is
  // renewed, and the same bytes go once more. Absent: every 401 says so of calls that have a key.
  bool (*refuses_token)(const HttpResponse&) = nullptr;
  // Adds the headers that depend on when a copy leaves (a signature over the time). They are never
  // stored; the rest of the request is as it was committed.
  void (*sign)(const Account&, Time now, HttpRequest&) = nullptr;

  FindsOutBy finds_out_by = FindsOutBy::nobody;
  std::optional<FindsOutBy> refund_finds_out_by = {};  // where refunds differ
  Call lookup = {};  // by provider_reference, or by our reference where finds_out_by says so
  // Closes the object so that it can never be paid: void, cancel or expire. Answered `canceled`
  // when acknowledged, `captured` when money was faster.
  Call cancel = {};
  Call capture = {};
  bool partial_capture = false;
  Call refund = {};
  Call lookup_refund = {};
  bool one_refund_at_a_time = false;
  // What speaks against giving back this part of this charge (Charge::operation), in a whole
  // sentence for the merchant; "" if nothing.
  std::string (*refund_objection)(const Account&, const Charge&) = nullptr;
  Webhook webhook = {};
  bool webhooks_prove_themselves = true;
  // False where answers never say how much was taken: the provider is asked with the amount, or
  // told it once. It counts as what we asked for.
  bool repeats_amounts = true;
  // Asked when the payer's browser comes back; absent: `lookup`.
  Call on_return = {};

  // How long the provider honours one of our keys. 0: it has no keys, and nothing is ever re-sent.
  std::chrono::seconds dedup_window{0};
  std::chrono::seconds visibility_delay{0};  // a lookup sooner than this may miss what exists
  std::chrono::seconds look_gap{0};  // between two look-ups of one attempt that nobody asked for
  std::chrono::seconds prompt_lasts{0};   // how long a prompt or page stays payable; 0: not stated
  bool is_payable_after_refusal = false;  // a refused object must be closed before we go on
  bool by_hand = false;                   // manual_transfer: no provider is called at all
  std::chrono::milliseconds timeout{30'000};  // of one call
  std::vector<DeclineRow> declines = {};      // every documented code
};

// The first offer that takes this way of paying; null when the adapter has none.
const Offer* find_offer(const Adapter& adapter, const PaymentMethod& method);

// The list, one line per adapter: adapters/list.txt.
std::span<const Adapter* const> all_adapters();
const Adapter* find_adapter(std::string_view name);  // null when there is none

}  // namespace switchyard
