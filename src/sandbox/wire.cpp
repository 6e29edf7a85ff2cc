#include "sandbox/wire.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace switchyard::sandbox {
namespace {

constexpr std::size_t head_limit = 64 << 10;
constexpr std::size_t body_limit = 8 << 20;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool read_request_line(std::string_view line, Request& request) {
  const std::size_t first = line.find(' '), last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  request.method = line.substr(0, first);
  request.raw_target = line.substr(first + 1, last - first - 1);
  const std::string_view target = request.raw_target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = percent_decoded(target.substr(0, mark), false);
  if (mark < target.size()) request.query = decode_fields(target.substr(mark + 1));
  return request.path.starts_with('/') && line.substr(last + 1).starts_with("HTTP/1.");
}

std::optional<Request> read_lines(std::string_view head) {
  Request request;
  bool is_first = true;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    if (is_first && !read_request_line(line, request)) return std::nullopt;
    if (const std::size_t colon = line.find(':'); !is_first && colon != std::string_view::npos)
      request.headers.emplace_back(in_lower_case(line.substr(0, colon)),
                                   trimmed(line.substr(colon + 1)));
    is_first = false;
  }
  return request;
}

std::string_view reason_of(int status) {
  if (status == 201) return "Created";
  if (status == 303) return "See Other";
  if (status < 300) return "OK";
  if (status < 400) return "Moved";
  return status < 500 ? "Refused" : "Failed";
}

}  // namespace

bool RequestReader::receive() {
  char bytes[16 << 10];
  const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<std::string> RequestReader::read_head() {
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (buffer_.size() > head_limit || !receive()) return std::nullopt;
  std::string head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  return head;
}

bool RequestReader::read_body(Request& request) {
  const std::string_view length = request.header("content-length");
  if (length.empty()) return request.header("transfer-encoding").empty();  // nobody sends us chunks
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), size);
  if (error != std::errc() || end != length.data() + length.size() || size > body_limit)
    return false;
  if (request.header("expect") == "100-continue" && buffer_.size() < size)
    send_bytes(socket_, "HTTP/1.1 100 Continue\r\n\r\n");
  while (buffer_.size() < size)
    if (!receive()) return false;
  request.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return true;
}

std::optional<Request> RequestReader::next() {
  const auto head = read_head();
  if (!head) return std::nullopt;
  auto request = read_lines(*head);
  if (!request || !read_body(*request)) return std::nullopt;
  keeps_open_ =
      in_lower_case(request->header("connection")) != "close" && !head->ends_with("HTTP/1.0");
  return request;
}

std::string write_reply(const Reply& reply, bool keeps_open) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " ";
  out += reason_of(reply.status);
  out += "\r\nContent-Type: " + reply.content_type;
  out += "\r\nContent-Length: " + std::to_string(reply.body.size());
  if (!keeps_open) out += "\r\nConnection: close";
  for (const auto& [name, value] : reply.headers) out += "\r\n" + name + ": " + value;
  return out + "\r\n\r\n" + reply.body;
}

bool send_bytes(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::string percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

Fields decode_fields(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = equals < pair.size() ? pair.substr(equals + 1) : "";
    fields.emplace_back(percent_decoded(pair.substr(0, equals), true),
                        percent_decoded(value, true));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return fields;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

}  // namespace switchyard::sandbox
