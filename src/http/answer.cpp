#include "http/answer.h"

#include "base/text.h"

namespace switchyard {
namespace {

constexpr std::size_t header_bytes_limit = 64 << 10;  // interim answers and trailers included
constexpr std::size_t header_count_limit = 256;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// The three digits of "HTTP/1.1 200 OK", or 0.
int status_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.size() < space + 4) return 0;
  int status = 0;
  for (const char c : line.substr(space + 1, 3)) {
    if (c < '0' || c > '9') return 0;
    status = status * 10 + (c - '0');
  }
  return status;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void GzipEnd::keep(std::string_view content) {
  content_bytes_ += content.size();
  if (content.size() > 4) content.remove_prefix(content.size() - 4);
  for (const char c : content)
    last_four_ = (last_four_ >> 8) | (std::uint32_t{std::uint8_t(c)} << 24);
}

void GzipEnd::read_size(char c) {
  const int digit = hex_value(c);
  if (state_ == State::size && digit >= 0) {
    chunk_bytes_ = chunk_bytes_ * 16 + std::size_t(digit);
  } else if (c == '\n') {
    state_ = chunk_bytes_ == 0 ? State::done : State::content;
  } else {
    state_ = State::size_end;  // an extension, or the carriage return
  }
}

// libcurl checks the framing itself; here it only has to be stepped over.
void GzipEnd::read(std::string_view bytes) {
  if (state_ == State::plain) return keep(bytes);
  while (!bytes.empty() && state_ != State::done) {
    std::size_t used = 1;
    if (state_ == State::content) {
      used = std::min(chunk_bytes_, bytes.size());
      keep(bytes.substr(0, used));
      chunk_bytes_ -= used;
      if (chunk_bytes_ == 0) state_ = State::content_end;
    } else if (state_ == State::content_end) {
      if (bytes.front() == '\n') state_ = State::size;
    } else {
      read_size(bytes.front());
    }
    bytes.remove_prefix(used);
  }
}

bool GzipEnd::fits(std::size_t plain_bytes) const {
  if (content_bytes_ == 0) return plain_bytes == 0;
  if (content_bytes_ < 18) return false;  // ten bytes of head and eight of end: zeroes, perhaps
  return last_four_ == std::uint32_t(plain_bytes);
}

bool AnswerReader::refuse(std::string problem) {
  problem_ = std::move(problem);
  return false;
}

bool AnswerReader::read_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > header_bytes_limit || response_.headers.size() >= header_count_limit)
    return refuse("the answer's headers were too long");
  // What follows the final headers are trailers, which nobody here should mistake for headers.
  if (has_final_headers_) return true;
  if (line.starts_with("HTTP/"))
    start_headers(line);
  else if (trimmed(line).empty())
    end_headers();
  else
    add_header(line);
  return true;
}

void AnswerReader::start_headers(std::string_view status_line) {
  response_ = {.status = status_of(status_line)};
}

void AnswerReader::add_header(std::string_view line) {
  const bool is_continued = line.front() == ' ' || line.front() == '\t';
  if (is_continued && !response_.headers.empty()) {
    response_.headers.back().second += " " + std::string(trimmed(line));
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  response_.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
}

void AnswerReader::end_headers() {
  if (response_.status < 200) return;  // interim: the final ones are still to come
  has_final_headers_ = true;
  const std::string encoding = in_lower_case(header_of(response_.headers, "Content-Encoding"));
  is_gzip_ = encoding == "gzip" || encoding == "x-gzip";
  if (!header_of(response_.headers, "Transfer-Encoding").empty()) gzip_end_.set_chunked();
}

bool AnswerReader::read_body(std::string_view plain) {
  if (response_.body.size() + plain.size() > body_limit_)
    return refuse("the answer was longer than " + std::to_string(body_limit_) + " bytes");
  response_.body += plain;
  return true;
}

void AnswerReader::read_wire(std::string_view raw) {
  if (is_gzip_) gzip_end_.read(raw);
}

bool AnswerReader::is_whole() {
  if (!has_final_headers_) return refuse("the answer had no final status");
  const std::string transfer = in_lower_case(header_of(response_.headers, "Transfer-Encoding"));
  const std::string content = in_lower_case(header_of(response_.headers, "Content-Encoding"));
  const bool is_asked_for = (transfer.empty() || transfer == "chunked") &&
                            (is_gzip_ || content.empty() || content == "identity");
  if (!is_asked_for) return refuse("the answer was in an encoding that was not asked for");
  if (is_gzip_ && !gzip_end_.fits(response_.body.size()))
    return refuse("the answer's compression ended early");
  return true;
}

}  // namespace switchyard
