#include "base/json.h"

#include <cassert>

#include <algorithm>
#include <charconv>
#include <map>

namespace switchyard {
namespace {

// Deep enough for any document meant to be read, and shallow enough that writing one cannot use up
// the small stacks of our workers.
constexpr std::size_t loose_depth = 64;
constexpr std::size_t strict_depth = 32;

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

// Only what looks like one of our field names is repeated in an error: a key may be anything, even
// a card number, and errors are written to places where that may not be.
std::string printable_key(std::string_view key) {
  const bool looks_like_a_field =
      !key.empty() && key.size() <= 40 && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      });
  return looks_like_a_field ? std::string(key) : "?";
}

// Listens to the parser and builds the document. The library's own builder would look through an
// object for every key it adds, which takes minutes for a body of a hundred thousand keys.
class Builder {
 public:
  enum class Manner { loose, strict };
  explicit Builder(Manner manner) : manner_(manner) {}

  Json take_document() { return std::move(document_); }
  Error take_error() { return std::move(error_); }
  std::size_t syntax_error_at() const { return syntax_error_at_; }

  // What follows is called by nlohmann's sax_parse, which stops at the first false.
  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_integer(std::int64_t value) {
    // Zero comes here only when a minus stood before it.
    return value == 0 && manner_ == Manner::strict ? add({{"$number", "-0"}}) : add(value);
  }
  bool number_float(double, const std::string& text) {
    return manner_ == Manner::strict ? add({{"$number", text}}) : add(text);
  }
  bool string(std::string& text) {
    if (text.find('\0') == text.npos) return add(std::move(text));
    if (manner_ == Manner::strict) return refuse_nul();
    return add(without_nul(text));
  }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(Json::object()); }
  bool key(std::string& text) {
    if (text.find('\0') == text.npos) {
      open_.back().key = std::move(text);
    } else if (manner_ == Manner::strict) {
      return refuse_nul();
    } else {
      open_.back().key = without_nul(text);
    }
    return true;
  }
  bool end_object() { return settle_repeated_keys() && close(); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    syntax_error_at_ = position;
    return false;
  }

 private:
  struct Container {
    Json json;
    std::string key = {};  // of the member that is being read
  };

  bool add(Json value) {
    if (open_.empty()) {
      document_ = std::move(value);
    } else if (open_.back().json.is_array()) {
      open_.back().json.push_back(std::move(value));
    } else {
      members(open_.back().json).emplace_back(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  bool open(Json empty) {
    const std::size_t limit = manner_ == Manner::strict ? strict_depth : loose_depth;
    if (open_.size() == limit) {
      return refuse("The body is nested more than " + std::to_string(limit) + " levels deep.");
    }
    open_.push_back({std::move(empty)});
    return true;
  }

  bool close() {
    Json finished = std::move(open_.back().json);
    open_.pop_back();
    return add(std::move(finished));
  }

  // As a plain vector of pairs, whose emplace_back does not compare keys.
  static Json::object_t::Container& members(Json& object) {
    return object.get_ref<Json::object_t&>();
  }

  // A merchant is told; of a provider's, the last one counts, as with most readers.
  bool settle_repeated_keys() {
    auto& all = members(open_.back().json);
    std::vector<std::string_view> keys;
    keys.reserve(all.size());
    for (const auto& [key, value] : all) keys.push_back(key);
    std::ranges::sort(keys);
    const auto repeated = std::ranges::adjacent_find(keys);
    if (repeated == keys.end()) return true;
    if (manner_ == Manner::strict) {
      open_.back().key = *repeated;
      return refuse("The same key stands twice in one object.");
    }
    keep_last_of_each(all);
    return true;
  }

  static void keep_last_of_each(Json::object_t::Container& all) {
    std::map<std::string_view, std::size_t> last_place;
    for (std::size_t i = 0; i < all.size(); ++i) last_place[all[i].first] = i;
    Json::object_t::Container kept;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (last_place[all[i].first] == i) kept.emplace_back(all[i].first, std::move(all[i].second));
    }
    all.swap(kept);
  }

  static std::string without_nul(std::string_view text) {
    std::string clean;
    for (const char c : text) {
      if (c == '\0') {
        clean += replacement_character;
      } else {
        clean += c;
      }
    }
    return clean;
  }

  bool refuse_nul() { return refuse("A string holds the character NUL, which is not accepted."); }

  bool refuse(std::string message) {
    error_ = {.code = ErrorCode::invalid_json, .message = std::move(message), .param = path()};
    return false;
  }

  // Where we are: "customer.email", "items.0.name".
  std::string path() const {
    std::string path;
    for (const Container& container : open_) {
      if (!path.empty()) path += '.';
      path += container.json.is_array() ? std::to_string(container.json.size())
                                        : printable_key(container.key);
    }
    return path;
  }

  Manner manner_;
  Json document_;
  std::vector<Container> open_;
  Error error_;
  std::size_t syntax_error_at_ = 0;
};

// The lexer takes a NUL between tokens for the end, and would not look at what comes after.
bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

std::string place_in(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position == 0 ? 0 : position - 1);
  const auto line = 1 + std::ranges::count(before, '\n');
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return "line " + std::to_string(line) + ", byte " +
         std::to_string(before.size() - line_start + 1);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

auto malformed(std::string_view text, std::size_t position) {
  return fail(ErrorCode::invalid_json,
              "The body is not valid JSON in UTF-8: see " + place_in(text, position) + ".");
}

const Json& null_json() {
  static const Json null;
  return null;
}

const Json& item_at(const Json& array, std::string_view step) {
  std::size_t place = 0;
  const char* end = step.data() + step.size();
  const auto [stop, problem] = std::from_chars(step.data(), end, place);
  if (problem != std::errc{} || stop != end || place >= array.size()) return null_json();
  return array[place];
}

const Json& step_into(const Json& json, std::string_view step) {
  if (json.is_array()) return item_at(json, step);
  if (!json.is_object()) return null_json();
  const auto member = json.find(std::string(step));
  return member == json.end() ? null_json() : *member;
}

// The parts of a JSON number.
struct Number {
  bool is_negative = false;
  std::string whole;
  std::string fraction;
  int exponent = 0;
};

std::string take_digits(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  std::string digits(text.substr(0, length));
  text.remove_prefix(length);
  return digits;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == any_of.npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Number> read_number(std::string_view text) {
  Number number;
  number.is_negative = take(text, "-");
  number.whole = take_digits(text);
  if (number.whole.empty() || (number.whole.size() > 1 && number.whole[0] == '0')) return {};
  if (take(text, ".") && (number.fraction = take_digits(text)).empty()) return {};
  if (take(text, "eE")) {
    const bool is_small = text.starts_with('-');
    take(text, "+-");
    const std::string digits = take_digits(text);
    // No amount needs more, and longer ones would make us write out millions of zeros.
    if (digits.empty() || digits.size() > 2) return {};
    number.exponent = is_small ? -std::stoi(digits) : std::stoi(digits);
  }
  if (!text.empty()) return {};
  return number;
}

// Writes an exponent out: 1.25e4 is 12500. The other digits stay as they were sent.
std::string without_exponent(Number number) {
  for (; number.exponent > 0; --number.exponent) {
    number.whole += number.fraction.empty() ? '0' : number.fraction[0];
    if (!number.fraction.empty()) number.fraction.erase(0, 1);
  }
  for (; number.exponent < 0; ++number.exponent) {
    number.fraction.insert(0, 1, number.whole.empty() ? '0' : number.whole.back());
    if (!number.whole.empty()) number.whole.pop_back();
  }
  const std::size_t zeros = std::min(number.whole.find_first_not_of('0'), number.whole.size());
  number.whole.erase(0, zeros);
  if (number.whole.empty()) number.whole = "0";
  return (number.is_negative ? "-" : "") + number.whole +
         (number.fraction.empty() ? "" : "." + number.fraction);
}

}  // namespace

Json parse_json(std::string_view text) {
  if (has_nul(text)) return nullptr;
  Builder builder(Builder::Manner::loose);
  if (!Json::sax_parse(text, &builder)) return nullptr;
  return builder.take_document();
}

Result<Json> parse_strict_json(std::string_view text) {
  if (is_blank(text)) return fail(ErrorCode::body_required, "Send a JSON body with this call.");
  // The library would step over a byte order mark without a word.
  if (text.starts_with("\xEF\xBB\xBF")) return malformed(text, 1);
  if (has_nul(text)) return malformed(text, text.find('\0') + 1);
  Builder builder(Builder::Manner::strict);
  if (Json::sax_parse(text, &builder)) return builder.take_document();
  if (builder.syntax_error_at() > 0) return malformed(text, builder.syntax_error_at());
  return fail(builder.take_error());
}

std::string write_json(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& member_at(const Json& json, std::string_view path) {
  if (path.empty()) return json;
  const Json* here = &json;
  std::size_t dot = 0;
  for (std::size_t start = 0; dot != path.npos; start = dot + 1) {
    dot = path.find('.', start);
    here = &step_into(*here, path.substr(start, dot - start));
  }
  return *here;
}

std::string text_at(const Json& json, std::string_view path) {
  const Json& member = member_at(json, path);
  return member.is_string() ? member.get<std::string>() : "";
}

std::optional<std::int64_t> integer_at(const Json& json, std::string_view path) {
  const Json& member = member_at(json, path);
  if (!member.is_number_integer()) return std::nullopt;
  if (member.is_number_unsigned() && member.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  return member.get<std::int64_t>();
}

std::string decimal_at(const Json& json, std::string_view path) {
  const Json& member = member_at(json, path);
  if (member.is_number_integer()) return member.dump();
  if (!member.is_string()) return "";
  const auto number = read_number(member.get_ref<const std::string&>());
  return number ? without_exponent(*number) : "";
}

Json number_json(std::string_view decimal) {
  auto number = read_number(decimal);
  assert(number && number->exponent == 0 && number->whole.size() + number->fraction.size() <= 15 &&
         "a plain decimal");
  while (number->fraction.ends_with('0')) number->fraction.pop_back();
  const std::string text = without_exponent(*number);
  // A double is written back with the shortest digits that mean it: with 15 or fewer, these.
  return number->fraction.empty() ? Json(std::stoll(text)) : Json(std::stod(text));
}

std::optional<bool> bool_at(const Json& json, std::string_view path) {
  const Json& member = member_at(json, path);
  return member.is_boolean() ? std::optional(member.get<bool>()) : std::nullopt;
}

}  // namespace switchyard
