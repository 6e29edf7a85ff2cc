#include "adapters/midtrans/answers.h"

#include <algorithm>
#include <cctype>

#include "adapters/midtrans/declines.h"
#include "adapters/midtrans/methods.h"
#include "adapters/wire.h"

namespace switchyard::midtrans_words {
namespace {

using namespace std::chrono_literals;

// DANA says "PENDING" where the others say "pending".
std::string word_at(const Json& body, std::string_view path) {
  std::string word = text_at(body, path);
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

// Of a transaction: paid, waiting, denied or canceled, expired. Any other code is an error's.
bool is_transaction_code(std::string_view code) {
  return code == "200" || code == "201" || code == "202" || code == "407";
}

// A word, a code or a fraud_status that does not fit the others decides nothing.
Verdict verdict_of(std::string_view code, std::string_view status, std::string_view fraud) {
  if (!is_transaction_code(code)) return Verdict::unknown;
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
  static constexpr std::string_view taken[] = {
      "capture", "settlement", "refund", "partial_refund", "chargeback", "partial_chargeback"};
  const bool is_taken = std::ranges::find(taken, status) != std::end(taken);
  return is_taken ? Verdict::captured : Verdict::unknown;
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
  const bool is_done = !text_at(refund, "bank_confirmed_at").empty() ||
                       is_given_back_at_once(account, word_at(transaction, "payment_type"));
  return is_done ? Verdict::captured : Verdict::pending;
}

}  // namespace

std::string id_at(const Json& body, std::string_view path) { return plain_id_at(body, path); }

std::string code_of(const Json& body) { return decimal_at(body, "status_code"); }

std::optional<Money> money_at(const Json& body, std::string_view path) {
  const std::string code = text_at(body, "currency");
  const auto currency = find_currency(code.empty() ? "IDR" : code);
  if (!currency) return std::nullopt;
  const auto amount = amount_from_decimal(decimal_at(body, path), currency->exponent());
  if (!amount) return std::nullopt;
  return Money{*amount, *currency};
}

bool is_page_over(const Charge& charge) {
  const auto ends_at = parse_rfc3339(text_at(charge.memory, "page_ends_at"));
  return ends_at && charge.now > *ends_at + 30min;
}

void add_refusal(Update& update, const std::string& code, const std::string& message) {
  update.provider_code = code;
  update.provider_message = message;
  update.decline = decline_from(declines, code);
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
  const std::string id = id_at(transaction, "transaction_id");
  if (update.verdict == Verdict::captured || update.verdict == Verdict::authorized) {
    if (!update.money) update.verdict = Verdict::unknown;  // cannot be compared with ours
    // A page may see several transactions until one is paid; only that one names the charge.
    update.provider_reference = id;
  }
  if (update.verdict == Verdict::captured) {
    split_off_received(update, charge);
    const auto refunded = money_at(transaction, "refund_amount");
    if (refunded && refunded->amount > 0) update.refunded_total = refunded->amount;
  }
  if (update.verdict == Verdict::refused) {
    add_refusal(update, refusal_code(transaction), refusal_message(transaction));
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
