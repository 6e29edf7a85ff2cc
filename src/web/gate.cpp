#include "web/gate.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "web/target.h"
#include "web/tokens.h"

namespace switchyard {
namespace {

constexpr std::size_t chunk_size_room = 18;  // 16 hex digits and the line end

// clang-format off
constexpr std::array<std::string_view, 7> methods = {
    "GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"};

// Lists by their definition, so that two lines mean the same as one with a comma (RFC 9110, 5.3).
// Any other header twice is refused: two readers would believe different ones.
constexpr std::array<std::string_view, 24> may_repeat = {
    "accept", "accept-charset", "accept-encoding", "accept-language", "baggage", "cache-control",
    "cdn-loop", "connection", "cookie", "forwarded", "if-match", "if-none-match", "link", "pragma",
    "prefer", "te", "tracestate", "trailer", "via", "warning", "x-forwarded-for",
    "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"};
// clang-format on

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

const std::string* find_header(const Fields& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (key == name) return &value;
  return nullptr;
}

bool may_stand_in_value(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; }

bool may_stand_in_host(char c) { return is_token_character(c) || c == ':' || c == '[' || c == ']'; }

}  // namespace

Gate::State Gate::state() const {
  switch (part_) {
    case Part::request_line:
    case Part::header:
      return State::head;
    case Part::complete:
      return State::complete;
    case Part::refused:
      return State::refused;
    default:
      return State::body;
  }
}

std::size_t Gate::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && part_ != Part::complete && part_ != Part::refused) {
    const bool is_counted = part_ == Part::body || part_ == Part::chunk;
    const std::string_view rest = bytes.substr(taken);
    taken += is_counted ? take_body(rest) : take_line(rest);
  }
  return taken;
}

std::size_t Gate::room_for_line() const {
  switch (part_) {
    case Part::request_line:
      return limits_.target_bytes;
    case Part::header:
      return limits_.header_bytes - header_bytes_;
    case Part::chunk_size:
      return chunk_size_room;
    default:
      return 2;  // the line end after a chunk, or the empty line that ends a chunked body
  }
}

// A line is refused as too long if and only if its first `room` bytes hold no line end and another
// byte follows, however the bytes were split.
std::size_t Gate::take_line(std::string_view bytes) {
  if (part_ == Part::request_line && line_.empty() && !is_token_character(bytes.front())) {
    refuse("request_line", "This is not an HTTP request.");  // a TLS hello, for one
    return 0;
  }
  const std::string_view seen = bytes.substr(0, room_for_line() - line_.size());
  const std::size_t end = seen.find('\n');
  if (end == std::string_view::npos) {
    line_ += seen;
    if (seen.size() < bytes.size()) refuse_long_line();
    return seen.size();
  }
  if (line_.empty()) {
    read_line(seen.substr(0, end + 1));
  } else {
    line_ += seen.substr(0, end + 1);
    const std::string line = std::move(line_);
    line_.clear();
    read_line(line);
  }
  return end + 1;
}

void Gate::refuse_long_line() {
  if (part_ == Part::request_line)
    return refuse(ErrorCode::url_too_long, "request_line_size", "The request line is too long.");
  if (part_ == Part::header)
    return refuse(ErrorCode::headers_too_large, "header_size", "The headers are too large.");
  if (part_ == Part::last_chunk_end)
    return refuse("trailer", "Trailers after a chunked body are not accepted.");
  refuse("chunk", "The chunked body is malformed.");
}

void Gate::read_line(std::string_view line) {
  if (part_ == Part::header) header_bytes_ += line.size();
  if (line.size() < 2 || line[line.size() - 2] != '\r')
    return refuse("bare_lf", "A line ends with LF alone where CR LF is needed.");
  line.remove_suffix(2);
  switch (part_) {
    case Part::request_line:
      return read_request_line(line);
    case Part::header:
      return line.empty() ? finish_head() : read_header(line);
    case Part::chunk_size:
      return read_chunk_size(line);
    case Part::chunk_end:
      part_ = Part::chunk_size;
      return;  // the line had room for its end only
    default:
      part_ = Part::complete;
  }
}

void Gate::read_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return refuse("request_line", "The request line must be: method, target, HTTP/1.1.");
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return refuse("version", "Only HTTP/1.1 is spoken here.");
  if (!is_token(method)) return refuse("method", "The method is not a word.");
  if (!holds(methods, method))
    return refuse(ErrorCode::method_not_allowed, "method", "This method is not known here.");
  const std::string_view raw = line.substr(first + 1, last - first - 1);
  auto target = read_target(raw);
  if (!target) return refuse(target.error().code, target.error().reason, target.error().message);

  is_http_1_0_ = version == "HTTP/1.0";
  request_.method = method;
  request_.raw_target = raw;
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
  request_.headers.reserve(16);
  part_ = Part::header;
}

void Gate::read_header(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t')
    return refuse("header_fold", "A header is continued on a second line.");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return refuse("header_name", "A header's name is not a word followed by a colon.");
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
  if (!std::all_of(value.begin(), value.end(), may_stand_in_value))
    return refuse("header_control", "A header's value holds a control character.");
  keep_header(to_lower(line.substr(0, colon)), value);
}

void Gate::keep_header(std::string name, std::string_view value) {
  const auto is_same = [&](const auto& field) { return field.first == name; };
  const auto earlier = std::find_if(request_.headers.begin(), request_.headers.end(), is_same);
  if (earlier == request_.headers.end()) {
    if (request_.headers.size() == limits_.header_count)
      return refuse(ErrorCode::headers_too_large, "header_count", "There are too many headers.");
    request_.headers.emplace_back(std::move(name), value);
    return;
  }
  if (!holds(may_repeat, name))
    return refuse("header_duplicate", "A header that may stand once is given twice.");
  earlier->second += name == "cookie" ? "; " : ", ";
  earlier->second += value;
}

void Gate::finish_head() {
  const std::string* host = find_header(request_.headers, "host");
  if (host ? !std::all_of(host->begin(), host->end(), may_stand_in_host) : !is_http_1_0_)
    return refuse("host", "The Host header is missing or malformed.");
  if (find_header(request_.headers, "upgrade") || find_header(request_.headers, "http2-settings"))
    return refuse("upgrade", "The connection cannot be upgraded.");
  const std::string* coding = find_header(request_.headers, "content-encoding");
  if (coding && !is_same_word(*coding, "identity"))
    return refuse(ErrorCode::unsupported_media_type, "content_encoding",
                  "Encoded bodies are not accepted; send the body as it is.");
  if (const std::string* expectation = find_header(request_.headers, "expect")) {
    if (!is_same_word(*expectation, "100-continue"))
      return refuse("expect", "The only expectation that can be met is 100-continue.");
    has_expectation_ = !is_http_1_0_;
  }
  is_kept_alive_ = !is_http_1_0_ && !list_holds_word(request_.header("connection"), "close");
  read_framing();
}

// RFC 9112, section 6: the one question that smuggling is about, so nothing is guessed.
void Gate::read_framing() {
  const std::string* coding = find_header(request_.headers, "transfer-encoding");
  const std::string* length = find_header(request_.headers, "content-length");
  if (coding) {
    if (length || is_http_1_0_ || !is_same_word(*coding, "chunked"))
      return refuse("framing", "The body's length is given in an unclear way.");
    part_ = Part::chunk_size;
    return;
  }
  if (length && !read_decimal(*length, expected_))
    return refuse("content_length", "Content-Length is not a number.");
  if (expected_ > limits_.body_bytes)
    return refuse(ErrorCode::body_too_large, "body_size", "The body is too large.");
  part_ = expected_ == 0 ? Part::complete : Part::body;
}

void Gate::read_chunk_size(std::string_view line) {
  if (!read_hexadecimal(line, expected_)) return refuse("chunk", "The chunked body is malformed.");
  if (expected_ > limits_.body_bytes - request_.body.size())
    return refuse(ErrorCode::body_too_large, "body_size", "The body is too large.");
  part_ = expected_ == 0 ? Part::last_chunk_end : Part::chunk;
}

std::size_t Gate::take_body(std::string_view bytes) {
  const std::size_t size = std::min<std::uint64_t>(expected_, bytes.size());
  request_.body += bytes.substr(0, size);
  expected_ -= size;
  has_expectation_ = false;  // the client did not wait
  if (expected_ == 0) part_ = part_ == Part::body ? Part::complete : Part::chunk_end;
  return size;
}

bool Gate::takes_up_expectation() {
  if (state() != State::body || !has_expectation_) return false;
  has_expectation_ = false;
  return true;
}

Request Gate::take() {
  assert(part_ == Part::complete);
  Request request = std::move(request_);
  *this = Gate(limits_);
  return request;
}

void Gate::refuse(ErrorCode code, std::string_view reason, std::string_view message) {
  const GateLimits limits = limits_;
  *this = Gate(limits);  // frees what was held
  refusal_ = {code, reason, message};
  part_ = Part::refused;
}

void Gate::refuse(std::string_view reason, std::string_view message) {
  refuse(ErrorCode::malformed_request, reason, message);
}

}  // namespace switchyard
