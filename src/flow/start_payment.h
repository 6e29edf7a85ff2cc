// Creating and confirming: choose a route, save the payment with its first attempt and its
// idempotency key in one commit, then run attempts until one holds.
#pragma once

#include <optional>
#include <string>

#include "flow/services.h"

namespace switchyard {

// What a call answers when it leaves a payment like this; nullopt for what must not be stored.
using AnswerOf = std::function<std::optional<KeyAnswer>(const PaymentRecord&)>;

// Who asks, and with which idempotency key, if any.
struct Caller {
  std::string merchant_id;
  Mode mode = Mode::test;
  Json cause = {{"kind", "api"}};
  std::optional<KeyClaim> claim = {};
  std::chrono::steady_clock::time_point answer_by = {};
  // The commit that ends the call finishes its key with this. Called on the writer's thread, never
  // after the verb has returned.
  AnswerOf answer = {};
};

struct NewPayment {
  Money money;
  std::optional<PaymentMethod> method = {};
  CaptureMethod capture_method = CaptureMethod::automatic;
  std::string external_id = {};
  std::string description = {};
  std::optional<Customer> customer = {};  // found, or to be made or changed
  bool customer_is_changed = false;
  bool customer_is_new = false;
  std::string country = {};
  std::string return_url = {};
  Metadata metadata = {};
  std::optional<Time> expires_at = {};
  bool confirm = false;
};

// The payment as it stands when all that was asked for is known, or when the caller may not wait
// longer: then its status is `processing` and the work goes on. Errors: no_account when no account
// can take it (nothing is saved), external_id_conflict when it exists already, and the writer's.
Result<PaymentRecord> create_payment(Services& services, const NewPayment& asked,
                                     const Caller& caller);

struct Confirmation {
  std::optional<PaymentMethod> method = {};  // absent: the one that the payment has
  std::string country = {};
  std::string return_url = {};
};

// Errors besides those: payment_state when it cannot be confirmed now, attempt_limit.
Result<PaymentRecord> confirm_payment(Services& services, const std::string& payment_id,
                                      const Confirmation& asked, const Caller& caller);

// The payment as it is stored now.
Result<PaymentRecord> read_again(Services& services, const std::string& payment_id);

}  // namespace switchyard
