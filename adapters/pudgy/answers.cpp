#include "adapters/pudgy/answers.h"

#include <algorithm>
#include <iterator>

#include "adapters/pudgy/declines.h"
#include "adapters/wire.h"

namespace switchyard::pudgy_words {
namespace {

constexpr std::size_t longest_id = 255;
constexpr std::size_t longest_reference = 30;  // of ours

std::optional<Money> money_of(const Json& object, Currency ours) {
  const std::string code = text_at(object, "currency");
  const auto currency = code.empty() ? std::optional(ours) : find_currency(in_capitals(code));
  const auto amount = integer_at(object, "amount");
  if (!amount || !currency || currency->code().empty()) return std::nullopt;
  return from_exponent(*amount, minor_digits(*currency), *currency);
}

// `paid` is true only with `succeeded`: where the two disagree nothing has been said.
Verdict verdict_of(const Json& charge) {
  const std::string status = text_at(charge, "status");
  const auto paid = bool_at(charge, "paid");
  if (status == "succeeded") return paid.value_or(true) ? Verdict::captured : Verdict::unknown;
  if (status == "failed") return paid.value_or(false) ? Verdict::unknown : Verdict::refused;
  return status == "pending" ? Verdict::pending : Verdict::unknown;
}

Verdict refund_verdict(std::string_view status) {
  if (status == "succeeded") return Verdict::captured;
  if (status == "failed") return Verdict::refused;
  return status == "pending" ? Verdict::pending : Verdict::unknown;
}

// By the code, and by the type where the code is none of those that are known. A card's unknown
// code stays unmapped, so that somebody maps it.
Decline reason_of(const std::string& code, const std::string& type) {
  const Decline decline = decline_from(declines, code);
  return decline == Decline::unmapped && type != "card_error" ? decline_from(declines, type)
                                                              : decline;
}

}  // namespace

int minor_digits(Currency currency) {
  const bool has_unused_cents = currency.code() == "IDR" || currency.code() == "MGA";
  return has_unused_cents ? 2 : currency.exponent();
}

std::string id_at(const Json& body, std::string_view path) {
  return plain_id_at(body, path, longest_id);
}

std::string reference_in(const std::string& description) {
  const std::size_t at = description.rfind("[att_");
  if (at == std::string::npos || !description.ends_with(']')) return {};
  return plain_id(description.substr(at + 1, description.size() - at - 2), longest_reference);
}

Update charge_said(const Account& account, const Json& charge) {
  Update update = {
      .verdict = verdict_of(charge),
      .provider_reference = id_at(charge, "id"),
      .our_reference = reference_in(text_at(charge, "description")),
      .money = money_of(charge, {}),
  };
  if (text_at(charge, "object") != "charge" || update.provider_reference.empty()) return {};
  believe_only_readable_money(update);
  if (update.verdict == Verdict::refused) {
    update.provider_code = text_at(charge, account.setting("failure_code_field"));
    update.decline = update.provider_code.empty() ? Decline::card_declined
                                                  : reason_of(update.provider_code, "card_error");
  }
  return update;
}

Update refund_said(const Json& refund, Currency ours) {
  Update update = {
      .verdict = refund_verdict(text_at(refund, "status")),
      .provider_reference = id_at(refund, "id"),
      .money = money_of(refund, ours),
  };
  if (text_at(refund, "object") != "refund" || update.provider_reference.empty()) return {};
  // A webhook may leave the currency to who knows the charge.
  const bool is_in_ours = ours.code().empty() && text_at(refund, "currency").empty();
  const bool can_be_compared = update.money || (is_in_ours && integer_at(refund, "amount"));
  if (update.verdict == Verdict::captured && !can_be_compared) update.verdict = Verdict::unknown;
  if (update.verdict == Verdict::refused) update.decline = Decline::provider_error;  // says no why
  return update;
}

// A 409 decides nothing: the first copy is still running, or its key was used for something else,
// which is a mistake that somebody has to look at.
Update error_said(const HttpResponse& response, const Json& body) {
  const int status = response.status;
  const std::string type = text_at(body, "error.type");
  const std::string code = text_at(body, "error.code");
  if (status < 400 || status >= 500 || type.empty()) return {};
  if (status == 409 && code == "idempotency_in_progress") return {};
  Update update = {
      .provider_code = code.empty() ? type : code,
      .provider_message = text_at(body, "error.message"),
  };
  static constexpr int noes[] = {400, 401, 402, 403, 404, 422, 429};
  if (std::ranges::find(noes, status) == std::end(noes)) return update;
  update.verdict = Verdict::refused;
  update.decline = reason_of(update.provider_code, type);
  return update;
}

}  // namespace switchyard::pudgy_words
