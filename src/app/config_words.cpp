#include "app/config_words.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/text.h"

namespace switchyard {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit units[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

// ISO 3166-1, as of 2024, and XK, which everybody uses for Kosovo.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR "
    "BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ "
    "EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW "
    "GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY "
    "KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV "
    "MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY "
    "QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG "
    "TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA "
    "ZM ZW";

// Letters to add, drop or change, a swap of neighbours counting as two.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

bool has_control_or_space(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '\\'; });
}

// "example.com:8080" → "example.com"; "[::1]:80" → "::1"; "" where the port is no port.
std::string host_of(std::string_view authority) {
  std::size_t end = authority.find(':');
  if (authority.starts_with("[")) end = authority.find("]:");
  if (end != std::string_view::npos) {
    const std::size_t colon = authority.find(':', authority.starts_with("[") ? end : 0);
    const std::string_view port = authority.substr(colon + 1);
    int number = 0;
    const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || rest != port.data() + port.size()) return {};
    if (number < 1 || number > 65535) return {};
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with("[") && authority.ends_with("]"))
    authority = authority.substr(1, authority.size() - 2);
  return in_lower_case(authority);
}

// "stripe" for "stripe_us", or the other way round.
bool begins_alike(std::string_view left, std::string_view right) {
  return std::min(left.size(), right.size()) >= 3 &&
         (left.starts_with(right) || right.starts_with(left));
}

}  // namespace

std::string suggestion(std::string_view written, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(2, written.size() / 3) + 1;
  for (const std::string& each : known) {
    const std::size_t far = begins_alike(written, each) ? 1 : distance(written, each);
    // As many changes as letters is no resemblance.
    if (far < least && far < each.size()) {
      least = far;
      nearest = &each;
    }
  }
  return nearest == nullptr ? std::string() : "; did you mean " + in_quotes(*nearest) + "?";
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  constexpr std::int64_t longest = 100'000LL * 86'400'000;
  for (const Unit& unit : units)
    if (unit.name == name && count <= longest / unit.milliseconds)
      return milliseconds(count * unit.milliseconds);
  return std::nullopt;
}

std::string duration_text(milliseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const Unit& unit : units)
    if (duration.count() % unit.milliseconds == 0)
      return std::to_string(duration.count() / unit.milliseconds) + std::string(unit.name);
  return std::to_string(duration.count()) + "ms";
}

bool is_country(std::string_view code) {
  if (code.size() != 2 || code.find(' ') != std::string_view::npos) return false;
  const std::size_t found = countries.find(code);
  return found != std::string_view::npos && found % 3 == 0;
}

std::optional<WebAddress> parse_web_address(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || has_control_or_space(url)) return std::nullopt;
  const std::string_view scheme = url.substr(0, colon);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const std::string_view rest = url.substr(colon + 3);
  if (rest.find_first_of("@?#") != std::string_view::npos) return std::nullopt;
  std::string host = host_of(rest.substr(0, rest.find('/')));
  if (host.empty()) return std::nullopt;
  return WebAddress{std::string(scheme), std::move(host)};
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  // Only the numeric form: "127.evil.example" is somebody else's machine.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string without_slash(std::string url) {
  while (url.ends_with("/")) url.pop_back();
  return url;
}

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string choice_of(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += in_quotes(words[i]);
  }
  return text;
}

}  // namespace switchyard
