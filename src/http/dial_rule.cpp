#include "http/dial_rule.h"

#include <cstring>

namespace switchyard {
namespace {

bool is_loopback(const sockaddr* address) {
  static const std::vector<Network> loopback = {parse_network("127.0.0.0/8").value(),
                                                parse_network("::1").value()};
  return is_in_networks(address, loopback);
}

}  // namespace

std::string DialRule::read(const SendOptions& options, bool is_plain_http) {
  is_public_only_ = options.public_addresses_only;
  is_plain_http_ = is_plain_http;
  is_plain_http_allowed_ = options.plain_http_allowed;
  allowed_.clear();
  for (const std::string& text : options.allowed_networks) {
    const auto network = parse_network(text);
    if (!network) return "\"" + text + "\" is not a network";
    allowed_.push_back(*network);
  }
  if (is_public_only_ && is_plain_http_ && !is_plain_http_allowed_)
    return "plain http is not allowed";
  return {};
}

bool DialRule::may_dial(const sockaddr* address) const {
  if (!is_public_only_) return !is_plain_http_ || is_plain_http_allowed_ || is_loopback(address);
  if (is_in_networks(address, allowed_)) return true;
  return !is_plain_http_ && is_public_address(address);
}

bool DialRule::may_dial(std::string_view address_text) const {
  const auto host = parse_network(address_text);
  if (!host || host->prefix_bits != 128) return false;
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = host->address;
  return may_dial(reinterpret_cast<const sockaddr*>(&address));
}

}  // namespace switchyard
