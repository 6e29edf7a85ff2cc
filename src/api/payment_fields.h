// What a merchant's body says about a payment, read into the verbs' own types.
#pragma once

#include <optional>
#include <string>

#include "api/body_reader.h"
#include "api/context.h"
#include "flow/start_payment.h"

namespace switchyard {

// The way to pay, how the payer is to come back, and from where they are: of create and confirm.
// Problems are noted in the reader.
std::optional<PaymentMethod> read_method(BodyReader& body);
std::string read_return_url(BodyReader& body, const Asker& asker);
// The payer's country; for mobile money it follows from the number, and must not contradict it.
std::string read_country(BodyReader& body, const std::optional<PaymentMethod>& method);

// A customer as a payment's body names them: {id}, or {external_id, email, name, phone}.
struct NamedCustomer {
  std::string id = {};
  std::string external_id = {};
  std::string email = {};
  std::string name = {};
  std::string phone = {};
};
struct PaymentFields {
  NewPayment payment;  // all but the customer, who must be looked up
  std::optional<NamedCustomer> customer = {};
};
Result<PaymentFields> read_new_payment(const ApiCall& call, const Policies& policies, Time now);

struct ConfirmationFields {
  Confirmation confirmation;
  std::string client_secret = {};
};
Result<ConfirmationFields> read_confirmation(const ApiCall& call);

// Finds or makes the customer, and says in `payment` whether it is new or changed.
Result<void> place_customer(Api& api, const ApiCall& call, const NamedCustomer& named,
                            NewPayment& payment);

}  // namespace switchyard
