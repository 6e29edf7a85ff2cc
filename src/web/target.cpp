#include "web/target.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace switchyard {
namespace {

constexpr std::size_t largest_query_count = 64;  // duplicates are looked for pair by pair

FailureOf<Refusal> refuse(std::string_view reason, std::string_view message) {
  return FailureOf<Refusal>(Refusal{ErrorCode::malformed_request, reason, message});
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986's pchar, the slash and the percent sign.
bool may_stand_in_path(char c) {
  return is_letter_or_digit(c) ||
         std::string_view("/-._~!$&'()*+,;=:@%").find(c) != std::string_view::npos;
}

// Browsers leave {, |, } and their like as they are in a query, and payers come back in browsers.
bool may_stand_in_query(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '#';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nothing when a percent sign is not followed by two hex digits.
std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

// How many bytes the UTF-8 sequence at the front takes; 0 when it is none. Overlong forms,
// surrogates and what lies above U+10FFFF are none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const std::uint8_t second = byte(1);
  if (first == 0xe0 && second < 0xa0) return 0;
  if (first == 0xed && second > 0x9f) return 0;
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xf4 && second > 0x8f) return 0;
  return length;
}

// UTF-8 without control characters: they would reach log lines, SQL and headers.
bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    if (length == 1 && (static_cast<std::uint8_t>(text[0]) < 0x20 || text[0] == 0x7f)) return false;
    text.remove_prefix(length);
  }
  return true;
}

// "..", "." and what some servers read as the same: "..;jsessionid=1".
bool is_dot_segment(std::string_view segment) {
  const std::string_view name = segment.substr(0, segment.find(';'));
  return name == "." || name == "..";
}

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    if (is_dot_segment(path.substr(0, end))) return true;
    path.remove_prefix(end);
  }
  return false;
}

ResultOr<std::string, Refusal> read_path(std::string_view raw) {
  if (!std::all_of(raw.begin(), raw.end(), may_stand_in_path))
    return refuse("path_character", "The path holds a character that must be percent-encoded.");
  if (raw.find("//") != std::string_view::npos)
    return refuse("path_empty_segment", "The path holds an empty segment.");
  if (raw.find('%') == std::string_view::npos) {  // nearly always
    if (has_dot_segment(raw)) return refuse("path_traversal", "The path holds a dot segment.");
    return std::string(raw);
  }
  auto path = decode(raw, false);
  if (!path) return refuse("path_encoding", "The path's percent-encoding is broken.");
  const auto slashes = std::count(raw.begin(), raw.end(), '/');
  if (std::count(path->begin(), path->end(), '/') != slashes ||
      path->find('\\') != std::string::npos)
    return refuse("path_encoded_slash", "The path holds an encoded slash.");
  if (path->find('%') != std::string::npos)
    return refuse("path_double_encoding", "The path is percent-encoded twice.");
  if (!is_clean_text(*path))
    return refuse("path_control", "The path holds a control character or is not UTF-8.");
  if (has_dot_segment(*path)) return refuse("path_traversal", "The path holds a dot segment.");
  return std::move(*path);
}

ResultOr<Fields, Refusal> read_query(std::string_view raw) {
  Fields query;
  if (!std::all_of(raw.begin(), raw.end(), may_stand_in_query))
    return refuse("query_character", "The query holds a character that must be percent-encoded.");
  while (!raw.empty()) {
    const std::string_view piece = raw.substr(0, raw.find('&'));
    raw.remove_prefix(std::min(piece.size() + 1, raw.size()));
    if (piece.empty()) continue;
    const std::size_t equals = std::min(piece.find('='), piece.size());
    auto key = decode(piece.substr(0, equals), true);
    auto value = decode(piece.substr(std::min(equals + 1, piece.size())), true);
    if (!key || !value || !is_clean_text(*key) || !is_clean_text(*value))
      return refuse("query_encoding", "The query's percent-encoding is broken or not clean UTF-8.");
    if (key->empty()) return refuse("query_key", "A query parameter has no name.");
    const auto is_same = [&](const auto& field) { return field.first == *key; };
    if (std::any_of(query.begin(), query.end(), is_same))
      return refuse("query_duplicate", "A query parameter is given twice.");
    if (query.size() == largest_query_count)
      return refuse("query_count", "There are more than 64 query parameters.");
    query.emplace_back(std::move(*key), std::move(*value));
  }
  return query;
}

}  // namespace

ResultOr<Target, Refusal> read_target(std::string_view raw) {
  if (raw.empty() || raw.front() != '/')
    return refuse("target_form", "The request target must be a path that starts with a slash.");
  const std::size_t question = std::min(raw.find('?'), raw.size());
  auto path = read_path(raw.substr(0, question));
  if (!path) return tl::unexpected(path.error());
  auto query = read_query(raw.substr(std::min(question + 1, raw.size())));
  if (!query) return tl::unexpected(query.error());
  return Target{std::move(*path), std::move(*query)};
}

}  // namespace switchyard
