// Small texts with a form: phone numbers, times, ids, hex, base64, media types.
#include "../fuzz.h"
#include "api/phone_number.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "web/media_type.h"
#include "web/tokens.h"

namespace switchyard {
namespace {

bool is_all(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

void check_phone(std::string_view text) {
  const std::string country = country_of_phone(text);
  require(country.empty() || country.size() == 2, "a country has two letters");
  require(country.empty() || is_phone_number(text), "only a phone number has a country");
  require(network_of_phone(text).empty() || is_phone_number(text), "nor has anything a network");
  if (!is_phone_number(text)) return;
  require(phone_problem(text).empty() || phone_problem(text).size() > 10, "a problem is said");
  require(text.size() <= 16 && text[0] == '+' && is_all(text.substr(1), "0123456789"),
          "a phone number is a plus and digits");
}

void check_time(std::string_view text) {
  const auto time = parse_rfc3339(text);
  if (!time) return;
  const std::string written = to_rfc3339(*time);
  const auto again = parse_rfc3339(written);
  require(again.has_value(), "a time that was written can be read");
  const auto off = *time - *again;
  require(off >= Duration(0) && off < Duration(1000), "to the millisecond");
  require(from_unix_seconds(unix_seconds(*time)) <= *time, "seconds are cut off, not rounded");
}

void check_encodings(std::string_view text) {
  require(from_hex(to_hex(text)) == std::string(text), "hex there and back");
  require(from_base64(to_base64(text)) == std::string(text), "base64 there and back");
  // One text for one value: a signature has no second spelling.
  if (const auto bytes = from_base64(text)) require(to_base64(*bytes) == text, "base64 is strict");
  if (const auto bytes = from_hex(text)) require(to_hex(*bytes) == to_lower(text), "hex is strict");
  require(is_all(to_base64url(text),
                 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
          "base64url needs no encoding");
}

void check_id(std::string_view text) {
  for (const char* prefix : {"pay", "att", "evt"})
    require(!is_id(text, prefix) || (text.size() == std::string_view(prefix).size() + 27 &&
                                     is_all(text.substr(4), "0123456789ABCDEFGHJKMNPQRSTVWXYZ")),
            "an id has one form");
}

void check_numbers(std::string_view text) {
  std::uint64_t value = 0;
  if (read_decimal(text, value)) {
    const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
    require(std::to_string(value) == text.substr(zeros), "a number is its digits");
  }
  if (read_hexadecimal(text, value))
    require(is_all(text, "0123456789abcdefABCDEF"), "a hex number is its digits");
}

}  // namespace

void fuzz_words(std::string_view input) {
  check_phone(input);
  check_time(input);
  check_encodings(input);
  check_id(input);
  check_numbers(input);
  if (is_json(input))
    require(to_lower(input).find("application/json") != std::string::npos, "JSON says that it is");
}

}  // namespace switchyard
