// M-Pesa's nouns and words, for its simulator.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"
#include "web/message.h"

namespace switchyard::sandbox::mpesa_pay {

inline constexpr std::chrono::seconds payer_takes{5};
inline constexpr std::chrono::seconds prompt_lasts{60};

struct Prompt {
  std::string id = {};  // CheckoutRequestID
  std::string merchant_request_id = {};
  std::string short_code = {};
  std::string number = {};  // 2547…
  std::string callback_url = {};
  std::string reference = {};  // AccountReference
  std::string description = {};
  std::int64_t shillings = 0;
  std::int64_t expires_at = 0;
  std::int64_t queried_at = 0;
  std::string code = {};     // ResultCode; "" while it is open
  std::string receipt = {};  // once it is paid
  std::int64_t paid_at = 0;
  std::int64_t reversed = 0;  // shillings

  bool is_open() const { return code.empty(); }
};

// A call of the back office, whose result is a message.
struct Order {
  std::string originator_id = {};    // OriginatorConversationID
  std::string conversation_id = {};  // ConversationID
  std::string initiator = {};
  std::string receipt = {};
  std::int64_t shillings = 0;
  std::string result_url = {};
  std::string timeout_url = {};
  std::string occasion = {};
};

// "20231201120000" in Nairobi.
inline std::string east_african_time(std::int64_t unix_time) {
  std::string digits;
  for (const char c : to_rfc3339(from_unix_seconds(unix_time + 3 * 60 * 60)).substr(0, 19))
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

inline bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// What each ResultCode is said in.
inline std::string text_of(const std::string& code) {
  static const std::pair<std::string_view, std::string_view> rows[] = {
      {"0", "The service request is processed successfully."},
      {"1", "The balance is insufficient for the transaction."},
      {"2", "The amount is less than the minimum."},
      {"3", "The amount is more than the maximum."},
      {"4", "The amount is more than the daily limit."},
      {"17", "Rule limited."},
      {"26", "System busy. Try again in short while."},
      {"1001",
       "Unable to lock subscriber, a transaction is already in process for the current "
       "subscriber."},
      {"1019", "Transaction expired. No MO has been received."},
      {"1025", "An error occurred while sending a push request."},
      {"1032", "Request cancelled by user"},
      {"1037", "DS timeout user cannot be reached."},
      {"2001", "The initiator information is invalid."},
      {"9999", "An error occurred while sending a push request."},
  };
  for (const auto& [each, text] : rows)
    if (each == code) return std::string(text);
  return "A result that no page lists.";
}

inline Json number_of(const std::string& code) {
  std::int64_t number = 0;
  for (const char c : code) number = number * 10 + (c - '0');
  return number;
}

// How the caller tells its own requests apart in the ledger: the last part of the address at which
// it wants to hear of this one, up to a dot. AccountReference has room for twelve characters.
inline std::string name_in(const std::string& url, const std::string& otherwise) {
  const std::string last = url.substr(url.rfind('/') + 1);
  const std::string name = last.substr(0, last.find('.'));
  return name.empty() ? otherwise : name;
}

// ---- What the payer's number says about the payer

// 25470000CCCC: it ends with ResultCode CCCC. "" for other numbers.
inline std::string code_in(const std::string& number) {
  if (!number.starts_with("25470000")) return "";
  const std::string digits = number.substr(8);
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return digits.substr(first);
}

inline bool waits_for_its_page(const std::string& number) {
  return number == "254711000001" || number == "254711000004";
}
inline bool is_told_another_amount(const std::string& number) { return number == "254711000002"; }
inline bool is_never_called_back(const std::string& number) { return number == "254711000003"; }
inline bool is_told_a_new_word(const std::string& number) { return number == "254711000004"; }
inline bool is_refused_at_once(const std::string& number) { return number == "254711000005"; }
inline bool cannot_be_reversed(const std::string& number) { return number == "254711000006"; }
inline bool is_reversed_in_odd_words(const std::string& number) { return number == "254711000007"; }
inline bool is_left_in_the_queue(const std::string& number) { return number == "254711000008"; }
inline bool loses_its_result(const std::string& number) { return number == "254711000009"; }

// ---- Messages

inline Json callback_of(const Prompt& prompt) {
  Json said = {{"MerchantRequestID", prompt.merchant_request_id},
               {"CheckoutRequestID", prompt.id},
               {"ResultCode", number_of(prompt.code)},
               {"ResultDesc", text_of(prompt.code)}};
  if (prompt.code == "0") {
    const bool is_another = is_told_another_amount(prompt.number);
    const auto amount = static_cast<double>(is_another ? 1 : prompt.shillings);
    Json items = Json::array();
    items.push_back({{"Name", "Amount"}, {"Value", amount}});
    items.push_back({{"Name", "MpesaReceiptNumber"}, {"Value", prompt.receipt}});
    Json balance = Json::object();
    balance["Name"] = "Balance";
    items.push_back(balance);
    items.push_back(
        {{"Name", "TransactionDate"}, {"Value", number_of(east_african_time(prompt.paid_at))}});
    items.push_back({{"Name", "PhoneNumber"}, {"Value", number_of(prompt.number)}});
    said["CallbackMetadata"]["Item"] = items;
  }
  Json body = Json::object();
  body["Body"]["stkCallback"] = said;
  return body;
}

// `parameters` is a list, or null for none.
inline Json result_of(const Order& order, const std::string& code, const std::string& text,
                      const Json& parameters) {
  Json result = {{"ResultType", 0},
                 {"ResultCode", number_of(code)},
                 {"ResultDesc", text},
                 {"OriginatorConversationID", order.originator_id},
                 {"ConversationID", order.conversation_id},
                 {"TransactionID", new_id("r").substr(18)}};
  if (parameters.is_array()) result["ResultParameters"]["ResultParameter"] = parameters;
  result["ReferenceData"]["ReferenceItem"] = {{"Key", "Occasion"}, {"Value", order.occasion}};
  Json body = Json::object();
  body["Result"] = result;
  return body;
}

}  // namespace switchyard::sandbox::mpesa_pay
