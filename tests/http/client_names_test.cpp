// Names that lead inside: the address that is dialled decides, not the one that was checked.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "http/address.h"
#include "http/client.h"
#include "names.h"
#include "raw_server.h"

namespace switchyard {
namespace {

using std::chrono::milliseconds;

// 127.0.0.2 plays the public address: it is the one that may be dialled. 127.0.0.1 is inside, and
// what listens there must see nothing.
struct HttpClientNames : testing::Test {
  Metrics metrics;
  RawServer trap{always(ok("inside"))};
  RawServer outside{[this](RawConnection& connection) { serve_outside(connection); }, AF_INET,
                    "127.0.0.2", trap.port()};
  SendOptions merchant = {.connect_timeout = milliseconds(2'000),
                          .timeout = milliseconds(5'000),
                          .public_addresses_only = true,
                          .allowed_networks = {"127.0.0.2/32"},
                          .plain_http_allowed = true};

  void serve_outside(RawConnection& connection) {
    while (connection.read_request()) connection.answer("outside");
  }
  std::string at(const std::string& name) const {
    return "http://" + name + ":" + std::to_string(trap.port()) + "/";
  }
};

TEST_F(HttpClientNames, O4_of_several_addresses_only_those_outside_are_dialled) {
  set_name("both.test", {"127.0.0.1", "127.0.0.2"});
  set_name("both-turned.test", {"127.0.0.2", "127.0.0.1"});
  HttpClient client(metrics);
  for (const std::string name : {"both.test", "both-turned.test"}) {
    const SendOutcome outcome = client.send({.url = at(name)}, merchant);
    EXPECT_EQ(outcome.response.body, "outside") << name << ": " << outcome.problem;
    EXPECT_EQ(outcome.address, "127.0.0.2");
    EXPECT_EQ(times_resolved(name), 1);
  }
  EXPECT_EQ(trap.connections(), 0);
}

TEST_F(HttpClientNames, O4_when_the_outside_address_is_dead_the_inside_one_is_no_substitute) {
  outside.stop_listening();
  set_name("half-dead.test", {"127.0.0.2", "127.0.0.1"});
  HttpClient client(metrics);
  const SendOutcome outcome = client.send({.url = at("half-dead.test")}, merchant);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the address could not be reached");
  EXPECT_EQ(trap.connections(), 0);
}

TEST_F(HttpClientNames, O1_O4_a_name_that_leads_inside_is_refused_whatever_it_is_called) {
  HttpClient client(metrics);
  for (const std::string name : {"127.0.0.1.nip.test", "localhost.shop.test", "metadata.test"}) {
    set_name(name, {"127.0.0.1"});
    EXPECT_EQ(endpoint_url_problem("https://" + name + "/", false), "") << "a name like any other";
    const SendOutcome outcome = client.send({.url = at(name)}, merchant);
    EXPECT_EQ(outcome.transport, Transport::not_sent) << name;
    EXPECT_EQ(outcome.address, "") << name;
    EXPECT_EQ(times_resolved(name), 1) << name;
  }
  EXPECT_EQ(trap.connections(), 0);
}

// The check at creation and an earlier delivery saw the outside address.
TEST_F(HttpClientNames, O5_a_name_that_moves_inside_later_is_refused_when_it_is_dialled) {
  set_name("moving.test", {"127.0.0.2"});
  {
    HttpClient before(metrics);
    EXPECT_EQ(before.send({.url = at("moving.test")}, merchant).response.body, "outside");
  }
  set_name("moving.test", {"127.0.0.1"});
  HttpClient after(metrics);  // remembers no address
  const SendOutcome outcome = after.send({.url = at("moving.test")}, merchant);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the address could not be reached");
  EXPECT_EQ(outcome.address, "");
  EXPECT_EQ(times_resolved("moving.test"), 2);
  EXPECT_EQ(trap.connections(), 0);
}

// A provider's own call may go inside where an account is configured so; a merchant's endpoint of
// the same name must not ride along.
TEST_F(HttpClientNames, O5_what_one_call_may_reach_another_may_not) {
  set_name("shared.test", {"127.0.0.1"});
  HttpClient client(metrics);
  ASSERT_EQ(client.send({.url = at("shared.test")}).response.body, "inside");
  ASSERT_EQ(trap.connections(), 1);
  EXPECT_EQ(client.send({.url = at("shared.test")}, merchant).transport, Transport::not_sent);
  EXPECT_EQ(trap.connections(), 1);
}

TEST_F(HttpClientNames, O10_asks_no_netrc_for_a_password) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("netrc_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  std::ofstream(folder / ".netrc") << "default login somebody password confidential\n";
  std::filesystem::permissions(folder / ".netrc", std::filesystem::perms::owner_read);
  const char* home = std::getenv("HOME");
  const std::string before = home ? home : "";
  setenv("HOME", folder.c_str(), 1);
  std::string seen;
  RawServer server([&](RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      seen = *request;
      connection.answer("x");
    }
  });
  HttpClient client(metrics);
  EXPECT_EQ(client.send({.url = server.url()}).transport, Transport::answered);
  if (home)
    setenv("HOME", before.c_str(), 1);
  else
    unsetenv("HOME");
  std::filesystem::remove_all(folder);
  EXPECT_NE(seen, "");
  EXPECT_EQ(seen.find("uthorization"), std::string::npos) << seen;
}

}  // namespace
}  // namespace switchyard
