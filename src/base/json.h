// JSON: parse, read and write, never throwing. Objects keep the order they were written in.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace switchyard {

using Json = nlohmann::ordered_json;

// For what providers send. Null when it cannot be read. A number with a fraction or an exponent
// is kept as its text ("49.99"), never as a binary double, so that 4.35 stays 4.35. Of a key that
// stands twice the last one counts; a NUL in text or key is U+FFFD; deeper than 64 is unreadable.
Json parse_json(std::string_view text);

// For what merchants send: one whole document, valid UTF-8, no key twice at any depth, at most 32
// deep, no NUL in strings, no lone surrogates. The error names the place. A fraction is kept as
// text in an object {"$number": "1.5"}, which no field accepts, so that it is refused by its name.
Result<Json> parse_strict_json(std::string_view text);

// Compact. Bytes that are not UTF-8 are replaced, so this cannot fail.
std::string write_json(const Json& json);

// Members by path: text_at(body, "error.payment_intent.id"), or "items.0.id" into arrays. Absent,
// null or of another type is "" or nullopt.
const Json& member_at(const Json& json, std::string_view path);  // a null when absent
std::string text_at(const Json& json, std::string_view path);
std::optional<std::int64_t> integer_at(const Json& json, std::string_view path);
std::optional<bool> bool_at(const Json& json, std::string_view path);
// The decimal text of a number, or of a string that is one: "49.99", "25", "-3". An exponent is
// written out: 1.5e3 is "1500". Else "".
std::string decimal_at(const Json& json, std::string_view path);
// A number with just this value, for providers that want decimals as JSON numbers: "49.99" is
// written as 49.99, "250.00" as 250. Asserts a plain decimal of at most 15 digits.
Json number_json(std::string_view decimal);

}  // namespace switchyard
