// Every error code a merchant can receive: one row a code, used by the answers, by docs/errors.md
// and by the tests that compare the two.
#pragma once

#include <span>
#include <string_view>

namespace switchyard {

// clang-format off
enum class ErrorCode {
  // invalid_request
  malformed_request, invalid_json, body_required, invalid_field, missing_field, unknown_field,
  invalid_query, amount_invalid, currency_invalid, card_number_not_accepted,
  idempotency_key_invalid, idempotency_key_missing, not_found, method_not_allowed,
  request_timeout, conflict, payment_state, amount_exceeds_remaining, external_id_conflict,
  external_id_finished, bank_reference_used, idempotency_key_in_use, idempotency_key_expired,
  idempotency_key_reused, body_too_large, url_too_long, unsupported_media_type, limit_exceeded,
  no_account, token_account_required, not_supported, attempt_limit, headers_too_large,
  // authentication, permission
  unauthenticated, key_scope,
  // payment_declined
  payment_declined,
  // rate_limited, unavailable, internal
  rate_limited, overloaded, starting, internal,
};
// clang-format on

struct ErrorInfo {
  ErrorCode code;
  std::string_view name;  // as in {"error":{"code": ...}}
  std::string_view type;  // invalid_request, authentication, permission, ...
  int http_status;
  std::string_view sentence;  // when it happens, for docs/errors.md
};

const ErrorInfo& info_of(ErrorCode code);
std::span<const ErrorInfo> all_errors();

}  // namespace switchyard
