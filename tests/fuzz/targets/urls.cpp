// Where payers are sent back to and events are sent to, read a second time by libcurl, which is
// what would go there.
#include <curl/curl.h>

#include <memory>

#include "../fuzz.h"
#include "api/endpoint_url.h"
#include "api/return_url.h"
#include "http/address.h"
#include "web/tokens.h"

namespace switchyard {
namespace {

struct Place {
  bool is_url = false;
  std::string scheme, user, host, fragment;
};

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

Place read_by_curl(const std::string& text) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  Place place;
  place.is_url = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  place.scheme = part_of(url.get(), CURLUPART_SCHEME);
  place.user = part_of(url.get(), CURLUPART_USER) + part_of(url.get(), CURLUPART_PASSWORD);
  place.host = to_lower(part_of(url.get(), CURLUPART_HOST));
  place.fragment = part_of(url.get(), CURLUPART_FRAGMENT);
  return place;
}

void check_return_url(const std::string& url) {
  if (!return_url_problem(url, Mode::live, {"shop.example", "*.shop.example"}).empty()) return;
  const Place place = read_by_curl(url);
  require(place.is_url && place.scheme == "https" && place.user.empty() && place.fragment.empty(),
          "a payer is sent to a plain https URL");
  require(place.host == "shop.example" || place.host.ends_with(".shop.example"),
          "a payer is sent to an allowed host");
}

void check_local_return_url(const std::string& url) {
  if (!return_url_problem(url, Mode::test, {}).empty()) return;
  const Place place = read_by_curl(url);
  require(place.is_url && place.user.empty(), "a payer is sent to a URL without a user");
  require(place.scheme == "https" || is_one_of(place.host, {"localhost", "127.0.0.1", "[::1]"}),
          "plain http is for this machine");
}

bool is_private(const std::string& host) {
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  const auto network = parse_network(is_bracketed ? host.substr(1, host.size() - 2) : host);
  if (!network) return false;  // a name: judged when it is dialled
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = network->address;
  return !is_public_address(reinterpret_cast<const sockaddr*>(&address));
}

void check_endpoint(const std::string& url, Mode mode) {
  const Policies policies{.public_url = "https://pay.example.com",
                          .plain_http_endpoints_in_test = true};
  if (!endpoint_objection(policies, mode, url).empty()) return;
  const Place place = read_by_curl(url);
  require(place.is_url && place.user.empty() && place.fragment.empty(),
          "an endpoint is a plain URL");
  require(place.scheme == "https" || mode == Mode::test, "an endpoint is https in live mode");
  require(!is_private(place.host), "an endpoint is not a private address, however it is written");
  require(url.find_first_of(" \r\n\t\\") == std::string::npos, "an endpoint is one line");
}

}  // namespace

void fuzz_urls(std::string_view input) {
  const std::string url(input);
  check_return_url(url);
  check_local_return_url(url);
  check_endpoint(url, Mode::test);
  check_endpoint(url, Mode::live);
}

}  // namespace switchyard
