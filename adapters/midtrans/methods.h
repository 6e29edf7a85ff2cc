// What is known of Midtrans' methods: how much each takes, and whether it can be given back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "domain/account.h"
#include "domain/money.h"

namespace switchyard::midtrans_words {

// In rupiah, by the name that `enabled_payments` has for a method.
struct MethodLimits {
  std::string_view name;
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
};
inline constexpr std::int64_t no_limit = max_amount;  // none is stated
// clang-format off
inline constexpr MethodLimits method_limits[] = {
    {"credit_card", 10'000,    999'999'999},
    {"bca_va",      10'000, 20'000'000'000},
    {"bri_va",           1, 20'000'000'000},
    {"echannel",         1, 50'000'000'000},
    {"permata_va",       1,  9'999'999'999},
    {"cimb_va",          1,    250'000'000},
    {"bsi_va",       1'000,       no_limit},
    {"gopay",            1,     20'000'000},
    {"shopeepay",        1,     20'000'000},
    {"dana",             1,     20'000'000},
    {"ovo",              1,     99'999'999},
    {"other_qris",       1,     10'000'000},
    {"alfamart",         1,      5'000'000},
    {"indomaret",   10'000,      5'000'000},
    {"akulaku",      5'000,       no_limit},
};
// clang-format on

inline constexpr std::string_view documented_methods =
    "credit_card,gopay,shopeepay,other_qris,bca_va,bni_va,bri_va,echannel,permata_va,indomaret,"
    "alfamart";

// What several methods take between them; of no methods nothing is known.
inline MethodLimits limits_of(const std::vector<std::string>& methods) {
  static constexpr MethodLimits unknown = {"", 0, no_limit};
  if (methods.empty()) return unknown;
  MethodLimits all = {"", no_limit, 0};
  for (const std::string_view name : methods) {
    const auto* row = std::ranges::find(method_limits, name, &MethodLimits::name);
    const MethodLimits& own = row == std::end(method_limits) ? unknown : *row;
    all.minimum = std::min(all.minimum, own.minimum);
    all.maximum = std::max(all.maximum, own.maximum);
  }
  return all;
}

// By `payment_type`, the name that a transaction has for its method.
inline constexpr std::string_view never_given_back = "bank_transfer,echannel,cstore";
inline constexpr std::string_view given_back_whole = "shopeepay,ovo";
// A refund of these that Midtrans has accepted is done; that of a card waits for its bank.
inline constexpr std::string_view given_back_at_once = "gopay,shopeepay,qris,dana,ovo";

// Whether a refund goes to the direct call, after which it is done at once as well.
inline bool is_direct(const Account& account, std::string_view type) {
  return is_listed(account.setting("direct_refund_methods"), type);
}

}  // namespace switchyard::midtrans_words
