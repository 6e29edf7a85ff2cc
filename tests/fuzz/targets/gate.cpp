// The strict HTTP reader: the outcome does not depend on how the bytes were split, a request is
// exactly the bytes that were taken for it, and what was let in is free of what can be read twice.
#include "web/gate.h"

#include <optional>
#include <set>

#include "../fuzz.h"
#include "web/tokens.h"

namespace switchyard {
namespace {

constexpr GateLimits small{
    .target_bytes = 512, .header_bytes = 1024, .header_count = 20, .body_bytes = 256};

struct Conversation {
  Gate::State state = Gate::State::head;
  Refusal refusal = {};
  std::vector<Request> requests = {};
  std::vector<std::string_view> bytes = {};  // of each request
};

Conversation read_in_pieces(std::string_view bytes, std::size_t piece_size) {
  Conversation read;
  Gate gate(small);
  std::size_t start = 0, at = 0;
  while (at < bytes.size() && gate.state() != Gate::State::refused) {
    const std::string_view piece = bytes.substr(at, piece_size);
    const std::size_t taken = gate.feed(piece);
    require(taken <= piece.size(), "no more is taken than was given");
    require(gate.held() <= small.body_bytes, "a body beyond its limit is not held");
    at += taken;
    if (gate.state() == Gate::State::complete) {
      read.requests.push_back(gate.take());
      read.bytes.push_back(bytes.substr(start, at - start));
      start = at;
    } else {
      require(taken == piece.size() || gate.state() == Gate::State::refused,
              "bytes are left over only behind a request or a refusal");
    }
  }
  read.state = gate.state();
  read.refusal = gate.refusal();
  return read;
}

bool is_same(const Request& one, const Request& other) {
  return one.method == other.method && one.path == other.path && one.query == other.query &&
         one.headers == other.headers && one.body == other.body &&
         one.raw_target == other.raw_target;
}

// A second reader, written in another way. Nothing when it is not a chunked body and no more.
std::optional<std::string> unchunked(std::string_view bytes) {
  std::string body;
  while (true) {
    const std::size_t end = bytes.find("\r\n");
    if (end == std::string_view::npos || end == 0 || end > 16) return std::nullopt;
    const std::string digits(bytes.substr(0, end));
    if (digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      return std::nullopt;
    const std::size_t size = std::stoull(digits, nullptr, 16);
    bytes.remove_prefix(end + 2);
    if (size == 0) return bytes == "\r\n" ? std::optional(body) : std::nullopt;
    if (bytes.size() < size + 2 || bytes.substr(size, 2) != "\r\n") return std::nullopt;
    body += bytes.substr(0, size);
    bytes.remove_prefix(size + 2);
  }
}

void check_framing(const Request& request, std::string_view bytes) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  require(head_end != std::string_view::npos, "a head ends with an empty line");
  const std::string_view rest = bytes.substr(head_end + 4);
  const std::string_view length = request.header("content-length");
  if (!request.header("transfer-encoding").empty()) {
    require(length.empty(), "a length never stands beside chunks");
    require(unchunked(rest) == request.body, "a chunked body is all that was taken for it");
  } else {
    require(rest == request.body, "a body is all that was taken for it");
    require(std::to_string(rest.size()) == (length.empty() ? "0" : length) ||
                std::stoull(std::string(length)) == rest.size(),
            "a body is as long as was said");
  }
}

void check_headers(const Request& request) {
  std::set<std::string> names;
  for (const auto& [name, value] : request.headers) {
    require(is_token(name) && to_lower(name) == name, "a header's name is a small word");
    require(names.insert(name).second, "a header stands once");
    for (const char c : value)
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no controls in a value");
  }
  require(request.headers.size() <= small.header_count, "no more headers than allowed");
}

void check_target(const Request& request) {
  require(request.path.starts_with('/'), "a path starts with a slash");
  const std::string path = request.path + (request.path.ends_with('/') ? "" : "/");
  for (const char* bad : {"//", "/../", "/./", "\\", "%", "\n", "\r"})
    require(path.find(bad) == std::string::npos, std::string("a path is free of ") + bad);
  require(is_storable(request.path), "a path is text");
  std::set<std::string> keys;
  for (const auto& [key, value] : request.query) {
    require(!key.empty() && keys.insert(key).second, "a query's key stands once");
    require(is_storable(key) && is_storable(value), "a query is text");
  }
}

// What was understood, said plainly, is understood in the same way.
void check_repetition(const Request& request) {
  std::string plain = request.method + " " + request.raw_target;
  plain += request.header("host").empty() ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
  for (const auto& [name, value] : request.headers)
    if (!is_one_of(name, {"transfer-encoding", "content-length", "expect"}))
      plain.append(name).append(": ").append(value).append("\r\n");
  plain += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" + request.body;
  Gate gate(GateLimits{});
  require(gate.feed(plain) == plain.size() && gate.state() == Gate::State::complete,
          "what was let in once is let in again");
  const Request again = gate.take();
  require(again.path == request.path && again.query == request.query &&
              again.body == request.body && again.method == request.method,
          "what was let in again means the same");
}

}  // namespace

void fuzz_gate(std::string_view input) {
  const Conversation whole = read_in_pieces(input, input.size());
  for (const std::size_t piece : {std::size_t{1}, 1 + input.size() % 7}) {
    const Conversation split = read_in_pieces(input, piece);
    require(
        split.state == whole.state && split.refusal == whole.refusal && split.bytes == whole.bytes,
        "the outcome does not depend on how the bytes were split");
    for (std::size_t i = 0; i < whole.requests.size(); ++i)
      require(is_same(split.requests[i], whole.requests[i]), "nor does what a request holds");
  }
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    check_framing(whole.requests[i], whole.bytes[i]);
    check_headers(whole.requests[i]);
    check_target(whole.requests[i]);
    check_repetition(whole.requests[i]);
  }
}

}  // namespace switchyard
