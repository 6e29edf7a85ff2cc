// A closed list of words: an enum in C++, the same words in JSON, SQL, TOML and prose.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace switchyard {

template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

template <class E, std::size_t N>
constexpr std::string_view word_of(const Words<E, N>& words, E value) {
  for (const auto& [each, word] : words)
    if (each == value) return word;
  return "?";
}

template <class E, std::size_t N>
constexpr std::optional<E> from_word(const Words<E, N>& words, std::string_view text) {
  for (const auto& [each, word] : words)
    if (word == text) return each;
  return std::nullopt;
}

}  // namespace switchyard
