// How Midtrans is called: by a Server Key, at one of two hosts.
#pragma once

#include <string>
#include <string_view>

#include "adapters/adapter.h"

namespace switchyard::midtrans_words {

inline constexpr std::string_view core_test = "https://api.sandbox.midtrans.com";
inline constexpr std::string_view core_live = "https://api.midtrans.com";

// The pages are Snap's, which has a host of its own.
HttpRequest snap_call(const Account& account, const std::string& path);

// POST or GET below /v2 of the Core API.
HttpRequest core_call(const Account& account, std::string method, const std::string& path);

// The same about this charge's transaction: /v2/ID/WHAT.
HttpRequest transaction_call(const Account& account, const Charge& charge, std::string method,
                             std::string_view what);

}  // namespace switchyard::midtrans_words
