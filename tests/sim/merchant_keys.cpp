// Asking with an idempotency key, and again with the same one until there is an answer. The key's
// rules are api/once's, which needs a socket: claim with the change, replay, take over, or wait.
#include "merchant.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

constexpr int most_tries = 200;

bool is_worth_another_try(const Error& error) {
  const int status = info_of(error.code).http_status;
  return status >= 500 || status == 429 || error.code == ErrorCode::idempotency_key_in_use;
}

std::optional<KeyAnswer> answer_of(const PaymentRecord& record) {
  if (record.payment.status == PaymentStatus::processing) return std::nullopt;
  return KeyAnswer{.status = 200, .object_id = record.payment.id};
}

}  // namespace

void Merchant::ask(Request request, Duration delay) {
  world_.schedule.after(
      delay, [this, request = std::move(request)]() mutable { ask_now(std::move(request)); });
}

void Merchant::ask_again(Request request) {
  if (++request.tries < most_tries) ask(std::move(request), world_.chance.time(500ms, 1h));
}

void Merchant::ask_now(Request request) {
  const auto router = world_.serving();
  if (!router) return ask_again(std::move(request));
  router->run([this, router, request = std::move(request)]() mutable {
    const Result<PaymentRecord> reply = run_once(*router, request);
    const bool is_heard = router->is_alive() && (reply || !is_worth_another_try(reply.error()));
    if (!is_heard) return ask_again(std::move(request));
    if (request.heard) request.heard(reply);
  });
}

Caller Merchant::caller_of(const Request& request) {
  Caller caller{.merchant_id = "mer_1"};
  caller.claim = KeyClaim{.merchant_id = "mer_1", .key_hash = request.key};
  caller.claim->object_id = request.object_id;
  caller.claim->request_id = "req_" + std::to_string(++requests_);
  caller.claim->fate = std::make_shared<KeyFate>();
  caller.answer_by =
      std::chrono::steady_clock::time_point((world_.schedule.now() + 20s).time_since_epoch());
  caller.answer = answer_of;
  return caller;
}

// While its owner works, a key is kept.
void Merchant::keep_key(Router& router, const KeyClaim& claim, std::shared_ptr<bool> is_open) {
  router.after(5s, [this, &router, claim, is_open] {
    const auto found = world_.store.keys().find(claim.key_hash);
    if (!*is_open || found == world_.store.keys().end() ||
        found->second.request_id != claim.request_id)
      return;
    found->second.lease_until = world_.schedule.now() + key_lease;
    keep_key(router, claim, is_open);
  });
}

Result<PaymentRecord> Merchant::run_once(Router& router, const Request& request) {
  const auto found = world_.store.keys().find(request.key);
  Caller caller = caller_of(request);
  if (found != world_.store.keys().end()) {
    const KeyRow& row = found->second;
    if (row.is_finished) return read_again(router.services, row.answer->object_id);
    if (row.lease_until > world_.schedule.now())
      return fail(ErrorCode::idempotency_key_in_use, "Still running.");
    return take_over(router, request, std::move(caller), row.lease_token, row.object_id);
  }
  const auto is_open = std::make_shared<bool>(true);
  keep_key(router, *caller.claim, is_open);
  Result<PaymentRecord> reply = request.verb(caller, router);
  *is_open = false;
  if (!router.is_alive() || caller.claim->fate->answer()) return reply;
  // Nothing to store: whoever asks again takes over.
  if (const auto ours = world_.store.keys().find(request.key);
      ours != world_.store.keys().end() && ours->second.request_id == caller.claim->request_id)
    ours->second.lease_until = world_.schedule.now();
  return reply;
}

Result<PaymentRecord> Merchant::take_over(Router& router, const Request& request, Caller caller,
                                          std::int64_t token, const std::string& object_id) {
  caller.claim->takes_over = token;
  TRY(router.services.writer.write(
      {.decide = [](Draft&) -> Result<void> { return {}; }, .claim = caller.claim}));
  // What was begun is looked at; what never was is run, without the claim that is ours already.
  if (!object_id.empty()) return read_again(router.services, object_id);
  caller.claim.reset();
  return request.verb(caller, router);
}

}  // namespace switchyard::sim
