#include "http/request_problem.h"

namespace switchyard {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || marks.find(char(c)) != std::string_view::npos);
  });
}

bool is_one_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\t'; });
}

// Also an empty one, which header_of() cannot tell from none.
bool has_header(const Headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
    return header.first.size() == name.size() &&
           header_of({{header.first, "is here"}}, name) == "is here";
  });
}

}  // namespace

std::string request_problem(const HttpRequest& request) {
  if (!is_token(request.method)) return "the method is not a word";
  for (const auto& [name, value] : request.headers)
    if (!is_token(name) || !is_one_line(value)) return "a header cannot be written on one line";
  if (has_header(request.headers, "Content-Length") ||
      has_header(request.headers, "Transfer-Encoding"))
    return "headers about framing are the client's";
  if (request.url.find('\0') != std::string::npos) return "the URL cannot be read";
  return {};
}

}  // namespace switchyard
