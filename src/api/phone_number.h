// Phone numbers as the API takes them: E.164.
#pragma once

#include <string>
#include <string_view>

namespace switchyard {

// "+", a country code and the rest: 7 to 15 digits in all.
bool is_phone_number(std::string_view text);

// What is wrong with a number of that form, in words that follow a field's name; "" if nothing. Of
// its country's plan only the lengths are judged: new ranges are opened faster than lists of them
// are spread.
std::string phone_problem(std::string_view phone_number);

// ISO 3166 of the country whose number it is, "" where the number does not tell.
std::string country_of_phone(std::string_view phone_number);

// The mobile network that the number was given to, as rules and adapters spell it; "" where its
// beginning does not tell. Numbers that moved to another network look like the old one's, so what
// the payer says stands above it.
std::string_view network_of_phone(std::string_view phone_number);

}  // namespace switchyard
