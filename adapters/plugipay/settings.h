// What an account's settings mean for what we write and read.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/account.h"
#include "domain/money.h"

namespace switchyard::plugipay_words {

// Which of the two published contracts we write: that of the vendor's pages, or of its libraries.
inline bool is_doc(const Account& account) { return account.setting("dialect") == "doc"; }

inline std::int64_t number_in(const Account& account, std::string_view name,
                              std::int64_t otherwise) {
  return amount_from_decimal(account.setting(name), 0).value_or(otherwise);
}

// "qris, va" → qris and va.
inline std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string item(list.substr(0, end));
    std::erase(item, ' ');
    if (!item.empty()) items.push_back(std::move(item));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return items;
}

// How many decimals an amount has there. Most of Plugipay's pages count whole rupiah, some of its
// examples hundredths. Nullopt for a setting that is neither.
inline std::optional<int> exponent_of(const Account& account, Currency currency) {
  if (currency.code() != "IDR") return currency.exponent();
  const std::int64_t set = number_in(account, "currency_exponent_idr", -1);
  if (set < 0 || set > 2) return std::nullopt;
  return static_cast<int>(set);
}

// What a refund names: "session", "charge" or "payment".
inline std::string refund_target(const Account& account) {
  const std::string& set = account.setting("refund_target");
  if (!set.empty()) return set;
  return is_doc(account) ? "payment" : "session";
}

}  // namespace switchyard::plugipay_words
