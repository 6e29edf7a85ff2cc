#include "api/client_secret.h"

namespace switchyard {
namespace {

constexpr int most_wrong_per_hour = 20;
constexpr std::size_t most_payments = 50'000;
constexpr std::string_view purpose = "client_secret";
constexpr std::string_view separator = "_secret_";

}  // namespace

std::string client_secret_of(const Sealer& sealer, const std::string& payment_id) {
  return payment_id + std::string(separator) + sealer.derive(purpose, payment_id);
}

bool GuessLimit::allow_wrong(const std::string& payment_id,
                             std::chrono::steady_clock::time_point now) {
  const auto is_over = [&](const auto& each) {
    return now - each.second.begun >= std::chrono::hours(1);
  };
  const std::lock_guard lock(mutex_);
  if (hours_.size() >= most_payments) std::erase_if(hours_, is_over);
  // Somebody is guessing at all payments at once: what they know is lost, and so are the counts.
  if (hours_.size() >= most_payments) hours_.clear();
  const auto place = hours_.try_emplace(payment_id, Hour{.begun = now}).first;
  if (is_over(*place)) place->second = Hour{.begun = now};
  return ++place->second.wrong <= most_wrong_per_hour;
}

Result<void> check_client_secret(Api& api, const ApiCall& call, const std::string& payment_id,
                                 std::string_view in_body) {
  if (!call.asker.is_publishable) return {};
  std::string_view given = call.request.header("switchyard-client-secret");
  if (given.empty()) given = in_body;
  const std::string start = payment_id + std::string(separator);
  const bool is_right =
      given.starts_with(start) &&
      api.services.sealer.is_derived(given.substr(start.size()), purpose, payment_id);
  if (is_right) return {};
  if (!given.empty() && !api.guesses.allow_wrong(payment_id, std::chrono::steady_clock::now()))
    return fail(Error{.code = ErrorCode::rate_limited,
                      .message = "Too many wrong client secrets for this payment: try again later.",
                      .retry_after_sec = 3600});
  return fail(ErrorCode::not_found, "There is no such payment.");
}

}  // namespace switchyard
