// The small words of HTTP's grammar (RFC 9110, section 5.6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

bool is_token_character(char c);
bool is_token(std::string_view text);  // not empty

std::string to_lower(std::string_view text);                               // ASCII only
bool is_same_word(std::string_view text, std::string_view lower_case);     // whatever its case
bool list_holds_word(std::string_view list, std::string_view lower_case);  // "a, B" holds "b"

// One or more digits and nothing else; false when there is anything else, or more than 64 bits.
bool read_decimal(std::string_view text, std::uint64_t& value);
bool read_hexadecimal(std::string_view text, std::uint64_t& value);

}  // namespace switchyard
