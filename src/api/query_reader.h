// Reads the query of a request, all of it: a parameter that a call does not know is refused, since
// a filter that is silently ignored answers another question than was asked.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "domain/money.h"
#include "web/message.h"

namespace switchyard {

Result<void> refuse_unknown_query(const Request& request,
                                  std::initializer_list<std::string_view> known);

struct Cursor {
  std::string after = {};
  std::string before = {};
  int limit = 25;
};
// limit, after and before; both cursors at once are refused.
Result<Cursor> read_cursor(const Request& request);
// A cursor is an id of what is listed, anybody's: its owner's things are all that is listed.
Result<void> check_cursor(const Cursor& cursor, std::string_view prefix);

// Required: invalid_query without it.
Result<std::int64_t> read_amount(const Request& request);
Result<Currency> read_currency(const Request& request);
// Two upper-case letters, or "" when absent.
Result<std::string> read_country(const Request& request);

}  // namespace switchyard
