// What the fuzz targets share. A target is a function `fuzz_NAME(input)` in targets/NAME.cpp that
// does nothing about any input but keep its promises; scripts/fuzz throws bytes at it, and the
// ordinary tests replay what was ever found (replay_test.cpp).
#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace switchyard {

// A promise that is broken ends a run of the fuzzer with the input kept, and fails a replay.
inline void require(bool is_kept, const std::string& promise) {
  if (!is_kept) throw std::logic_error("not kept: " + promise);
}

// The piece before the next line end, which is taken off as well.
inline std::string_view take_line(std::string_view& input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

inline std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

// The item that `word` names; any other word stands for some item too, always the same one.
template <class List, class NameOf>
const auto& pick(const List& list, std::string_view word, NameOf name_of) {
  std::size_t sum = 0;
  for (const char c : word) sum = sum * 31 + static_cast<unsigned char>(c);
  for (const auto& item : list)
    if (name_of(item) == word) return item;
  return *std::next(std::begin(list), static_cast<std::ptrdiff_t>(sum % std::size(list)));
}

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Whether PostgreSQL would take it as text: UTF-8 without NUL.
bool is_storable(std::string_view text);

}  // namespace switchyard
