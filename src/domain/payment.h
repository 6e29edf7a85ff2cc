// What the merchant asked for, its statuses and its table of changes.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "domain/account.h"
#include "domain/money.h"
#include "domain/words.h"

namespace switchyard {

enum class PaymentStatus {
  requires_payment_method,
  processing,
  requires_action,
  requires_capture,
  succeeded,
  failed,
  canceled,
  expired,
};
inline constexpr Words<PaymentStatus, 8> payment_status_words{{
    {PaymentStatus::requires_payment_method, "requires_payment_method"},
    {PaymentStatus::processing, "processing"},
    {PaymentStatus::requires_action, "requires_action"},
    {PaymentStatus::requires_capture, "requires_capture"},
    {PaymentStatus::succeeded, "succeeded"},
    {PaymentStatus::failed, "failed"},
    {PaymentStatus::canceled, "canceled"},
    {PaymentStatus::expired, "expired"},
}};
inline std::string_view word_of(PaymentStatus s) { return word_of(payment_status_words, s); }

// Final statuses have a finished_at; `failed` is not final.
constexpr bool is_final(PaymentStatus s) {
  return s == PaymentStatus::succeeded || s == PaymentStatus::canceled ||
         s == PaymentStatus::expired;
}

enum class PaymentChange {
  attempt_started,
  action_required,
  authorized,
  paid,
  capture_sent,
  capture_refused,
  refused_everywhere,
  closed_canceled,
  voided,
  time_ran_out,
  payer_acted,
};
inline constexpr Words<PaymentChange, 11> payment_change_words{{
    {PaymentChange::attempt_started, "attempt_started"},
    {PaymentChange::action_required, "action_required"},
    {PaymentChange::authorized, "authorized"},
    {PaymentChange::paid, "paid"},
    {PaymentChange::capture_sent, "capture_sent"},
    {PaymentChange::capture_refused, "capture_refused"},
    {PaymentChange::refused_everywhere, "refused_everywhere"},
    {PaymentChange::closed_canceled, "closed_canceled"},
    {PaymentChange::voided, "voided"},
    {PaymentChange::time_ran_out, "time_ran_out"},
    {PaymentChange::payer_acted, "payer_acted"},
}};
inline std::string_view word_of(PaymentChange c) { return word_of(payment_change_words, c); }

struct PaymentTransition {
  PaymentStatus from;
  PaymentChange change;
  PaymentStatus to;
};
std::span<const PaymentTransition> payment_transitions();
// Nullopt: the table has no such pair, and nothing changes.
std::optional<PaymentStatus> next(PaymentStatus from, PaymentChange change);

enum class Rail { card, hosted_page, mobile_money, wallet, manual_transfer };
inline constexpr Words<Rail, 5> rail_words{{
    {Rail::card, "card"},
    {Rail::hosted_page, "hosted_page"},
    {Rail::mobile_money, "mobile_money"},
    {Rail::wallet, "wallet"},
    {Rail::manual_transfer, "manual_transfer"},
}};
inline std::string_view word_of(Rail r) { return word_of(rail_words, r); }

struct PaymentMethod {
  Rail rail = Rail::card;
  std::string token = {};          // card: made in the browser by the provider's own script
  std::string token_account = {};  // card: the account whose script made it
  std::string network = {};        // mobile_money: "mtn", "orange"
  std::string phone_number = {};   // mobile_money and some wallets: E.164
  std::string kind = {};           // wallet: "soxara_wallet", "paypal"

  bool operator==(const PaymentMethod&) const = default;
};

enum class CaptureMethod { automatic, manual };
enum class Review { none, amount_mismatch, outcome_unknown };
inline constexpr Words<Review, 3> review_words{{
    {Review::none, ""},
    {Review::amount_mismatch, "amount_mismatch"},
    {Review::outcome_unknown, "outcome_unknown"},
}};

using Metadata = std::map<std::string, std::string>;

// An account of a route, and why it is there.
struct RouteStop {
  std::string account;
  std::string rule;    // name of the rule that put it there
  std::string reason;  // "first of use", "weight 70 of 100", "then"
  int rank = 1;        // 1 is tried first

  bool operator==(const RouteStop&) const = default;
};

struct LastError {
  std::string decline_code;
  std::string message;
  std::string advice;
  std::string account;
  std::string provider_code;

  bool operator==(const LastError&) const = default;
};

struct Payment {
  std::string id;
  std::string merchant_id;
  Mode mode = Mode::test;
  PaymentStatus status = PaymentStatus::requires_payment_method;
  Money money;
  std::int64_t amount_capturable = 0;
  std::int64_t amount_received = 0;
  std::int64_t amount_refunded = 0;  // succeeded refunds, ours and those made elsewhere
  CaptureMethod capture_method = CaptureMethod::automatic;
  std::optional<PaymentMethod> method = {};
  std::string external_id = {};
  std::string description = {};
  std::string customer_id = {};
  std::string country = {};
  std::string return_url = {};
  Metadata metadata = {};
  Json next_action = nullptr;
  std::optional<LastError> last_error = {};
  bool late = false;
  bool cancel_requested = false;
  bool expiry_requested = false;  // time ran out while an attempt was open at its provider
  Review review = Review::none;
  std::vector<RouteStop> route = {};  // of the confirmation that runs
  std::string rules_version = {};
  int confirmation = 0;  // how often the payment has been confirmed
  int sequence = 0;      // of its latest event
  std::string previous_event = {};
  Time created_at{};
  Time updated_at{};
  Time expires_at{};
  std::optional<Time> finished_at = {};

  bool operator==(const Payment&) const = default;
};

// It was asked to end, and does so once nothing of it is open any more.
inline bool is_ending(const Payment& payment) {
  return payment.cancel_requested || payment.expiry_requested;
}

}  // namespace switchyard
