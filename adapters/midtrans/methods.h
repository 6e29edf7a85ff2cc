// What is known of Midtrans' methods: how much each takes, and whether it can be given back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "domain/account.h"

namespace switchyard::midtrans_words {

// In rupiah, by the name that `enabled_payments` has for a method; 0: no limit is stated.
struct MethodLimits {
  std::string_view name;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};
// clang-format off
inline constexpr MethodLimits method_limits[] = {
    {"credit_card", 10'000,    999'999'999},
    {"bca_va",      10'000, 20'000'000'000},
    {"bri_va",           1, 20'000'000'000},
    {"echannel",         1, 50'000'000'000},
    {"permata_va",       1,  9'999'999'999},
    {"cimb_va",          1,    250'000'000},
    {"bsi_va",       1'000,              0},
    {"gopay",            1,     20'000'000},
    {"shopeepay",        1,     20'000'000},
    {"dana",             1,     20'000'000},
    {"ovo",              1,     99'999'999},
    {"other_qris",       1,     10'000'000},
    {"alfamart",         1,      5'000'000},
    {"indomaret",   10'000,      5'000'000},
    {"akulaku",      5'000,              0},
};
// clang-format on

inline constexpr std::string_view documented_methods =
    "credit_card,gopay,shopeepay,other_qris,bca_va,bni_va,bri_va,echannel,permata_va,indomaret,"
    "alfamart";

// Calls `each` with every word of "gopay, shopeepay".
template <class Each>
void for_each_word(std::string_view list, Each each) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.empty()) each(word);
  }
}

inline bool is_named(std::string_view list, std::string_view word) {
  bool is_there = false;
  for_each_word(list, [&](std::string_view each) { is_there |= each == word; });
  return is_there;
}

// What the methods of a list take between them.
inline MethodLimits limits_of(std::string_view methods) {
  MethodLimits all = {};
  bool is_first = true;
  for_each_word(methods, [&](std::string_view word) {
    const auto* row = std::ranges::find(method_limits, word, &MethodLimits::name);
    const MethodLimits own = row == std::end(method_limits) ? MethodLimits{word, 0, 0} : *row;
    all.minimum = is_first ? own.minimum : std::min(all.minimum, own.minimum);
    if (is_first)
      all.maximum = own.maximum;
    else
      all.maximum = all.maximum == 0 || own.maximum == 0 ? 0 : std::max(all.maximum, own.maximum);
    is_first = false;
  });
  return all;
}

// By `payment_type`, the name that a transaction has for its method.

inline bool is_never_given_back(std::string_view type) {
  return type == "bank_transfer" || type == "echannel" || type == "cstore";
}

inline bool is_given_back_whole(std::string_view type) {
  return type == "shopeepay" || type == "ovo";
}

inline bool is_direct(const Account& account, std::string_view type) {
  return is_named(account.setting("direct_refund_methods"), type);
}

// Whether a refund that Midtrans has accepted is done; that of a card waits for its bank.
inline bool is_given_back_at_once(const Account& account, std::string_view type) {
  return is_named("gopay,shopeepay,qris,dana,ovo", type) || is_direct(account, type);
}

}  // namespace switchyard::midtrans_words
