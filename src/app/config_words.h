// Small pure pieces of reading a configuration: spelling, durations, countries, URLs.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// `; did you mean "stripe_us"?`, or "" when nothing known is near.
std::string suggestion(std::string_view written, const std::vector<std::string>& known);

// "500ms", "30s", "15m", "24h", "7d": a whole number and one unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string duration_text(std::chrono::milliseconds duration);  // in the greatest whole unit

// ISO 3166 alpha-2 in upper case, and XK.
bool is_country(std::string_view code);

struct WebAddress {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case, without port and brackets
};
// Nullopt unless it is http(s)://host with an optional port and path: no userinfo, no query.
std::optional<WebAddress> parse_web_address(std::string_view url);
bool is_this_machine(std::string_view host);  // localhost, 127.0.0.0/8, ::1
std::string without_slash(std::string url);   // at its end

// `"a", "b" or "c"`
std::string choice_of(const std::vector<std::string>& words);
std::string in_quotes(std::string_view text);

}  // namespace switchyard
