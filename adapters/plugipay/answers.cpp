#include "adapters/plugipay/answers.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "adapters/plugipay/declines.h"
#include "adapters/plugipay/settings.h"
#include "adapters/wire.h"

namespace switchyard::plugipay_words {
namespace {

std::optional<Money> money_of(const Account& account, const Json& object) {
  const auto amount = integer_at(object, "amount");
  const auto currency = find_currency(text_at(object, "currency"));
  if (!amount || !currency) return std::nullopt;
  const auto exponent = exponent_of(account, *currency);
  if (!exponent) return std::nullopt;
  return from_exponent(*amount, *exponent, *currency);
}

std::string in_lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
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

// What has no name cannot be asked about, and paid money that cannot be read cannot be compared
// with ours: neither decides anything.
Update object_said(const Account& account, const Json& object, Verdict verdict,
                   Decline without_reason) {
  Update update = {
      .verdict = verdict,
      .provider_reference = id_at(object, "id"),
      .account_echo = text_at(object, "accountId"),
      .money = money_of(account, object),
  };
  if (update.provider_reference.empty() || (verdict == Verdict::captured && !update.money))
    update.verdict = Verdict::unknown;
  if (update.verdict == Verdict::refused) {
    update.provider_code = text_at(object, "failureCode");
    update.provider_message = text_at(object, "failureMessage");
    update.decline = update.provider_code.empty() ? without_reason
                                                  : decline_from(declines, update.provider_code);
  }
  return update;
}

// Codes of somebody who came first, or of trouble behind: they do not say that nothing was done.
bool decides_nothing(const std::string& code) {
  static constexpr std::string_view codes[] = {
      "conflict",          "invalid_transition", "idempotency_mismatch", "already_queued",
      "endpoint_disabled", "internal_error",     "upstream_error",       "service_unavailable"};
  return std::ranges::find(codes, std::string_view(code)) != std::end(codes);
}

bool is_a_no(int status) {
  static constexpr int noes[] = {400, 401, 403, 404, 422, 429};
  return std::ranges::find(noes, status) != std::end(noes);
}

}  // namespace

std::string id_at(const Json& object, std::string_view path) {
  return plain_id_at(object, path, 100);
}

// Refunds may have to name the charge that the provider behind has made; and what a shop confirmed
// by hand cannot be given back by a call. Before that, the payer may still pay in another way.
Update session_said(const Account& account, const Json& session) {
  Update update = object_said(account, session, session_verdict(text_at(session, "status")),
                              Decline::card_declined);
  update.our_reference = text_at(session, "metadata.attemptId");
  if (const std::string id = text_at(session, "paymentId"); !id.empty())
    update.memory["payment_id"] = id;
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
  const std::string id =
      std::exchange(update.provider_reference, id_at(payment, "checkoutSessionId"));
  if (!id.empty()) update.memory["payment_id"] = id;
  update.our_reference = text_at(payment, "metadata.attemptId");
  return update;
}

bool is_success(const HttpResponse& response, const Json& body) {
  return (response.status == 200 || response.status == 201) && member_at(body, "error").is_null() &&
         member_at(body, "data").is_object();
}

Update error_said(const HttpResponse& response, const Json& body) {
  Update update;
  const int status = response.status;
  const std::string code = text_at(body, "error.code");
  if (status >= 500 || code.empty()) return traced(std::move(update), body);
  update.provider_code = code;
  update.provider_message = text_at(body, "error.message");
  Decline decline = decline_from(declines, code);
  // An error in an answer that claims success is believed only where its code is known.
  const bool is_refused = is_a_no(status) || (status < 300 && decline != Decline::unmapped &&
                                              member_at(body, "data").is_null());
  if (!is_refused || decides_nothing(in_lower_case(code))) return traced(std::move(update), body);
  if (status == 401 || status == 403) decline = Decline::configuration;
  if (status == 429) decline = Decline::provider_unavailable;
  update.verdict = Verdict::refused;
  update.decline = decline;
  return traced(std::move(update), body);
}

// A page of somebody's proxy with the same status says nothing.
Update nothing_said(const HttpResponse& response, const Json& body) {
  const bool is_missing =
      response.status == 404 && in_lower_case(text_at(body, "error.code")) == "not_found";
  return traced({.verdict = is_missing ? Verdict::not_found : Verdict::unknown}, body);
}

Update traced(Update update, const Json& body) {
  if (const std::string id = text_at(body, "meta.requestId"); !id.empty())
    update.memory["request_id"] = id;
  return update;
}

}  // namespace switchyard::plugipay_words
