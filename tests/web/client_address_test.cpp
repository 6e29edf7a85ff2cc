#include "web/client_address.h"

#include <gtest/gtest.h>

namespace switchyard {
namespace {

TEST(ClientAddress, is_the_peer_unless_that_is_a_trusted_proxy) {
  EXPECT_EQ(client_address("9.9.9.9", "1.1.1.1", {}), "9.9.9.9");
  EXPECT_EQ(client_address("9.9.9.9", "1.1.1.1", {"10.0.0.1"}), "9.9.9.9");
  EXPECT_EQ(client_address("10.0.0.1", "", {"10.0.0.1"}), "10.0.0.1");
}

TEST(ClientAddress, A11_believes_only_what_trusted_proxies_wrote) {
  const std::vector<std::string> trusted = {"10.0.0.0/8", "::1"};
  EXPECT_EQ(client_address("10.0.0.1", "1.1.1.1", trusted), "1.1.1.1");
  EXPECT_EQ(client_address("10.0.0.1", "6.6.6.6, 1.1.1.1", trusted), "1.1.1.1");
  EXPECT_EQ(client_address("10.0.0.1", "6.6.6.6, 1.1.1.1,10.2.3.4", trusted), "1.1.1.1");
  EXPECT_EQ(client_address("::1", "2001:db8::1", trusted), "2001:db8::1");
  EXPECT_EQ(client_address("10.0.0.1", "10.0.0.3, 10.0.0.2", trusted), "10.0.0.3");
}

TEST(ClientAddress, stops_at_what_is_no_address) {
  const std::vector<std::string> trusted = {"10.0.0.0/8"};
  EXPECT_EQ(client_address("10.0.0.1", "1.1.1.1, evil\"", trusted), "10.0.0.1");
  EXPECT_EQ(client_address("10.0.0.1", "1.1.1.1, nonsense, 10.0.0.2", trusted), "10.0.0.2");
  EXPECT_EQ(client_address("10.0.0.1", ",,,", trusted), "10.0.0.1");
}

TEST(ClientAddress, knows_networks_by_their_bits) {
  EXPECT_TRUE(is_trusted_address("192.168.4.1", {"192.168.4.0/22"}));
  EXPECT_TRUE(is_trusted_address("192.168.7.255", {"192.168.4.0/22"}));
  EXPECT_FALSE(is_trusted_address("192.168.8.0", {"192.168.4.0/22"}));
  EXPECT_TRUE(is_trusted_address("2001:db8::5", {"2001:db8::/32"}));
  EXPECT_FALSE(is_trusted_address("1.2.3.4", {"::/0"}));
  EXPECT_FALSE(is_trusted_address("1.2.3.4", {"1.2.3.0/33", "1.2.3.0/x", "name"}));
}

}  // namespace
}  // namespace switchyard
