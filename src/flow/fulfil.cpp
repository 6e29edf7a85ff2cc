#include "flow/fulfil.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/id.h"
#include "domain/decline.h"
#include "flow/after_closing.h"
#include "flow/refund_objection.h"

namespace switchyard {
namespace {

const Adapter* adapter_of(const Attempt& attempt, const Surroundings& around) {
  const Account* account = around.setup->find_account(attempt.account);
  return account ? find_adapter(account->adapter) : nullptr;
}

Json transfer_instructions(const Payment& payment, const Attempt& attempt, const Account& account) {
  return {{"type", "transfer_instructions"},
          {"transfer_instructions",
           {{"bank_name", account.setting("bank_name")},
            {"account_name", account.setting("account_name")},
            {"account_number", account.setting("account_number")},
            {"reference", attempt.id.substr(attempt.id.size() - 10)},
            {"amount", payment.money.amount},
            {"currency", payment.money.currency.code()},
            {"amount_display", payment.money.display()},
            {"expires_at", to_rfc3339(payment.expires_at)}}}};
}

void show_instructions(Decision& decision, Attempt& attempt, const Account& account) {
  attempt.next_action = transfer_instructions(decision.payment(), attempt, account);
  decision.change(attempt, AttemptStatus::requires_action);
  decision.change(PaymentChange::action_required);
  decision.payment().next_action = attempt.next_action;
  decision.tell("payment.requires_action");
}

Attempt& add_attempt(Decision& decision, Operation operation, const std::string& account,
                     Money money) {
  Payment& payment = decision.payment();
  Attempt attempt{
      .id = new_id("att"), .payment_id = payment.id, .merchant_id = payment.merchant_id};
  attempt.mode = payment.mode;
  attempt.number = static_cast<int>(decision.record.attempts.size()) + 1;
  attempt.operation = operation;
  attempt.account = account;
  attempt.money = money;
  attempt.confirmation = payment.confirmation;
  attempt.created_at = decision.now;
  attempt.updated_at = decision.now;
  decision.record.attempts.push_back(std::move(attempt));
  decision.touch(decision.record.attempts.back());
  return decision.record.attempts.back();
}

// Routing has asked before there was an attempt with addresses and a reference of its own.
std::string objection_to_charge(const Decision& decision, const Attempt& attempt,
                                const Account& account, const Adapter& adapter,
                                const Surroundings& around) {
  if (!adapter.objection) return "";
  return adapter.objection(
      account, describe_charge(decision.record, attempt, nullptr, account, around, decision.now));
}

}  // namespace

std::optional<Send> start_attempt(Decision& decision, const RouteStop& stop, Wishes& wishes,
                                  const Surroundings& around) {
  Payment& payment = decision.payment();
  const PaymentStatus before = payment.status;
  // Paid or ended meanwhile: nobody may be charged for it any more.
  if (!decision.change(PaymentChange::attempt_started)) return std::nullopt;
  payment.next_action = nullptr;
  Attempt& attempt = add_attempt(decision, Operation::charge, stop.account, payment.money);
  attempt.rule = stop.rule;
  attempt.reason = stop.reason;
  attempt.rank = stop.rank;
  attempt.rules_version = payment.rules_version;
  if (before != PaymentStatus::processing) decision.tell("payment.processing");

  const Account* account = around.setup->find_account(stop.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  const auto steps = adapter ? steps_of(*adapter, *payment.method) : std::span<const ChargeStep>{};
  if (adapter && adapter->by_hand) {
    show_instructions(decision, attempt, *account);
    return std::nullopt;
  }
  const std::string objection =
      steps.empty() ? "the configuration has changed since the route was chosen"
                    : objection_to_charge(decision, attempt, *account, *adapter, around);
  if (!objection.empty()) {
    attempt.decline_code = info_of(Decline::configuration).name;
    attempt.provider_message = objection;
    decision.change(attempt, AttemptStatus::not_sent);
    after_closing(decision, attempt, around.policies, wishes);
    return std::nullopt;
  }
  const ChargeStep& first = steps.front();
  return add_step(decision, attempt, first.name, first.call, first.moves == Moves::money,
                  Source::answer, around);
}

std::optional<Send> start_close(Decision& decision, Attempt& attempt, Wishes& wishes,
                                const Surroundings& around) {
  const Adapter* adapter = adapter_of(attempt, around);
  if (!adapter) return std::nullopt;
  if (adapter->by_hand || is_closed_by_silence(decision.record, attempt, *adapter)) {
    decision.change(attempt, attempt.closing_to);
    after_closing(decision, attempt, around.policies, wishes);
    return std::nullopt;
  }
  const bool can_name_it =
      !attempt.provider_reference.empty() ||
      found_by(decision.record, attempt, *adapter) == FindsOutBy::our_reference;
  if (!adapter->cancel || !can_name_it) return std::nullopt;
  return add_step(decision, attempt, "cancel", adapter->cancel, false, Source::close_answer,
                  around);
}

std::optional<Send> start_refund(Decision& decision, Attempt& charge, Refund refund,
                                 const Surroundings& around) {
  const Adapter* adapter = adapter_of(charge, around);
  assert(adapter && adapter->refund && "the caller has checked that it can be refunded");
  const bool another_runs = std::any_of(
      decision.record.refunds.begin(), decision.record.refunds.end(), [&](const Refund& r) {
        return r.charge_attempt_id == charge.id && r.status == RefundStatus::pending &&
               r.id != refund.id;
      });
  charge.amount_refunding += refund.money.amount;
  decision.touch(charge);
  refund.is_queued = adapter->one_refund_at_a_time && another_runs;
  const std::string charge_id = charge.id;
  const std::string account = charge.account;
  decision.record.refunds.push_back(refund);
  decision.tell("refund.created", refund);
  if (refund.is_queued) return std::nullopt;
  Attempt& attempt = add_attempt(decision, Operation::refund, account, refund.money);
  attempt.charge_attempt_id = charge_id;
  attempt.refund_id = refund.id;
  return add_step(decision, attempt, "refund", adapter->refund, true, Source::answer, around);
}

void note_refund_elsewhere(Decision& decision, const Attempt& charge,
                           const std::string& provider_reference, Money money) {
  for (const Refund& refund : decision.record.refunds) {
    if (refund.provider_reference == provider_reference) return;
    // One of ours whose name at the provider is not known: on its way, or done over just that
    // amount. One that still waits for its turn was never sent.
    const bool could_be_it =
        refund.status == RefundStatus::pending
            ? !refund.is_queued
            : refund.status == RefundStatus::succeeded && refund.money == money;
    if (refund.charge_attempt_id == charge.id && refund.provider_reference.empty() && could_be_it)
      return;
  }
  Refund refund{
      .id = new_id("ref"), .payment_id = charge.payment_id, .merchant_id = charge.merchant_id};
  refund.mode = charge.mode;
  refund.charge_attempt_id = charge.id;
  refund.money = money;
  refund.reason = "other";
  refund.description = "Made at the provider.";
  refund.account = charge.account;
  refund.provider_reference = provider_reference;
  refund.made_elsewhere = true;
  refund.created_at = decision.now;
  refund.updated_at = decision.now;
  const std::string charge_id = charge.id;
  Attempt& attempt = add_attempt(decision, Operation::refund, charge.account, money);
  attempt.charge_attempt_id = charge_id;
  attempt.refund_id = refund.id;
  attempt.provider_reference = provider_reference;
  attempt.status = AttemptStatus::unknown;
  attempt.unknown_since = decision.now;
  decision.record.refunds.push_back(refund);
  decision.tell("refund.created", refund);
}

namespace {

// What the payer was shown has done its work, and the next call of ours is on its way.
void payer_has_acted(Decision& decision, Attempt& attempt) {
  decision.change(attempt, AttemptStatus::sending);
  if (!decision.change(PaymentChange::payer_acted)) return;
  decision.payment().next_action = nullptr;
  decision.tell("payment.processing");
}

std::optional<Send> next_step(Decision& decision, Attempt& attempt, const Surroundings& around) {
  const Adapter* adapter = adapter_of(attempt, around);
  if (!adapter || !decision.payment().method) return std::nullopt;
  const Step* latest = decision.record.latest_step(attempt.id);
  const auto steps = steps_of(*adapter, *decision.payment().method);
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    if (!latest || steps[i].name != latest->name) continue;
    if (attempt.status == AttemptStatus::requires_action) payer_has_acted(decision, attempt);
    return add_step(decision, attempt, steps[i + 1].name, steps[i + 1].call,
                    steps[i + 1].moves == Moves::money, Source::answer, around);
  }
  return std::nullopt;  // it has been sent already, and is never begun anew
}

std::optional<Send> next_attempt(Decision& decision, const Attempt& over, Wishes& wishes,
                                 const Surroundings& around) {
  FAILPOINT("cascade.before_new_attempt");
  const int rank = over.rank;
  for (const RouteStop& stop : std::vector<RouteStop>(decision.payment().route))
    if (stop.rank > rank) return start_attempt(decision, stop, wishes, around);
  return std::nullopt;
}

std::optional<Send> give_back(Decision& decision, Attempt& charge, const std::string& reason,
                              const Surroundings& around) {
  const Adapter* adapter = adapter_of(charge, around);
  const std::int64_t left =
      charge.amount_received - charge.amount_refunding - charge.amount_refunded_elsewhere;
  if (left <= 0) return std::nullopt;
  if (!adapter || !adapter->refund) {
    decision.note_anomaly(charge, "must be refunded by hand: its provider has no refund call",
                          {{"reason", reason}, {"amount", left}});
    return std::nullopt;
  }
  if (const std::string objection =
          objection_to_refund(decision.record, charge, left, reason, around, decision.now);
      !objection.empty()) {
    decision.note_anomaly(charge, "must be refunded by hand",
                          {{"reason", reason}, {"amount", left}, {"objection", objection}});
    return std::nullopt;
  }
  Refund refund{
      .id = new_id("ref"), .payment_id = charge.payment_id, .merchant_id = charge.merchant_id};
  refund.mode = charge.mode;
  refund.charge_attempt_id = charge.id;
  refund.money = {left, charge.money.currency};
  refund.reason = reason;
  refund.account = charge.account;
  refund.is_automatic = true;
  refund.created_at = decision.now;
  refund.updated_at = decision.now;
  return start_refund(decision, charge, std::move(refund), around);
}

std::optional<Send> next_refund(Decision& decision, const Attempt& charge,
                                const Surroundings& around) {
  const Adapter* adapter = adapter_of(charge, around);
  if (!adapter || !adapter->refund) return std::nullopt;
  for (Refund& refund : decision.record.refunds) {
    if (refund.charge_attempt_id != charge.id || !refund.is_queued) continue;
    refund.is_queued = false;
    refund.updated_at = decision.now;
    const std::string refund_id = refund.id;
    const std::string charge_id = charge.id;
    Attempt& attempt = add_attempt(decision, Operation::refund, charge.account, refund.money);
    attempt.charge_attempt_id = charge_id;
    attempt.refund_id = refund_id;
    return add_step(decision, attempt, "refund", adapter->refund, true, Source::answer, around);
  }
  return std::nullopt;
}

std::optional<Send> fulfil_one(Decision& decision, const Wish& wish, Wishes& more,
                               const Surroundings& around) {
  Attempt* attempt = decision.record.find_attempt(wish.attempt_id);
  assert(attempt && "a wish names an attempt of the record");
  switch (wish.kind) {
    case Wish::Kind::next_step:
      return next_step(decision, *attempt, around);
    case Wish::Kind::next_attempt:
      return next_attempt(decision, *attempt, more, around);
    case Wish::Kind::close:
      return start_close(decision, *attempt, more, around);
    case Wish::Kind::give_back:
      return give_back(decision, *attempt, wish.reason, around);
    case Wish::Kind::next_refund:
      return next_refund(decision, *attempt, around);
    case Wish::Kind::look_up:  // a lease that is due at once
      if (is_settled(*attempt) && !attempt->unknown_since) attempt->unknown_since = decision.now;
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

namespace {

// Whoever has a call under way holds its attempt; what is open is looked at again later; what was
// asked to be looked up is due at once.
LeaseChange lease_of(const Attempt& attempt, const std::vector<Send>& sends, const Wishes& wishes,
                     const Surroundings& around) {
  LeaseChange lease{attempt.id, attempt.payment_id, attempt.account};
  const Adapter* adapter = adapter_of(attempt, around);
  const auto is_mine = [&](const auto& each) { return each.attempt_id == attempt.id; };
  const bool is_open =
      (!is_settled(attempt) || attempt.unknown_since.has_value()) && !(adapter && adapter->by_hand);
  const bool is_asked_for = std::any_of(wishes.begin(), wishes.end(), [&](const Wish& wish) {
    return wish.kind == Wish::Kind::look_up && is_mine(wish);
  });
  if (std::any_of(sends.begin(), sends.end(), is_mine)) {
    lease.kind = LeaseChange::Kind::hold;
  } else if (is_asked_for) {
    lease.kind = LeaseChange::Kind::release;
  } else if (is_open) {
    lease.kind = LeaseChange::Kind::release;
    lease.due_in = next_look_in(attempt, around.policies.look_up_speed);
    if (adapter)
      lease.due_in = std::max<std::chrono::milliseconds>(lease.due_in, adapter->look_gap);
  } else {
    lease.kind = LeaseChange::Kind::drop;
  }
  return lease;
}

}  // namespace

std::vector<Send> fulfil(Decision& decision, Wishes wishes, const Surroundings& around,
                         std::vector<Send> begun) {
  std::vector<Send> sends = std::move(begun);
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    Wishes more;
    const Wish wish = wishes[i];
    if (auto send = fulfil_one(decision, wish, more, around)) sends.push_back(std::move(*send));
    wishes.insert(wishes.end(), more.begin(), more.end());
  }
  for (const Wish& wish : wishes)
    if (wish.kind == Wish::Kind::look_up) decision.touched.insert(wish.attempt_id);
  for (const std::string& id : decision.touched) {
    const Attempt& attempt = *decision.record.find_attempt(id);
    // Its answer is on the way, and whoever waits for it keeps its lease.
    const bool has_call =
        std::any_of(sends.begin(), sends.end(), [&](const Send& s) { return s.attempt_id == id; });
    if (attempt.status == AttemptStatus::sending && !has_call) continue;
    decision.changes.leases.push_back(lease_of(attempt, sends, wishes, around));
  }
  return sends;
}

std::chrono::milliseconds next_look_in(const Attempt& attempt, double speed) {
  using namespace std::chrono_literals;
  // Doubt is looked up with the gaps of R11 and never given up; what waits for a payer, less often.
  static constexpr std::chrono::seconds doubt[] = {1s,   2s,   5s,    10s,    30s,   60s,
                                                   300s, 900s, 3600s, 21600s, 86400s};
  static constexpr std::chrono::seconds payer[] = {5s,   5s,   10s,  10s,   30s,   60s,
                                                   120s, 300s, 900s, 3600s, 21600s};
  static constexpr std::chrono::seconds held[] = {3600s, 21600s, 86400s};
  const auto pick = [&](std::span<const std::chrono::seconds> gaps) {
    return gaps[std::min<std::size_t>(static_cast<std::size_t>(attempt.lookups), gaps.size() - 1)];
  };
  const bool is_in_question = is_in_doubt(attempt.status) || is_settled(attempt);
  const std::chrono::seconds gap = is_in_question                                     ? pick(doubt)
                                   : attempt.status == AttemptStatus::requires_action ? pick(payer)
                                                                                      : pick(held);
  // Jittered by the attempt's own name, so that a crowd of them spreads out: 90 % to 110 %.
  const double jitter =
      0.9 + 0.2 * static_cast<double>(std::hash<std::string>{}(attempt.id) % 1000) / 1000.0;
  return std::chrono::milliseconds(
      static_cast<std::int64_t>(1000.0 * static_cast<double>(gap.count()) * jitter / speed));
}

}  // namespace switchyard
