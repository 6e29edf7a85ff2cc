#include "adapters/midtrans/calls.h"

#include <utility>

#include "adapters/wire.h"

namespace switchyard::midtrans_words {
namespace {

// Whoever puts something else in the place of Midtrans serves both APIs there.
std::string snap_base(const Account& account) {
  const std::string& own = account.setting("snap_base_url");
  if (!own.empty()) return own;
  if (account.base_url != core_test && account.base_url != core_live) return account.base_url;
  return account.mode == Mode::live ? "https://app.midtrans.com"
                                    : "https://app.sandbox.midtrans.com";
}

// Without this Accept the answer is a 403.
HttpRequest signed_in(const Account& account, std::string method, std::string url) {
  return {
      .method = std::move(method),
      .url = std::move(url),
      .headers = {{"Authorization", basic_authorization(account.setting("server_key"), "")},
                  {"Content-Type", "application/json"},
                  {"Accept", "application/json"}},
  };
}

}  // namespace

HttpRequest snap_call(const Account& account, const std::string& path) {
  return signed_in(account, "POST", snap_base(account) + "/snap/v1" + path);
}

HttpRequest core_call(const Account& account, std::string method, const std::string& path) {
  return signed_in(account, std::move(method), account.base_url + "/v2" + path);
}

// A transaction is called by our order id; one of DANA's only by its own.
HttpRequest transaction_call(const Account& account, const Charge& charge, std::string method,
                             std::string_view what) {
  const std::string id = text_at(charge.memory, "transaction_id");
  const bool is_dana = text_at(charge.memory, "payment_type") == "dana" && !id.empty();
  const std::string name = percent_encoded(is_dana ? id : charge.attempt_id);
  HttpRequest request = core_call(account, std::move(method), "/" + name + "/" + std::string(what));
  if (is_dana) request.headers.emplace_back("transaction-source", "SNAP_API");
  return request;
}

}  // namespace switchyard::midtrans_words
