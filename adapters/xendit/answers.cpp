#include "adapters/xendit/answers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/wire.h"
#include "adapters/xendit/declines.h"
#include "base/clock.h"

namespace switchyard::xendit_words {
namespace {

// Major units, as numbers and now and then as strings.
std::optional<Money> money_at(const Json& object, std::string_view member) {
  const auto currency = find_currency(text_at(object, "currency"));
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(decimal_at(object, member), currency->exponent());
  return amount ? std::optional(Money{*amount, *currency}) : std::nullopt;
}

// The core compares the money with ours; what cannot be read cannot be compared. And what has no id
// is none of Xendit's objects.
void believe_only_what_is_whole(Update& update) {
  const bool is_money =
      update.verdict == Verdict::captured || update.verdict == Verdict::authorized;
  if ((is_money && !update.money) || update.provider_reference.empty())
    update.verdict = Verdict::unknown;
}

// A word that is not known is kept for the operator.
void note_word(Update& update, const std::string& status) {
  if (update.verdict == Verdict::unknown) update.provider_code = status;
}

void add_received(Update& update, const std::optional<Money>& received) {
  if (!received)
    update.verdict = Verdict::unknown;  // something was paid, and nobody knows how much
  else if (received != update.money)
    update.received = received;
}

Verdict verdict_of_invoice(std::string_view status) {
  if (status == "PENDING") return Verdict::requires_action;
  if (status == "PAID" || status == "SETTLED") return Verdict::captured;
  return status == "EXPIRED" ? Verdict::expired : Verdict::unknown;
}

Verdict verdict_of_request(std::string_view status) {
  if (status == "REQUIRES_ACTION" || status == "ACCEPTING_PAYMENTS")
    return Verdict::requires_action;
  if (status == "PENDING") return Verdict::pending;
  if (status == "AUTHORIZED") return Verdict::authorized;
  if (status == "SUCCEEDED") return Verdict::captured;
  if (status == "FAILED") return Verdict::refused;
  if (status == "CANCELED" || status == "VOIDED") return Verdict::canceled;
  return status == "EXPIRED" ? Verdict::expired : Verdict::unknown;
}

// Refunds are CANCELLED, with two Ls.
Verdict verdict_of_refund(std::string_view status) {
  if (status == "PENDING") return Verdict::pending;
  if (status == "SUCCEEDED") return Verdict::captured;
  if (status == "FAILED") return Verdict::refused;
  return status == "CANCELLED" || status == "CANCELED" ? Verdict::canceled : Verdict::unknown;
}

// One of the codes is published with a space behind it.
std::string code_at(const Json& object, std::string_view path) {
  std::string code = text_at(object, path);
  while (code.ends_with(' ')) code.pop_back();
  return code;
}

void add_reason(Update& update, const std::string& code) {
  update.provider_code = code;
  update.decline = decline_from(declines, code);
}

// The sum of what was captured; nullopt where a part of it cannot be read.
std::optional<Money> captured_of(const Json& captures, Currency currency) {
  Money sum{0, currency};
  for (const Json& capture : captures) {
    const auto part =
        amount_from_decimal(decimal_at(capture, "capture_amount"), currency.exponent());
    if (!part || *part < 0 || *part > max_amount - sum.amount) return std::nullopt;
    sum.amount += *part;
  }
  return sum;
}

// Paid before open before over; of equals the newest.
std::pair<int, Time> weight_of(const Json& invoice) {
  const Verdict verdict = verdict_of_invoice(text_at(invoice, "status"));
  const int rank = verdict == Verdict::captured ? 2 : verdict == Verdict::expired ? 0 : 1;
  return {rank, parse_rfc3339(text_at(invoice, "created")).value_or(Time{})};
}

}  // namespace

std::string id_at(const Json& body, std::string_view path) { return plain_id_at(body, path); }

Update invoice_said(const Json& invoice) {
  const std::string status = text_at(invoice, "status");
  Update update = {
      .verdict = verdict_of_invoice(status),
      .provider_reference = id_at(invoice, "id"),
      .our_reference = text_at(invoice, "external_id"),
      .account_echo = text_at(invoice, "user_id"),
      .money = money_at(invoice, "amount"),
  };
  note_word(update, status);
  if (update.verdict == Verdict::requires_action) {
    const std::string url = text_at(invoice, "invoice_url");
    if (url.empty())
      update.verdict = Verdict::pending;
    else
      update.next_action = redirect_to(url);
  }
  if (update.verdict == Verdict::captured) {
    if (!member_at(invoice, "paid_amount").is_null())
      add_received(update, money_at(invoice, "paid_amount"));
    // Decides what can be given back.
    for (const char* name : {"payment_method", "payment_channel"})
      if (std::string text = text_at(invoice, name); !text.empty()) update.memory[name] = text;
  }
  believe_only_what_is_whole(update);
  return update;
}

Update invoices_said(const Json& list, const std::string& reference) {
  const Json* best = nullptr;
  for (const Json& invoice : list) {
    if (text_at(invoice, "external_id") != reference) continue;
    if (!best || weight_of(*best) < weight_of(invoice)) best = &invoice;
  }
  return best ? invoice_said(*best) : Update{.verdict = Verdict::not_found};
}

Update request_said(const Json& request) {
  const std::string status = text_at(request, "status");
  Update update = {
      .verdict = verdict_of_request(status),
      .provider_reference = id_at(request, "payment_request_id"),
      .our_reference = text_at(request, "reference_id"),
      .account_echo = text_at(request, "business_id"),
      .money = money_at(request, "request_amount"),
  };
  note_word(update, status);
  if (update.verdict == Verdict::refused) add_reason(update, code_at(request, "failure_code"));
  if (update.verdict == Verdict::captured) {
    const Json& captures = member_at(request, "captures");
    if (captures.is_array() && !captures.empty() && update.money)
      add_received(update, captured_of(captures, update.money->currency));
    if (std::string channel = text_at(request, "channel_code"); !channel.empty())
      update.memory["payment_channel"] = channel;
  }
  believe_only_what_is_whole(update);
  return update;
}

std::string action_of(const Json& request, std::string_view descriptor) {
  for (const Json& action : member_at(request, "actions"))
    if (text_at(action, "descriptor") == descriptor &&
        text_at(action, "type") != "API_POST_REQUEST")  // that one is for us to call
      return text_at(action, "value");
  return {};
}

Update refund_said(const Json& refund) {
  const std::string status = text_at(refund, "status");
  Update update = {
      .verdict = verdict_of_refund(status),
      .provider_reference = id_at(refund, "id"),
      .our_reference = text_at(refund, "reference_id"),
      .money = money_at(refund, "amount"),
  };
  note_word(update, status);
  if (update.verdict == Verdict::refused) {
    add_reason(update, code_at(refund, "failure_code"));
    // The money that is missing here is the merchant's at Xendit, not the payer's.
    if (update.decline == Decline::insufficient_funds) update.decline = Decline::configuration;
  }
  believe_only_what_is_whole(update);
  return update;
}

// A conflict says that a copy of this call is known there, and a refund that runs may be the very
// one: they decide nothing.
Update error_said(const HttpResponse& response) {
  static constexpr int noes[] = {400, 401, 403, 404, 429};
  const Json body = parse_json(response.body);
  Update update = {.provider_code = code_at(body, "error_code"),
                   .provider_message = text_at(body, "message")};
  if (response.status >= 500 || update.provider_code.empty()) return {};
  if (std::ranges::find(noes, response.status) == std::end(noes)) return update;
  if (update.provider_code == "REFUND_IN_PROGRESS") return update;
  update.verdict = Verdict::refused;
  update.decline = decline_from(declines, update.provider_code);
  // As answers to a call these are about the merchant: the key, the rights, the balance at Xendit.
  const bool is_about_us = response.status == 401 || response.status == 403 ||
                           update.decline == Decline::insufficient_funds;
  if (is_about_us) update.decline = Decline::configuration;
  if (response.status == 429) update.decline = Decline::provider_unavailable;
  return update;
}

}  // namespace switchyard::xendit_words
