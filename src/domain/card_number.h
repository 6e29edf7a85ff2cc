// Recognizes a card number, so that it can be refused at the door.
#pragma once

#include <string_view>

namespace switchyard {

// True when the text holds a whole run of 14–19 digits (single spaces and dashes between them
// allowed) that passes Luhn and begins like a known issuer. Longer runs of digits are not cards.
bool holds_card_number(std::string_view text);

}  // namespace switchyard
