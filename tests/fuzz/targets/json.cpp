// JSON as merchants and as providers send it.
#include "base/json.h"

#include <set>

#include "../fuzz.h"

namespace switchyard {
namespace {

std::size_t depth_of(const Json& json) {
  std::size_t deepest = 0;
  if (!json.is_structured()) return 0;
  for (const Json& member : json) deepest = std::max(deepest, depth_of(member));
  return deepest + 1;
}

bool has_repeated_key(const Json& json) {
  std::set<std::string> keys;
  if (json.is_object())
    for (const auto& [key, value] : json.items())
      if (!keys.insert(key).second) return true;
  if (!json.is_structured()) return false;
  return std::any_of(json.begin(), json.end(), has_repeated_key);
}

bool holds_text(const Json& json, bool (*is_right)(std::string_view)) {
  if (json.is_string()) return is_right(json.get_ref<const std::string&>());
  if (json.is_object())
    for (const auto& [key, value] : json.items())
      if (!is_right(key)) return false;
  if (!json.is_structured()) return !json.is_number_float();
  return std::all_of(json.begin(), json.end(),
                     [&](const Json& member) { return holds_text(member, is_right); });
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

void check_strict(std::string_view text) {
  const auto json = parse_strict_json(text);
  if (!json) {
    require(!json.error().message.empty(), "a refusal has a sentence");
    require(is_printable(json.error().message) && is_printable(json.error().param),
            "a refusal repeats nothing odd");
    return;
  }
  require(Json::accept(text), "what is taken strictly is JSON to others");
  require(depth_of(*json) <= 32, "strictly, nothing is deeper than 32");
  require(!has_repeated_key(*json), "strictly, a key stands once");
  require(holds_text(*json, is_storable), "strictly, each text is UTF-8 without NUL, no doubles");
  const auto again = parse_strict_json(write_json(*json));
  require(again.has_value() && *again == *json, "what was written is read as the same");
  require(!parse_json(text).is_null() || json->is_null(),
          "what is taken strictly is taken loosely");
}

void check_loose(std::string_view text) {
  const Json json = parse_json(text);
  require(depth_of(json) <= 64, "loosely, nothing is deeper than 64");
  require(!has_repeated_key(json), "loosely, a key is kept once");
  require(holds_text(json, is_storable), "loosely too, each text is UTF-8 without NUL, no doubles");
  require(parse_json(write_json(json)) == json, "what was written is read as the same");
}

// A decimal is digits with at most one point, and is its own decimal.
void check_decimal(std::string_view text) {
  const Json json = {{"amount", text}};
  const std::string decimal = decimal_at(json, "amount");
  if (decimal.empty()) return;
  require(decimal.find_first_not_of("-0123456789.") == std::string::npos, "a decimal is digits");
  require(decimal_at({{"amount", decimal}}, "amount") == decimal, "a decimal is its own decimal");
  require(decimal.size() <= text.size() + 100, "a decimal is not blown up");
}

void check_paths(const Json& json, std::string_view path) {
  const Json& member = member_at(json, path);
  require(text_at(json, path).empty() || member.is_string(), "a text is at its place");
  if (const auto number = integer_at(json, path))
    require(member == Json(*number), "a number is at its place");
}

}  // namespace

void fuzz_json(std::string_view input) {
  check_strict(input);
  check_loose(input);
  check_decimal(input);
  std::string_view rest = input;
  const std::string_view path = take_line(rest);
  check_paths(parse_json(rest), path);
}

}  // namespace switchyard
