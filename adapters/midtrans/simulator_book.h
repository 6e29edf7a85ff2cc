// What Midtrans keeps: orders with their pages, transactions with their refunds, how it writes them
// down; and its tables of test cards and phones.
#pragma once

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"

namespace switchyard::sandbox::midtrans_simulator {

struct Refund {
  std::int64_t id = 0, amount = 0, confirmed_at = 0;
  std::string key, reason, method, created_at;
};

// What came of a method that the payer has chosen. Nothing is there before.
struct Transaction {
  std::string id, payment_type, status = "pending", fraud = "accept", channel_code, message;
  std::string enabled_name;  // "bca_va", as the page calls it
  std::string number;        // of a VA or a payment code
  std::string masked_card;
  std::int64_t gross = 0, made_at = 0, settled_at = 0, expires_at = 0;
  std::vector<Refund> refunds;

  std::int64_t refunded() const {
    std::int64_t sum = 0;
    for (const Refund& each : refunds) sum += each.amount;
    return sum;
  }
  bool is_open() const { return !id.empty() && status != "deny"; }
};

struct Order {
  std::string id, server_key, token, finish_url, custom_field1;
  std::string card;                      // waits for its one-time password
  std::vector<std::string> methods;      // of the page; empty: all
  std::vector<std::string> notify_urls;  // instead of, or besides, the dashboard's
  bool is_only_these_urls = false;
  bool is_authorize = false;
  bool is_page_canceled = false;
  std::int64_t gross = 0, page_ends_at = 0, payment_ends_at = 0;  // 0: each method's own time
  Transaction transaction = {};

  bool takes(std::string_view method) const {
    return methods.empty() || std::ranges::find(methods, method) != methods.end();
  }
};

// "2026-02-01 18:27:19": GMT+7, without saying so.
inline std::string jakarta_time(std::int64_t unix_time) {
  const std::string text = to_rfc3339(from_unix_seconds(unix_time + 7 * 3600));
  return text.substr(0, 10) + " " + text.substr(11, 8);
}

// The other way round, from "2026-02-01 15:00:00 +0700"; `otherwise` for what is not written so.
inline std::int64_t unix_time_of(const std::string& text, std::int64_t otherwise) {
  if (text.size() != 25 || text.substr(19) != " +0700") return otherwise;
  const auto time = parse_rfc3339(text.substr(0, 10) + "T" + text.substr(11, 8) + "+07:00");
  return time ? unix_seconds(*time) : otherwise;
}

inline std::string rupiah(std::int64_t amount) { return std::to_string(amount) + ".00"; }

// The code that travels with each status. That a card is challenged only its fraud_status tells.
inline std::string code_of(const Transaction& transaction) {
  const std::string& status = transaction.status;
  if (status == "pending") return "201";
  if (status == "deny" || status == "cancel") return "202";
  return status == "expire" ? "407" : "200";
}

// How a card ends: "" is accepted.
struct TestCard {
  std::string_view number;
  std::string_view code;
  std::string_view sentence;
};
constexpr std::string_view fraud_card = "4611111111111116";
constexpr std::string_view slow_card = "4024007176265022";
// clang-format off
inline constexpr TestCard test_cards[] = {
    {"4811111111111114", "",   "is accepted"},
    {"4911111111111113", "05", "is denied by its bank"},
    {fraud_card,         "",   "is denied by the fraud system"},
    {"4472429869996670", "51", "has too little money"},
    {slow_card,          "",   "is accepted after a minute"},
};
// clang-format on

inline std::string code_of_card(std::string_view number) {
  const auto* card = std::ranges::find(test_cards, number, &TestCard::number);
  return card == std::end(test_cards) ? "05" : std::string(card->code);
}

// How OVO ends: "" is paid; "expire" when nobody answers.
struct TestPhone {
  std::string_view number;
  std::string_view code;
  std::string_view sentence;
};
// clang-format off
inline constexpr TestPhone test_phones[] = {
    {"628249134000",  "14",     "is not registered"},
    {"628271939753",  "17",     "says no"},
    {"628242014881",  "26",     "cannot be reached by a push"},
    {"628237435829",  "40",     "fails"},
    {"628215023424",  "68",     "stays pending"},
    {"628242974268",  "expire", "does not answer"},
};
// clang-format on

// However it was typed: "+62 824-9134-000", "08249134000".
inline std::string code_of_phone(std::string phone) {
  std::erase_if(phone, [](char c) { return c == ' ' || c == '+' || c == '-'; });
  if (phone.starts_with('0')) phone = std::string("62").append(phone, 1);
  const auto* found = std::ranges::find(test_phones, std::string_view(phone), &TestPhone::number);
  return found == std::end(test_phones) ? "" : std::string(found->code);
}

// The name on the page, what the transaction calls it, and how long it can be paid.
struct Method {
  std::string_view name;
  std::string_view payment_type;
  std::string_view title;
  std::int64_t lasts_sec = 0;
};
// clang-format off
inline constexpr Method page_methods[] = {
    {"gopay",       "gopay",         "GoPay",                 15 * 60},
    {"gopay_qr",    "qris",          "GoPay's QR code",       15 * 60},
    {"shopeepay",   "shopeepay",     "ShopeePay",             15 * 60},
    {"other_qris",  "qris",          "QRIS",                  15 * 60},
    {"dana",        "dana",          "DANA",                  15 * 60},
    {"ovo",         "ovo",           "OVO",                   65},
    {"bca_va",      "bank_transfer", "BCA virtual account",   24 * 3600},
    {"bni_va",      "bank_transfer", "BNI virtual account",   24 * 3600},
    {"bri_va",      "bank_transfer", "BRI virtual account",   24 * 3600},
    {"permata_va",  "bank_transfer", "Permata virtual account", 24 * 3600},
    {"echannel",    "echannel",      "Mandiri bill payment",  24 * 3600},
    {"indomaret",   "cstore",        "Indomaret",             24 * 3600},
    {"alfamart",    "cstore",        "Alfamart",              24 * 3600},
};
// clang-format on

inline const Method* find_method(std::string_view name) {
  const auto* found = std::ranges::find(page_methods, name, &Method::name);
  return found == std::end(page_methods) ? nullptr : found;
}

inline bool is_card(const Transaction& transaction) {
  return transaction.payment_type == "credit_card";
}

// Ten digits that belong to the order, as banks and shops ask for them.
inline std::string number_of(const std::string& order_id) {
  return std::to_string(std::uint64_t{1'000'000'000} + crc32_of(order_id));
}

inline void add_method(Json& object, const Transaction& transaction) {
  const std::string& name = transaction.enabled_name;
  if (is_card(transaction)) {
    object["masked_card"] = transaction.masked_card;
    object["bank"] = "bni";
    object["card_type"] = "credit";
    object["eci"] = "05";
    if (transaction.status != "deny") object["approval_code"] = "1578569243927";
  } else if (name == "permata_va") {
    object["permata_va_number"] = transaction.number;
  } else if (transaction.payment_type == "bank_transfer") {
    const Json number = {{"bank", name.substr(0, 3)}, {"va_number", transaction.number}};
    object["va_numbers"] = Json::array({number});
    object["payment_amounts"] = Json::array();
  } else if (name == "echannel") {
    object["biller_code"] = "70012";
    object["bill_key"] = transaction.number;
  } else if (transaction.payment_type == "cstore") {
    object["store"] = name;
    object["payment_code"] = transaction.number;
  } else if (transaction.payment_type == "qris") {
    object["transaction_type"] = "on-us";
    object["issuer"] = "gopay";
    object["acquirer"] = "gopay";
  }
  if (!transaction.channel_code.empty()) {
    object["channel_response_code"] = transaction.channel_code;
    object["channel_response_message"] = transaction.message;
  }
}

// Where a wallet's app or a QR code is opened. Other methods have no actions.
inline Json actions_of(const Transaction& transaction, const std::string& base) {
  const std::string& type = transaction.payment_type;
  const std::string self = base + "/v2/" + transaction.id;
  Json actions = Json::array();
  const auto add = [&](const char* name, const char* method, const std::string& url) {
    const Json action = {{"name", name}, {"method", method}, {"url", url}};
    actions.push_back(action);
  };
  if (type == "gopay" || type == "qris")
    add("generate-qr-code", "GET", base + "/v2/" + type + "/" + transaction.id + "/qr-code");
  if (type == "gopay" || type == "shopeepay")
    add("deeplink-redirect", "GET", base + "/v2/deeplink/index?id=" + transaction.id);
  if (type == "gopay") {
    add("get-status", "GET", self + "/status");
    add("cancel", "POST", self + "/cancel");
  }
  return actions;
}

inline Json refund_json(const Refund& refund) {
  Json object = {{"refund_chargeback_id", refund.id}, {"refund_amount", rupiah(refund.amount)},
                 {"created_at", refund.created_at},   {"reason", refund.reason},
                 {"refund_key", refund.key},          {"refund_method", refund.method}};
  if (refund.confirmed_at > 0) object["bank_confirmed_at"] = jakarta_time(refund.confirmed_at);
  return object;
}

// A transaction as status, notifications and the answers of operations show it.
inline Json transaction_json(const Order& order, const std::string& code,
                             const std::string& message) {
  const Transaction& transaction = order.transaction;
  std::string status = transaction.status;
  if (transaction.payment_type == "dana" && status == "pending") status = "PENDING";
  Json object = {{"status_code", code},
                 {"status_message", message},
                 {"transaction_id", transaction.id},
                 {"order_id", order.id},
                 {"merchant_id", "G141532850"},
                 {"gross_amount", rupiah(transaction.gross)},
                 {"currency", "IDR"},
                 {"payment_type", transaction.payment_type},
                 {"transaction_time", jakarta_time(transaction.made_at)},
                 {"transaction_status", status}};
  if (transaction.enabled_name != "indomaret") object["fraud_status"] = transaction.fraud;
  if (transaction.settled_at > 0) object["settlement_time"] = jakarta_time(transaction.settled_at);
  object["expiry_time"] = jakarta_time(transaction.expires_at);
  add_method(object, transaction);
  if (!order.custom_field1.empty()) object["custom_field1"] = order.custom_field1;
  if (!transaction.refunds.empty()) {
    object["refund_amount"] = rupiah(transaction.refunded());
    for (const Refund& each : transaction.refunds) object["refunds"].push_back(refund_json(each));
  }
  object["signature_key"] =
      sha512_hex(order.id + code + rupiah(transaction.gross) + order.server_key);
  return object;
}

}  // namespace switchyard::sandbox::midtrans_simulator
