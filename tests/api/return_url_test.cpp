#include "api/return_url.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

bool is_taken(std::string_view url, Mode mode = Mode::live,
              const std::vector<std::string>& hosts = {}) {
  return return_url_problem(url, mode, hosts).empty();
}

TEST(ReturnUrl, M4_is_https_to_a_host) {
  for (const char* url : {"https://shop.example", "https://shop.example/a?b=c",
                          "https://SHOP.example:8443/", "https://xn--bcher-kva.example/"})
    EXPECT_TRUE(is_taken(url)) << url;
}

TEST(ReturnUrl, M4_is_never_what_a_browser_could_read_in_another_way) {
  for (const char* url : {"",
                          "javascript:alert(1)",
                          "data:text/html,x",
                          "//evil.example",
                          "https:/evil.example",
                          "https:evil.example",
                          "https://good.example@evil.example",
                          "https://good.example:pw@evil.example/",
                          "\\\\evil.example",
                          "https://good.example\\@evil.example",
                          "https://good.example\r\nX: y",
                          "https://good.example /",
                          " https://good.example",
                          "https://ex\u0430mple.com/",
                          "https:///evil.example",
                          "https://",
                          "https://a..b",
                          "https://.a",
                          "ftp://good.example",
                          "https://good.example:0",
                          "https://good.example:99999",
                          "https://good.example:x",
                          "https://good.example/#top",
                          "https://[::2]/",
                          "https://good.example%2eevil.example"})
    EXPECT_FALSE(is_taken(url)) << url;
  EXPECT_FALSE(is_taken("https://good.example/" + std::string(2048, 'a')));
}

TEST(ReturnUrl, M4_is_plain_http_for_this_machine_in_test_mode_only) {
  for (const char* url : {"http://localhost:3000/x", "http://127.0.0.1/x", "http://[::1]:8080/x"}) {
    EXPECT_TRUE(is_taken(url, Mode::test)) << url;
    EXPECT_FALSE(is_taken(url, Mode::live)) << url;
  }
  EXPECT_FALSE(is_taken("http://shop.example/", Mode::test));
  EXPECT_FALSE(is_taken("http://localhost.evil.example/", Mode::test));
}

TEST(ReturnUrl, M4_is_at_one_of_the_merchants_hosts_when_there_are_any) {
  const std::vector<std::string> hosts = {"shop.example", "*.shop.example"};
  EXPECT_TRUE(is_taken("https://shop.example/x", Mode::live, hosts));
  EXPECT_TRUE(is_taken("https://a.b.shop.example/x", Mode::live, hosts));
  EXPECT_FALSE(is_taken("https://evil.example/shop.example", Mode::live, hosts));
  EXPECT_FALSE(is_taken("https://evilshop.example/", Mode::live, hosts));
  EXPECT_FALSE(is_taken("https://shop.example.evil.example/", Mode::live, hosts));
}

}  // namespace
}  // namespace switchyard
