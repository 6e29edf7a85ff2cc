// What Orange keeps of a page, the currency of each country's offer, and the numbers it makes up.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json.h"

namespace switchyard::sandbox::orange_money_simulator {

struct WebPayment {
  std::string pay_token, notif_token, country, order_id, currency, shop;
  std::string return_url, cancel_url, notif_url, status = "INITIATED";
  std::string txnid;  // once a transaction took place
  std::int64_t amount = 0;
  std::int64_t opened_at = 0;  // Unix seconds
};

struct CountryOffer {
  std::string_view code, currency;
};
// clang-format off
inline constexpr CountryOffer offers[] = {
    {"dev", "OUV"},
    {"ci", "XOF"}, {"sn", "XOF"}, {"ml", "XOF"}, {"bf", "XOF"}, {"ne", "XOF"}, {"gw", "XOF"},
    {"cm", "XAF"}, {"cf", "XAF"}, {"gn", "GNF"}, {"mg", "MGA"}, {"bw", "BWP"}, {"sl", "SLE"},
    {"lr", "LRD"}, {"cd", "CDF"},
};
// clang-format on

// "" for a country that Orange is not in.
inline std::string_view currency_of(std::string_view country) {
  const auto* offer = std::ranges::find(offers, country, &CountryOffer::code);
  return offer == std::end(offers) ? std::string_view() : offer->currency;
}

// "MP150709.1341.A00073"
inline std::string transaction_id(std::int64_t unix_time, int number) {
  const std::string at = to_rfc3339(from_unix_seconds(unix_time));  // 2015-07-09T13:41:…
  const std::string digits = std::to_string(100'000 + number % 100'000).substr(1);
  return "MP" + at.substr(2, 2) + at.substr(5, 2) + at.substr(8, 2) + "." + at.substr(11, 2) +
         at.substr(14, 2) + ".A" + digits;
}

inline std::string new_one_time_code() {
  std::uint32_t number = 0;
  for (const char byte : random_bytes(3)) number = (number << 8) | std::uint8_t(byte);
  return std::to_string(1'000'000 + number % 1'000'000).substr(1);
}

inline Json notification_of(const WebPayment& payment) {
  return {
      {"status", payment.status}, {"notif_token", payment.notif_token}, {"txnid", payment.txnid}};
}

}  // namespace switchyard::sandbox::orange_money_simulator
