// Where a request may go. The traps listen on loopback and must see no connection at all.
#include <gtest/gtest.h>

#include "http/client.h"
#include "raw_server.h"

namespace switchyard {
namespace {

using std::chrono::milliseconds;

struct HttpClientAddresses : testing::Test {
  Metrics metrics;
  HttpClient client{metrics};
  RawServer trap{always(ok("inside"))};
  RawServer trap_ipv6{always(ok("inside")), AF_INET6};
  SendOptions merchant = {.connect_timeout = milliseconds(500),
                          .timeout = milliseconds(1'000),
                          .public_addresses_only = true};

  std::string at(const std::string& scheme, const std::string& host, int port) {
    return scheme + "://" + host + ":" + std::to_string(port) + "/";
  }
  int trapped() const { return trap.connections() + trap_ipv6.connections(); }
};

// Every way to write an address of ours, and every range that is not public.
// clang-format off
const std::string not_public[] = {
    // one loopback, many spellings
    "127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "0x7f.0.0.1", "2130706433",
    "017700000001", "0177.0.0.1", "0", "0.0.0.0", "127.255.255.254", "localhost", "LOCALHOST",
    "localhost.",
    // private, shared, link-local, metadata
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
    "100.100.100.200", "100.127.255.255", "169.254.169.254", "168.63.129.16", "192.0.0.192",
    // documentation, benchmarks, relays
    "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    // multicast, reserved, broadcast
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    // the same in IPv6
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[::7f00:1]",
    "[fe80::1]", "[febf::1]", "[fe80::1%25eth0]", "[fe80::1%25lo]", "[fec0::1]", "[fc00::1]",
    "[fd00:ec2::254]", "[fdff::1]", "[ff00::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]",
    "[3fff:fff::1]", "[100::1]", "[5f00::1]", "[2002:7f00:1::1]", "[2002:808:808::1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::808:808]", "[64:ff9b:1::1]", "[2001::1]",
};
// clang-format on

TEST_F(HttpClientAddresses, O1_O2_O3_refuses_every_spelling_of_an_address_that_is_not_public) {
  for (const std::string& host : not_public)
    for (const int port : {trap.port(), trap_ipv6.port()}) {
      const SendOutcome outcome = client.send({.url = at("https", host, port)}, merchant);
      EXPECT_EQ(outcome.transport, Transport::not_sent) << host;
      EXPECT_EQ(outcome.problem, "the address could not be reached") << host;
      EXPECT_EQ(outcome.address, "") << host << " was dialled";
    }
  EXPECT_EQ(trapped(), 0);
}

// Else the test above would prove nothing.
TEST_F(HttpClientAddresses, O1_traps_are_reached_by_those_spellings_where_nothing_forbids_it) {
  for (const std::string host : {"127.1", "0x7f000001", "2130706433", "017700000001", "0",
                                 "localhost", "[::ffff:127.0.0.1]"})
    EXPECT_EQ(client.send({.url = at("http", host, trap.port())}, {.plain_http_allowed = true})
                  .response.body,
              "inside")
        << host;
  EXPECT_EQ(client.send({.url = at("http", "[::1]", trap_ipv6.port())}).response.body, "inside");
}

TEST_F(HttpClientAddresses, O12_says_the_same_of_a_refused_address_a_dead_one_and_an_unknown_name) {
  trap.stop_listening();
  SendOptions open = merchant;
  open.allowed_networks = {"127.0.0.0/8"};
  const SendOutcome dead = client.send({.url = at("https", "127.0.0.1", trap.port())}, open);
  const SendOutcome refused = client.send({.url = at("https", "[::1]", trap.port())}, merchant);
  const SendOutcome unknown = client.send({.url = "https://nobody.invalid/"}, merchant);
  EXPECT_EQ(dead.problem, "the address could not be reached");
  EXPECT_EQ(refused.problem, dead.problem);
  EXPECT_EQ(unknown.problem, dead.problem);
}

TEST_F(HttpClientAddresses, O16_dials_the_networks_that_are_allowed_and_no_others) {
  merchant.allowed_networks = {"::1"};
  client.send({.url = at("https", "[::1]", trap_ipv6.port())}, merchant);
  client.send({.url = at("https", "127.0.0.1", trap.port())}, merchant);
  EXPECT_EQ(trap_ipv6.connections(), 1);
  EXPECT_EQ(trap.connections(), 0);
}

TEST_F(HttpClientAddresses, sends_nothing_when_an_allowed_network_cannot_be_read) {
  merchant.allowed_networks = {"127.0.0.0/8", "127.0.0.0/33"};
  const SendOutcome outcome = client.send({.url = at("https", "127.0.0.1", trap.port())}, merchant);
  EXPECT_EQ(outcome.problem, "\"127.0.0.0/33\" is not a network");
  EXPECT_EQ(trapped(), 0);
}

// Asked on the socket alone, this would pass: no new socket is opened.
TEST_F(HttpClientAddresses, O5_never_rides_on_a_connection_that_somebody_else_left_open) {
  std::atomic<int> requests{0};
  RawServer inside([&](RawConnection& connection) {
    while (connection.read_request()) {
      ++requests;
      connection.answer("inside");
    }
  });
  ASSERT_EQ(client.send({.url = inside.url()}).transport, Transport::answered);
  merchant.plain_http_allowed = true;
  const SendOutcome outcome = client.send({.url = inside.url()}, merchant);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the address could not be reached");
  EXPECT_EQ(outcome.address, "");
  EXPECT_EQ(requests, 1);
}

TEST_F(HttpClientAddresses, plain_http_is_for_loopback_unless_allowed) {
  EXPECT_EQ(client.send({.url = trap.url()}).transport, Transport::answered);
  EXPECT_EQ(client.send({.url = at("http", "localhost", trap.port())}).transport,
            Transport::answered);
  // 0.0.0.0 leads here too, but it is no loopback address.
  const std::string elsewhere = at("http", "0", trap.port());
  const SendOutcome outcome = client.send({.url = elsewhere});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "plain http is for loopback addresses only");
  EXPECT_EQ(outcome.address, "");
  EXPECT_EQ(client.send({.url = elsewhere}, {.plain_http_allowed = true}).transport,
            Transport::answered);
}

TEST_F(HttpClientAddresses, O9_plain_http_to_an_endpoint_is_for_allowed_networks_only) {
  merchant.allowed_networks = {"127.0.0.0/8"};
  EXPECT_EQ(client.send({.url = trap.url()}, merchant).problem, "plain http is not allowed");
  EXPECT_EQ(trapped(), 0);
  merchant.plain_http_allowed = true;
  EXPECT_EQ(client.send({.url = trap.url()}, merchant).transport, Transport::answered);
  const SendOutcome elsewhere = client.send({.url = "http://8.8.8.8/"}, merchant);
  EXPECT_EQ(elsewhere.transport, Transport::not_sent);
  EXPECT_EQ(elsewhere.address, "");
}

TEST_F(HttpClientAddresses, O7_speaks_http_and_nothing_else) {
  const std::string host = "127.0.0.1:" + std::to_string(trap.port());
  const std::string urls[] = {"ftp://" + host,
                              "gopher://" + host,
                              "dict://" + host,
                              "smb://" + host,
                              "ldap://" + host,
                              "telnet://" + host,
                              host,
                              "//" + host,
                              "http://user:pw@" + host,
                              "file:///etc/passwd",
                              "data:text/plain,x",
                              ""};
  for (const std::string& url : urls) {
    const SendOutcome outcome = client.send({.url = url}, {.plain_http_allowed = true});
    EXPECT_EQ(outcome.transport, Transport::not_sent) << url;
    EXPECT_NE(outcome.problem, "") << url;
  }
  EXPECT_EQ(trapped(), 0);
}

}  // namespace
}  // namespace switchyard
