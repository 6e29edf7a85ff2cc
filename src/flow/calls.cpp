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
  json["adapter"] = adapter.name;
  if (!request.token.empty()) json["token"] = request.token;
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

std::string webhook_url_of(const Account& account, const std::string& attempt_id,
                           const Sealer& sealer) {
  return account.webhook_url + "/" + attempt_id + "." +
         sealer.derive("webhook", account.id + "/" + attempt_id);
}

std::string attempt_of_address(const Account& account, std::string_view path,
                               const Sealer& sealer) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string attempt_id(path.substr(0, dot));
  return sealer.is_derived(path.substr(dot + 1), "webhook", account.id + "/" + attempt_id)
             ? attempt_id
             : std::string();
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
  described.may_be_paid = std::ranges::any_of(record.steps, [&](const Step& step) {
    return step.attempt_id == charge.id && step.moves_money;
  });
  described.provider_reference = charge.provider_reference;
  described.memory = charge.memory;
  described.now = now;
  const Adapter* adapter = find_adapter(account.adapter);
  const bool has_addresses = adapter && adapter->webhook.comes_to_attempts;
  if (has_addresses) described.webhook_url = webhook_url_of(account, charge.id, around.sealer);
  if (operation) {
    if (has_addresses)
      described.operation.webhook_url = webhook_url_of(account, operation->id, around.sealer);
    described.operation.attempt_id = operation->id;
    described.operation.money = operation->money;
    described.operation.provider_reference = operation->provider_reference;
    described.operation.memory = operation->memory;
    for (const Refund& refund : record.refunds)
      if (refund.id == operation->refund_id) described.operation.reason = refund.reason;
  }
  return described;
}

std::span<const ChargeStep> steps_of(const Adapter& adapter, const PaymentMethod& method) {
  const Offer* offer = find_offer(adapter, method);
  return offer ? offer->steps : std::span<const ChargeStep>();
}

std::optional<Time> end_of_key(const Step& step) {
  constexpr std::chrono::minutes margin{5};
  const Duration window = step.dedup_until - step.created_at;
  if (window <= Duration::zero()) return std::nullopt;
  if (SEEDED_BUG("X14")) return Time::max();
  return step.dedup_until - std::min<Duration>(margin, window / 4);
}

FindsOutBy found_by(const PaymentRecord& record, const Attempt& attempt, const Adapter& adapter) {
  if (attempt.operation == Operation::refund)
    return adapter.refund_finds_out_by.value_or(adapter.finds_out_by);
  const Offer* offer =
      record.payment.method ? find_offer(adapter, *record.payment.method) : nullptr;
  return offer ? offer->finds_out_by.value_or(adapter.finds_out_by) : adapter.finds_out_by;
}

bool is_closed_by_silence(const PaymentRecord& record, const Attempt& attempt,
                          const Adapter& adapter) {
  if (attempt.operation != Operation::charge || !record.payment.method) return false;
  const auto steps = steps_of(adapter, *record.payment.method);
  const bool was_shown = !attempt.next_action.is_null();
  const auto needs_no_call = [&](const Step& step) {
    return std::any_of(steps.begin(), steps.end(), [&](const ChargeStep& each) {
      return each.name == step.name &&
             (each.moves == Moves::nothing || (each.moves == Moves::once_shown && !was_shown));
    });
  };
  bool has_steps = false;
  for (const Step& step : record.steps) {
    if (step.attempt_id != attempt.id || step.name == "cancel") continue;
    if (step.moves_money || !needs_no_call(step)) return false;
    has_steps = true;
  }
  return has_steps;
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
  step.dedup_until = decision.now + call.dedup_window.value_or(send.adapter->dedup_window);
  send.step_id = step.id;
  send.leaves_before = end_of_key(step);
  send.is_keyless = !send.leaves_before;
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
  // Another provider under the old name is not sent what was meant for the first one.
  const std::string meant_for = text_at(stored, "adapter");
  if (!meant_for.empty() && meant_for != send.adapter->name) return std::nullopt;
  send.name = step.name;
  send.step_id = step.id;
  send.leaves_before = end_of_key(step);
  send.is_keyless = !send.leaves_before;
  send.source = source;
  send.read = call.read;
  send.charge.provider_key = step.provider_key;
  if (SEEDED_BUG("X2")) {
    step.provider_key = new_uuid();
    send.charge.provider_key = step.provider_key;
    send.request = call.build(*send.account, send.charge);
    return send;
  }
  send.request = {.method = text_at(stored, "method"),
                  .url = text_at(stored, "url"),
                  .body = text_at(stored, "body"),
                  .token = text_at(stored, "token")};
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
  if (found_by(record, attempt, adapter) == FindsOutBy::our_reference && !SEEDED_BUG("X24"))
    return true;
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
  for (const Step& step : decision.record.steps)
    if (step.attempt_id == attempt.id && step.name != "cancel")
      send.charge.provider_key = step.provider_key;
  send.request = call.build(*send.account, send.charge);
  return send;
}

}  // namespace switchyard
