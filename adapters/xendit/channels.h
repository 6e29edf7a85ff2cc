// Xendit's channels as its table of them has it: what they are called, what they take, and what
// they give back. The values change now and then; an account's own limits stand above them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/text.h"

namespace switchyard::xendit_words {

inline constexpr std::string_view virtual_account_ending = "_VIRTUAL_ACCOUNT";

struct VirtualAccount {
  std::string_view channel;
  std::int64_t minimum;  // rupiah
  std::int64_t maximum;
};
inline constexpr VirtualAccount virtual_accounts[] = {
    {"BCA_VIRTUAL_ACCOUNT", 10'000, 50'000'000},    {"BNI_VIRTUAL_ACCOUNT", 1, 50'000'000'000},
    {"BRI_VIRTUAL_ACCOUNT", 1, 50'000'000'000},     {"BSI_VIRTUAL_ACCOUNT", 1, 50'000'000'000},
    {"MANDIRI_VIRTUAL_ACCOUNT", 1, 50'000'000'000}, {"PERMATA_VIRTUAL_ACCOUNT", 1, 9'999'999'999},
};

// What was paid by these goes back by hand. OVO gives back only what was taken from a saved wallet,
// which we do not do.
inline bool gives_nothing_back(std::string_view method, std::string_view channel) {
  static constexpr std::string_view methods =
      "BANK_TRANSFER,CALLBACK_VIRTUAL_ACCOUNT,POOL,RETAIL_OUTLET";
  static constexpr std::string_view channels = "OVO,ASTRAPAY,PROMPTPAY,ALFAMART,INDOMARET";
  return is_listed(methods, method) || is_listed(channels, channel) ||
         channel.ends_with(virtual_account_ending);
}

}  // namespace switchyard::xendit_words
