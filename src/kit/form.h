// application/x-www-form-urlencoded, both ways.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

using FormPairs = std::vector<std::pair<std::string, std::string>>;
std::string encode_form(const FormPairs& pairs);
FormPairs decode_form(std::string_view body);

}  // namespace switchyard
