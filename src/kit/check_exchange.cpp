#include "kit/check_exchange.h"

#include <algorithm>
#include <optional>

#include "kit/form.h"

namespace switchyard {
namespace {

using Complaints = std::vector<std::string>;

std::string kind_of(const PaymentMethod& method) {
  return method.rail == Rail::mobile_money ? method.network : method.kind;
}

// The step's call in the first offer that takes this method and has such a step.
Call find_step(const Adapter& adapter, const PaymentMethod& method, std::string_view step) {
  for (const Offer& offer : adapter.offers) {
    const auto& kinds = offer.kinds;
    if (offer.rail != method.rail) continue;
    if (!kinds.empty() && std::ranges::find(kinds, kind_of(method)) == kinds.end()) continue;
    for (const ChargeStep& each : offer.steps)
      if (each.name == step) return each.call;
  }
  return {};
}

Call find_search(const Adapter& adapter) {
  for (const Offer& offer : adapter.offers)
    if (offer.find) return offer.find;
  return {};
}

void compare(Complaints& complaints, const std::string& what, const std::string& is,
             const std::string& should_be) {
  if (is != should_be)
    complaints.push_back(what + " is\n    " + is + "\n  and should be\n    " + should_be);
}

void need(Complaints& complaints, bool is_there, const std::string& what) {
  if (!is_there) complaints.push_back(what);
}

void compare_headers(Complaints& complaints, const HttpRequest& built,
                     const ExpectedRequest& sends) {
  for (const auto& [name, value] : sends.headers) {
    std::optional<std::string> sent;
    for (const auto& header : built.headers)
      if (!header_of({header}, name).empty()) sent = header.second;
    compare(complaints, "header " + name, sent.value_or("(absent)"), value.value_or("(absent)"));
  }
}

std::string lines_of(FormPairs pairs) {
  std::ranges::sort(pairs);
  std::string text;
  for (const auto& [name, value] : pairs) text += name + " = " + value + "\n";
  return text;
}

void compare_request(Complaints& complaints, const HttpRequest& built,
                     const ExpectedRequest& sends) {
  compare(complaints, "the method", built.method, sends.method);
  compare(complaints, "the URL", built.url, sends.url);
  compare(complaints, "the access token", built.token, sends.token);
  compare_headers(complaints, built, sends);
  if (sends.json) {
    const Json body = Json::parse(built.body, nullptr, false);
    need(complaints, !body.is_discarded(), "the body is not JSON: " + built.body);
    if (!body.is_discarded()) compare(complaints, "the body", pretty(body), pretty(*sends.json));
  } else if (sends.form) {
    compare(complaints, "the form", lines_of(decode_form(built.body)), lines_of(*sends.form));
  } else {
    compare(complaints, "the body", built.body, sends.text);
  }
}

void check_call(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  const Call call = find_call(adapter, exchange.charge.method, exchange.call);
  need(complaints, static_cast<bool>(call), "the adapter does not offer the call " + exchange.call);
  need(complaints, exchange.sends || exchange.answers, "sends or answers is missing");
  need(complaints, exchange.answers.has_value() == exchange.means.has_value(),
       "answers and means go together");
  if (!complaints.empty()) return;
  if (exchange.sends)
    compare_request(complaints, call.build(exchange.account, exchange.charge), *exchange.sends);
  if (!exchange.answers) return;
  const Update update = call.read(exchange.account, exchange.charge, *exchange.answers);
  compare(complaints, "what is understood", pretty(to_json(update)),
          pretty(to_json(*exchange.means)));
}

void check_webhook(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  need(complaints, adapter.webhook.verify && adapter.webhook.read, "the adapter has no webhook");
  need(complaints, exchange.proof || exchange.news, "proof or news is missing");
  if (!complaints.empty()) return;
  if (exchange.proof)
    compare(complaints, "the proof",
            std::string(word_of(adapter.webhook.verify(exchange.account, exchange.incoming))),
            std::string(word_of(*exchange.proof)));
  if (!exchange.news) return;
  Json read = Json::array(), expected = Json::array();
  for (const News& each : adapter.webhook.read(exchange.account, exchange.incoming))
    read.push_back(to_json(each));
  for (const News& each : *exchange.news) expected.push_back(to_json(each));
  compare(complaints, "the news", pretty(read), pretty(expected));
}

void check_objection(Complaints& complaints,
                     std::string (*objection)(const Account&, const Charge&),
                     const Exchange& exchange) {
  need(complaints, objection != nullptr, "the adapter has no such objection");
  need(complaints, exchange.says.has_value(), "says is missing");
  if (complaints.empty())
    compare(complaints, "the objection", objection(exchange.account, exchange.charge),
            *exchange.says);
}

void check_token(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  const auto kind = std::ranges::find(adapter.tokens, exchange.call.substr(6), &TokenKind::name);
  need(complaints, kind != adapter.tokens.end(), "the adapter has no such access token");
  need(complaints, exchange.answers.has_value() == exchange.token.has_value(),
       "answers and token go together");
  if (!complaints.empty()) return;
  if (exchange.sends) compare_request(complaints, kind->build(exchange.account), *exchange.sends);
  if (!exchange.answers) return;
  const auto token = kind->read(exchange.account, *exchange.answers);
  const auto text = [](bool is_token, const std::string& what, std::int64_t lasts) {
    return is_token ? what + " for " + std::to_string(lasts) + " s" : std::string("no token");
  };
  compare(
      complaints, "the token",
      text(token.has_value(), token ? token->text.reveal() : "", token ? token->lasts.count() : 0),
      text(exchange.token->is_token, exchange.token->text, exchange.token->lasts_sec));
}

void check_inquiry(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  const Inquiry& inquiry = adapter.webhook.inquiry;
  need(complaints, inquiry.build && inquiry.read, "the adapter has no inquiry");
  need(complaints, exchange.answers.has_value() == exchange.proof.has_value(),
       "answers and proof go together");
  if (!complaints.empty()) return;
  if (exchange.sends)
    compare_request(complaints, inquiry.build(exchange.account, exchange.incoming),
                    *exchange.sends);
  if (exchange.answers)
    compare(
        complaints, "the proof",
        std::string(word_of(inquiry.read(exchange.account, exchange.incoming, *exchange.answers))),
        std::string(word_of(*exchange.proof)));
}

void check_sign(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  need(complaints, adapter.sign != nullptr, "the adapter signs nothing");
  need(complaints, exchange.sends.has_value(), "sends is missing");
  if (!complaints.empty()) return;
  HttpRequest request = exchange.request;
  adapter.sign(exchange.account, exchange.charge.now, request);
  compare(complaints, "the body", request.body, exchange.request.body);
  compare_headers(complaints, request, *exchange.sends);
}

void check_refuses_token(Complaints& complaints, const Adapter& adapter, const Exchange& exchange) {
  need(complaints, adapter.refuses_token != nullptr, "the adapter has no refuses_token");
  need(complaints, exchange.answers && exchange.is, "answers or is is missing");
  if (complaints.empty())
    need(complaints, adapter.refuses_token(*exchange.answers) == *exchange.is,
         *exchange.is ? "the token counts as good and was refused"
                      : "the token counts as refused and was not");
}

}  // namespace

Call find_call(const Adapter& adapter, const PaymentMethod& method, std::string_view name) {
  if (name.starts_with("charge.")) return find_step(adapter, method, name.substr(7));
  if (name == "lookup") return adapter.lookup;
  if (name == "find") return find_search(adapter);
  if (name == "cancel") return adapter.cancel;
  if (name == "capture") return adapter.capture;
  if (name == "refund") return adapter.refund;
  if (name == "lookup_refund") return adapter.lookup_refund;
  if (name == "on_return") return adapter.on_return;
  return {};
}

std::vector<OfferedCall> offered_calls(const Adapter& adapter) {
  std::vector<OfferedCall> calls;
  const auto add = [&](const std::string& name, Rail rail, const Call& call) {
    const bool is_known = std::ranges::any_of(calls, [&](const OfferedCall& each) {
      return each.name == name && each.rail == rail && each.call.build == call.build &&
             each.call.read == call.read;
    });
    if (call && !is_known) calls.push_back({name, rail, call});
  };
  for (const Offer& offer : adapter.offers)
    for (const ChargeStep& step : offer.steps)
      add("charge." + std::string(step.name), offer.rail, step.call);
  for (const char* name :
       {"lookup", "find", "cancel", "capture", "refund", "lookup_refund", "on_return"})
    add(name, Rail::card, find_call(adapter, {}, name));
  return calls;
}

bool shows(const Adapter& adapter, const Exchange& exchange, const OfferedCall& call) {
  if (exchange.call != call.name) return false;
  if (call.name.starts_with("charge.") && exchange.charge.method.rail != call.rail) return false;
  const Call shown = find_call(adapter, exchange.charge.method, exchange.call);
  return shown.build == call.call.build && shown.read == call.call.read;
}

std::vector<std::string> check_exchange(const Adapter& adapter, const Exchange& exchange) {
  Complaints complaints = exchange.mistakes;
  if (!complaints.empty()) return complaints;
  const std::string& call = exchange.call;
  if (call == "webhook")
    check_webhook(complaints, adapter, exchange);
  else if (call == "inquiry")
    check_inquiry(complaints, adapter, exchange);
  else if (call == "objection")
    check_objection(complaints, adapter.objection, exchange);
  else if (call == "refund_objection")
    check_objection(complaints, adapter.refund_objection, exchange);
  else if (call == "sign")
    check_sign(complaints, adapter, exchange);
  else if (call == "refuses_token")
    check_refuses_token(complaints, adapter, exchange);
  else if (call.starts_with("token."))
    check_token(complaints, adapter, exchange);
  else
    check_call(complaints, adapter, exchange);
  return complaints;
}

}  // namespace switchyard
