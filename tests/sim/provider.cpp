#include "provider.h"

#include "wire.h"
#include "world.h"

namespace switchyard::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto hold_lasts = 7 * 24h;

HttpResponse answer(int status, std::string body) {
  return {.status = status, .headers = {}, .body = std::move(body)};
}

}  // namespace

Provider::Provider(World& world, std::string account)
    : account(std::move(account)), world_(world) {}

// Keys belong to the host they were used at, as with providers of several regions.
HttpResponse Provider::receive(const HttpRequest& request) {
  const std::size_t host_end = request.url.find('/', 8);
  const std::string_view path = std::string_view(request.url).substr(host_end);
  if (request.method != "POST" || is("reference") || is("keyless")) return execute(request, path);
  const auto window = is("short") ? Duration(17min) : Duration(24h);  // a little early
  const std::string key =
      request.url.substr(0, host_end) + header_of(request.headers, "idempotency-key");
  const auto known = keys_.find(key);
  if (known != keys_.end() && world_.schedule.now() < known->second.at + window) {
    if (known->second.body != request.body)
      return answer(422, "code=no_request");  // the judge has seen it before
    return known->second.answer;
  }
  KeyRow row{request.body, execute(request, path), world_.schedule.now()};
  return (keys_[key] = std::move(row)).answer;
}

HttpResponse Provider::execute(const HttpRequest& request, std::string_view path) {
  const std::size_t mark = path.find('?');
  const std::string_view query = mark == path.npos ? "" : path.substr(mark + 1);
  path = path.substr(0, mark);
  if (request.method == "GET") return path == "/refund" ? look_at_refund(query) : look(query);
  if (path == "/charge") return charge(request);
  if (path == "/capture") return capture(request);
  if (path == "/refund") return refund(request);
  if (path == "/cancel") return cancel(query);
  return answer(200, "state=session");
}

HttpResponse Provider::charge(const HttpRequest& request) {
  const std::string reference(field(request.body, "ref"));
  if (LedgerCharge* known = ledger.by_reference(reference)) {
    if (is("reference")) return answer(409, "code=exists");
    if (known->is_tombstone) return answer(200, text_of(*known, known->state));
  }
  LedgerCharge charge{.id = account + "_" + std::to_string(++count_),
                      .reference = reference,
                      .payment = std::string(field(request.body, "pay")),
                      .account = account,
                      .amount = number_field(request.body, "amount"),
                      .currency = std::string(field(request.body, "cur"))};
  charge.is_manual = field(request.body, "manual") == "1";
  charge.made_at = charge.changed_at = world_.schedule.now();
  const std::string rail(field(request.body, "rail"));
  if (is("liar") && world_.chance.is(world_.swarm.lie))
    charge.lie = static_cast<Lie>(world_.chance.between(1, 5));
  world_.judge.charge_executed(charge);
  ledger.charges.push_back(charge);
  LedgerCharge& made = ledger.charges.back();
  world_.story.tell(made.payment, [&] { return account + " made " + made.id; });
  decide(made, rail != "card" && rail != "wallet");
  return answer(is("reference") ? 202 : 200, text_of(made, made.state));
}

void Provider::decide(LedgerCharge& charge, bool is_shown) {
  Chance& chance = world_.chance;
  const bool is_slow = is("reference") || is("keyless") || (!is_shown && chance.is(0.1));
  if (is_slow) {  // word of it comes later
    world_.schedule.after(chance.time(200ms, 10min), [this, id = charge.id] {
      LedgerCharge& later = *ledger.by_id(id);
      if (later.state == State::pending) settle(later);
    });
    return;
  }
  if (is_shown || chance.is(0.1)) {
    charge.state = State::action;
    let_payer_act(charge.id);
    return;
  }
  settle(charge);
}

void Provider::settle(LedgerCharge& charge) {
  if (world_.chance.is(0.75))
    take(charge);
  else
    refuse(charge);
}

void Provider::take(LedgerCharge& charge) {
  if (!charge.is_manual) {
    charge.captured = charge.amount;
    return change(charge, State::captured);
  }
  change(charge, State::authorized);
  world_.schedule.after(hold_lasts, [this, id = charge.id] {
    LedgerCharge& held = *ledger.by_id(id);
    if (held.state == State::authorized) change(held, State::expired);
  });
}

void Provider::refuse(LedgerCharge& charge) {
  static const std::vector<std::string> codes = {"no_funds", "declined", "declined", "stolen",
                                                 "out_of_order"};
  charge.code = world_.chance.pick(codes);
  charge.is_payable_after_refusal = is("keyed") && world_.chance.is(0.3);
  change(charge, State::refused);
  if (charge.is_payable_after_refusal) let_payer_act(charge.id);
}

void Provider::let_payer_act(const std::string& id) {
  Chance& chance = world_.chance;
  if (chance.is(0.25)) return end_of_page(id);
  world_.schedule.after(chance.time(300ms, 4h), [this, id] {
    LedgerCharge& charge = *ledger.by_id(id);
    const bool can_pay = charge.state == State::action ||
                         (charge.state == State::refused && charge.is_payable_after_refusal);
    if (!can_pay) return;
    if (world_.chance.is(0.8)) return take(charge);
    if (charge.state == State::refused) return;
    charge.code = "said_no";
    change(charge, State::refused);
  });
}

// The payer has left: the page ends by itself, some day.
void Provider::end_of_page(const std::string& id) {
  world_.schedule.after(world_.chance.time(10min, 48h), [this, id] {
    LedgerCharge& charge = *ledger.by_id(id);
    if (charge.state == State::action) change(charge, State::expired);
    charge.is_payable_after_refusal = false;
  });
}

void Provider::change(LedgerCharge& charge, State state) {
  charge.said_before = charge.state;
  charge.state = state;
  charge.changed_at = world_.schedule.now();
  if (state != State::refused) charge.is_payable_after_refusal = false;
  world_.story.tell(charge.payment, [&] {
    return account + ": " + charge.id + " is " + std::string(word_of(state)) + " " +
           std::to_string(charge.captured);
  });
  tell(charge);
  if (charge.lie == Lie::late_success || charge.lie == Lie::takes_back) lie_later(charge.id);
}

void Provider::lie_later(const std::string& id) {
  world_.schedule.after(world_.chance.time(1s, 48h), [this, id] {
    LedgerCharge& charge = *ledger.by_id(id);
    if (charge.has_lied) return;
    if (charge.lie == Lie::late_success && charge.state == State::refused) {
      charge.has_lied = true;
      charge.captured = charge.amount;
      change(charge, State::captured);
    } else if (charge.lie == Lie::takes_back && charge.state == State::captured) {
      charge.has_lied = true;  // it says so; the money stays where it is
      tell(charge);
    }
  });
}

HttpResponse Provider::capture(const HttpRequest& request) {
  LedgerCharge* charge = ledger.by_id(field(request.body, "charge"));
  if (!charge) return answer(422, "state=refused&code=no_request");
  const std::int64_t amount = number_field(request.body, "amount");
  if (charge->state == State::authorized && amount > 0 && amount <= charge->amount) {
    charge->captured = amount;
    charge->capture_reference = field(request.body, "ref");
    change(*charge, State::captured);
  }
  return answer(charge->state == State::captured ? 200 : 409, text_of(*charge, charge->state));
}

HttpResponse Provider::cancel(std::string_view query) {
  LedgerCharge* charge = ledger.by_id(field(query, "id"));
  if (!charge) charge = ledger.by_reference(field(query, "ref"));
  if (!charge && !field(query, "ref").empty() && account != "short" && account != "resend") {
    LedgerCharge stone{.id = account + "_" + std::to_string(++count_),
                       .reference = std::string(field(query, "ref")),
                       .account = account};
    stone.state = State::canceled;
    stone.is_tombstone = true;
    stone.made_at = stone.changed_at = world_.schedule.now() - 1h;
    ledger.charges.push_back(stone);
    return answer(200, text_of(ledger.charges.back(), State::canceled));
  }
  if (!charge) return answer(404, "code=not_found");
  const bool can_be_closed = charge->state == State::action || charge->state == State::authorized ||
                             (charge->state == State::refused && charge->is_payable_after_refusal);
  if (can_be_closed) change(*charge, State::canceled);
  return answer(can_be_closed ? 200 : 409, text_of(*charge, charge->state));
}

HttpResponse Provider::look(std::string_view query) {
  LedgerCharge* charge = ledger.by_id(field(query, "id"));
  if (!charge && !is("keyless") && !is("short")) charge = ledger.by_reference(field(query, "ref"));
  Chance& chance = world_.chance;
  const Time now = world_.schedule.now();
  if (!charge) return answer(404, "code=not_found");
  if (now - charge->made_at < 60s && chance.is(world_.faults().not_visible))
    return answer(404, "code=not_found");
  const bool is_stale = now - charge->changed_at < 60s && chance.is(world_.faults().stale) &&
                        charge->said_before < charge->state &&
                        charge->changed_at != charge->made_at;
  return answer(200, text_of(*charge, is_stale ? charge->said_before : charge->state));
}

std::string Provider::text_of(const LedgerCharge& charge, State state) {
  const bool takes_back = charge.lie == Lie::takes_back && charge.has_lied;
  if (takes_back) state = State::refused;
  std::string text;
  add_field(text, "id", charge.id);
  if (!is("keyless"))
    add_field(text, "ref",
              charge.lie == Lie::foreign_reference ? "att_of_a_stranger" : charge.reference);
  add_field(text, "state", word_of(state));
  if (charge.is_tombstone) return text;
  add_field(text, "amount", charge.lie == Lie::amount ? charge.amount + 100 : charge.amount);
  add_field(text, "cur", charge.lie == Lie::currency ? "EUR" : charge.currency);
  if (state == State::captured && charge.captured != charge.amount)
    add_field(text, "received", charge.captured);
  if (state == State::refused) {
    add_field(text, "code", charge.code.empty() ? "declined" : charge.code);
    if (charge.is_payable_after_refusal) add_field(text, "open", "1");
  }
  return text;
}

bool Provider::can_still_charge(const std::string& reference) {
  const LedgerCharge* charge = ledger.by_reference(reference);
  return charge && charge->lie == Lie::none &&
         (is_open(charge->state) || charge->is_payable_after_refusal);
}

}  // namespace switchyard::sim
