#include "flow/run_calls.h"

#include <atomic>

#include "base/contain.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "base/seeded_bug.h"
#include "flow/checked_update.h"
#include "flow/finish_key.h"
#include "flow/fulfil.h"

namespace switchyard {
namespace {

CallOutcome health_of(const SendOutcome& outcome) {
  if (outcome.transport != Transport::answered) return CallOutcome::failed;
  const int status = outcome.response.status;
  if (status == 401 || status == 403) return CallOutcome::unauthorized;
  return status >= 500 || status == 429 ? CallOutcome::failed : CallOutcome::answered;
}

std::string_view outcome_word(const SendOutcome& outcome) {
  switch (outcome.transport) {
    case Transport::answered:
      return "answered";
    case Transport::not_sent:
      return "not_sent";
    case Transport::no_answer:
      return "no_answer";
  }
  return "?";
}

Json cause_of(const Send& send) {
  static constexpr std::string_view words[] = {"provider_answer",  "provider_answer",
                                               "provider_answer",  "lookup",
                                               "provider_webhook", "person"};
  Json cause;  // a list in braces would make an array of each pair first
  cause["kind"] = words[static_cast<int>(send.source)];
  cause["account"] = send.account->id;
  cause["call"] = send.name;
  return cause;
}

// One chain of calls among those that a caller waits for.
struct Waiting {
  std::atomic<std::size_t> open{0};
  std::function<void(LastRecord)> settled;
  bool wants_record = false;
  // Of a chain that never forked, each link writes it after the one before: nobody else does.
  LastRecord last = {};
  std::atomic<bool> is_one_line{true};
  std::shared_ptr<KeyFinisher> finisher = {};

  // The call whose outcome is being recorded is the only one left.
  bool is_last() const { return is_one_line && open == 1; }
  void end_one() {
    if (open.fetch_sub(1) == 1 && settled) settled(is_one_line ? std::move(last) : nullptr);
  }
};

void send_one(Services& services, Send send, std::shared_ptr<Waiting> waiting);

void continue_with(Services& services, std::vector<Send> sends,
                   const std::shared_ptr<Waiting>& waiting) {
  waiting->open += sends.size();
  if (sends.size() > 1) waiting->is_one_line = false;
  for (Send& send : sends) send_one(services, std::move(send), waiting);
}

void count_call(Services& services, const Send& send, const SendOutcome& outcome) {
  services.metrics
      .counter("provider_calls_total", "account=\"" + send.account->id + "\",call=\"" + send.name +
                                           "\",outcome=\"" + std::string(outcome_word(outcome)) +
                                           "\"")
      .add();
  services.metrics.histogram("provider_call_seconds", "account=\"" + send.account->id + "\"")
      .observe(std::chrono::duration<double>(outcome.took).count());
  services.health.record(send.account->id, health_of(outcome), outcome.took, services.clock.now());
  if (outcome.transport != Transport::answered)
    log_warning("provider.no_answer", {{"payment", send.payment_id},
                                       {"attempt", send.attempt_id},
                                       {"account", send.account->id},
                                       {"call", send.name},
                                       {"outcome", outcome_word(outcome)},
                                       {"problem", outcome.problem}});
}

void record_outcome(Services& services, std::shared_ptr<Send> send, const SendOutcome& outcome,
                    const std::shared_ptr<Waiting>& waiting) {
  FAILPOINT("call.after_response");
  if (send->source == Source::lookup) FAILPOINT("lookup.after_response");
  count_call(services, *send, outcome);
  auto sends = std::make_shared<std::vector<Send>>();
  Command command =
      update_command(services, send, update_of(*send, outcome), outcome.response.status, sends);
  const auto left = waiting->wants_record ? std::make_shared<PaymentRecord>() : nullptr;
  if (left)
    command.decide = [decide = std::move(command.decide), left, sends,
                      waiting](Draft& draft) -> Result<void> {
      TRY(decide(draft));
      *left = draft.record;
      if (waiting->finisher && sends->empty() && waiting->is_last())
        waiting->finisher->finish(draft);
      return {};
    };
  command.done = [&services, send, sends, left, waiting](Result<void> done) {
    services.pool.post([&services, send, sends, left, waiting, done] {
      services.in_flight.remove(send->attempt_id);
      if (!done) waiting->is_one_line = false;
      if (done) {
        if (waiting->is_one_line) waiting->last = left;
        continue_with(services, std::move(*sends), waiting);
      } else
        log_error("update.not_recorded", {{"payment", send->payment_id},
                                          {"attempt", send->attempt_id},
                                          {"problem", done.error().message}});
      waiting->end_one();
    });
  };
  services.writer.submit(std::move(command));
}

// Something was thrown on the way. It is left to its lease, as after a crash.
void let_go(Services& services, const Send& send, const std::shared_ptr<Waiting>& waiting) {
  services.in_flight.remove(send.attempt_id);
  waiting->is_one_line = false;
  waiting->end_one();
}

// Without the adapter's word a 401 says so only where the key keeps a second copy from doing more.
bool refuses_token(const Send& send, const SendOutcome& outcome) {
  if (outcome.transport != Transport::answered) return false;
  if (send.adapter->refuses_token) return send.adapter->refuses_token(outcome.response);
  const bool is_safe = send.step_id.empty() || !send.is_keyless;
  return is_safe && outcome.response.status == 401;
}

// A copy that was refused for its token goes again under its key when there is one; where there is
// no key, that refusal is what there is.
SendOutcome without_token(const Send& send) {
  const std::string problem = "no access token could be had";
  if (!send.token_refusal) return {.transport = Transport::not_sent, .problem = problem};
  if (!send.is_keyless) return {.transport = Transport::no_answer, .problem = problem};
  return {.transport = Transport::answered, .response = *send.token_refusal};
}

void send_with(Services& services, std::shared_ptr<Send> send, const std::optional<Secret>& token,
               const std::shared_ptr<Waiting>& waiting);

// With its access token, where it needs one. Without, nothing of it leaves.
void send_shared(Services& services, std::shared_ptr<Send> send,
                 const std::shared_ptr<Waiting>& waiting) {
  if (send->request.token.empty()) return send_with(services, send, std::nullopt, waiting);
  const auto take = [&services, send, waiting](std::optional<Secret> token) {
    services.pool.post([&services, send, waiting, token = std::move(token)] {
      if (token) return send_with(services, send, token, waiting);
      const SendOutcome outcome = without_token(*send);
      if (!contain("flow.answer", [&] { record_outcome(services, send, outcome, waiting); }))
        let_go(services, *send, waiting);
    });
  };
  const bool is_on_its_way = contain("flow.token", [&] {
    services.tokens->get(services.http, services.clock, *send->account, *send->adapter,
                         send->request.token, take);
  });
  if (!is_on_its_way) let_go(services, *send, waiting);
}

// Somebody may have asked to cancel meanwhile, or have heard what became of it: then nothing more
// of it leaves.
void send_if_wanted(Services& services, std::shared_ptr<Send> send,
                    const std::shared_ptr<Waiting>& waiting) {
  if (send->source != Source::answer && send->source != Source::resend_answer)
    return send_shared(services, send, waiting);
  const auto is_wanted = std::make_shared<bool>(false);
  Command command{.payment_id = send->payment_id};
  command.decide = [send, is_wanted](Draft& draft) -> Result<void> {
    const Attempt* attempt = draft.record.find_attempt(send->attempt_id);
    const bool is_ours_to_send = attempt && (attempt->status == AttemptStatus::sending ||
                                             attempt->status == AttemptStatus::unknown);
    *is_wanted = is_ours_to_send && !is_unwanted(draft.record.payment, *attempt);
    return {};
  };
  command.done = [&services, send, is_wanted, waiting](Result<void> done) {
    services.pool.post([&services, send, waiting, may_go = done && *is_wanted] {
      if (may_go) return send_shared(services, send, waiting);
      const SendOutcome refused{.transport = Transport::answered, .response = *send->token_refusal};
      if (!contain("flow.answer", [&] { record_outcome(services, send, refused, waiting); }))
        let_go(services, *send, waiting);
    });
  };
  services.writer.submit(std::move(command));
}

// What was refused for its token was not executed: the same bytes go once more with another one.
bool renew_token(Services& services, const std::shared_ptr<Send>& send, const SendOutcome& outcome,
                 const std::optional<Secret>& token, const std::shared_ptr<Waiting>& waiting) {
  if (!token || send->token_refusal || !refuses_token(*send, outcome)) return false;
  services.tokens->forget(*send->account, send->request.token, *token);
  send->token_refusal = outcome.response;
  send->may_have_been_heard |= outcome.is_of_second_copy;
  send_if_wanted(services, send, waiting);
  return true;
}

HttpRequest request_to_send(const Send& send, const std::optional<Secret>& token, Time now) {
  HttpRequest request = send.request;
  if (token) request.headers.emplace_back("Authorization", "Bearer " + token->reveal());
  if (send.adapter->sign) send.adapter->sign(*send.account, now, request);
  return request;
}

void send_with(Services& services, std::shared_ptr<Send> send, const std::optional<Secret>& token,
               const std::shared_ptr<Waiting>& waiting) {
  SendOptions options{.timeout = send->adapter->timeout,
                      .fresh_connection = send->is_keyless && !SEEDED_BUG("X22")};
  if (send->leaves_before)
    options.may_still_leave = [&clock = services.clock, until = *send->leaves_before] {
      return clock.now() < until;
    };
  const auto when_answered = [&services, send, token, waiting](SendOutcome outcome) {
    auto kept = std::make_shared<SendOutcome>(std::move(outcome));
    services.pool.post([&services, send, kept, token, waiting] {
      const bool is_taken = contain("flow.answer", [&] {
        if (!renew_token(services, send, *kept, token, waiting))
          record_outcome(services, send, *kept, waiting);
      });
      if (!is_taken) let_go(services, *send, waiting);
    });
  };
  const bool is_on_its_way = contain("flow.send", [&] {
    FAILPOINT("call.before_dns");
    services.http.send(request_to_send(*send, token, services.clock.now()), options, when_answered);
  });
  if (!is_on_its_way) let_go(services, *send, waiting);
}

void send_one(Services& services, Send send, std::shared_ptr<Waiting> waiting) {
  services.in_flight.add(send.attempt_id);
  send_shared(services, std::make_shared<Send>(std::move(send)), waiting);
}

}  // namespace

namespace {

// Of a re-send, a look-up or a tombstone: such an answer is about that copy, not about the charge.
// 402 and the like are the stored answer to the first one; 404 is the adapter's to read in what
// asks about something, and of a copy it is no better than any other refusal.
bool refuses_the_call_itself(int status, Source source) {
  if (status == 404) return source == Source::resend_answer;
  return status == 400 || status == 401 || status == 403 || status == 405 || status == 407 ||
         status == 408 || status == 422 || status == 429;
}

}  // namespace

Update update_of(const Send& send, const SendOutcome& outcome) {
  if (outcome.transport == Transport::not_sent) return {.verdict = Verdict::not_sent};
  if (SEEDED_BUG("X1") && outcome.transport == Transport::no_answer)
    return {.verdict = Verdict::not_sent};
  if (outcome.transport == Transport::no_answer) return {.verdict = Verdict::unknown};
  const int status = outcome.response.status;
  if (SEEDED_BUG("X3") && status >= 500) return {.verdict = Verdict::refused};
  // The HTTP status of a provider says little, but a server error or a redirect is never a word
  // about the charge, whatever its body claims.
  if (status >= 500 || (status >= 300 && status < 400) || status < 200)
    return {.verdict = Verdict::unknown};
  const bool is_copy = outcome.is_of_second_copy || send.may_have_been_heard;
  const Source heard_from =
      is_copy && send.source == Source::answer ? Source::resend_answer : send.source;
  const bool is_refused_call =
      heard_from != Source::answer && refuses_the_call_itself(status, heard_from);
  if (is_refused_call && send.source != Source::close_answer) return {.verdict = Verdict::unknown};
  // What an adapter cannot read, whatever it does about it, is a word that nobody knows.
  Update update;
  const auto read = without_throwing([&]() -> Result<void> {
    update = send.read(*send.account, send.charge, outcome.response);
    return {};
  });
  if (!read) return {};
  // A cancel may be refused because it has been done already; nothing else is heard of a refusal.
  if (is_refused_call && update.verdict != Verdict::canceled) return {.verdict = Verdict::unknown};
  // Whatever else a copy is refused for may be what the first one has done; 402 is its stored
  // answer.
  const bool is_no = update.verdict == Verdict::refused || update.verdict == Verdict::expired ||
                     update.verdict == Verdict::canceled;
  if (heard_from == Source::resend_answer && is_no && status >= 400 && status != 402)
    return {.verdict = Verdict::unknown};
  return checked_against(*send.account, std::move(update));
}

namespace {

// A copy or a cancel that decided nothing (some providers only say that they have seen the one, or
// refuse the other whatever it was too late for) leaves the answer to a look-up at once, so that no
// time is lost between the two; where nobody can be asked by a name, it was the look itself.
std::vector<Send> follow_up(const Decision& decision, Attempt& attempt, const Send& answered,
                            const Surroundings& around) {
  if (!can_look_up(decision.record, attempt, *answered.adapter)) {
    ++attempt.lookups;
    return {};
  }
  return {ask(decision, attempt, lookup_of(attempt, *answered.adapter), around)};
}

}  // namespace

Command update_command(Services& services, std::shared_ptr<const Send> about, Update update,
                       int http_status, std::shared_ptr<std::vector<Send>> sends) {
  Command command{.payment_id = about->payment_id};
  command.decide = [&services, about = std::move(about), update = std::move(update), http_status,
                    sends](Draft& draft) -> Result<void> {
    const Send& send = *about;
    Decision decision(draft.record, draft.changes, services.clock.now(), cause_of(send));
    Attempt* attempt = draft.record.find_attempt(send.attempt_id);
    if (!attempt) return fail(ErrorCode::not_found, "There is no such attempt.");
    Step* step = draft.record.find_step(send.step_id);
    if (step) {
      step->is_answered |= http_status != 0;
      if (http_status != 0) step->http_status = http_status;
    }
    // While this worker slept, another one may have sent the step again: a refusal of this copy
    // says nothing about that one.
    const Source heard_from = send.source == Source::answer ? Source::resend_answer : send.source;
    const bool is_closed =
        send.source == Source::close_answer && update.verdict == Verdict::canceled;
    const bool is_of_one_copy = !SEEDED_BUG("X8") && step && step->sends > 1 && !is_closed &&
                                refuses_the_call_itself(http_status, heard_from);
    const Surroundings around{services.setup.get(), services.sealer, services.policies};
    Wishes wishes;
    decision.touch(*attempt);
    record_update(decision, *attempt, is_of_one_copy ? Update{} : update, send.source,
                  services.policies, static_cast<bool>(lookup_of(*attempt, *send.adapter)), wishes);
    const bool is_left_open =
        (send.source == Source::resend_answer || send.source == Source::close_answer) &&
        (attempt->status == AttemptStatus::unknown || attempt->status == AttemptStatus::closing) &&
        wishes.empty();
    *sends =
        fulfil(decision, std::move(wishes), around,
               is_left_open ? follow_up(decision, *attempt, send, around) : std::vector<Send>{});
    return {};
  };
  return command;
}

namespace {

void run(Services& services, std::vector<Send> sends, const std::shared_ptr<Waiting>& waiting) {
  waiting->open = 1;
  continue_with(services, std::move(sends), waiting);
  waiting->end_one();
}

}  // namespace

void run_calls(Services& services, std::vector<Send> sends, std::function<void(LastRecord)> settled,
               std::shared_ptr<KeyFinisher> finisher) {
  auto waiting = std::make_shared<Waiting>();
  waiting->wants_record = true;
  waiting->finisher = std::move(finisher);
  waiting->settled = std::move(settled);
  run(services, std::move(sends), waiting);
}

void run_calls(Services& services, std::vector<Send> sends, std::function<void()> settled) {
  auto waiting = std::make_shared<Waiting>();
  if (settled) waiting->settled = [settled = std::move(settled)](const LastRecord&) { settled(); };
  run(services, std::move(sends), waiting);
}

}  // namespace switchyard
