// Small things about text that several layers need. ASCII letters only, whatever the locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

std::string in_lower_case(std::string_view text);
std::string in_capitals(std::string_view text);

// At most so many bytes of UTF-8, cut where a character begins.
std::string shortened(std::string_view text, std::size_t most_bytes);

// "qris, va" → "qris" and "va". Spaces around a word and empty words do not count.
std::vector<std::string> words_of(std::string_view list);
bool is_listed(std::string_view list, std::string_view word);

}  // namespace switchyard
