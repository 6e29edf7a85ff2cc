// Which addresses a merchant's endpoint may live at. Decided on the socket address about to be
// dialled, never on the text of the host, since hosts can be written in many ways.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// An IPv4 or IPv6 network: "10.0.0.0/8", "fd00::/8", "127.0.0.1".
struct Network {
  in6_addr address = {};  // IPv4 as ::ffff:a.b.c.d
  int prefix_bits = 128;
};
std::optional<Network> parse_network(std::string_view cidr);

// False for loopback, private, link-local, metadata, documentation, multicast, carrier-grade NAT,
// and IPv6 forms that embed such an IPv4 address (mapped, compatible, 6to4, NAT64).
bool is_public_address(const sockaddr* address);
bool is_in_networks(const sockaddr* address, const std::vector<Network>& networks);
std::string address_text(const sockaddr* address);

// Whether a merchant may register this URL: https (http only where `plain_http_allowed`), no
// userinfo, no fragment, a usual port, a host. Nothing is resolved. Empty, or why not.
std::string endpoint_url_problem(std::string_view url, bool plain_http_allowed);

}  // namespace switchyard
