#include "fuzz.h"

#include "base/json.h"

namespace switchyard {

bool is_storable(std::string_view text) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  if (std::all_of(text.begin(), text.end(), is_plain)) return true;  // nearly always
  const Json json(text);
  if (text.find('\0') != std::string_view::npos) return false;
  return parse_json(write_json(json)) == json;
}

}  // namespace switchyard
