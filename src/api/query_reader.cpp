#include "api/query_reader.h"

#include <algorithm>
#include <charconv>

#include "base/id.h"

namespace switchyard {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

Result<void> refuse_unknown_query(const Request& request,
                                  std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query)
    if (std::ranges::find(known, name) == known.end())
      return fail(ErrorCode::invalid_query, "This call has no query parameter of that name.", name);
  return {};
}

Result<Cursor> read_cursor(const Request& request) {
  Cursor cursor{.after = std::string(request.query_value("after")),
                .before = std::string(request.query_value("before"))};
  if (!cursor.after.empty() && !cursor.before.empty())
    return fail(ErrorCode::invalid_query, "Pass either after or before, not both.", "before");
  const std::string_view limit = request.query_value("limit");
  if (limit.empty()) return cursor;
  const auto number = whole_number(limit);
  if (!number || *number < 1 || *number > 100)
    return fail(ErrorCode::invalid_query, "limit must be a whole number from 1 to 100.", "limit");
  cursor.limit = static_cast<int>(*number);
  return cursor;
}

Result<void> check_cursor(const Cursor& cursor, std::string_view prefix) {
  for (const auto& [name, id] : {std::pair("after", &cursor.after), {"before", &cursor.before}})
    if (!id->empty() && !is_id(*id, prefix))
      return fail(ErrorCode::invalid_query,
                  std::string(name) + " must be an id from an earlier page.", name);
  return {};
}

Result<std::int64_t> read_amount(const Request& request) {
  const auto amount = whole_number(request.query_value("amount"));
  if (!amount || *amount < 1 || *amount > max_amount)
    return fail(ErrorCode::invalid_query,
                "amount must be a whole number above zero in the currency's smallest unit.",
                "amount");
  return *amount;
}

Result<Currency> read_currency(const Request& request) {
  const auto currency = find_currency(request.query_value("currency"));
  if (!currency)
    return fail(ErrorCode::invalid_query, "currency must be an upper-case ISO 4217 code.",
                "currency");
  return *currency;
}

Result<std::string> read_country(const Request& request) {
  const std::string country(request.query_value("country"));
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!country.empty() && (country.size() != 2 || !std::ranges::all_of(country, is_upper)))
    return fail(ErrorCode::invalid_query, "country must be two upper-case letters as in LR.",
                "country");
  return country;
}

}  // namespace switchyard
