#include "http/client.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <condition_variable>
#include <latch>

#include "raw_server.h"

namespace switchyard {
namespace {

using std::chrono::milliseconds;

struct HttpClientTest : testing::Test {
  Metrics metrics;
  HttpClient client{metrics};
};

std::string lines(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) text += name + "=" + value + "\n";
  return text;
}

TEST_F(HttpClientTest, brings_back_status_headers_and_body) {
  RawServer server(
      once("HTTP/1.1 402 Payment Required\r\nX-Request-Id:  r1 \r\nX-Empty:\r\n"
           "Content-Length: 4\r\n\r\nbody"));
  const SendOutcome outcome = client.send({.url = server.url()});
  EXPECT_EQ(outcome.transport, Transport::answered);
  EXPECT_EQ(outcome.response.status, 402);
  EXPECT_EQ(lines(outcome.response.headers), "X-Request-Id=r1\nX-Empty=\nContent-Length=4\n");
  EXPECT_EQ(outcome.response.body, "body");
  EXPECT_EQ(outcome.problem, "");
  EXPECT_EQ(outcome.address, "127.0.0.1");
}

TEST_F(HttpClientTest, sends_method_path_headers_and_body_as_given) {
  std::string received;
  RawServer server([&](RawConnection& connection) {
    received = connection.read_request().value_or("");
    connection.answer("");
  });
  client.send({.method = "PATCH",
               .url = server.url("/a/../b?c=%20d"),
               .headers = {{"Authorization", "Bearer k"}, {"X-Empty", ""}},
               .body = std::string("\0{}", 3)});
  EXPECT_EQ(received.substr(0, received.find("\r\n")), "PATCH /a/../b?c=%20d HTTP/1.1");
  EXPECT_NE(received.find("\r\nAuthorization: Bearer k\r\n"), std::string::npos);
  EXPECT_NE(received.find("\r\nX-Empty:\r\n"), std::string::npos);
  EXPECT_NE(received.find("\r\nAccept-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_EQ(received.find("Content-Type"), std::string::npos);
  EXPECT_EQ(received.find("Expect"), std::string::npos);
  EXPECT_TRUE(received.ends_with(std::string("\r\n\r\n\0{}", 7)));
}

TEST_F(HttpClientTest, sends_nothing_once_it_is_too_late) {
  int requests = 0;
  RawServer server([&](RawConnection& connection) {
    if (connection.read_request()) ++requests;
  });
  const SendOutcome outcome = client.send({.method = "POST", .url = server.url()},
                                          {.may_still_leave = [] { return false; }});
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "it was too late to send it");
  EXPECT_EQ(requests, 0);
}

// libcurl sends again by itself when a kept connection turns out to be dead: one copy has left.
TEST_F(HttpClientTest, does_not_call_unsent_what_was_only_too_late_to_be_sent_again) {
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    connection.answer("");
    connection.read_request();  // and closes without an answer
  });
  client.send({.url = server.url()});
  int asked = 0;
  const SendOutcome outcome = client.send({.method = "POST", .url = server.url()},
                                          {.may_still_leave = [&] { return ++asked == 1; }});
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_EQ(asked, 2);
}

TEST_F(HttpClientTest, tells_the_length_of_an_empty_post_and_none_for_delete) {
  std::vector<std::string> received;
  RawServer server([&](RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      received.push_back(*request);
      connection.answer("");
    }
  });
  client.send({.method = "POST", .url = server.url()});
  client.send({.method = "DELETE", .url = server.url()});
  ASSERT_EQ(received.size(), 2u);
  EXPECT_NE(received[0].find("\r\nContent-Length: 0\r\n"), std::string::npos);
  EXPECT_TRUE(received[1].starts_with("DELETE / "));
  EXPECT_EQ(received[1].find("Content-Length"), std::string::npos);
}

TEST_F(HttpClientTest, sends_a_large_body_whole) {
  std::string body(2 << 20, 'x');
  body.back() = 'y';
  std::string received;
  RawServer server([&](RawConnection& connection) {
    received = connection.read_request().value_or("");
    connection.answer("");
  });
  EXPECT_EQ(client.send({.method = "PUT", .url = server.url(), .body = body}).transport,
            Transport::answered);
  EXPECT_TRUE(received.ends_with("\r\n\r\n" + body));
  EXPECT_EQ(received.find("Expect"), std::string::npos);  // nobody waits for "100 Continue"
}

TEST_F(HttpClientTest, takes_the_answer_after_interim_ones) {
  RawServer server(
      once("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
           "HTTP/1.1 100 Continue\r\n\r\n" +
           ok("late")));
  const SendOutcome outcome = client.send({.url = server.url()});
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(header_of(outcome.response.headers, "X-Early"), "");
  EXPECT_EQ(outcome.response.body, "late");
}

TEST_F(HttpClientTest, reads_chunks_and_takes_no_trailer_for_a_header) {
  RawServer server(
      once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
           "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHTTP/1.1 500 Oops: 1\r\nX-Late: 1\r\n\r\n"));
  const SendOutcome outcome = client.send({.url = server.url()});
  EXPECT_EQ(outcome.transport, Transport::answered) << outcome.problem;
  EXPECT_EQ(outcome.response.status, 200);
  EXPECT_EQ(lines(outcome.response.headers), "Transfer-Encoding=chunked\n");
  EXPECT_EQ(outcome.response.body, "abcde");
}

TEST_F(HttpClientTest, answers_head_without_waiting_for_a_body) {
  RawServer server(
      always("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\n"));
  const SendOutcome outcome = client.send({.method = "HEAD", .url = server.url()});
  EXPECT_EQ(outcome.transport, Transport::answered);
}

TEST_F(HttpClientTest, uses_a_kept_connection_again) {
  RawServer server(always(ok("x")));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(client.send({.method = "POST", .url = server.url()}).transport, Transport::answered);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTest, opens_a_fresh_connection_each_time_when_told_to) {
  RawServer server(always(ok("x")));
  client.send({.url = server.url()});
  for (int i = 0; i < 3; ++i) client.send({.url = server.url()}, {.fresh_connection = true});
  EXPECT_EQ(server.connections(), 4);
}

TEST_F(HttpClientTest, keeps_no_fresh_connection_for_another_send) {
  RawServer server(always(ok("x")));
  client.send({.url = server.url()}, {.fresh_connection = true});
  client.send({.url = server.url()});
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, O6_P14_never_follows_a_redirect) {
  RawServer trap(always(ok("leaked")));
  for (const int status : {301, 302, 303, 307, 308}) {
    RawServer server(once("HTTP/1.1 " + std::to_string(status) +
                          " Moved\r\nLocation: " + trap.url() + "\r\nContent-Length: 0\r\n\r\n"));
    const SendOutcome outcome = client.send({.method = "POST", .url = server.url(), .body = "m"});
    EXPECT_EQ(outcome.transport, Transport::answered);
    EXPECT_EQ(outcome.response.status, status);
    EXPECT_EQ(header_of(outcome.response.headers, "Location"), trap.url());
  }
  EXPECT_EQ(trap.connections(), 0);
}

TEST_F(HttpClientTest, O10_keeps_no_cookies) {
  std::vector<std::string> received;
  RawServer server([&](RawConnection& connection) {
    while (const auto request = connection.read_request()) {
      received.push_back(*request);
      connection.answer("", "Set-Cookie: a=b; Path=/\r\n");
    }
  });
  client.send({.url = server.url()});
  client.send({.url = server.url()});
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[1].find("Cookie"), std::string::npos);
}

TEST(HttpClientEnvironment, O10_is_not_asked_for_a_proxy) {
  RawServer proxy(always(ok("by proxy"))), server(always(ok("direct")));
  const char* names[] = {"http_proxy",  "HTTP_PROXY", "https_proxy",
                         "HTTPS_PROXY", "ALL_PROXY",  "all_proxy"};
  for (const char* name : names) setenv(name, proxy.url().c_str(), 1);
  Metrics metrics;
  HttpClient client(metrics);
  const SendOutcome outcome = client.send({.url = server.url()});
  client.send({.url = "https://127.0.0.1:" + std::to_string(server.port())},
              {.timeout = milliseconds(500)});
  for (const char* name : names) unsetenv(name);
  EXPECT_EQ(outcome.response.body, "direct");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(HttpClientTest, holds_a_thousand_transfers_at_once) {
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  constexpr int count = 1'000;
  Metrics counted;
  HttpClient wide(counted, count);
  std::latch all_asked(count), all_told(count);
  RawServer server([&](RawConnection& connection) {
    if (!connection.read_request()) return;
    all_asked.arrive_and_wait();  // nobody is answered before everybody has asked
    connection.answer("x");
  });
  std::atomic<int> answered{0};
  for (int i = 0; i < count; ++i)
    wide.send({.method = "POST", .url = server.url(), .body = "b"}, {}, [&](SendOutcome outcome) {
      answered += outcome.transport == Transport::answered;
      all_told.count_down();
    });
  all_told.wait();
  EXPECT_EQ(answered, count);
  EXPECT_EQ(wide.running(), 0u);
}

TEST(HttpClient, opens_no_more_connections_to_a_host_than_allowed) {
  Metrics metrics;
  HttpClient client(metrics, 2);
  RawServer server(always(ok("x")));
  std::latch all_told(20);
  std::atomic<int> answered{0};
  for (int i = 0; i < 20; ++i)
    client.send({.url = server.url()}, {}, [&](SendOutcome outcome) {
      answered += outcome.transport == Transport::answered;
      all_told.count_down();
    });
  all_told.wait();
  EXPECT_EQ(answered, 20);
  EXPECT_LE(server.connections(), 2);
}

TEST_F(HttpClientTest, may_be_asked_to_send_from_a_callback) {
  RawServer server(always(ok("x")));
  std::promise<SendOutcome> second;
  client.send({.url = server.url()}, {}, [&](SendOutcome) {
    client.send({.url = server.url()}, {},
                [&](SendOutcome outcome) { second.set_value(std::move(outcome)); });
  });
  EXPECT_EQ(second.get_future().get().transport, Transport::answered);
}

TEST_F(HttpClientTest, counts_what_became_of_each_transfer) {
  RawServer server(always(ok("x"))), silent(once(""));
  client.send({.url = server.url()});
  client.send({.url = server.url()});
  client.send({.url = silent.url()}, {.fresh_connection = true});
  client.send({.url = "gopher://127.0.0.1/"});
  constexpr auto name = "http_client_transfers_total";
  EXPECT_EQ(metrics.counter(name, "result=\"answered\"").value(), 2u);
  EXPECT_EQ(metrics.counter(name, "result=\"no_answer\"").value(), 1u);
  EXPECT_EQ(metrics.counter(name, "result=\"not_sent\"").value(), 1u);
}

TEST(HttpClient, says_how_many_transfers_are_running_and_may_be_gone_when_asked) {
  Metrics metrics;
  {
    HttpClient client(metrics);
    std::latch asked(1);
    RawServer server([&](RawConnection& connection) {
      connection.read_request();
      asked.count_down();
      connection.wait_until_client_closes();
    });
    client.send({.url = server.url()}, {}, [](SendOutcome) {});
    asked.wait();
    EXPECT_EQ(client.running(), 1u);
    EXPECT_NE(metrics.text().find("http_client_running 1"), std::string::npos);
  }
  EXPECT_NE(metrics.text().find("http_client_running 0"), std::string::npos);
}

// Sends, waits until the server has read the request if it is to, and destroys the client.
SendOutcome ended_by_destruction(bool is_read) {
  Metrics metrics;
  std::optional<SendOutcome> told;
  std::latch asked(1);
  RawServer server([&](RawConnection& connection) {
    connection.read_request();
    asked.count_down();
    connection.wait_until_client_closes();
  });
  {
    HttpClient client(metrics, 1);
    client.send({.url = server.url()}, {}, [&](SendOutcome outcome) {
      if (is_read) told = std::move(outcome);
    });
    asked.wait();
    // Waits for the one connection that there may be.
    client.send({.url = server.url()}, {}, [&](SendOutcome outcome) {
      if (!is_read) told = std::move(outcome);
    });
  }
  return told.value();
}

TEST(HttpClient, ends_what_was_sent_as_no_answer_when_destroyed) {
  const SendOutcome outcome = ended_by_destruction(true);
  EXPECT_EQ(outcome.transport, Transport::no_answer);
  EXPECT_EQ(outcome.problem, "the client was stopped");
}

TEST(HttpClient, ends_what_still_waited_as_not_sent_when_destroyed) {
  const SendOutcome outcome = ended_by_destruction(false);
  EXPECT_EQ(outcome.transport, Transport::not_sent);
  EXPECT_EQ(outcome.problem, "the client was stopped");
}

}  // namespace
}  // namespace switchyard
