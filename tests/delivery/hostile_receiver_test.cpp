// Endpoints that lead elsewhere, never end or flood: each is one failed try, and nobody else waits.
#include "tests/delivery/shop.h"
#include "tests/http/raw_server.h"

namespace switchyard::testing {
namespace {

using namespace std::chrono_literals;

class HostileReceiver : public ::testing::Test {
 protected:
  HostileReceiver() {
    shop_.options.schedule = {0s};
    shop_.options.timeout = 1s;
  }

  // The only try's problem, after everything that was sent has come to its end.
  std::string problem_with(const std::string& url) {
    shop_.add_endpoint(url);
    const std::string event = shop_.emit();
    const auto delivery = shop_.deliver();
    EXPECT_TRUE(shop_.all_are("failed"));
    return shop_.ask("SELECT problem || '|' || status FROM delivery_tries");
  }
  static std::string hooks(const RawServer& server) { return server.url("/hooks"); }

  Shop shop_;
};

TEST_F(HostileReceiver, O11_one_that_drips_is_left_when_its_time_is_over) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (connection.write("x")) std::this_thread::sleep_for(20ms);
  });
  EXPECT_TRUE(problem_with(hooks(server)).starts_with("timed out after "));
}

TEST_F(HostileReceiver, O11_one_that_floods_is_cut_off_at_64_kib) {
  std::atomic<std::size_t> written = 0;
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    while (connection.write(std::string(65'536, 'x'))) written += 65'536;
  });
  EXPECT_EQ(problem_with(hooks(server)), "the answer was longer than 65536 bytes|0");
  EXPECT_LT(written, 100'000'000u) << "all of it was read";
}

TEST_F(HostileReceiver, O11_ten_thousand_headers_are_not_read) {
  RawServer server([](RawConnection& connection) {
    connection.read_request();
    connection.write("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 10'000; ++i) connection.write("a: b\r\n");
    connection.write("\r\n");
  });
  EXPECT_EQ(problem_with(hooks(server)), "the answer's headers were too long|0");
}

class Redirect : public HostileReceiver, public ::testing::WithParamInterface<const char*> {};

TEST_P(Redirect, O6_is_a_failure_wherever_it_leads) {
  RawServer trap(always(ok("inside")));
  for (const std::string& to :
       {trap.url(), std::string("file:///etc/passwd"), std::string("gopher://127.0.0.1/"),
        std::string("http://169.254.169.254/latest/meta-data/"), std::string("//other.example/")}) {
    RawServer server(once("HTTP/1.1 " + std::string(GetParam()) + " X\r\nLocation: " + to +
                          "\r\nContent-Length: 0\r\n\r\n"));
    shop_.execute("TRUNCATE delivery_tries, deliveries, endpoints CASCADE");
    EXPECT_EQ(problem_with(hooks(server)), "|" + std::string(GetParam())) << to;
  }
  EXPECT_EQ(trap.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(With, Redirect, ::testing::Values("301", "302", "303", "307", "308"));

TEST_F(HostileReceiver, O12_of_an_answer_four_kib_are_kept_and_no_more) {
  RawServer server(
      once("HTTP/1.1 500 No\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, '<')));
  problem_with(hooks(server));
  EXPECT_EQ(shop_.ask("SELECT length(answer) FROM delivery_tries"), "4096");
}

}  // namespace
}  // namespace switchyard::testing
