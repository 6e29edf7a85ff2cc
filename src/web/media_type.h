// What a body says it is.
#pragma once

#include <string_view>

namespace switchyard {

// "application/json", with charset=utf-8 or no charset; anything else is refused with 415.
bool is_json(std::string_view content_type);

}  // namespace switchyard
