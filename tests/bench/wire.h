// As much HTTP/1.1 as both ends of a benchmark on one machine need, and no more: whole messages
// with a Content-Length. It is not the product's reader, so that the two share no mistake and no
// lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct Message {
  std::string_view start;    // the request line or status line
  std::string_view headers;  // the lines after it
  std::string_view body;
  std::size_t bytes = 0;  // of the whole message
};

// The first message in `input`, which it points into. Nullopt: more must come.
std::optional<Message> first_message(std::string_view input);
// "" when it is absent. `name` in lower case.
std::string_view header_of(const Message& message, std::string_view name);
int status_of(const Message& response);
std::string_view path_of(const Message& request);
// The text of the first member of that name anywhere in `json`; enough for what we wrote ourselves.
std::string_view text_in(std::string_view json, std::string_view name);

std::string post(std::string_view path, std::string_view headers, std::string_view body);
std::string answer(int status, std::string_view body);

}  // namespace bench
