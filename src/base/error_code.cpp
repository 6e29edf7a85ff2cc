#include "base/error_code.h"

#include <array>
#include <cassert>
#include <cstddef>

namespace switchyard {
namespace {

using enum ErrorCode;

constexpr std::string_view invalid_request = "invalid_request";
constexpr std::string_view unavailable = "unavailable";

// clang-format off
constexpr auto table = std::to_array<ErrorInfo>({
    {malformed_request, "malformed_request", invalid_request, 400, "The request could not be read as HTTP: fix the request line, the headers or the length of the body."},
    {invalid_json, "invalid_json", invalid_request, 400, "The body is not one well-formed JSON document in UTF-8, or names a key twice; the message says where."},
    {body_required, "body_required", invalid_request, 400, "This call needs a JSON body, and none was sent."},
    {invalid_field, "invalid_field", invalid_request, 400, "A field has a value that is not allowed; `param` names it and the message says what is."},
    {missing_field, "missing_field", invalid_request, 400, "A field that this call needs is absent; `param` names it."},
    {unknown_field, "unknown_field", invalid_request, 400, "The body has a field that this call does not know; remove it or correct its spelling."},
    {invalid_query, "invalid_query", invalid_request, 400, "A parameter of the query is unknown, repeated or has a value that is not allowed; `param` names it."},
    {amount_invalid, "amount_invalid", invalid_request, 400, "The amount must be a whole number above zero in the currency's smallest unit, without quotes, fraction or exponent."},
    {currency_invalid, "currency_invalid", invalid_request, 400, "The currency must be an upper-case ISO 4217 code that we know and, where it is repeated, the payment's own."},
    {card_number_not_accepted, "card_number_not_accepted", invalid_request, 400, "A field holds what looks like a card number; it was not stored. Make a token in the browser instead."},
    {idempotency_key_invalid, "idempotency_key_invalid", invalid_request, 400, "`Idempotency-Key` must be sent once, with 1 to 255 visible ASCII characters."},
    {idempotency_key_missing, "idempotency_key_missing", invalid_request, 400, "This server requires an `Idempotency-Key` on every call that can move money."},
    {not_found, "not_found", invalid_request, 404, "There is no such object or URL for this key; test keys see test objects only, live keys live objects only."},
    {method_not_allowed, "method_not_allowed", invalid_request, 405, "This URL exists but does not answer to this method; the header `Allow` lists those that it does."},
    {request_timeout, "request_timeout", invalid_request, 408, "The request did not arrive completely in time; send it again, with the same idempotency key."},
    {conflict, "conflict", invalid_request, 409, "The object was changed by another request at the same time, or is not in a state that allows this; read it again."},
    {payment_state, "payment_state", invalid_request, 409, "The payment's status does not allow this; the error holds the payment as it stands."},
    {amount_exceeds_remaining, "amount_exceeds_remaining", invalid_request, 422, "More was asked for than can still be captured or refunded; the message says how much remains."},
    {external_id_conflict, "external_id_conflict", invalid_request, 409, "An object with this `external_id` exists with another amount or currency; use a new `external_id` for a new order."},
    {external_id_finished, "external_id_finished", invalid_request, 409, "The object with this `external_id` is canceled or expired; use a new `external_id` to begin again."},
    {bank_reference_used, "bank_reference_used", invalid_request, 409, "This `bank_reference` has already confirmed another transfer to the same account."},
    {idempotency_key_in_use, "idempotency_key_in_use", invalid_request, 409, "The first request with this key is still running; retry after `Retry-After`, or send `Prefer: wait=N`."},
    {idempotency_key_expired, "idempotency_key_expired", invalid_request, 409, "This key was used too long ago for its answer to be repeated; nothing was run again. Read the payment instead."},
    {idempotency_key_reused, "idempotency_key_reused", invalid_request, 422, "This key belongs to a different request; use a new key for every new request."},
    {body_too_large, "body_too_large", invalid_request, 413, "The body is larger than this server accepts."},
    {url_too_long, "url_too_long", invalid_request, 414, "The URL is longer than this server accepts."},
    {unsupported_media_type, "unsupported_media_type", invalid_request, 415, "Send the body as `Content-Type: application/json` in UTF-8, without a `Content-Encoding`."},
    {limit_exceeded, "limit_exceeded", invalid_request, 422, "The request is valid, but more than a configured limit allows, such as the largest amount."},
    {no_account, "no_account", invalid_request, 422, "No provider account can take this payment; `POST /v1/routing/preview` says why each was passed over."},
    {token_account_required, "token_account_required", invalid_request, 422, "Several accounts could have made this card token; name the one that did in `token_account`."},
    {not_supported, "not_supported", invalid_request, 422, "The payment's provider does not offer this, for instance a partial capture."},
    {attempt_limit, "attempt_limit", invalid_request, 422, "This payment has been tried as often as is allowed; create a new one."},
    {headers_too_large, "headers_too_large", invalid_request, 431, "The headers are more or larger than this server accepts."},
    {unauthenticated, "unauthenticated", "authentication", 401, "The API key is absent, unknown or revoked."},
    {key_scope, "key_scope", "permission", 403, "This API key may not make this call; a publishable key may only confirm and read the payment whose `client_secret` it holds."},
    {payment_declined, "payment_declined", "payment_declined", 402, "The payment was refused; `decline_code` says why and `advice` what to do."},
    {rate_limited, "rate_limited", "rate_limited", 429, "Too many requests; retry after `Retry-After`. Nothing was done."},
    {overloaded, "overloaded", unavailable, 503, "The server has more work than it can finish in time; retry after `Retry-After`. Nothing was done."},
    {starting, "starting", unavailable, 503, "The server is starting or stopping; retry after `Retry-After`. Nothing was done."},
    {internal, "internal", "internal", 500, "A mistake of ours. Retry with the same idempotency key: nothing will be done twice. Quote `request_id` if it lasts."},
});
// clang-format on

// info_of() finds a row by its place.
constexpr bool rows_stand_in_the_order_of_the_enum() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].code) != i) return false;
  }
  return table.back().code == internal;
}
static_assert(rows_stand_in_the_order_of_the_enum());

}  // namespace

const ErrorInfo& info_of(ErrorCode code) {
  const auto place = static_cast<std::size_t>(code);
  assert(place < table.size());
  return table[place];
}

std::span<const ErrorInfo> all_errors() { return table; }

}  // namespace switchyard
