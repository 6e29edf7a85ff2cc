// Which addresses may be dialled and whose word about a client is believed. An input is a line with
// a network and then an address: sixteen bytes, or its text.
#include <cstring>

#include "../fuzz.h"
#include "http/dial_rule.h"
#include "web/client_address.h"

namespace switchyard {
namespace {

sockaddr_in6 ipv6(const unsigned char* bytes) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  std::memcpy(&address.sin6_addr, bytes, 16);
  return address;
}

sockaddr_in ipv4(const unsigned char* bytes) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  std::memcpy(&address.sin_addr, bytes, 4);
  return address;
}

template <class Address>
const sockaddr* as_socket_address(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// The ranges that lead into somebody's own network, by their first bytes.
bool is_certainly_private(const unsigned char* v4) {
  return v4[0] == 0 || v4[0] == 10 || v4[0] == 127 || (v4[0] == 169 && v4[1] == 254) ||
         (v4[0] == 172 && (v4[1] & 0xf0) == 16) || (v4[0] == 192 && v4[1] == 168) ||
         (v4[0] == 100 && (v4[1] & 0xc0) == 64) || v4[0] >= 224;
}

void check_ipv4(const unsigned char* bytes, const DialRule& rule) {
  unsigned char mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::memcpy(mapped + 12, bytes, 4);
  const sockaddr_in short_form = ipv4(bytes);
  const sockaddr_in6 long_form = ipv6(mapped);
  const bool is_public = is_public_address(as_socket_address(short_form));
  require(is_public == is_public_address(as_socket_address(long_form)),
          "both spellings of an IPv4 address mean the same");
  require(!is_public || !is_certainly_private(bytes), "a private address is never public");
  require(
      rule.may_dial(as_socket_address(short_form)) == rule.may_dial(as_socket_address(long_form)),
      "both spellings may be dialled or neither");
  require(rule.may_dial(address_text(as_socket_address(short_form))) ==
              rule.may_dial(as_socket_address(short_form)),
          "an address and its text may be dialled or neither");
}

// What embeds an IPv4 address, or lies outside what is routed, is refused whatever it embeds.
void check_ipv6(const unsigned char* bytes, const DialRule& rule) {
  const sockaddr_in6 address = ipv6(bytes);
  const bool is_public = is_public_address(as_socket_address(address));
  const bool is_mapped = IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
  require(!is_public || is_mapped || (bytes[0] & 0xe0) == 0x20, "only 2000::/3 is public");
  require(!is_public || !(bytes[0] == 0x20 && bytes[1] == 0x02), "6to4 is not public");
  require(!is_public || !is_mapped || !is_certainly_private(bytes + 12), "nor is a mapped one");
  require(rule.may_dial(address_text(as_socket_address(address))) ==
              rule.may_dial(as_socket_address(address)),
          "an address and its text may be dialled or neither");
}

void check_network(const std::string& text) {
  const auto network = parse_network(text);
  if (!network) return;
  require(network->prefix_bits >= 0 && network->prefix_bits <= 128, "a prefix has 0 to 128 bits");
  sockaddr_in6 base = {};
  base.sin6_family = AF_INET6;
  base.sin6_addr = network->address;
  // "::ffff:1.2.3.4/64" is a prefix of IPv6 and says nothing of IPv4.
  const bool is_odd = IN6_IS_ADDR_V4MAPPED(&base.sin6_addr) && network->prefix_bits < 96;
  require(is_odd || is_in_networks(as_socket_address(base), {*network}),
          "a network holds its base");
}

void check_client(const std::string& text) {
  const std::vector<std::string> trusted = {"127.0.0.1", "10.0.0.0/8"};
  require(client_address("203.0.113.7", text, trusted) == "203.0.113.7",
          "a stranger's word about itself is not believed");
  const std::string client = client_address("127.0.0.1", text, trusted);
  require(client == "127.0.0.1" || parse_network(client).has_value(), "a client is an address");
}

}  // namespace

void fuzz_addresses(std::string_view input) {
  const std::string network(take_line(input));
  check_network(network);
  SendOptions options{.public_addresses_only = true};
  if (parse_network(network)) options.allowed_networks = {network};
  DialRule rule;
  require(rule.read(options, false).empty(), "a network that can be read is a rule");
  DialRule refused;
  if (!parse_network(network)) {
    options.allowed_networks = {network};
    require(!refused.read(options, false).empty(), "one that cannot be read is refused");
  }
  unsigned char bytes[16] = {};
  std::memcpy(bytes, input.data(), std::min<std::size_t>(input.size(), 16));
  check_ipv4(bytes, rule);
  check_ipv6(bytes, rule);
  const std::string text(input);
  if (rule.may_dial(text)) require(parse_network(text).has_value(), "only an address is dialled");
  if (text.find('\0') == std::string::npos) check_client(text);
}

}  // namespace switchyard
