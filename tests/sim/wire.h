// The one language that every simulated provider speaks: "id=ch_1&state=captured&amount=4999".
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::sim {

// "" when absent.
inline std::string_view field(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('&', at), text.size());
    const std::string_view pair = text.substr(at, end - at);
    if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
      return pair.substr(name.size() + 1);
    at = end + 1;
  }
  return {};
}

inline std::int64_t number_field(std::string_view text, std::string_view name) {
  const std::string_view value = field(text, name);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

inline void add_field(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty()) text += '&';
  text.append(name).append(1, '=').append(value);
}

inline void add_field(std::string& text, std::string_view name, std::int64_t value) {
  add_field(text, name, std::to_string(value));
}

}  // namespace switchyard::sim
