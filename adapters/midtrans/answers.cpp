#include "adapters/midtrans/answers.h"

#include "adapters/midtrans/declines.h"
#include "adapters/midtrans/methods.h"
#include "adapters/wire.h"

namespace switchyard::midtrans_words {
namespace {

using namespace std::chrono_literals;

// DANA says "PENDING" where the others say "pending".
std::string word_at(const Json& body, std::string_view path) {
  return in_lower_case(text_at(body, path));
}

// "10000.00". A currency that is not named is the rupiah.
std::optional<Money> money_at(const Json& body, std::string_view path) {
  const std::string currency = text_at(body, "currency");
  return money_from(decimal_at(body, path), currency.empty() ? "IDR" : currency);
}

// A word, a code or a fraud_status that does not fit the others decides nothing.
Verdict verdict_of(std::string_view code, std::string_view status, std::string_view fraud) {
  // Paid, waiting, denied or canceled, expired. Any other code is an error's.
  if (!is_listed("200,201,202,407", code)) return Verdict::unknown;
  const bool is_clear = fraud.empty() || fraud == "accept";  // Indomaret has none
  if (status == "pending") return is_clear ? Verdict::requires_action : Verdict::unknown;
  if (status == "deny" || status == "failure") return Verdict::refused;
  if (status == "cancel") return Verdict::canceled;
  if (status == "expire" || (status.empty() && code == "407")) return Verdict::expired;
  const bool is_card = status == "authorize" || status == "capture";
  if (is_card && fraud == "deny") return Verdict::refused;
  if (is_card && fraud == "challenge") return Verdict::pending;  // a person at Midtrans decides
  if (is_card && fraud != "accept") return Verdict::unknown;     // cards always have one
  if (code != "200" || !is_clear) return Verdict::unknown;
  if (status == "authorize") return Verdict::authorized;
  // What was given back, or is disputed, was taken before.
  static constexpr std::string_view taken =
      "capture,settlement,refund,partial_refund,chargeback,partial_chargeback";
  return is_listed(taken, status) ? Verdict::captured : Verdict::unknown;
}

// The bank's code where there is one, else the word.
std::string refusal_code(const Json& transaction) {
  if (word_at(transaction, "fraud_status") == "deny") return "fraud_deny";
  const std::string code = text_at(transaction, "channel_response_code");
  if (code.empty() || code == "00") return word_at(transaction, "transaction_status");
  return word_at(transaction, "payment_type") == "ovo" ? "ovo_" + code : code;
}

std::string refusal_message(const Json& transaction) {
  const std::string message = text_at(transaction, "channel_response_message");
  return message.empty() ? text_at(transaction, "status_message") : message;
}

// After a part of a hold was captured, the amount may be that part's.
void split_off_received(Update& update, const Charge& charge) {
  if (!charge.manual_capture || !update.money) return;
  if (update.money->currency != charge.money.currency) return;
  if (update.money->amount >= charge.money.amount) return;
  update.received = update.money;
  update.money.reset();
}

Verdict refund_verdict(const Account& account, const Json& transaction, const Json& refund) {
  const std::string type = word_at(transaction, "payment_type");
  const bool is_done = !text_at(refund, "bank_confirmed_at").empty() ||
                       is_listed(given_back_at_once, type) || is_direct(account, type);
  return is_done ? Verdict::captured : Verdict::pending;
}

}  // namespace

std::string code_of(const Json& body) { return decimal_at(body, "status_code"); }

bool is_page_over(const Charge& charge) {
  const auto ends_at = parse_rfc3339(text_at(charge.memory, "page_ends_at"));
  return ends_at && charge.now > *ends_at + 30min;
}

Update no_said(bool decides, const std::string& code, const std::string& message) {
  Update update;
  add_refusal(update, declines, code, message);
  if (decides)
    update.verdict = Verdict::refused;
  else
    update.decline.reset();
  return update;
}

std::string message_of(const Json& body) {
  for (const auto* place : {"error_messages.0", "validation_messages.0"})
    if (std::string message = text_at(body, place); !message.empty()) return message;
  return text_at(body, "status_message");
}

Update charge_said(const Account& account, const Charge& charge, const Json& transaction) {
  Update update = {
      .verdict = verdict_of(code_of(transaction), word_at(transaction, "transaction_status"),
                            word_at(transaction, "fraud_status")),
      .our_reference = text_at(transaction, "order_id"),
      .account_echo = text_at(transaction, "merchant_id"),
      .money = money_at(transaction, "gross_amount"),
  };
  const std::string id = plain_id_at(transaction, "transaction_id");
  // A page may see several transactions until one is paid; only that one names the charge.
  if (update.verdict == Verdict::captured || update.verdict == Verdict::authorized)
    update.provider_reference = id;
  believe_only_readable_money(update);
  if (update.verdict == Verdict::captured) {
    split_off_received(update, charge);
    const auto refunded = money_at(transaction, "refund_amount");
    if (refunded && refunded->amount > 0) update.refunded_total = refunded->amount;
  }
  if (update.verdict == Verdict::refused) {
    add_refusal(update, declines, refusal_code(transaction), refusal_message(transaction));
    update.is_still_payable = account.is_on("page_stays_open_after_deny") && !is_page_over(charge);
    // What was denied is over: the page is as it was before a method was chosen.
    update.memory = {{"transaction_id", nullptr}, {"payment_type", nullptr}};
  } else if (update.verdict != Verdict::unknown && !id.empty()) {
    update.memory = {{"transaction_id", id},
                     {"payment_type", word_at(transaction, "payment_type")}};
  }
  return update;
}

// Its `refund_amount` may be that of all refunds so far. Where it is not what we asked for, the
// list of refunds says more.
Update refund_answered(const Account& account, const Charge& charge, const Json& answer) {
  const auto money = money_at(answer, "refund_amount");
  if (text_at(answer, "refund_key") != charge.operation.attempt_id ||
      money != charge.operation.money)
    return {};
  return refund_listed(account, charge, answer, answer);
}

Update refund_listed(const Account& account, const Charge& charge, const Json& transaction,
                     const Json& refund) {
  Update update = {
      .verdict = refund_verdict(account, transaction, refund),
      .provider_reference = decimal_at(refund, "refund_chargeback_id"),
      .our_reference = text_at(refund, "refund_key"),
      .account_echo = text_at(transaction, "merchant_id"),
      .money = money_at(refund, "refund_amount"),
  };
  // Not that of another order's transaction.
  if (!update.money || text_at(transaction, "order_id") != charge.attempt_id)
    update.verdict = Verdict::unknown;
  return update;
}

}  // namespace switchyard::midtrans_words
