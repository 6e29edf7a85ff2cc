#include "app/config_words.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using namespace std::chrono_literals;

TEST(ConfigWords, suggests_what_is_near_and_nothing_else) {
  const std::vector<std::string> known = {"port", "public_url", "workers"};
  EXPECT_EQ(suggestion("prot", known), "; did you mean \"port\"?");
  EXPECT_EQ(suggestion("public-url", known), "; did you mean \"public_url\"?");
  EXPECT_EQ(suggestion("public", known), "; did you mean \"public_url\"?");
  EXPECT_EQ(suggestion("colour", known), "");
  EXPECT_EQ(suggestion("po", {"postgresql"}), "");
  EXPECT_EQ(suggestion("port", {}), "");
}

TEST(ConfigWords, reads_durations_with_one_unit) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("15m"), 15min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("7d"), 7 * 24h);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ConfigWords, refuses_what_is_no_duration) {
  for (const char* text : {"", "s", "30", "-1s", "1.5h", "1h30m", "30 s", "30S", "1w",
                           "99999999999999999999s", "9223372036854775807d"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(ConfigWords, writes_durations_in_the_greatest_whole_unit) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(100ms), "100ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(48h), "2d");
}

TEST(ConfigWords, knows_countries) {
  EXPECT_TRUE(is_country("LR"));
  EXPECT_TRUE(is_country("AD"));
  EXPECT_TRUE(is_country("ZW"));
  for (const char* text : {"", "L", "lr", "LBR", "ZZ", "D ", " A", "UK"})
    EXPECT_FALSE(is_country(text)) << text;
}

TEST(ConfigWords, finds_the_host_of_a_web_address) {
  EXPECT_EQ(parse_web_address("https://API.Example.com/v1")->host, "api.example.com");
  EXPECT_EQ(parse_web_address("http://127.0.0.1:9000")->host, "127.0.0.1");
  EXPECT_EQ(parse_web_address("http://[::1]:9000/x")->host, "::1");
  EXPECT_EQ(parse_web_address("http://[::1]")->host, "::1");
  EXPECT_EQ(parse_web_address("http://a")->scheme, "http");
}

TEST(ConfigWords, refuses_web_addresses_that_could_be_read_in_two_ways) {
  for (const char* text :
       {"", "example.com", "ftp://example.com", "https://", "https://user@example.com",
        "https://example.com?x=1", "https://example.com#x", "https://exa mple.com",
        "https://example.com\\@evil.example", "https://example.com:0", "https://example.com:x",
        "https://example.com:70000", "HTTPS://example.com"})
    EXPECT_EQ(parse_web_address(text).has_value(), false) << text;
}

TEST(ConfigWords, knows_this_machine) {
  EXPECT_TRUE(is_this_machine("localhost"));
  EXPECT_TRUE(is_this_machine("127.0.0.1"));
  EXPECT_TRUE(is_this_machine("127.9.9.9"));
  EXPECT_TRUE(is_this_machine("::1"));
  EXPECT_FALSE(is_this_machine("127.evil.example"));
  EXPECT_FALSE(is_this_machine("10.0.0.1"));
}

}  // namespace
}  // namespace switchyard
