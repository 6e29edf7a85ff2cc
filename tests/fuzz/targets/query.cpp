// Request targets, query strings, cursors and what else a query may say.
#include <set>

#include "../fuzz.h"
#include "api/query_reader.h"
#include "base/id.h"
#include "web/target.h"

namespace switchyard {
namespace {

std::string encoded(std::string_view text, bool is_path) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || (is_path && c == '/'))
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

void check_repetition(const Target& target) {
  std::string raw = encoded(target.path, true);
  for (std::size_t i = 0; i < target.query.size(); ++i)
    raw += (i == 0 ? "?" : "&") + encoded(target.query[i].first, false) + "=" +
           encoded(target.query[i].second, false);
  const auto again = read_target(raw);
  require(again.has_value() && again->path == target.path && again->query == target.query,
          "a target that is written with care means the same");
}

void check_cursor_of(const Request& request) {
  const auto cursor = read_cursor(request);
  if (!cursor) return require(!cursor.error().message.empty(), "a refusal has a sentence");
  require(cursor->limit >= 1 && cursor->limit <= 100, "a page has 1 to 100 lines");
  require(cursor->after.empty() || cursor->before.empty(), "a page has one side");
  if (!check_cursor(*cursor, "pay")) return;
  for (const std::string& id : {cursor->after, cursor->before})
    require(id.empty() || (id.size() == 30 && id.starts_with("pay_") &&
                           std::all_of(id.begin() + 4, id.end(),
                                       [](char c) {
                                         return std::isupper(static_cast<unsigned char>(c)) ||
                                                std::isdigit(static_cast<unsigned char>(c));
                                       })),
            "a cursor is an id and nothing else");
}

void check_the_rest(const Request& request) {
  if (const auto amount = read_amount(request); amount)
    require(*amount >= 1 && *amount <= max_amount, "an amount is within its limits");
  if (const auto currency = read_currency(request); currency)
    require(currency->code() == request.query_value("currency"), "a currency is as written");
  if (const auto country = read_country(request); country)
    require(country->empty() || country->size() == 2, "a country has two letters");
  if (refuse_unknown_query(request, {"limit", "after"}))
    for (const auto& [name, value] : request.query)
      require(is_one_of(name, {"limit", "after"}), "nothing unknown passes");
}

}  // namespace

void fuzz_query(std::string_view input) {
  const auto target = read_target(input);
  if (!target) return require(!target.error().message.empty(), "a refusal has a sentence");
  std::set<std::string_view> keys;
  for (const auto& [key, value] : target->query)
    require(!key.empty() && keys.insert(key).second, "a key stands once");
  check_repetition(*target);
  const Request request{.method = "GET", .path = target->path, .query = target->query};
  check_cursor_of(request);
  check_the_rest(request);
}

}  // namespace switchyard
