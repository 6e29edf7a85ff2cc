// Calls to providers: how they become committed intents, and what they carry when they are sent.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/adapter.h"
#include "base/crypto.h"
#include "flow/decision.h"
#include "flow/record_update.h"
#include "flow/setup.h"
#include "http/client.h"

namespace switchyard {

// A call that may leave once the transaction that made it is committed.
struct Send {
  std::shared_ptr<const Setup> setup;  // keeps account and adapter alive while it runs
  const Account* account = nullptr;
  const Adapter* adapter = nullptr;
  std::string payment_id;
  std::string attempt_id;
  std::string step_id = {};  // "" for look-ups, which move nothing
  std::string name;
  Source source = Source::answer;
  Read read = nullptr;
  Charge charge;
  HttpRequest request;
  bool is_keyless = false;  // sent once and never again, not even by the client
  // The answer by which an access token was refused. Once is enough: a second one is about the
  // credentials.
  std::optional<HttpResponse> token_refusal = {};
  // libcurl sent a copy before the one that was refused for its token.
  bool may_have_been_heard = false;
  // After that the provider may have forgotten the key, and would take a copy for a new charge:
  // asked again when the first byte is about to leave. None where there is no key.
  std::optional<Time> leaves_before = {};
};

// The end of a key's time, less what the provider's clock may differ from ours. None: no key.
std::optional<Time> end_of_key(const Step& step);

// What building a call needs besides the record.
struct Surroundings {
  std::shared_ptr<const Setup> setup;
  const Sealer& sealer;
  const Policies& policies;
};

// The charge of an attempt as its adapter wants to see it; `operation` is the capture or refund
// that it is about, null for the charge itself.
Charge describe_charge(const PaymentRecord& record, const Attempt& charge, const Attempt* operation,
                       const Account& account, const Surroundings& around, Time now);

// Adds a step to the record (a new key, the exact request, sealed) and returns the call.
Send add_step(Decision& decision, Attempt& attempt, std::string_view name, const Call& call,
              bool moves_money, Source source, const Surroundings& around);

// The stored bytes of a step again, to the same host under the same key; only the authorization is
// made anew. Nullopt when the account is no longer configured, or is another provider's by now.
std::optional<Send> send_again(Decision& decision, Attempt& attempt, Step& step, const Call& call,
                               Source source, const Surroundings& around);

// The steps that charge this payment's rail at this adapter; empty when it does not take it.
std::span<const ChargeStep> steps_of(const Adapter& adapter, const PaymentMethod& method);

// How what became of it is found out, by the offer or the adapter.
FindsOutBy found_by(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter);

// Every call of this charge that could have left moves nothing by itself, or made what has been
// shown to nobody: it is closed by sending no other.
bool is_closed_by_silence(const PaymentRecord& record, const Attempt& attempt,
                          const Adapter& adapter);

// Nobody waits for this money any more: what can still take it is closed, never sent again. Refunds
// belong to payments that are over.
inline bool is_unwanted(const Payment& payment, const Attempt& attempt) {
  return attempt.operation != Operation::refund && (is_ending(payment) || is_final(payment.status));
}

// How this operation is asked about; empty where the adapter has no such call.
inline const Call& lookup_of(const Attempt& attempt, const Adapter& adapter) {
  return attempt.operation == Operation::refund ? adapter.lookup_refund : adapter.lookup;
}

// Whether it can be asked about by a name: ours where the provider knows it, else theirs.
bool can_look_up(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter);

// A look-up or search with `call`: it moves nothing, so it is no step and needs no commit.
Send ask(const Decision& decision, const Attempt& attempt, const Call& call,
         const Surroundings& around);

// The browser's way back through us: PUBLIC_URL/return/{attempt}.{proof}
std::string return_url_of(const std::string& attempt_id, const Surroundings& around);

// The attempt's own address for its provider: WEBHOOK_URL/{attempt}.{proof}
std::string webhook_url_of(const Account& account, const std::string& attempt_id,
                           const Sealer& sealer);
// The attempt of this account to whose own address a message came, by its path below the
// account's; "" when the proof is not ours.
std::string attempt_of_address(const Account& account, std::string_view path, const Sealer& sealer);

}  // namespace switchyard
