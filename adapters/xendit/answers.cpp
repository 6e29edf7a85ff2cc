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
  return money_from(decimal_at(object, member), text_at(object, "currency"));
}

// What each kind of object calls the same things; "" for what it has not.
struct Names {
  std::string_view id, our_reference, account, amount;
};

// A word that is not known is kept for the operator.
Update object_said(const Json& object, Verdict (*verdict_of)(std::string_view status),
                   const Names& names) {
  const std::string status = text_at(object, "status");
  Update update = {
      .verdict = verdict_of(status),
      .provider_reference = plain_id_at(object, names.id),
      .our_reference = text_at(object, names.our_reference),
      .account_echo = names.account.empty() ? "" : text_at(object, names.account),
      .money = money_at(object, names.amount),
  };
  if (update.verdict == Verdict::unknown) update.provider_code = status;
  return update;
}

// What has no id is none of Xendit's objects.
Update believed(Update update) {
  believe_only_readable_money(update);
  if (update.provider_reference.empty()) update.verdict = Verdict::unknown;
  return update;
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

Update invoice_said(const Json& invoice) {
  Update update =
      object_said(invoice, verdict_of_invoice, {"id", "external_id", "user_id", "amount"});
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
  return believed(std::move(update));
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
  Update update =
      object_said(request, verdict_of_request,
                  {"payment_request_id", "reference_id", "business_id", "request_amount"});
  if (update.verdict == Verdict::refused)
    add_refusal(update, declines, code_at(request, "failure_code"), "");
  if (update.verdict == Verdict::captured) {
    const Json& captures = member_at(request, "captures");
    if (captures.is_array() && !captures.empty() && update.money)
      add_received(update, captured_of(captures, update.money->currency));
    if (std::string channel = text_at(request, "channel_code"); !channel.empty())
      update.memory["payment_channel"] = channel;
  }
  return believed(std::move(update));
}

Update refund_said(const Json& refund) {
  Update update = object_said(refund, verdict_of_refund, {"id", "reference_id", "", "amount"});
  if (update.verdict == Verdict::refused) {
    add_refusal(update, declines, code_at(refund, "failure_code"), "");
    // The money that is missing here is the merchant's at Xendit, not the payer's.
    if (update.decline == Decline::insufficient_funds) update.decline = Decline::configuration;
  }
  return believed(std::move(update));
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
