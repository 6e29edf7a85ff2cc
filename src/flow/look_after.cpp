#include "flow/look_after.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "flow/fulfil.h"
#include "store/payments.h"

namespace switchyard {
namespace {

// A key is not used in the last minutes of its life: the provider's clock is not ours.
constexpr std::chrono::minutes dedup_margin{5};

bool is_key_alive(const Step& step, const Adapter& adapter, Time now) {
  const auto margin = std::min<Duration>(dedup_margin, Duration(adapter.dedup_window) / 4);
  return adapter.dedup_window.count() > 0 && now < step.dedup_until - margin;
}

// Nobody waits for this money any more: what can still take it is closed, never sent again. Refunds
// belong to payments that are over.
bool is_unwanted(const Payment& payment, const Attempt& attempt) {
  return attempt.operation != Operation::refund &&
         (payment.cancel_requested || payment.expiry_requested || is_final(payment.status));
}

// What the provider has acknowledged it can be asked about, and need not hear twice.
bool is_acknowledged(const Attempt& attempt, const Step& step) {
  return !attempt.provider_reference.empty() && step.http_status >= 200 && step.http_status < 300;
}

bool can_look_up(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter) {
  if (!lookup_of(attempt, adapter)) return false;
  if (adapter.finds_out_by == FindsOutBy::our_reference) return true;
  if (attempt.operation == Operation::capture) {
    const Attempt* charge = record.find_attempt(attempt.charge_attempt_id);
    return charge && !charge->provider_reference.empty();
  }
  return !attempt.provider_reference.empty();
}

bool can_close(const Attempt& attempt, const Adapter& adapter) {
  return adapter.cancel && attempt.operation == Operation::charge &&
         (!attempt.provider_reference.empty() || adapter.finds_out_by == FindsOutBy::our_reference);
}

const Call* call_named(const std::string& name, const PaymentRecord& record,
                       const Adapter& adapter) {
  if (name == "cancel") return &adapter.cancel;
  if (name == "capture") return &adapter.capture;
  if (name == "refund") return &adapter.refund;
  if (record.payment.method)
    for (const ChargeStep& step : steps_of(adapter, *record.payment.method))
      if (step.name == name) return &step.call;
  return nullptr;
}

}  // namespace

Look plan_look(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter,
               Time now) {
  PaymentRecord& steps_of_record = const_cast<PaymentRecord&>(record);
  const Step* step = steps_of_record.latest_step(attempt.id);
  const bool lookup = can_look_up(record, attempt, adapter);
  const bool ending = is_unwanted(record.payment, attempt);
  const bool again = step && !ending && is_key_alive(*step, adapter, now) &&
                     !(lookup && is_acknowledged(attempt, *step));
  // Over, but somebody says that money came: late money is found here.
  if (is_settled(attempt)) return lookup ? Look::lookup : Look::nothing;
  if (attempt.status == AttemptStatus::closing) {
    // Turn by turn: the provider may have closed it without our hearing of it.
    if (can_close(attempt, adapter) && (attempt.lookups % 2 == 0 || !lookup)) return Look::close;
    return lookup ? Look::lookup : Look::nothing;
  }
  if (!is_in_doubt(attempt.status)) {
    if (ending && can_close(attempt, adapter) && attempt.lookups % 2 == 1) return Look::close;
    return lookup ? Look::lookup : Look::nothing;
  }
  if (ending && can_close(attempt, adapter) && attempt.lookups > 0) return Look::close;
  // A lookup that found nothing decides nothing: the same bytes under the same key do.
  if (lookup && (!again || attempt.lookups % 2 == 0)) return Look::lookup;
  return again ? Look::send_again : lookup ? Look::lookup : Look::nothing;
}

namespace {

struct Looking {
  Services& services;
  std::string payment_id;
  std::string attempt_id;
};

Send lookup_send(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter,
                 const Surroundings& around, Time now) {
  Send send;
  send.setup = around.setup;
  send.account = around.setup->find_account(attempt.account);
  send.adapter = &adapter;
  send.payment_id = attempt.payment_id;
  send.attempt_id = attempt.id;
  send.name = "lookup";
  send.source = Source::lookup;
  const bool is_charge = attempt.operation == Operation::charge;
  const Attempt* charge = is_charge ? &attempt : record.find_attempt(attempt.charge_attempt_id);
  send.charge =
      describe_charge(record, *charge, is_charge ? nullptr : &attempt, *send.account, around, now);
  const Call& call = lookup_of(attempt, adapter);
  send.read = call.read;
  send.request = call.build(*send.account, send.charge);
  return send;
}

// A committed decision to send again or to close; also where a person is asked after long doubt.
Command look_command(Services& services, const std::string& payment_id,
                     const std::string& attempt_id, std::shared_ptr<std::vector<Send>> sends) {
  Command command{.payment_id = payment_id};
  command.decide = [&services, attempt_id, sends](Draft& draft) -> Result<void> {
    sends->clear();
    Attempt* attempt = draft.record.find_attempt(attempt_id);
    if (!attempt) return fail(ErrorCode::not_found, "There is no such attempt.");
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    Decision decision(draft.record, draft.changes, services.clock.now(), {{"kind", "lookup"}});
    decision.touch(*attempt);
    const Account* account = around.setup->find_account(attempt->account);
    const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
    const Look look =
        adapter ? plan_look(draft.record, *attempt, *adapter, decision.now) : Look::nothing;
    if (attempt->status ==
        AttemptStatus::sending)  // its sender is gone: whether it left, nobody knows
      decision.change(*attempt, AttemptStatus::unknown);
    if (is_in_doubt(attempt->status) && attempt->unknown_since &&
        decision.now - *attempt->unknown_since > services.policies.review_after)
      decision.ask_for_review(Review::outcome_unknown);
    std::vector<Send> made;
    Wishes wishes;
    if (look == Look::lookup) {
      made.push_back(lookup_send(draft.record, *attempt, *adapter, around, decision.now));
    } else if (look == Look::send_again) {
      Step* step = draft.record.latest_step(attempt_id);
      const Call* call = call_named(step->name, draft.record, *adapter);
      if (call && *call)
        if (auto send = send_again(decision, *attempt, *step, *call, Source::resend_answer, around))
          made.push_back(std::move(*send));
    } else if (look == Look::close) {
      if (attempt->status != AttemptStatus::closing) {
        attempt->closing_to = AttemptStatus::canceled;
        decision.change(*attempt, AttemptStatus::closing);
      }
      Step* step = draft.record.latest_step(attempt_id);
      // Without keys the same bytes may go at any time; with one, only while it lives.
      const bool has_key = adapter->dedup_window.count() > 0;
      if (step && step->name == "cancel" && !step->is_answered &&
          (!has_key || is_key_alive(*step, *adapter, decision.now))) {
        if (auto send = send_again(decision, *attempt, *step, adapter->cancel, Source::close_answer,
                                   around))
          made.push_back(std::move(*send));
      } else if (auto send = start_close(decision, *attempt, around)) {
        made.push_back(std::move(*send));
      }
    }
    if (made.empty()) {
      ++attempt->lookups;
      if (is_settled(*attempt)) attempt->unknown_since.reset();  // nobody can be asked
    }
    *sends = fulfil(decision, std::move(wishes), around, std::move(made));
    return {};
  };
  return command;
}

}  // namespace

void look_after(Services& services, const std::string& payment_id, const std::string& attempt_id,
                std::function<void()> done) {
  services.in_flight.add(attempt_id);
  auto sends = std::make_shared<std::vector<Send>>();
  Command command = look_command(services, payment_id, attempt_id, sends);
  command.done = [&services, attempt_id, sends, done = std::move(done)](Result<void> outcome) {
    services.pool.post([&services, attempt_id, sends, done, outcome] {
      services.in_flight.remove(attempt_id);
      if (!outcome) {
        log_warning("look.not_recorded",
                    {{"attempt", attempt_id}, {"problem", outcome.error().message}});
        if (done) done();
        return;
      }
      FAILPOINT("lookup.before_send");
      run_calls(services, std::move(*sends), [done](const LastRecord&) {
        FAILPOINT("job.before_complete");
        if (done) done();
      });
    });
  };
  services.writer.submit(std::move(command));
}

}  // namespace switchyard
