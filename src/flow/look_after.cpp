#include "flow/look_after.h"

#include "base/failpoint.h"
#include "base/log.h"
#include "flow/fulfil.h"
#include "store/payments.h"

namespace switchyard {
namespace {

bool is_key_alive(const Step& step, Time now) {
  const auto end = end_of_key(step);
  return end && now < *end;
}

// What the provider has acknowledged it can be asked about, and need not hear twice.
bool is_acknowledged(const Attempt& attempt, const Step& step) {
  return !attempt.provider_reference.empty() && step.http_status >= 200 && step.http_status < 300;
}

// How a charge is searched for whose id never reached us; null where nobody can.
const Call* find_call(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter) {
  if (attempt.operation != Operation::charge || !attempt.provider_reference.empty() ||
      !record.payment.method)
    return nullptr;
  const Offer* offer = find_offer(adapter, *record.payment.method);
  return offer && offer->find ? &offer->find : nullptr;
}

bool can_close(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter) {
  if (is_closed_by_silence(record, attempt, adapter)) return true;
  return adapter.cancel && attempt.operation == Operation::charge &&
         (!attempt.provider_reference.empty() ||
          found_by(record, attempt, adapter) == FindsOutBy::our_reference);
}

// Whether every copy is gone or refused by now: nothing may be sent again, and the provider, which
// never gave it a name, has found nothing again and again. Then it can be made sure that no copy
// arrives any more.
bool is_lost(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter,
             Time now) {
  return attempt.provider_reference.empty() &&
         now >= attempt.created_at + adapter.visibility_delay &&
         found_by(record, attempt, adapter) == FindsOutBy::our_reference &&
         can_close(record, attempt, adapter) &&
         integer_at(attempt.memory, not_found_count).value_or(0) >= times_not_found;
}

// A step of a charge may be called "capture" too.
const Call* call_of(const Step& step, const Attempt& attempt, const PaymentRecord& record,
                    const Adapter& adapter) {
  if (step.name == "cancel") return &adapter.cancel;
  if (attempt.operation == Operation::capture) return &adapter.capture;
  if (attempt.operation == Operation::refund) return &adapter.refund;
  if (record.payment.method)
    for (const ChargeStep& each : steps_of(adapter, *record.payment.method))
      if (each.name == step.name) return &each.call;
  return nullptr;
}

}  // namespace

Look plan_look(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter,
               Time now) {
  PaymentRecord& steps_of_record = const_cast<PaymentRecord&>(record);
  const Step* step = steps_of_record.latest_step(attempt.id);
  const bool by_name = can_look_up(record, attempt, adapter);
  const bool ending = is_unwanted(record.payment, attempt);
  const bool again =
      step && !ending && is_key_alive(*step, now) && !(by_name && is_acknowledged(attempt, *step));
  // A search is for when the same bytes may not be sent again, which would tell more.
  const bool lookup = by_name || (!again && find_call(record, attempt, adapter));
  // Over, but somebody says that money came: late money is found here.
  if (is_settled(attempt)) return lookup ? Look::lookup : Look::nothing;
  if (attempt.status == AttemptStatus::closing) {
    // Turn by turn: the provider may have closed it without our hearing of it.
    if (can_close(record, attempt, adapter) && (attempt.lookups % 2 == 0 || !lookup))
      return Look::close;
    return lookup ? Look::lookup : Look::nothing;
  }
  if (!is_in_doubt(attempt.status)) {
    if (ending && can_close(record, attempt, adapter) && attempt.lookups % 2 == 1)
      return Look::close;
    return lookup ? Look::lookup : Look::nothing;
  }
  if (ending && can_close(record, attempt, adapter) && attempt.lookups > 0) return Look::close;
  if (!again && is_lost(record, attempt, adapter, now)) return Look::close;
  // A lookup that found nothing decides nothing: the same bytes under the same key do. Where even
  // they do not, another lookup follows them at once.
  if (lookup && (!again || attempt.lookups % 2 == 0)) return Look::lookup;
  return again ? Look::send_again : lookup ? Look::lookup : Look::nothing;
}

namespace {

// Turn by turn: the same bytes again while they are safe, else a new call.
std::optional<Send> close_send(Decision& decision, Attempt& attempt, const Adapter& adapter,
                               Wishes& wishes, const Surroundings& around) {
  if (attempt.status != AttemptStatus::closing) {
    if (!is_unwanted(decision.payment(), attempt))  // nobody asked for it: it is lost
      attempt.decline_code = info_of(Decline::provider_unavailable).name;
    attempt.closing_to = AttemptStatus::canceled;
    decision.change(attempt, AttemptStatus::closing);
  }
  Step* step = decision.record.latest_step(attempt.id);
  // Without keys the same bytes may go at any time; with one, only while it lives.
  if (step && step->name == "cancel" && !step->is_answered &&
      (!end_of_key(*step) || is_key_alive(*step, decision.now)))
    return send_again(decision, attempt, *step, adapter.cancel, Source::close_answer, around);
  return start_close(decision, attempt, wishes, around);
}

std::optional<Send> send_of(Look look, Decision& decision, Attempt& attempt, const Adapter& adapter,
                            Wishes& wishes, const Surroundings& around) {
  if (look == Look::lookup)
    return ask(decision, attempt,
               can_look_up(decision.record, attempt, adapter)
                   ? lookup_of(attempt, adapter)
                   : *find_call(decision.record, attempt, adapter),
               around);
  if (look == Look::close) return close_send(decision, attempt, adapter, wishes, around);
  if (look == Look::nothing) return std::nullopt;
  Step* step = decision.record.latest_step(attempt.id);
  const Call* call = call_of(*step, attempt, decision.record, adapter);
  if (!call || !*call) return std::nullopt;
  return send_again(decision, attempt, *step, *call, Source::resend_answer, around);
}

}  // namespace

std::vector<Send> decide_look(Decision& decision, Attempt& attempt, Occasion occasion,
                              const Surroundings& around) {
  decision.touch(attempt);
  if (occasion == Occasion::payer_is_back) expect_news(attempt);
  const Account* account = around.setup->find_account(attempt.account);
  const Adapter* adapter = account ? find_adapter(account->adapter) : nullptr;
  const Look look =
      adapter ? plan_look(decision.record, attempt, *adapter, decision.now) : Look::nothing;
  if (attempt.status ==
      AttemptStatus::sending)  // its sender is gone: whether it left, nobody knows
    decision.change(attempt, AttemptStatus::unknown);
  Wishes wishes;
  std::vector<Send> made;
  if (adapter && look == Look::nothing &&
      abandon_if_harmless(decision, attempt, around.policies, wishes))
    return fulfil(decision, std::move(wishes), around);
  if (is_in_doubt(attempt.status) && attempt.unknown_since &&
      decision.now - *attempt.unknown_since > around.policies.review_after)
    decision.ask_for_review(Review::outcome_unknown);
  if (adapter)
    if (auto send = send_of(look, decision, attempt, *adapter, wishes, around))
      made.push_back(std::move(*send));
  if (made.empty()) {
    ++attempt.lookups;
    if (is_settled(attempt)) attempt.unknown_since.reset();  // nobody can be asked
  }
  return fulfil(decision, std::move(wishes), around, std::move(made));
}

namespace {

Command look_command(Services& services, const std::string& payment_id,
                     const std::string& attempt_id, Occasion occasion,
                     std::shared_ptr<std::vector<Send>> sends) {
  Command command{.payment_id = payment_id};
  command.decide = [&services, attempt_id, occasion, sends](Draft& draft) -> Result<void> {
    sends->clear();
    Attempt* attempt = draft.record.find_attempt(attempt_id);
    if (!attempt) return fail(ErrorCode::not_found, "There is no such attempt.");
    static const Json cause = {{"kind", "lookup"}};
    Decision decision(draft.record, draft.changes, services.clock.now(), cause);
    *sends = decide_look(decision, *attempt, occasion,
                         {services.setup.get(), services.sealer, services.policies});
    return {};
  };
  return command;
}

}  // namespace

void look_after(Services& services, const std::string& payment_id, const std::string& attempt_id,
                Occasion occasion, std::function<void()> done) {
  services.in_flight.add(attempt_id);
  // Told when nobody holds it any more, however the look ended.
  const std::shared_ptr<void> look(nullptr, [done = std::move(done)](void*) {
    if (done) done();
  });
  auto sends = std::make_shared<std::vector<Send>>();
  Command command = look_command(services, payment_id, attempt_id, occasion, sends);
  command.done = [&services, attempt_id, sends, look](Result<void> outcome) {
    services.pool.post([&services, attempt_id, sends, look, outcome] {
      services.in_flight.remove(attempt_id);
      if (!outcome) {
        log_warning("look.not_recorded",
                    {{"attempt", attempt_id}, {"problem", outcome.error().message}});
        return;
      }
      FAILPOINT("lookup.before_send");
      run_calls(services, std::move(*sends), [look] { FAILPOINT("job.before_complete"); });
    });
  };
  services.writer.submit(std::move(command));
}

}  // namespace switchyard
