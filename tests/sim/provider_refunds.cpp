#include "provider.h"
#include "wire.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

HttpResponse answer(int status, std::string body) {
  return {.status = status, .headers = {}, .body = std::move(body)};
}

}  // namespace

HttpResponse Provider::refund(const HttpRequest& request) {
  LedgerCharge* charge = ledger.by_id(field(request.body, "charge"));
  const std::string reference(field(request.body, "ref"));
  if (LedgerRefund* known = ledger.refund_by_reference(reference); known && is("reference"))
    return answer(409, "code=exists");
  const std::int64_t amount = number_field(request.body, "amount");
  const bool is_possible = charge && charge->state == State::captured && amount > 0 &&
                           charge->refunding + amount <= charge->captured;
  if (charge && !is_possible) world_.judge.refund_refused(*charge, amount);
  if (!is_possible) return answer(422, "state=failed&code=no_request");
  LedgerRefund made{.id = account + "_r" + std::to_string(++count_),
                    .reference = reference,
                    .charge = charge->id,
                    .amount = amount,
                    .currency = charge->currency};
  made.made_at = world_.schedule.now();
  charge->refunding += amount;
  world_.story.tell(charge->payment, [&] {
    return account + " refunds " + std::to_string(amount) + " as " + made.id;
  });
  ledger.refunds.push_back(std::move(made));
  LedgerRefund& refund = ledger.refunds.back();
  const bool is_slow = is("reference") || world_.chance.is(0.2);
  if (!is_slow) settle_refund(refund);
  if (is_slow)
    world_.schedule.after(world_.chance.time(1s, 24h),
                          [this, id = refund.id] { settle_refund(*ledger.refund_by_id(id)); });
  return answer(200, text_of(refund));
}

void Provider::settle_refund(LedgerRefund& refund) {
  const bool has_failed = world_.chance.is(0.1);
  LedgerCharge& charge = *ledger.by_id(refund.charge);
  refund.state = has_failed ? "failed" : "succeeded";
  if (has_failed) charge.refunding -= refund.amount;
  world_.story.tell(charge.payment,
                    [&] { return account + ": " + refund.id + " " + refund.state; });
  tell(refund);
}

HttpResponse Provider::look_at_refund(std::string_view query) {
  LedgerRefund* refund = ledger.refund_by_id(field(query, "id"));
  if (!refund) refund = ledger.refund_by_reference(field(query, "ref"));
  const bool is_hidden = refund && world_.schedule.now() - refund->made_at < 60s &&
                         world_.chance.is(world_.faults().not_visible);
  if (!refund || is_hidden) return answer(404, "code=not_found");
  return answer(200, text_of(*refund));
}

std::string Provider::text_of(const LedgerRefund& refund) const {
  std::string text;
  add_field(text, "id", refund.id);
  if (!is("keyless")) add_field(text, "ref", refund.reference);
  add_field(text, "state", refund.state);
  add_field(text, "amount", refund.amount);
  add_field(text, "cur", refund.currency);
  if (refund.state == "failed") add_field(text, "code", "declined");
  return text;
}

void Provider::tell(const LedgerCharge& charge) {
  Message message{.account = account, .body = "about=charge&" + text_of(charge, charge.state)};
  message.is_certain = charge.has_lied;  // nobody looks at what is closed: the liar must tell
  world_.mail.post(std::move(message));
}

void Provider::tell(const LedgerRefund& refund) {
  world_.mail.post({.account = account, .body = "about=refund&" + text_of(refund)});
}

}  // namespace switchyard::sim
