// Ids say what they name and sort by time: a prefix, "_", and a ULID of 26 characters
// [0-9A-HJKMNP-TV-Z] (48 bits of milliseconds, 80 bits of chance).
#pragma once

#include <string>
#include <string_view>

namespace switchyard {

// new_id("pay") → "pay_01K…". Safe from any thread; ids made by one thread ascend.
std::string new_id(std::string_view prefix);

// True for PREFIX_ followed by exactly 26 characters of the alphabet.
bool is_id(std::string_view text, std::string_view prefix);

// A random version 4 UUID in lower case: the form of every idempotency key that we send.
std::string new_uuid();

}  // namespace switchyard
