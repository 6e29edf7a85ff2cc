// What Xendit keeps, its table of channels, and how it writes things down. Amounts are kept in the
// smallest unit and written in major ones, as JSON numbers.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/json.h"

namespace switchyard::sandbox::xendit_simulator {

// A wallet's page, a prompt on the phone, a bank account made for one transfer.
enum class Kind { page, push, account };

struct Channel {
  std::string_view code;
  std::string_view currency;
  Kind kind;
  std::int64_t minimum;  // in major units; 0: not stated
  std::int64_t maximum;
  std::int64_t lasts_sec;  // 0: as asked
  bool gives_back = true;
  bool gives_back_parts = true;
};

// clang-format off
inline constexpr Channel channels[] = {
    {"OVO",                     "IDR", Kind::push,    100,    20'000'000,        55, false, false},
    {"DANA",                    "IDR", Kind::page,    100,    20'000'000,     86400},
    {"SHOPEEPAY",               "IDR", Kind::page,    1,      20'000'000,      1800},
    {"LINKAJA",                 "IDR", Kind::page,    100,    10'000'000,      1800, true,  false},
    {"ASTRAPAY",                "IDR", Kind::page,    0,      0,               1800, false, false},
    {"GCASH",                   "PHP", Kind::page,    1,      100'000,          900},
    {"GRABPAY",                 "PHP", Kind::page,    1,      100'000,          900},
    {"PAYMAYA",                 "PHP", Kind::page,    0,      0,                900},
    {"BCA_VIRTUAL_ACCOUNT",     "IDR", Kind::account, 10'000, 50'000'000,         0, false, false},
    {"BNI_VIRTUAL_ACCOUNT",     "IDR", Kind::account, 1,      50'000'000'000,     0, false, false},
    {"BRI_VIRTUAL_ACCOUNT",     "IDR", Kind::account, 1,      50'000'000'000,     0, false, false},
    {"BSI_VIRTUAL_ACCOUNT",     "IDR", Kind::account, 1,      50'000'000'000,     0, false, false},
    {"MANDIRI_VIRTUAL_ACCOUNT", "IDR", Kind::account, 1,      50'000'000'000,     0, false, false},
    {"PERMATA_VIRTUAL_ACCOUNT", "IDR", Kind::account, 1,      9'999'999'999,      0, false, false},
    {"CIMB_VIRTUAL_ACCOUNT",    "IDR", Kind::account, 0,      0,                  0, false, false},
};

// What an invoice's page offers: its name in payment_methods, and what payment_method calls it.
struct PageChannel {
  std::string_view name, method, currency;  // "": all
  bool gives_back = true, gives_back_parts = true;
};
inline constexpr PageChannel page_channels[] = {
    {"CREDIT_CARD", "CREDIT_CARD",   ""},
    {"DANA",        "EWALLET",       "IDR"},
    {"OVO",         "EWALLET",       "IDR", false, false},
    {"SHOPEEPAY",   "EWALLET",       "IDR"},
    {"LINKAJA",     "EWALLET",       "IDR", true,  false},
    {"QRIS",        "QR_CODE",       "IDR"},
    {"BCA",         "BANK_TRANSFER", "IDR", false, false},
    {"BNI",         "BANK_TRANSFER", "IDR", false, false},
    {"BRI",         "BANK_TRANSFER", "IDR", false, false},
    {"MANDIRI",     "BANK_TRANSFER", "IDR", false, false},
    {"ALFAMART",    "RETAIL_OUTLET", "IDR", false, false},
    {"INDOMARET",   "RETAIL_OUTLET", "IDR", false, false},
    {"GCASH",       "EWALLET",       "PHP"},
    {"GRABPAY",     "EWALLET",       "PHP"},
    {"PAYMAYA",     "EWALLET",       "PHP"},
    {"PROMPTPAY",   "QR_CODE",       "THB", false, false},
};
// clang-format on

inline const Channel* find_channel(std::string_view code) {
  const auto* found = std::ranges::find(channels, code, &Channel::code);
  return found == std::end(channels) ? nullptr : found;
}
inline const PageChannel* find_page_channel(std::string_view name) {
  const auto* found = std::ranges::find(page_channels, name, &PageChannel::name);
  return found == std::end(page_channels) ? nullptr : found;
}

// What can be paid: an invoice or a payment request.
struct Payable {
  std::string id, mode, user_id, reference, currency, description, created, updated;
  std::string status;
  std::int64_t amount = 0, paid = 0, refund_asked = 0;
  std::int64_t ends_at = 0;     // Unix seconds
  bool is_refunding = false;    // one at a time
  Json asked = Json::object();  // the request as it came
  // Of an invoice: how it was paid.
  std::string page_channel;
  // Of a payment request.
  const Channel* channel = nullptr;
  std::string payment_id, capture_id, failure_code, account_number;

  bool is_invoice() const { return channel == nullptr; }
  bool is_paid() const { return status == "PAID" || status == "SUCCEEDED"; }
  bool is_open() const { return status == "PENDING" || status == "REQUIRES_ACTION"; }
};

struct Refund {
  std::string id, mode, payable_id, reference, currency, reason, status = "PENDING", failure_code;
  std::string created, updated;
  std::int64_t amount = 0;
  Json metadata = nullptr;
};

inline int decimals_of(std::string_view currency) {
  return currency == "IDR" || currency == "VND" ? 0 : 2;
}

// "10.01" → 1001. Nullopt for what is no amount above zero, or too fine for the currency, or has
// more digits than a JSON number keeps.
inline std::optional<std::int64_t> smallest_unit(std::string_view decimal, int decimals) {
  std::int64_t amount = 0;
  int after_point = -1;
  for (const char c : decimal) {
    if (c == '.' && after_point < 0) {
      after_point = 0;
      continue;
    }
    if (c < '0' || c > '9' || amount > 99'999'999'999'999) return {};
    if (after_point >= 0 && ++after_point > decimals) {
      if (c != '0') return {};
      continue;
    }
    amount = amount * 10 + (c - '0');
  }
  for (int i = std::clamp(after_point, 0, decimals); i < decimals; ++i) amount *= 10;
  const bool is_fine = amount > 0 && amount <= 999'999'999'999'999;
  return is_fine ? std::optional(amount) : std::nullopt;
}

inline std::string decimal_text(std::int64_t amount, std::string_view currency) {
  const auto decimals = static_cast<std::size_t>(decimals_of(currency));
  std::string digits = std::to_string(amount);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return digits;
}

inline Json major(std::int64_t amount, std::string_view currency) {
  return number_json(decimal_text(amount, currency));
}

inline Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

inline std::string time_text(std::int64_t unix_time) {
  return to_rfc3339(from_unix_seconds(unix_time));
}

inline void copy_members(Json& into, const Json& from, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (from.contains(name)) into[name] = from[name];
}

// An invoice's page: what its currency has, and of that, where ways to pay were named, only those.
inline bool offers(const Payable& invoice, const PageChannel& channel) {
  const Json& wanted = member_at(invoice.asked, "payment_methods");
  const std::string name(channel.name);
  const bool is_wanted = wanted.empty() || std::ranges::find(wanted, Json(name)) != wanted.end();
  return is_wanted && (channel.currency.empty() || channel.currency == invoice.currency);
}

// ---- how it is written

// A webhook's, which is shorter than an answer.
inline Json invoice_event(const Payable& invoice) {
  Json object = {
      {"id", invoice.id},
      {"external_id", invoice.reference},
      {"user_id", invoice.user_id},
      {"status", invoice.status},
      {"merchant_name", "Your Business Name"},
      {"amount", major(invoice.amount, invoice.currency)},
      {"currency", invoice.currency},
      {"created", invoice.created},
      {"updated", invoice.updated},
      {"is_high", false},
  };
  copy_members(object, invoice.asked,
               {"description", "success_redirect_url", "failure_redirect_url", "metadata"});
  if (!invoice.is_paid()) return object;
  const PageChannel* channel = find_page_channel(invoice.page_channel);
  object["paid_amount"] = major(invoice.paid, invoice.currency);
  object["paid_at"] = invoice.updated;
  object["payment_method"] = channel ? channel->method : "";
  object["payment_channel"] = invoice.page_channel;
  object["payment_id"] = invoice.payment_id;
  return object;
}

// What its page offers of one kind, each by its name.
inline Json offered(const Payable& invoice, std::string_view method, const char* member) {
  Json list = Json::array();
  for (const PageChannel& channel : page_channels) {
    if (channel.method != method || !offers(invoice, channel)) continue;
    Json entry = Json::object();
    entry[member] = channel.name;
    list.push_back(std::move(entry));
  }
  return list;
}

inline Json banks_offered(const Payable& invoice) {
  Json banks = offered(invoice, "BANK_TRANSFER", "bank_code");
  for (Json& bank : banks) {
    bank["collection_type"] = "POOL";
    bank["transfer_amount"] = major(invoice.amount, invoice.currency);
    bank["bank_branch"] = "Virtual Account";
    bank["account_holder_name"] = "YOUR BUSINESS NAME";
    bank["identity_amount"] = 0;
  }
  return banks;
}

inline Json invoice_json(const Payable& invoice, const std::string& page_url) {
  Json object = invoice_event(invoice);
  object.erase("is_high");
  object["merchant_profile_picture_url"] = "https://shop.example/picture.png";
  object["expiry_date"] = time_text(invoice.ends_at);
  object["invoice_url"] = page_url;
  object["available_banks"] = banks_offered(invoice);
  object["available_retail_outlets"] = offered(invoice, "RETAIL_OUTLET", "retail_outlet_name");
  object["available_ewallets"] = offered(invoice, "EWALLET", "ewallet_type");
  object["available_qr_codes"] = offered(invoice, "QR_CODE", "qr_code_type");
  object["available_direct_debits"] = Json::array();
  object["available_paylaters"] = Json::array();
  object["should_exclude_credit_card"] = false;
  object["should_send_email"] = false;
  if (invoice.is_paid()) object["initial_amount"] = object["amount"];
  copy_members(object, invoice.asked, {"customer", "items"});
  return object;
}

// What an answer and a webhook say of a payment request alike.
inline Json request_core(const Payable& request) {
  Json object = {
      {"business_id", request.user_id},
      {"reference_id", request.reference},
      {"payment_request_id", request.id},
      {"type", "PAY"},
      {"country", request.currency == "PHP" ? "PH" : "ID"},
      {"currency", request.currency},
      {"request_amount", major(request.amount, request.currency)},
      {"capture_method", "AUTOMATIC"},
      {"channel_code", request.channel->code},
      {"status", request.status},
      {"created", request.created},
      {"updated", request.updated},
  };
  copy_members(object, request.asked, {"channel_properties", "description", "metadata"});
  if (request.status == "FAILED") object["failure_code"] = request.failure_code;
  return object;
}

inline Json payment_json(const Payable& request) {
  Json object = request_core(request);
  object["payment_id"] = request.payment_id;
  if (request.status == "SUCCEEDED") {
    const Json capture = {{"capture_timestamp", request.updated},
                          {"capture_id", request.capture_id},
                          {"capture_amount", major(request.paid, request.currency)}};
    object["captures"] = Json::array({capture});
  }
  return object;
}

inline Json request_json(const Payable& request, const std::string& page_url) {
  Json object = request_core(request);
  const Json to_page = {
      {"type", "REDIRECT_CUSTOMER"}, {"descriptor", "WEB_URL"}, {"value", page_url}};
  const Json to_account = {{"type", "PRESENT_TO_CUSTOMER"},
                           {"descriptor", "VIRTUAL_ACCOUNT_NUMBER"},
                           {"value", request.account_number}};
  object["actions"] = Json::array();
  if (request.status == "REQUIRES_ACTION" && request.channel->kind == Kind::page)
    object["actions"].push_back(to_page);
  if (request.channel->kind == Kind::account) object["actions"].push_back(to_account);
  if (!request.payment_id.empty()) object["latest_payment_id"] = request.payment_id;
  return object;
}

inline std::string_view method_of(const Payable& payable) {
  if (payable.channel)
    return payable.channel->kind == Kind::account ? "VIRTUAL_ACCOUNT" : "EWALLET";
  const PageChannel* channel = find_page_channel(payable.page_channel);
  return channel ? channel->method : "";
}

inline Json refund_json(const Refund& refund, const Payable& payable) {
  const Json id = payable.id, none = nullptr;
  return {
      {"id", refund.id},
      {"payment_request_id", payable.is_invoice() ? none : id},
      {"payment_id", or_null(payable.payment_id)},
      {"invoice_id", payable.is_invoice() ? id : none},
      {"payment_method_type", method_of(payable)},
      {"channel_code",
       payable.is_invoice() ? payable.page_channel : std::string(payable.channel->code)},
      {"reference_id", refund.reference},
      {"currency", refund.currency},
      {"amount", major(refund.amount, refund.currency)},
      {"status", refund.status},
      {"reason", refund.reason},
      {"failure_code", or_null(refund.failure_code)},
      {"refund_fee_amount", nullptr},
      {"metadata", refund.metadata},
      {"created", refund.created},
      {"updated", refund.updated},
  };
}

}  // namespace switchyard::sandbox::xendit_simulator
