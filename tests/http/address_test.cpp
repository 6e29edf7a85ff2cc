#include "http/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace switchyard {
namespace {

struct Address {
  sockaddr_storage storage = {};

  explicit Address(const char* text) {
    auto* ipv4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* ipv6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1)
      storage.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1)
      storage.ss_family = AF_INET6;
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

bool is_public(const char* text) { return is_public_address(Address(text).get()); }

bool is_in(const char* text, const std::vector<std::string_view>& cidrs) {
  std::vector<Network> networks;
  for (const std::string_view cidr : cidrs) networks.push_back(parse_network(cidr).value());
  return is_in_networks(Address(text).get(), networks);
}

// Both ends of each range, and their neighbours outside.
TEST(Address, O2_knows_where_each_ipv4_range_begins_and_ends) {
  const char* ranges[][4] = {
      {nullptr, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "255.255.255.255", nullptr},
  };
  for (const auto& [before, first, last, after] : ranges) {
    EXPECT_TRUE(!before || is_public(before)) << first;
    EXPECT_FALSE(is_public(first)) << first;
    EXPECT_FALSE(is_public(last)) << last;
    EXPECT_TRUE(!after || is_public(after)) << last;
    EXPECT_FALSE(is_public(("::ffff:" + std::string(first)).c_str())) << first;
    EXPECT_FALSE(is_public(("::ffff:" + std::string(last)).c_str())) << last;
  }
}

TEST(Address, O3_takes_ipv6_for_public_only_where_it_is_given_out) {
  for (const char* text : {"::",
                           "::1",
                           "::127.0.0.1",
                           "::8.8.8.8",
                           "64:ff9b::808:808",
                           "64:ff9b:1::1",
                           "100::1",
                           "1fff:ffff::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2001:db8::",
                           "2001:db8:ffff::1",
                           "2002::1",
                           "2002:808:808::1",
                           "3fff::",
                           "3fff:fff:ffff::1",
                           "4000::1",
                           "5f00::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1"})
    EXPECT_FALSE(is_public(text)) << text;
  for (const char* text :
       {"2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1",
        "2606:4700::1111", "3fff:1000::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(is_public(text)) << text;
}

TEST(Address, takes_no_other_kind_of_socket_for_public) {
  sockaddr_storage local = {};
  local.ss_family = AF_UNIX;
  EXPECT_FALSE(is_public_address(reinterpret_cast<sockaddr*>(&local)));
  EXPECT_FALSE(is_in_networks(reinterpret_cast<sockaddr*>(&local), {*parse_network("::/0")}));
  EXPECT_EQ(address_text(reinterpret_cast<sockaddr*>(&local)), "");
}

TEST(Address, finds_an_address_in_its_networks) {
  EXPECT_TRUE(is_in("10.1.2.3", {"192.168.0.0/16", "10.0.0.0/8"}));
  EXPECT_FALSE(is_in("11.0.0.0", {"192.168.0.0/16", "10.0.0.0/8"}));
  EXPECT_TRUE(is_in("10.0.0.7", {"10.0.0.4/30"}));
  EXPECT_FALSE(is_in("10.0.0.8", {"10.0.0.4/30"}));
  EXPECT_TRUE(is_in("10.0.0.4", {"10.0.0.4"}));
  EXPECT_FALSE(is_in("10.0.0.5", {"10.0.0.4"}));
  EXPECT_TRUE(is_in("::ffff:10.0.0.4", {"10.0.0.0/8"}));
  EXPECT_TRUE(is_in("fd12::1", {"fd00::/8"}));
  EXPECT_FALSE(is_in("fe00::1", {"fd00::/8"}));
  EXPECT_FALSE(is_in("10.0.0.4", {}));
}

TEST(Address, O16_does_not_let_an_ipv6_network_open_ipv4) {
  EXPECT_TRUE(is_in("2606::1", {"::/0"}));
  EXPECT_FALSE(is_in("127.0.0.1", {"::/0"}));
  EXPECT_TRUE(is_in("127.0.0.1", {"0.0.0.0/0"}));
  EXPECT_FALSE(is_in("::1", {"0.0.0.0/0"}));
}

TEST(Address, reads_networks_strictly) {
  for (const std::string_view text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8 ",
        " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0/8", "010.0.0.0/8x", "10.0.0.256", "0x7f.1",
        "2130706433", "localhost", "fd00::/129", "fe80::1%eth0", "[::1]", "10.0.0.0/8a"})
    EXPECT_FALSE(parse_network(text)) << text;
  EXPECT_FALSE(parse_network(std::string_view("10.0.0.0\0/8", 11)));
  EXPECT_EQ(parse_network("10.0.0.0/8")->prefix_bits, 104);
  EXPECT_EQ(parse_network("10.0.0.1")->prefix_bits, 128);
  EXPECT_EQ(parse_network("fd00::/8")->prefix_bits, 8);
}

TEST(Address, writes_an_address_as_people_do) {
  EXPECT_EQ(address_text(Address("203.0.113.9").get()), "203.0.113.9");
  EXPECT_EQ(address_text(Address("::ffff:203.0.113.9").get()), "203.0.113.9");
  EXPECT_EQ(address_text(Address("2001:0db8::0001").get()), "2001:db8::1");
}

TEST(EndpointUrl, may_be_https_on_a_usual_port) {
  for (const std::string url :
       {"https://example.com", "https://example.com/", "HTTPS://Example.com/hooks?a=b&c=%20",
        "https://example.com:443/", "https://example.com:8443/", "https://example.com:65535/",
        "https://xn--bcher-kva.example/", "https://203.0.113.9/", "https://[2606:4700::1111]:8443/",
        "https://example.com/user@host", "https://a-b.example.co.uk/x//y/../z"})
    EXPECT_EQ(endpoint_url_problem(url, false), "") << url;
}

TEST(EndpointUrl, O9_may_be_http_only_where_that_is_allowed) {
  EXPECT_EQ(endpoint_url_problem("http://127.0.0.1:9000/hooks", true), "");
  EXPECT_EQ(endpoint_url_problem("http://example.com/hooks", true), "");
  EXPECT_EQ(endpoint_url_problem("https://example.com/hooks", true), "");
  EXPECT_EQ(endpoint_url_problem("http://example.com/hooks", false), "must start with https://");
}

TEST(EndpointUrl, O7_is_refused_with_any_other_scheme) {
  for (const std::string url :
       {"ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "dict://example.com/",
        "smb://example.com/", "ldap://example.com/", "data:text/plain,x", "ws://example.com/",
        "javascript:alert(1)", "example.com/hooks", "//example.com/", "https:/example.com/",
        "https:example.com", "https", "://example.com/"})
    for (const bool plain_http_allowed : {false, true})
      EXPECT_NE(endpoint_url_problem(url, plain_http_allowed), "") << url;
}

TEST(EndpointUrl, O8_is_refused_when_two_readers_could_see_two_hosts) {
  for (const std::string url : {"https://a:b@example.com/",
                                "https://a@example.com/",
                                "https://@example.com/",
                                "https://example.com\\@evil.example/",
                                "https://example.com/\\evil",
                                "https:///example.com",
                                "https:/10.0.0.1/://example.com",
                                "https:10.0.0.1/://example.com",
                                "https://",
                                "https://?x",
                                "https://example.com./",
                                "https://.example.com/",
                                "https://a..example.com/",
                                "https://ex%61mple.com/",
                                "https://[fe80::1%25eth0]/",
                                "https://[fe80::1%eth0]/",
                                "https://b\xc3\xbc"
                                "cher.example/",
                                "https://exa mple.com/",
                                "https://example.com/a b",
                                "https://example.com/\r\nX: y",
                                "https://example.com/\ta",
                                "https://example.com/#top",
                                "https://example.com#@evil.example/",
                                "https://example.com/\x7f",
                                "https://exam_ple!.com/",
                                "https://[::1",
                                "https://[not-an-address]/",
                                " https://example.com"})
    EXPECT_NE(endpoint_url_problem(url, false), "") << url;
  EXPECT_NE(endpoint_url_problem(std::string_view("https://example.com/\0x", 22), false), "");
  EXPECT_NE(endpoint_url_problem("", false), "");
  EXPECT_EQ(endpoint_url_problem("https://a:b@example.com/", false),
            "must not hold a user or a password");
}

TEST(EndpointUrl, O8_is_refused_on_the_ports_of_other_services) {
  for (const std::string port :
       {"0",    "22",   "25",    "110",   "444",   "587",   "1023", "2375", "3306", "5432",
        "6379", "9200", "11211", "27017", "65536", "99999", "x",    "-1",   "443x", "4294967739"})
    EXPECT_NE(endpoint_url_problem("https://example.com:" + port + "/", false), "") << port;
}

TEST(EndpointUrl, is_refused_when_too_long) {
  const std::string url = "https://example.com/";
  EXPECT_EQ(endpoint_url_problem(url + std::string(2048 - url.size(), 'a'), false), "");
  EXPECT_NE(endpoint_url_problem(url + std::string(2049 - url.size(), 'a'), false), "");
}

}  // namespace
}  // namespace switchyard
