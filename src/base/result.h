// A refusal is a value. Result<T> holds what was asked for or an Error that a merchant may read;
// details for us go to the log. A mistake of ours is an assert, on in every build.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/error_code.h"

namespace switchyard {

// One problem of a request's body; all of them are found in one pass.
struct Problem {
  std::string param;    // path of the field, as in "customer.email"
  std::string message;  // what was wrong and what would be right

  bool operator==(const Problem&) const = default;
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string
      message;  // one or two sentences for the merchant: what was wrong, what would be right
  std::string param = {};
  std::vector<Problem> details = {};
  std::string payment_id = {};  // set when the error is about a payment that exists
  int retry_after_sec = 0;      // above 0: a retry after that many seconds can help

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;
// The same with another kind of refusal, where nobody but the caller reads it.
template <class T, class E>
using ResultOr = tl::expected<T, E>;
template <class E>
using FailureOf = tl::unexpected<E>;

// An Error on its way out: converts to any Result<T>.
using Failure = tl::unexpected<Error>;

// fail(ErrorCode::not_found, "...") converts to any Result<T>.
inline Failure fail(ErrorCode code, std::string message, std::string param = {}) {
  return tl::unexpected<Error>(
      Error{.code = code, .message = std::move(message), .param = std::move(param)});
}
inline Failure fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

namespace detail {
template <class T>
T&& value_of(tl::expected<T, Error>& result) {
  return std::move(*result);
}
inline void value_of(tl::expected<void, Error>&) {}
}  // namespace detail

}  // namespace switchyard

// TRY(f()) is the value of f(), or leaves the calling function with f()'s error. One evaluation.
// Only as a whole statement, after `=` or `return`, or as the one argument of a call: what the same
// expression had made before it is never destroyed when it leaves (GCC), and scripts/tidy says so.
#define TRY(...)                                                               \
  __extension__({                                                              \
    auto try_result_ = (__VA_ARGS__);                                          \
    if (!try_result_) return ::tl::unexpected(std::move(try_result_).error()); \
    ::switchyard::detail::value_of(try_result_);                               \
  })
