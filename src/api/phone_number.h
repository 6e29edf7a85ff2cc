// Phone numbers as the API takes them: E.164.
#pragma once

#include <string_view>

namespace switchyard {

// "+", a country code and the rest: 7 to 15 digits in all.
bool is_phone_number(std::string_view text);

// ISO 3166 of the country whose number it is, "" where several share the code or we do not know it.
std::string_view country_of_phone(std::string_view phone_number);

}  // namespace switchyard
