#include "api/return_url.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace switchyard {
namespace {

constexpr std::size_t longest_url = 2048;

struct Place {
  bool is_https = false;
  std::string host;  // in lower case
};

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_host(std::string_view host) {
  if (host == "[::1]") return true;
  return !host.empty() && host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         host.find("..") == std::string_view::npos && std::ranges::all_of(host, is_host_character);
}

bool is_port(std::string_view port) {
  return !port.empty() && port.size() <= 5 && port.front() != '0' &&
         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(std::string(port)) <= 65535;
}

// Nullopt for everything that two readers could understand in two ways: what a browser would repair
// (backslashes, controls, missing slashes, other alphabets) is not an address here.
std::optional<Place> read_place(std::string_view url) {
  const bool is_plain =
      std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7f && c != '\\'; });
  if (!is_plain || url.empty() || url.size() > longest_url) return std::nullopt;
  Place place{.is_https = url.starts_with("https://")};
  if (!place.is_https && !url.starts_with("http://")) return std::nullopt;
  url.remove_prefix(place.is_https ? 8 : 7);
  const std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  if (url.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  place.host = in_lower_case(authority.substr(0, colon));
  if (!is_host(place.host)) return std::nullopt;
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
  return place;
}

bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

bool fits(std::string_view host, std::string_view allowed) {
  if (!allowed.starts_with("*.")) return host == allowed;
  return host.size() > allowed.size() - 1 && host.ends_with(allowed.substr(1));
}

}  // namespace

std::string return_url_problem(std::string_view url, Mode mode,
                               const std::vector<std::string>& hosts) {
  const auto place = read_place(url);
  if (!place)
    return "must be a URL as in https://shop.example/complete, without a user or a fragment";
  const bool is_local_test = mode == Mode::test && is_this_machine(place->host);
  if (!place->is_https && !is_local_test)
    return "must begin with https:// (http:// is for test mode and this machine only)";
  if (hosts.empty() || is_local_test) return "";
  const bool is_allowed = std::ranges::any_of(
      hosts, [&](const std::string& allowed) { return fits(place->host, allowed); });
  return is_allowed ? "" : "must be at one of the hosts that this merchant allows";
}

}  // namespace switchyard
