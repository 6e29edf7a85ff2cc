#include "flow/start_payment.h"

#include "base/failpoint.h"
#include "base/id.h"
#include "base/seeded_bug.h"
#include "domain/describe.h"
#include "flow/cancel_payment.h"
#include "flow/choose_route.h"
#include "flow/fulfil.h"
#include "flow/refuse.h"
#include "flow/wait.h"
#include "store/payments.h"

namespace switchyard {
namespace {

std::vector<std::string> lacks_of(const std::optional<Customer>& customer) {
  const Customer known = customer.value_or(Customer());
  std::vector<std::string> lacks;
  if (known.email.empty()) lacks.push_back("customer.email");
  if (known.name.empty()) lacks.push_back("customer.name");
  if (known.phone.empty()) lacks.push_back("customer.phone");
  return lacks;
}

RouteQuestion question_of(const Payment& payment, const std::optional<Customer>& customer) {
  return {.payment_id = payment.id,
          .merchant_id = payment.merchant_id,
          .mode = payment.mode,
          .money = payment.money,
          .method = *payment.method,
          .country = payment.country,
          .capture_method = payment.capture_method,
          .metadata = payment.metadata,
          .lacks = lacks_of(customer)};
}

Failure no_account(const RouteAnswer& answer) {
  Error error{.code = ErrorCode::no_account};
  error.message = answer.rule.empty()
                      ? "No routing rule fits this payment: see POST /v1/routing/preview."
                      : "No account of rule \"" + answer.rule + "\" can take this payment now.";
  for (const PassedOver& passed : answer.passed_over)
    error.details.push_back(
        {"account:" + passed.account, passed.account + " " + passed.reason + "."});
  return fail(std::move(error));
}

// A token belongs to the provider that made it; when several accounts could have, the merchant
// says.
Result<void> check_token_is_clear(const RouteQuestion& question, const RouteAnswer& answer,
                                  const Setup& setup) {
  if (question.method.rail != Rail::card || question.method.token.empty() ||
      !question.method.token_account.empty() || answer.stops.size() < 2)
    return {};
  const Account* first = setup.find_account(answer.stops.front().account);
  for (const RouteStop& stop : answer.stops) {
    const Account* account = setup.find_account(stop.account);
    if (account && first && account->adapter == first->adapter) continue;
    std::string names;
    for (const RouteStop& each : answer.stops) names += (names.empty() ? "" : ", ") + each.account;
    return fail(ErrorCode::token_account_required,
                "Several accounts could have made this token (" + names +
                    "): name the one that did in payment_method.token_account.",
                "payment_method.token_account");
  }
  return {};
}

Result<RouteAnswer> route_for(Services& services, const Setup& setup, const Payment& payment,
                              const std::optional<Customer>& customer) {
  const RouteQuestion question = question_of(payment, customer);
  RouteAnswer answer = choose_route(services, setup, question);
  if (answer.stops.empty()) return no_account(answer);
  TRY(check_token_is_clear(question, answer, setup));
  return answer;
}

void begin_confirmation(Decision& decision, const RouteAnswer& route, const Surroundings& around,
                        std::vector<Send>& sends) {
  Payment& payment = decision.payment();
  payment.route = route.stops;
  payment.rules_version = route.rules_version;
  ++payment.confirmation;
  payment.last_error.reset();
  Wishes wishes;
  std::vector<Send> first;
  if (auto send = start_attempt(decision, route.stops.front(), wishes, around))
    first.push_back(std::move(*send));
  sends = fulfil(decision, std::move(wishes), around, std::move(first));
}

Payment payment_of(const NewPayment& asked, const Caller& caller, const Policies& policies,
                   Time now) {
  Payment p;
  p.id = new_id("pay");
  p.merchant_id = caller.merchant_id;
  p.mode = caller.mode;
  p.money = asked.money;
  p.capture_method = asked.capture_method;
  p.method = asked.method;
  p.external_id = asked.external_id;
  p.description = asked.description;
  if (asked.customer) p.customer_id = asked.customer->id;
  p.country = asked.country;
  p.return_url = asked.return_url;
  p.metadata = asked.metadata;
  p.created_at = now;
  p.updated_at = now;
  const bool is_transfer = asked.method && asked.method->rail == Rail::manual_transfer;
  p.expires_at = asked.expires_at.value_or(
      now + (is_transfer ? policies.transfers_expire_after : policies.expire_after));
  return p;
}

NewEvent customer_event(const Customer& customer, bool is_new, const Json& cause) {
  return {.id = new_id("evt"),
          .type = is_new ? "customer.created" : "customer.updated",
          .merchant_id = customer.merchant_id,
          .mode = customer.mode,
          .object = customer_json(customer),
          .cause = cause};
}

}  // namespace

Result<PaymentRecord> read_again(Services& services, const std::string& payment_id) {
  auto record = TRY(find_payment(services.database, services.sealer, payment_id));
  if (!record) return fail(ErrorCode::not_found, "There is no such payment.");
  return std::move(*record);
}

Result<PaymentRecord> create_payment(Services& services, const NewPayment& asked,
                                     const Caller& caller) {
  const auto setup = services.setup.get();
  const Payment payment = payment_of(asked, caller, services.policies, services.clock.now());
  RouteAnswer route;
  if (asked.confirm) route = TRY(route_for(services, *setup, payment, asked.customer));

  auto sends = std::make_shared<std::vector<Send>>();
  auto made = std::make_shared<PaymentRecord>();
  Command command{.claim = caller.claim};
  if (command.claim) command.claim->object_id = payment.id;
  command.decide = [&, sends, made](Draft& draft) -> Result<void> {
    FAILPOINT("pay.before_insert");
    sends->clear();
    draft.has_record = true;
    draft.record.payment = payment;
    draft.record.customer = asked.customer;
    if (asked.customer && asked.customer_is_changed) {
      (asked.customer_is_new ? draft.new_customers : draft.customers).push_back(*asked.customer);
      draft.changes.events.push_back(
          customer_event(*asked.customer, asked.customer_is_new, caller.cause));
    }
    Decision decision(draft.record, draft.changes, payment.created_at, caller.cause);
    decision.tell("payment.created");
    if (asked.confirm)
      begin_confirmation(decision, route, {setup, services.sealer, services.policies}, *sends);
    answer_if_done(draft, caller, *sends);
    FAILPOINT("intent.before_commit");
    *made = draft.record;
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  FAILPOINT("intent.after_commit");
  if (sends->empty()) return std::move(*made);
  return run_and_wait(services, std::move(*sends), payment.id, caller);
}

namespace {

Result<void> check_can_be_confirmed(const PaymentRecord& record, const Policies& policies) {
  const Payment& payment = record.payment;
  const auto wrong_state = [&](const std::string& why) {
    return refuse(ErrorCode::payment_state, payment, why);
  };
  if (is_ending(payment))
    return wrong_state("This payment is being ended and cannot be confirmed again.");
  if (payment.status != PaymentStatus::requires_payment_method &&
      payment.status != PaymentStatus::failed && payment.status != PaymentStatus::requires_action)
    return wrong_state("A payment that is " + std::string(word_of(payment.status)) +
                       " cannot be confirmed.");
  int charges = 0;
  for (const Attempt& attempt : record.attempts) charges += attempt.operation == Operation::charge;
  if (charges >= policies.attempts_per_payment)
    return fail(ErrorCode::attempt_limit, "This payment has been tried " + std::to_string(charges) +
                                              " times, which is the limit; create a new one.");
  return {};
}

// The payer starts again: what they were shown before must be closed first, or they could pay
// twice.
Result<void> close_what_is_open(Services& services, const PaymentRecord& record,
                                const Caller& caller) {
  const Attempt* open = record.live_charge();
  if (!open) return {};
  auto sends = std::make_shared<std::vector<Send>>();
  Command command{.payment_id = record.payment.id};
  command.decide = [&services, sends, attempt_id = open->id,
                    cause = caller.cause](Draft& draft) -> Result<void> {
    sends->clear();
    Decision decision(draft.record, draft.changes, services.clock.now(), cause);
    Attempt* attempt = draft.record.find_attempt(attempt_id);
    if (!attempt || attempt->status != AttemptStatus::requires_action) return {};
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    attempt->closing_to = AttemptStatus::canceled;
    decision.change(*attempt, AttemptStatus::closing);
    *sends = fulfil(decision, {{Wish::Kind::close, attempt_id}}, around);
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  Caller waiter = caller;
  waiter.answer = {};  // the call goes on after this
  const PaymentRecord after =
      TRY(run_and_wait(services, std::move(*sends), record.payment.id, waiter));
  if (!after.live_charge()) return {};
  Error error{.code = ErrorCode::payment_state,
              .message =
                  "The payer can still pay with what they were shown before; it is being closed. "
                  "Confirm again in a moment."};
  error.payment_id = record.payment.id;
  error.retry_after_sec = 2;
  return fail(std::move(error));
}

}  // namespace

Result<PaymentRecord> confirm_payment(Services& services, const std::string& payment_id,
                                      const Confirmation& asked, const Caller& caller) {
  const PaymentRecord before = TRY(read_again(services, payment_id));
  TRY(check_can_be_confirmed(before, services.policies));
  const auto setup = services.setup.get();
  Payment wanted = before.payment;
  if (asked.method) wanted.method = asked.method;
  if (!asked.country.empty()) wanted.country = asked.country;
  if (!asked.return_url.empty()) wanted.return_url = asked.return_url;
  if (!wanted.method)
    return fail(ErrorCode::missing_field, "Say how the payer pays: payment_method is required.",
                "payment_method");
  const RouteAnswer route = TRY(route_for(services, *setup, wanted, before.customer));
  TRY(close_what_is_open(services, before, caller));

  auto sends = std::make_shared<std::vector<Send>>();
  auto confirmed = std::make_shared<PaymentRecord>();
  Command command{.payment_id = payment_id, .claim = caller.claim};
  command.decide = [&, sends, confirmed](Draft& draft) -> Result<void> {
    sends->clear();
    if (!SEEDED_BUG("X11")) TRY(check_can_be_confirmed(draft.record, services.policies));
    if (!SEEDED_BUG("X11") && draft.record.live_charge())
      return fail(ErrorCode::payment_state, "This payment is being tried right now.");
    Payment& payment = draft.record.payment;
    payment.method = wanted.method;
    payment.country = wanted.country;
    payment.return_url = wanted.return_url;
    Decision decision(draft.record, draft.changes, services.clock.now(), caller.cause);
    begin_confirmation(decision, route, {setup, services.sealer, services.policies}, *sends);
    answer_if_done(draft, caller, *sends);
    *confirmed = draft.record;
    return {};
  };
  TRY(services.writer.write(std::move(command)));
  FAILPOINT("intent.after_commit");
  if (sends->empty()) return std::move(*confirmed);
  return run_and_wait(services, std::move(*sends), payment_id, caller);
}

}  // namespace switchyard
