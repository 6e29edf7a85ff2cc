#include "http/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace switchyard {
namespace {

// From the IANA special-purpose registries, besides what lies outside 2000::/3. Whole ranges that
// embed IPv4 addresses (6to4, Teredo) are refused, whatever they embed.
// clang-format off
constexpr std::string_view not_public_ipv4[] = {
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // carrier-grade NAT; also Alibaba's metadata
    "127.0.0.0/8",      // loopback
    "168.63.129.16",    // Azure's host, reachable from each of its machines only
    "169.254.0.0/16",   // link-local; nearly everyone's metadata
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocol assignments; also Oracle's metadata
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // 6to4 relays
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, and broadcast
};
constexpr std::string_view not_public_ipv6[] = {
    "2001::/23",        // protocol assignments, Teredo among them
    "2001:db8::/32",    // documentation
    "2002::/16",        // 6to4
    "3fff::/20",        // documentation
};
// Services that answer to whoever connects, above the ports that need a privilege.
constexpr int refused_ports[] = {
    1080, 1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 4222, 5432, 5433, 5672,
    5900, 5984, 6379, 6380, 6443, 6667, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 27017, 27018,
    27019,
};
// clang-format on

bool is_mapped(const in6_addr& address) { return IN6_IS_ADDR_V4MAPPED(&address); }

in6_addr mapped(const in_addr& ipv4) {
  in6_addr address = {};
  address.s6_addr[10] = address.s6_addr[11] = 0xff;
  std::memcpy(&address.s6_addr[12], &ipv4, 4);
  return address;
}

// IPv4 as ::ffff:a.b.c.d, so that both spellings of it meet the same tables.
std::optional<in6_addr> address_of(const sockaddr* address) {
  if (address->sa_family == AF_INET)
    return mapped(reinterpret_cast<const sockaddr_in*>(address)->sin_addr);
  if (address->sa_family == AF_INET6)
    return reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  return std::nullopt;
}

bool is_in(const in6_addr& address, const Network& network) {
  // "::/0" speaks of IPv6: how we write IPv4 inside must not make it an opening for that too.
  if (is_mapped(address) && network.prefix_bits < 96) return false;
  const int bytes = network.prefix_bits / 8, bits = network.prefix_bits % 8;
  if (std::memcmp(address.s6_addr, network.address.s6_addr, std::size_t(bytes)) != 0) return false;
  if (bits == 0) return true;
  const int differing = address.s6_addr[bytes] ^ network.address.s6_addr[bytes];
  return (differing >> (8 - bits)) == 0;
}

template <std::size_t count>
std::vector<Network> networks_of(const std::string_view (&texts)[count]) {
  std::vector<Network> networks;
  for (const std::string_view text : texts) networks.push_back(parse_network(text).value());
  return networks;
}

bool is_in_any(const in6_addr& address, const std::vector<Network>& networks) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return is_in(address, network); });
}

std::optional<int> parse_bits(std::string_view text, int most) {
  int bits = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (bits < 0 || bits > most) return std::nullopt;
  return bits;
}

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool is_plain_text(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string host_problem(const std::string& host) {
  if (host.starts_with('[')) return {};  // curl_url has read it as an IPv6 address
  const bool is_usual = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '.';
  });
  if (host.empty() || host.size() > 253) return "must name a host";
  if (!is_usual) return "must have a host of letters, digits, hyphens and dots (xn-- for others)";
  if (host.starts_with('.') || host.ends_with('.') || host.find("..") != std::string::npos)
    return "must not have a host with an empty part or a dot at its end";
  return {};
}

bool is_usual_port(int port) {
  if (port == 80 || port == 443) return true;
  return port >= 1024 && port <= 65535 &&
         std::find(std::begin(refused_ports), std::end(refused_ports), port) ==
             std::end(refused_ports);
}

// What curl_url reads leniently and we do not read at all: the text between "://" and the path.
std::string authority_problem(std::string_view url) {
  const auto start = url.find("://");
  // "https:/10.0.0.1/://shop.example" leads libcurl to 10.0.0.1.
  if (start == std::string_view::npos || start != url.find_first_of(":/"))
    return "must start with https://";
  std::string_view authority = url.substr(start + 3);
  authority = authority.substr(0, authority.find_first_of("/?"));
  if (authority.empty()) return "must name a host";
  if (authority.find('@') != std::string_view::npos) return "must not hold a user or a password";
  if (authority.find('%') != std::string_view::npos) return "must not have % in its host";
  return {};
}

std::string text_problem(std::string_view url) {
  if (url.empty() || url.size() > 2048) return "must be 1 to 2048 characters long";
  if (!is_plain_text(url)) return "must be printable ASCII without spaces; percent-encode others";
  if (url.find('\\') != std::string_view::npos) return "must not hold a backslash";
  if (url.find('#') != std::string_view::npos) return "must not have a fragment (#)";
  return authority_problem(url);
}

}  // namespace

std::optional<Network> parse_network(std::string_view cidr) {
  const auto slash = cidr.find('/');
  const std::string host(cidr.substr(0, slash));
  if (host.find('\0') != std::string::npos) return std::nullopt;
  in_addr ipv4 = {};
  Network network;
  const bool is_ipv4 = inet_pton(AF_INET, host.c_str(), &ipv4) == 1;
  if (is_ipv4)
    network.address = mapped(ipv4);
  else if (inet_pton(AF_INET6, host.c_str(), &network.address) != 1)
    return std::nullopt;
  if (slash == std::string_view::npos) return network;
  const auto bits = parse_bits(cidr.substr(slash + 1), is_ipv4 ? 32 : 128);
  if (!bits) return std::nullopt;
  network.prefix_bits = is_ipv4 ? 96 + *bits : *bits;
  return network;
}

bool is_public_address(const sockaddr* socket_address) {
  static const std::vector<Network> refused_ipv4 = networks_of(not_public_ipv4);
  static const std::vector<Network> refused_ipv6 = networks_of(not_public_ipv6);
  static const Network global_unicast = parse_network("2000::/3").value();
  const auto address = address_of(socket_address);
  if (!address) return false;
  if (is_mapped(*address)) return !is_in_any(*address, refused_ipv4);
  return is_in(*address, global_unicast) && !is_in_any(*address, refused_ipv6);
}

bool is_in_networks(const sockaddr* socket_address, const std::vector<Network>& networks) {
  const auto address = address_of(socket_address);
  return address && is_in_any(*address, networks);
}

std::string address_text(const sockaddr* socket_address) {
  const auto address = address_of(socket_address);
  if (!address) return {};
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (is_mapped(*address))
    inet_ntop(AF_INET, &address->s6_addr[12], text.data(), text.size());
  else
    inet_ntop(AF_INET6, &*address, text.data(), text.size());
  return text.data();
}

std::string endpoint_url_problem(std::string_view url, bool plain_http_allowed) {
  if (const std::string problem = text_problem(url); !problem.empty()) return problem;
  const Url parsed(curl_url(), &curl_url_cleanup);
  const std::string text(url);
  const CURLUcode code =
      curl_url_set(parsed.get(), CURLUPART_URL, text.c_str(),
                   CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS);
  if (code != CURLUE_OK) return "must be a URL as in https://example.com/path";
  const std::string scheme = part_of(parsed, CURLUPART_SCHEME);
  if (scheme != "https" && !(scheme == "http" && plain_http_allowed))
    return plain_http_allowed ? "must start with https:// or http://" : "must start with https://";
  if (const std::string problem = host_problem(part_of(parsed, CURLUPART_HOST)); !problem.empty())
    return problem;
  if (!is_usual_port(std::atoi(part_of(parsed, CURLUPART_PORT).c_str())))
    return "must use port 443, 80, or one above 1023 that is not a database's or the like";
  return {};
}

}  // namespace switchyard
