#include "adapters/plugipay/answers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/plugipay/declines.h"
#include "adapters/wire.h"

namespace switchyard::plugipay_words {
namespace {

std::optional<Money> money_of(const Account& account, const Json& object) {
  const auto amount = integer_at(object, "amount");
  const auto currency = find_currency(text_at(object, "currency"));
  const auto exponent = currency ? exponent_of(account, *currency) : std::nullopt;
  return amount && exponent ? from_exponent(*amount, *exponent, *currency) : std::nullopt;
}

Verdict session_verdict(std::string_view status) {
  if (status == "open") return Verdict::requires_action;
  if (status == "pending" || status == "pending_review") return Verdict::pending;
  if (status == "completed" || status == "complete") return Verdict::captured;
  if (status == "failed") return Verdict::refused;
  if (status == "expired") return Verdict::expired;
  if (status == "canceled" || status == "cancelled") return Verdict::canceled;
  return Verdict::unknown;
}

Verdict refund_verdict(std::string_view status) {
  if (status == "pending") return Verdict::pending;
  if (status == "succeeded") return Verdict::captured;
  if (status == "failed") return Verdict::refused;
  if (status == "canceled" || status == "cancelled") return Verdict::canceled;
  return Verdict::unknown;
}

// What has no name cannot be asked about, and decides nothing.
Update object_said(const Account& account, const Json& object, Verdict verdict,
                   Decline without_reason) {
  Update update = {
      .verdict = verdict,
      .provider_reference = id_at(object, "id"),
      .account_echo = text_at(object, "accountId"),
      .money = money_of(account, object),
  };
  if (update.provider_reference.empty()) update.verdict = Verdict::unknown;
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused) {
    const std::string code = text_at(object, "failureCode");
    add_refusal(update, declines, code, text_at(object, "failureMessage"));
    if (code.empty()) update.decline = without_reason;
  }
  return update;
}

void remember(Update& update, const char* name, const std::string& text) {
  if (!text.empty()) update.memory[name] = text;
}

// Codes of somebody who came first, or of trouble behind: they do not say that nothing was done.
bool decides_nothing(std::string_view code) {
  return is_listed(
      "conflict,invalid_transition,idempotency_mismatch,already_queued,endpoint_disabled,"
      "internal_error,upstream_error,service_unavailable",
      in_lower_case(code));
}

bool is_a_no(int status) {
  static constexpr int noes[] = {400, 401, 403, 404, 422, 429};
  return std::ranges::find(noes, status) != std::end(noes);
}

}  // namespace

std::optional<int> exponent_of(const Account& account, Currency currency) {
  if (currency.code() != "IDR") return currency.exponent();
  const std::int64_t set = number_in(account, "currency_exponent_idr", -1);
  return set >= 0 && set <= 2 ? std::optional(static_cast<int>(set)) : std::nullopt;
}

std::string id_at(const Json& object, std::string_view path) {
  return plain_id_at(object, path, 100);
}

// Refunds may have to name the charge that the provider behind has made; and what a shop confirmed
// by hand cannot be given back by a call. Before that, the payer may still pay in another way.
Update session_said(const Account& account, const Json& session) {
  Update update = object_said(account, session, session_verdict(text_at(session, "status")),
                              Decline::card_declined);
  update.our_reference = text_at(session, "metadata.attemptId");
  remember(update, "payment_id", text_at(session, "paymentId"));
  if (update.verdict == Verdict::captured && text_at(session, "adapter") == "manual")
    update.memory["is_manual"] = true;
  return update;
}

Update refund_said(const Account& account, const Json& refund) {
  Update update = object_said(account, refund, refund_verdict(text_at(refund, "status")),
                              Decline::provider_error);
  update.our_reference = text_at(refund, "metadata.refundId");
  return update;
}

Update payment_said(const Account& account, const Json& payment) {
  const bool is_paid = text_at(payment, "status") == "succeeded";
  Update update = object_said(account, payment, is_paid ? Verdict::captured : Verdict::unknown,
                              Decline::card_declined);
  remember(update, "payment_id",
           std::exchange(update.provider_reference, id_at(payment, "checkoutSessionId")));
  update.our_reference = text_at(payment, "metadata.attemptId");
  return update;
}

bool is_success(const HttpResponse& response, const Json& body) {
  return switchyard::is_success(response) && member_at(body, "error").is_null() &&
         member_at(body, "data").is_object();
}

Update error_said(const HttpResponse& response, const Json& body) {
  Update update = traced({}, body);
  const int status = response.status;
  const std::string code = text_at(body, "error.code");
  if (status >= 500 || code.empty()) return update;
  add_refusal(update, declines, code, text_at(body, "error.message"));
  // An error in an answer that claims success is believed only where its code is known.
  const bool is_refused = is_a_no(status) || (status < 300 && update.decline != Decline::unmapped &&
                                              member_at(body, "data").is_null());
  if (!is_refused || decides_nothing(code)) {
    update.decline.reset();
    return update;
  }
  update.verdict = Verdict::refused;
  if (status == 401 || status == 403) update.decline = Decline::configuration;
  if (status == 429) update.decline = Decline::provider_unavailable;
  return update;
}

// A page of somebody's proxy with the same status says nothing.
Update nothing_said(const HttpResponse& response, const Json& body) {
  const bool is_missing =
      response.status == 404 && in_lower_case(text_at(body, "error.code")) == "not_found";
  return traced({.verdict = is_missing ? Verdict::not_found : Verdict::unknown}, body);
}

Update traced(Update update, const Json& body) {
  remember(update, "request_id", text_at(body, "meta.requestId"));
  return update;
}

}  // namespace switchyard::plugipay_words
