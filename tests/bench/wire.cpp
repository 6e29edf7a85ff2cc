#include "wire.h"

#include <algorithm>
#include <charconv>

namespace bench {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool begins_with_name(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), line.begin(),
                    [](char wanted, char given) { return wanted == lower(given); });
}

std::size_t number_of(std::string_view text) {
  std::size_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::optional<Message> first_message(std::string_view input) {
  const std::size_t head = input.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  Message message;
  const std::size_t line = input.find("\r\n");
  message.start = input.substr(0, line);
  if (line < head) message.headers = input.substr(line + 2, head - line);
  const std::size_t length = number_of(header_of(message, "content-length"));
  if (input.size() < head + 4 + length) return std::nullopt;
  message.body = input.substr(head + 4, length);
  message.bytes = head + 4 + length;
  return message;
}

std::string_view header_of(const Message& message, std::string_view name) {
  std::string_view rest = message.headers;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (begins_with_name(line, name)) {
      std::string_view value = line.substr(name.size() + 1);
      value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
      return value;
    }
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return {};
}

int status_of(const Message& response) {
  return response.start.size() < 12 ? 0 : static_cast<int>(number_of(response.start.substr(9, 3)));
}

std::string_view path_of(const Message& request) {
  const std::size_t begin = request.start.find(' ');
  if (begin == std::string_view::npos) return {};
  return request.start.substr(begin + 1, request.start.find(' ', begin + 1) - begin - 1);
}

std::string_view text_in(std::string_view json, std::string_view name) {
  const std::string mark = "\"" + std::string(name) + "\":\"";
  const std::size_t found = json.find(mark);
  if (found == std::string_view::npos) return {};
  const std::size_t begin = found + mark.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

std::string post(std::string_view path, std::string_view headers, std::string_view body) {
  std::string text = "POST " + std::string(path) + " HTTP/1.1\r\nHost: bench\r\n";
  text += headers;
  text += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  return text.append("\r\n\r\n").append(body);
}

std::string answer(int status, std::string_view body) {
  std::string text =
      "HTTP/1.1 " + std::to_string(status) +
      " Fine\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  return text.append("\r\n\r\n").append(body);
}

}  // namespace bench
