#pragma once

#include <string>

#include "http/message.h"

namespace switchyard {

// Empty, or why this request cannot be written as one HTTP request and no other: a value with a
// line break in it would add headers, or a second request, that nobody meant to send.
std::string request_problem(const HttpRequest& request);

}  // namespace switchyard
