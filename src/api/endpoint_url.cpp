#include "api/endpoint_url.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "http/address.h"

namespace switchyard {
namespace {

// Of a URL that endpoint_url_problem has found nothing wrong with: no user, no fragment.
std::string host_of(std::string_view url) {
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find_first_of("/?"));
  if (host.starts_with('[')) return std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.find(':')));
}

// "2130706433" and "0x7f.1" are addresses to some who read them and names to others.
bool ends_in_a_number(std::string_view host) {
  const std::size_t dot = host.find_last_of('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return !last.empty() && std::isdigit(static_cast<unsigned char>(last.front()));
}

bool may_be_dialled(const in6_addr& address, const std::vector<Network>& networks) {
  sockaddr_storage place = {};
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(place);
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.s6_addr + 12, 4);
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(place);
    v6.sin6_family = AF_INET6;
    v6.sin6_addr = address;
  }
  const auto* socket_address = reinterpret_cast<const sockaddr*>(&place);
  return is_public_address(socket_address) || is_in_networks(socket_address, networks);
}

std::vector<Network> networks_of(const Policies& policies) {
  std::vector<Network> networks;
  for (const std::string& cidr : policies.endpoint_networks)
    if (const auto network = parse_network(cidr)) networks.push_back(*network);
  return networks;
}

std::string host_objection(const Policies& policies, const std::string& host) {
  const auto address = parse_network(host);
  if (address)
    return may_be_dialled(address->address, networks_of(policies))
               ? ""
               : "must not be an address of a private or reserved network";
  return ends_in_a_number(host) ? "must name a host or a plain IP address" : "";
}

// In lower case, without the port that the scheme implies: one address has one spelling.
std::string normal(std::string_view url) {
  std::string text = in_lower_case(url);
  const std::string port = text.starts_with("https:") ? ":443" : ":80";
  const std::size_t begin = text.find("://");
  if (begin == std::string::npos) return text;
  const std::size_t end = std::min(text.find_first_of("/?", begin + 3), text.size());
  if (std::string_view(text).substr(0, end).ends_with(port))
    text.erase(end - port.size(), port.size());
  return text;
}

bool is_our_own(const Policies& policies, std::string_view url) {
  if (policies.public_url.empty()) return false;
  const std::string ours = normal(policies.public_url);
  const std::string theirs = normal(url);
  if (!theirs.starts_with(ours)) return false;
  return theirs.size() == ours.size() || std::strchr("/?", theirs[ours.size()]) != nullptr;
}

}  // namespace

std::string endpoint_objection(const Policies& policies, Mode mode, std::string_view url) {
  const bool is_plain_http_allowed = mode == Mode::test && policies.plain_http_endpoints_in_test;
  std::string problem = endpoint_url_problem(url, is_plain_http_allowed);
  if (!problem.empty()) return problem;
  if (is_our_own(policies, url)) return "must not lead back to this server";
  return host_objection(policies, host_of(url));
}

}  // namespace switchyard
