#include "flow/calls.h"

#include <algorithm>

#include "base/id.h"
#include "base/seeded_bug.h"

namespace switchyard {
namespace {

// A header that authorizes: it is made anew for each copy and never stored.
bool is_authorization(const std::string& name, const std::string& value, const Account& account,
                      const Adapter& adapter) {
  if (header_of({{name, ""}}, "authorization").empty() && name.size() == 13 &&
      !header_of({{name, "x"}}, "authorization").empty())
    return true;
  for (const Setting& setting : adapter.settings) {
    const std::string& secret = account.setting(setting.name);
    if (setting.is_secret && !secret.empty() && value.find(secret) != std::string::npos)
      return true;
  }
  return false;
}

Json request_json(const HttpRequest& request, const Account& account, const Adapter& adapter) {
  Json headers = Json::array();
  for (const auto& [name, value] : request.headers)
    if (!is_authorization(name, value, account, adapter))
      headers.push_back(Json::array({name, value}));
  Json json;
  json["method"] = request.method;
  json["url"] = request.url;
  json["headers"] = std::move(headers);
  json["body"] = request.body;
  return json;
}

Payer payer_of(const PaymentRecord& record) {
  if (!record.customer) return {};
  const Customer& c = *record.customer;
  return {
      .id = c.id, .external_id = c.external_id, .email = c.email, .name = c.name, .phone = c.phone};
}

Send prepare(const PaymentRecord& record, const Attempt& attempt, const Surroundings& around,
             Time now) {
  const Account* account = around.setup->find_account(attempt.account);
  assert(account && "the caller has looked the account up");
  const Adapter* adapter = find_adapter(account->adapter);
  assert(adapter && "the configuration was checked");
  const bool is_charge = attempt.operation == Operation::charge;
  const Attempt* charge = is_charge ? &attempt : record.find_attempt(attempt.charge_attempt_id);
  assert(charge);
  Send send;
  send.setup = around.setup;
  send.account = account;
  send.adapter = adapter;
  send.payment_id = record.payment.id;
  send.attempt_id = attempt.id;
  send.charge =
      describe_charge(record, *charge, is_charge ? nullptr : &attempt, *account, around, now);
  return send;
}

}  // namespace

std::string return_url_of(const std::string& attempt_id, const Surroundings& around) {
  return around.policies.public_url + "/return/" + attempt_id + "." +
         around.sealer.derive("return", attempt_id);
}

Charge describe_charge(const PaymentRecord& record, const Attempt& charge, const Attempt* operation,
                       const Account& account, const Surroundings& around, Time now) {
  const Payment& payment = record.payment;
  Charge described{.attempt_id = charge.id, .payment_id = payment.id, .money = charge.money};
  if (payment.method) described.method = *payment.method;
  described.payer = payer_of(record);
  described.description = payment.description;
  described.country = payment.country;
  described.return_url = return_url_of(charge.id, around);
  if (account.forward_metadata) described.metadata = payment.metadata;
  described.manual_capture = payment.capture_method == CaptureMethod::manual;
  described.provider_reference = charge.provider_reference;
  described.memory = charge.memory;
  described.now = now;
  if (operation) {
    described.operation.attempt_id = operation->id;
    described.operation.money = operation->money;
    described.operation.provider_reference = operation->provider_reference;
    described.operation.memory = operation->memory;
    for (const Refund& refund : record.refunds)
      if (refund.id == operation->refund_id) described.operation.reason = refund.reason;
  }
  return described;
}

const Offer* offer_of(const Adapter& adapter, const PaymentMethod& method) {
  const std::string& kind = method.rail == Rail::mobile_money ? method.network : method.kind;
  for (const Offer& offer : adapter.offers) {
    if (offer.rail != method.rail) continue;
    if (offer.kinds.empty() ||
        std::find(offer.kinds.begin(), offer.kinds.end(), kind) != offer.kinds.end())
      return &offer;
  }
  return nullptr;
}

std::span<const ChargeStep> steps_of(const Adapter& adapter, const PaymentMethod& method) {
  const Offer* offer = offer_of(adapter, method);
  return offer ? offer->steps : std::span<const ChargeStep>();
}

std::optional<Time> end_of_key(const Step& step, const Adapter& adapter) {
  constexpr std::chrono::minutes margin{5};
  if (adapter.dedup_window.count() == 0) return std::nullopt;
  if (SEEDED_BUG("X14")) return Time::max();
  return step.dedup_until - std::min<Duration>(margin, Duration(adapter.dedup_window) / 4);
}

Send add_step(Decision& decision, Attempt& attempt, std::string_view name, const Call& call,
              bool moves_money, Source source, const Surroundings& around) {
  assert(call.build && call.read);
  Send send = prepare(decision.record, attempt, around, decision.now);
  send.name = name;
  send.source = source;
  send.read = call.read;
  send.charge.provider_key = new_uuid();
  send.request = call.build(*send.account, send.charge);

  const Step* latest = decision.record.latest_step(attempt.id);
  Step step{.id = new_id("stp"), .attempt_id = attempt.id, .payment_id = attempt.payment_id};
  step.number = latest ? latest->number + 1 : 1;
  step.name = name;
  step.provider_key = send.charge.provider_key;
  step.sealed_request = to_base64(around.sealer.seal(
      write_json(request_json(send.request, *send.account, *send.adapter)), step.id));
  step.moves_money = moves_money;
  step.created_at = decision.now;
  step.dedup_until = decision.now + send.adapter->dedup_window;
  send.step_id = step.id;
  send.leaves_before = end_of_key(step, *send.adapter);
  decision.record.steps.push_back(std::move(step));
  decision.touch(attempt);
  return send;
}

std::optional<Send> send_again(Decision& decision, Attempt& attempt, Step& step, const Call& call,
                               Source source, const Surroundings& around) {
  if (!around.setup->find_account(attempt.account)) return std::nullopt;
  Send send = prepare(decision.record, attempt, around, decision.now);
  const auto sealed = from_base64(step.sealed_request);
  const auto plain = sealed ? around.sealer.open(*sealed, step.id) : std::nullopt;
  assert(plain && "the master key opens what it sealed");
  const Json stored = parse_json(*plain);
  send.name = step.name;
  send.step_id = step.id;
  send.leaves_before = end_of_key(step, *send.adapter);
  send.source = source;
  send.read = call.read;
  send.charge.provider_key = step.provider_key;
  if (SEEDED_BUG("X2")) {
    step.provider_key = new_uuid();
    send.charge.provider_key = step.provider_key;
    send.request = call.build(*send.account, send.charge);
    return send;
  }
  send.request = {text_at(stored, "method"), text_at(stored, "url"), {}, text_at(stored, "body")};
  if (SEEDED_BUG("X23")) send.request.url = call.build(*send.account, send.charge).url;
  for (const Json& pair : member_at(stored, "headers"))
    send.request.headers.emplace_back(text_at(pair, "0"), text_at(pair, "1"));
  for (const auto& [name, value] : call.build(*send.account, send.charge).headers)
    if (is_authorization(name, value, *send.account, *send.adapter))
      send.request.headers.emplace_back(name, value);
  ++step.sends;
  decision.touch(attempt);
  return send;
}

bool can_look_up(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter) {
  if (!lookup_of(attempt, adapter)) return false;
  if (adapter.finds_out_by == FindsOutBy::our_reference && !SEEDED_BUG("X24")) return true;
  if (attempt.operation == Operation::capture) {
    const Attempt* charge = record.find_attempt(attempt.charge_attempt_id);
    return charge && !charge->provider_reference.empty();
  }
  return !attempt.provider_reference.empty();
}

Send ask(const Decision& decision, const Attempt& attempt, const Call& call,
         const Surroundings& around) {
  Send send = prepare(decision.record, attempt, around, decision.now);
  send.name = "lookup";
  send.source = Source::lookup;
  send.read = call.read;
  send.request = call.build(*send.account, send.charge);
  return send;
}

}  // namespace switchyard
