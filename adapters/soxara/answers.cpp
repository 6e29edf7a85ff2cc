#include "adapters/soxara/answers.h"

#include "adapters/soxara/declines.h"
#include "adapters/wire.h"

namespace switchyard::soxara_words {
namespace {

std::optional<Money> money_of(const Json& object) {
  const auto amount = integer_at(object, "amount");
  const auto currency = find_currency(text_at(object, "currency"));
  return amount && currency ? from_exponent(*amount, decimals, *currency) : std::nullopt;
}

// Why it failed is in one of several places, which the vendor does not name.
std::string failure_at(const Account& account, const Json& object) {
  for (const std::string& place : words_of(account.setting("failure_code_pointers")))
    if (std::string code = text_at(object, place); !code.empty()) return code;
  return {};
}

// An intent that waits for its payment method says nothing of a confirmation that may be on its
// way.
Verdict verdict_of(std::string_view status) {
  if (status == "requires_action") return Verdict::requires_action;
  if (status == "processing" || status == "pending") return Verdict::pending;
  if (status == "succeeded") return Verdict::captured;
  if (status == "failed") return Verdict::refused;
  if (status == "canceled" || status == "cancelled") return Verdict::canceled;
  return Verdict::unknown;
}

}  // namespace

std::string id_at(const Json& body, std::string_view path) { return plain_id_at(body, path, 255); }

Update object_said(const Account& account, const Json& object) {
  Update update = {
      .verdict = verdict_of(text_at(object, "status")),
      .provider_reference = id_at(object, "id"),
      .money = money_of(object),
  };
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused)
    add_refusal(update, declines, failure_at(account, object), text_at(object, "failure_message"));
  return update;
}

Update payment_said(const Account& account, const Json& payment) {
  Update update = object_said(account, payment);
  update.our_reference = text_at(payment, "metadata.attempt_id");
  update.is_still_payable =
      update.verdict == Verdict::refused && account.is_on("reuse_intent_after_failure");
  if (const auto refunded = integer_at(payment, "amount_refunded");
      update.verdict == Verdict::captured && refunded.value_or(0) > 0)
    update.refunded_total = refunded;
  return update;
}

Update traced(Update update, const HttpResponse& response) {
  const std::string trace = header_of(response.headers, "x-trace-id");
  if (!trace.empty()) update.memory["trace_id"] = trace;
  return update;
}

bool is_success(const HttpResponse& response, const Json& body) {
  return (response.status == 200 || response.status == 201) &&
         bool_at(body, "success").value_or(false) && member_at(body, "data").is_object();
}

// A conflict decides nothing: the same call is still running, or the intent has moved on.
Update error_said(const HttpResponse& response, const Json& body) {
  Update update;
  const std::string code = text_at(body, "error.code");
  if (response.status >= 500 || code.empty()) return traced(update, response);
  add_refusal(update, declines, code, text_at(body, "error.message"));
  const bool is_known = update.decline != Decline::unmapped;
  if (response.status == 409 || (response.status < 400 && !is_known))
    update.decline.reset();
  else
    update.verdict = Verdict::refused;
  return traced(update, response);
}

}  // namespace switchyard::soxara_words
