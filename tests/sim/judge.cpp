#include "judge.h"

#include "wire.h"
#include "world.h"

namespace switchyard::sim {
namespace {

// A commit may make several changes of a status, each of which the table must know.
template <class Status, class Transitions>
bool can_reach(Status from, Status to, Transitions transitions, int most) {
  if (from == to) return true;
  if (most == 0) return false;
  for (const auto& row : transitions)
    if (row.from == from && row.to != from && can_reach(row.to, to, transitions, most - 1))
      return true;
  return false;
}

std::string_view event_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::requires_payment_method:
      return "";
    case PaymentStatus::processing:
      return "payment.processing";
    case PaymentStatus::requires_action:
      return "payment.requires_action";
    case PaymentStatus::requires_capture:
      return "payment.requires_capture";
    case PaymentStatus::succeeded:
      return "payment.succeeded";
    case PaymentStatus::failed:
      return "payment.failed";
    case PaymentStatus::canceled:
      return "payment.canceled";
    case PaymentStatus::expired:
      return "payment.expired";
  }
  return "?";
}

std::string said(AttemptStatus status) { return std::string(word_of(status)); }

}  // namespace

void Judge::find(const std::string& payment_id, std::string invariant, std::string what) {
  world_.story.tell(payment_id, [&] { return "VIOLATION " + invariant + ": " + what; });
  violations_.push_back({payment_id, std::move(invariant), std::move(what)});
}

void Judge::committed(const PaymentRecord& before, const Draft& draft, const Row& row) {
  world_.story.tell(draft.record.payment.id, [&] {
    std::string line = "commit: " + std::string(word_of(draft.record.payment.status));
    for (const Attempt& a : draft.record.attempts)
      line +=
          " [" + std::string(word_of(a.operation)) + " " + a.account + " " + said(a.status) + "]";
    for (const NewEvent& event : draft.changes.events) line += " +" + event.type;
    for (const Anomaly& anomaly : draft.changes.anomalies) line += " !" + anomaly.what;
    return line;
  });
  check_attempts(before, draft.record);
  check_sums(draft.record, row);
  check_payment(before, draft);
  check_events(before, draft);
}

void Judge::check_attempts(const PaymentRecord& before, const PaymentRecord& after) {
  int live_charges = 0;
  int live_captures = 0;
  for (const Attempt& attempt : after.attempts) {
    const Attempt* old = before.find_attempt(attempt.id);
    if (attempt.operation == Operation::charge) {
      live_charges += is_live(attempt.status) && !attempt.late;
      check_charge(old, attempt, after);
    }
    live_captures += attempt.operation == Operation::capture && is_live(attempt.status) &&
                     attempt.status != AttemptStatus::closing;
    if (!old || old->status == attempt.status) continue;
    const bool is_taken_back = attempt.operation == Operation::refund &&
                               old->status == AttemptStatus::captured &&
                               attempt.status == AttemptStatus::refused;
    if (!is_taken_back && !can_reach(old->status, attempt.status, attempt_transitions(), 3))
      find(after.payment.id, "table", said(old->status) + " became " + said(attempt.status));
  }
  if (live_charges > 1) find(after.payment.id, "I3", "two live charges");
  if (live_captures > 1) find(after.payment.id, "I3", "two live captures");
}

void Judge::check_charge(const Attempt* before, const Attempt& after, const PaymentRecord& record) {
  if (before && before->status == after.status) return;
  Provider& provider = world_.provider(after.account);
  if (!is_live(after.status)) return check_closing(after);
  const LedgerCharge* charge = provider.ledger.by_reference(after.id);
  const bool is_taken = after.status == AttemptStatus::captured;
  if (!is_taken && after.status != AttemptStatus::authorized) return;
  if (!charge) return find(record.payment.id, "I1", "money that " + after.account + " never took");
  if (charge->lie != Lie::none) return;
  if (is_taken && charge->captured != after.amount_received)
    find(record.payment.id, "I1",
         after.account + " took " + std::to_string(charge->captured) + ", recorded are " +
             std::to_string(after.amount_received));
}

// Over means: the provider cannot take this money any more, and no copy of the request can.
void Judge::check_closing(const Attempt& attempt) {
  Provider& provider = world_.provider(attempt.account);
  const bool is_known = provider.ledger.by_reference(attempt.id) != nullptr;
  if (provider.can_still_charge(attempt.id))
    find(attempt.payment_id, "I24",
         said(attempt.status) + " while " + attempt.account + " can still take it, or has");
  else if (!is_known && charges_under_way_[attempt.id] > 0)
    find(attempt.payment_id, "I24", said(attempt.status) + " while a copy is under way");
}

void Judge::check_sums(const PaymentRecord& after, const Row& row) {
  const Payment& payment = after.payment;
  std::int64_t received = 0;
  for (const Attempt& attempt : after.attempts) {
    if (attempt.operation != Operation::charge) continue;
    received += attempt.amount_received;
    if (attempt.amount_refunding < 0 || attempt.amount_refunding > attempt.amount_received)
      find(payment.id, "I6", "refunds of a charge exceed what it received");
  }
  const bool is_right = payment.amount_received == received && row.captured == received &&
                        payment.amount_refunded == -row.refunded;
  if (!is_right) find(payment.id, "I7", "the journal and the payment do not agree");
  if (row.journal_sum != 0) find(payment.id, "I7", "the journal does not sum to zero");
  if (payment.amount_refunded < 0 || payment.amount_refunded > payment.amount_received)
    find(payment.id, "I6", "more refunded than received");
  if (payment.sequence != row.events) find(payment.id, "I20", "a gap in the sequence");
}

void Judge::check_payment(const PaymentRecord& before, const Draft& draft) {
  const Payment& payment = draft.record.payment;
  if (is_final(payment.status) != payment.finished_at.has_value())
    find(payment.id, "table", "finished_at does not fit the status");
  if (before.payment.id.empty()) return;
  if (!can_reach(before.payment.status, payment.status, payment_transitions(), 3))
    find(payment.id, "table",
         std::string(word_of(before.payment.status)) + " became " +
             std::string(word_of(payment.status)));
  for (const Attempt& old : before.attempts)
    if (!draft.record.find_attempt(old.id)) find(payment.id, "I6", "an attempt has vanished");
}

// I19: the last event that names a status names the one that the payment has.
void Judge::check_events(const PaymentRecord& before, const Draft& draft) {
  const Payment& payment = draft.record.payment;
  std::string_view last;
  for (const NewEvent& event : draft.changes.events)
    for (int s = 0; s < 8; ++s)
      if (event.type == event_of(static_cast<PaymentStatus>(s))) last = event.type;
  const bool is_new = before.payment.id.empty();
  const bool is_changed = !is_new && before.payment.status != payment.status;
  if (is_changed && last != event_of(payment.status))
    find(payment.id, "I19", "no event says that it is " + std::string(word_of(payment.status)));
  if (!last.empty() && last != event_of(payment.status))
    find(payment.id, "I19", "the last word is " + std::string(last));
  for (const Refund& refund : draft.record.refunds) {
    const Refund* old = nullptr;
    for (const Refund& each : before.refunds)
      if (each.id == refund.id) old = &each;
    const std::string wanted =
        !old ? "refund.created" : "refund." + std::string(word_of(refund.status));
    if (old && old->status == refund.status) continue;
    if (std::ranges::none_of(draft.changes.events,
                             [&](const NewEvent& event) { return event.type == wanted; }))
      find(payment.id, "I19", "nothing said " + wanted);
  }
}

void Judge::sent(const HttpRequest& request, const std::string& account) {
  if (request.method != "POST") return;
  const std::string key = header_of(request.headers, "idempotency-key");
  Sent& known = keys_[key];
  const Row* row = nullptr;
  const Step* step = nullptr;
  if (known.attempt_id.empty()) {
    for (auto& [id, each] : world_.store.rows())
      for (const Step& one : each.record.steps)
        if (one.provider_key == key) known = {one.attempt_id, request.url, request.body, 0};
    if (known.attempt_id.empty()) return find("", "I9", "a call that nobody has committed");
  }
  const Attempt* attempt = world_.store.find_attempt(known.attempt_id, &row);
  if (!attempt) return find("", "I9", "a call of an attempt that is not there");
  for (const Step& one : row->record.steps)
    if (one.provider_key == key) step = &one;
  const std::string& payment_id = attempt->payment_id;
  if (attempt->account != account) find(payment_id, "I5", "sent to another account");
  if (known.url != request.url || known.body != request.body)
    find(payment_id, "I5", "one key, two requests: " + request.url);
  const bool has_key = step && step->dedup_until > step->created_at;
  if (++known.copies > 1 && has_key && world_.schedule.now() >= step->dedup_until)
    find(payment_id, "I5", "a key used after its time");
  if (known.copies > 1 && !has_key && step && step->moves_money)
    find(payment_id, "I5", "sent again without a key");
  if (const auto reference = field(request.body, "ref");
      request.url.ends_with("/charge") && !reference.empty())
    ++charges_under_way_[std::string(reference)];
}

void Judge::arrived(const HttpRequest& request) {
  if (request.method == "POST" && request.url.ends_with("/charge"))
    --charges_under_way_[std::string(field(request.body, "ref"))];
}

void Judge::charge_executed(const LedgerCharge& charge) {
  const Row* row = world_.store.find(charge.payment);
  if (!row) return find(charge.payment, "I9", "a charge of no payment");
  const Money& asked = row->record.payment.money;
  if (charge.amount != asked.amount || charge.currency != asked.currency.code())
    find(charge.payment, "I8", "not the amount that was asked for");
  for (const std::string& account : world_.accounts())
    for (const LedgerCharge& other : world_.provider(account).ledger.charges) {
      if (other.payment != charge.payment || other.lie != Lie::none) continue;
      if (other.reference == charge.reference)
        find(charge.payment, "I2", account + " charged one attempt twice");
      else if (is_open(other.state) || other.is_payable_after_refusal)
        find(charge.payment, "I4",
             charge.account + " charges while " + account + " has " +
                 std::string(word_of(other.state)));
    }
}

void Judge::refund_refused(const LedgerCharge& charge, std::int64_t amount) {
  if (charge.lie == Lie::none && charge.refunding + amount > charge.captured)
    find(charge.payment, "I6", "asked to refund more than was left");
}

}  // namespace switchyard::sim
