// Many rows as one parameter a column: PostgreSQL arrays in text form, so that a batch is one
// statement over unnest(...) whatever its size.
#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace switchyard {

struct Bytes {  // bytea
  std::string_view view;
};
struct NullableText {  // "" is null
  std::string_view view;
};

// "2026-11-20 07:00:00.123456+00": as PostgreSQL reads it, to the microsecond.
std::string sql_time(Time time);
// '{"GET","POST"}' as one element: a text[] inside an array cannot be ragged, so lists of lists
// travel as their literals and are cast by the statement.
std::string text_array(const std::vector<std::string>& items);

template <std::size_t N>
class Rows {
 public:
  template <class... Values>
  void add(const Values&... values) {
    static_assert(sizeof...(Values) == N, "one value a column");
    std::size_t column = 0;
    ((begin(column), append(columns_[column], values), ++column), ...);
    ++count_;
  }

  bool is_empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  // The finished literals; call once.
  std::array<std::string, N>& parameters() {
    for (std::string& column : columns_) column += count_ == 0 ? "{}" : "}";
    return columns_;
  }

 private:
  void begin(std::size_t column) { columns_[column] += count_ == 0 ? '{' : ','; }

  static void append(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  static void append(std::string& out, const char* text) { append(out, std::string_view(text)); }
  static void append(std::string& out, const std::string& text) {
    append(out, std::string_view(text));
  }
  static void append(std::string& out, NullableText text) {
    if (text.view.empty())
      out += "NULL";
    else
      append(out, text.view);
  }
  static void append(std::string& out, Bytes bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    out += "\"\\\\x";
    for (const unsigned char c : bytes.view) {
      out += digits[c >> 4];
      out += digits[c & 15];
    }
    out += '"';
  }
  static void append(std::string& out, std::int64_t number) { append_number(out, number); }
  static void append(std::string& out, int number) { append_number(out, number); }
  static void append(std::string& out, bool value) { out += value ? "t" : "f"; }
  static void append(std::string& out, Time time) {
    out += '"';
    out += sql_time(time);
    out += '"';
  }
  static void append(std::string& out, const std::optional<Time>& time) {
    if (time)
      append(out, *time);
    else
      out += "NULL";
  }
  template <class Number>
  static void append_number(std::string& out, Number number) {
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    out.append(buffer, end);
  }

  std::array<std::string, N> columns_;
  std::size_t count_ = 0;
};

}  // namespace switchyard
