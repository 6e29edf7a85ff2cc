#include "web/client_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "web/tokens.h"

namespace switchyard {
namespace {

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;  // 4 or 16
};

std::optional<Address> read_address(std::string_view text) {
  const std::string copy(text);
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.size = 4;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) {
    address.size = 16;
    return address;
  }
  return std::nullopt;
}

bool has_prefix(const Address& address, const Address& network, std::uint64_t bits) {
  if (address.size != network.size || bits > address.size * 8) return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const std::uint8_t mask = static_cast<std::uint8_t>(0x80 >> (i % 8));
    if ((address.bytes[i / 8] & mask) != (network.bytes[i / 8] & mask)) return false;
  }
  return true;
}

bool is_inside(const Address& address, std::string_view network) {
  const std::size_t slash = network.find('/');
  const auto base = read_address(network.substr(0, slash));
  if (!base) return false;
  std::uint64_t bits = base->size * 8;
  if (slash != std::string_view::npos && !read_decimal(network.substr(slash + 1), bits))
    return false;
  return has_prefix(address, *base, bits);
}

}  // namespace

bool is_trusted_address(std::string_view address, const std::vector<std::string>& trusted) {
  if (trusted.empty()) return false;
  const auto read = read_address(address);
  return read && std::any_of(trusted.begin(), trusted.end(),
                             [&](const std::string& network) { return is_inside(*read, network); });
}

std::string client_address(const std::string& peer, std::string_view forwarded_for,
                           const std::vector<std::string>& trusted) {
  std::string client = peer;
  while (!forwarded_for.empty() && is_trusted_address(client, trusted)) {
    const std::size_t comma = forwarded_for.rfind(',');
    const bool is_last = comma == std::string_view::npos;
    std::string_view address = is_last ? forwarded_for : forwarded_for.substr(comma + 1);
    forwarded_for = is_last ? std::string_view{} : forwarded_for.substr(0, comma);
    while (!address.empty() && address.front() == ' ') address.remove_prefix(1);
    while (!address.empty() && address.back() == ' ') address.remove_suffix(1);
    if (!read_address(address)) break;  // a trusted proxy wrote nonsense: believe no further
    client = address;
  }
  return client;
}

}  // namespace switchyard
