#include "api/endpoint_url.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

bool is_accepted(std::string_view url, const Policies& policies = {}, Mode mode = Mode::test) {
  return endpoint_objection(policies, mode, url).empty();
}

TEST(EndpointUrl, takes_public_hosts_and_addresses) {
  for (const char* url :
       {"https://shop.example/hooks", "https://shop.example", "https://8.8.8.8/",
        "https://shop.example:8443/a?b=c", "https://[2606:4700::1111]/", "https://3com.example/"})
    EXPECT_TRUE(is_accepted(url)) << url;
}

TEST(EndpointUrl, O2_O3_refuses_addresses_that_are_not_public) {
  for (const char* url :
       {"https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[fd00:ec2::254]/", "https://192.168.1.1:8443/"})
    EXPECT_FALSE(is_accepted(url)) << url;
}

TEST(EndpointUrl, O1_refuses_numbers_that_only_some_read_as_addresses) {
  for (const char* url : {"https://2130706433/", "https://0x7f000001/", "https://017700000001/",
                          "https://127.1/", "https://0/", "https://a.1/"})
    EXPECT_FALSE(is_accepted(url)) << url;
}

TEST(EndpointUrl, O16_takes_addresses_of_networks_that_are_allowed) {
  const Policies policies{.endpoint_networks = {"10.0.0.0/8", "fd00::/8"}};
  EXPECT_TRUE(is_accepted("https://10.1.2.3/", policies));
  EXPECT_TRUE(is_accepted("https://[fd00::1]/", policies));
  EXPECT_FALSE(is_accepted("https://127.0.0.1/", policies));
}

TEST(EndpointUrl, O9_takes_plain_http_only_in_test_mode_and_where_allowed) {
  const Policies allowed{.plain_http_endpoints_in_test = true};
  EXPECT_FALSE(is_accepted("http://shop.example/"));
  EXPECT_TRUE(is_accepted("http://shop.example/", allowed));
  EXPECT_FALSE(is_accepted("http://shop.example/", allowed, Mode::live));
}

TEST(EndpointUrl, O13_refuses_what_is_no_web_address_of_somebody_else) {
  const Policies policies{.public_url = "https://pay.shop.example"};
  for (const char* url :
       {"ftp://shop.example/", "https://user:word@shop.example/", "https://shop.example/#part",
        "https://shop.example:5432/", "shop.example", "https://pay.shop.example/webhooks/stripe",
        "https://PAY.shop.example", "https://pay.shop.example:443/webhooks/stripe",
        "https://pay.shop.example?a"})
    EXPECT_FALSE(is_accepted(url, policies)) << url;
  EXPECT_FALSE(
      is_accepted("https://pay.shop.example/x", {.public_url = "https://pay.shop.example:443"}));
  EXPECT_TRUE(is_accepted("https://pay.shop.example:8443/", policies));
  EXPECT_TRUE(is_accepted("https://pay.shop.example.org/", policies));
}

}  // namespace
}  // namespace switchyard
